import { describe, expect, test } from 'vitest';
import type {
  HistoryAnswer,
  HistoryInput,
  HistoryQueryName,
} from '../../../common/contract/history-queries.ts';
import { problem } from '../../../common/contract/problem.ts';
import { failure, success, type Result } from '../../../common/model/result.ts';
import type { HistoryReader } from '../types.ts';
import { joinHistories } from './index.ts';

type Answers = {
  readonly [Name in HistoryQueryName]?: (input: HistoryInput<Name>) => Result<HistoryAnswer<Name>>;
};

/** A history that answers by rule and keeps what it was asked. */
class ScriptedReader implements HistoryReader {
  readonly asked: string[] = [];
  closed = false;
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  ask<Name extends HistoryQueryName>(name: Name, input: unknown): Promise<Result<HistoryAnswer<Name>>> {
    this.asked.push(name);
    const answer = this.#answers[name];
    return Promise.resolve(
      answer?.(input as HistoryInput<Name>) ?? failure(problem('not-available', `${name} is not kept here`)),
    );
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

const MINUTE = 60_000;
const node = (id: number, name = `n${id}`) => ({ key: `id:${id}`, id, name });

/** A history with a constant load of its nodes in its range, in seconds. */
function recorded(
  ids: readonly number[],
  from: number,
  to: number,
  load: number,
  more: Answers = {},
): ScriptedReader {
  return new ScriptedReader({
    recorded: () => success({ nodes: ids.map((id) => node(id)), from, to }),
    history: (input) => {
      const [first, end] = [Math.max(from, input.from), Math.min(to, input.to)];
      const times = Float64Array.from(
        { length: Math.max(0, (end - first) / 1000) },
        (_unused, at) => first + at * 1000,
      );
      const values = times.map(() => load);
      const series = [{ metric: 'load' as const, times, min: values, max: values, mean: values }];
      return success({ nodes: input.keys.map((key) => ({ key, series })), resolution: 1 });
    },
    ...more,
  });
}

const HISTORY = { metrics: ['load' as const], from: 0, to: 10 * MINUTE, pixels: 1000 };

function loads(answer: Result<HistoryAnswer<'history'>>): readonly (readonly number[])[] {
  return answer.ok ? answer.value.nodes.map(({ series }) => [...(series[0]?.mean ?? [])]) : [];
}

describe('joined histories', () => {
  test('of one are that one', () => {
    const only = new ScriptedReader({});
    expect(joinHistories([only])).toBe(only);
  });

  test('have the nodes of all, under the preferred one’s names, and reach from the first to the last', async () => {
    const preferred = recorded([1], 5 * MINUTE, 10 * MINUTE, 2);
    const other = new ScriptedReader({
      recorded: () => success({ nodes: [node(1, 'old name'), node(9)], from: 0, to: 6 * MINUTE }),
    });
    expect(await joinHistories([preferred, other]).ask('recorded', {})).toEqual(
      success({ nodes: [node(1), node(9)], from: 0, to: 10 * MINUTE }),
    );
  });

  test('show one line where one ends and the other begins', async () => {
    const joined = joinHistories([
      recorded([1], 5 * MINUTE, 10 * MINUTE, 2),
      recorded([1], 0, 7 * MINUTE, 1),
    ]);
    const [line] = loads(await joined.ask('history', { ...HISTORY, keys: ['id:1'] }));
    expect(line).toEqual([...Array<number>(300).fill(1), ...Array<number>(300).fill(2)]);
  });

  test('ask the next one only where the preferred one lacks something', async () => {
    const other = recorded([1], 0, 10 * MINUTE, 1);
    const joined = joinHistories([recorded([1], 0, 10 * MINUTE, 2), other]);
    await joined.ask('history', { ...HISTORY, keys: ['id:1'] });
    expect(other.asked).not.toContain('history');
  });

  test('do not ask one for a time in which it recorded nothing', async () => {
    const other = recorded([1], 20 * MINUTE, 30 * MINUTE, 1);
    const joined = joinHistories([recorded([1], 5 * MINUTE, 10 * MINUTE, 2), other]);
    await joined.ask('history', { ...HISTORY, keys: ['id:1'] });
    expect(other.asked).not.toContain('history');
  });

  test('show nodes that only one of them knows, in the order asked for', async () => {
    const joined = joinHistories([recorded([1], 0, MINUTE, 2), recorded([9], 0, MINUTE, 1)]);
    const answer = await joined.ask('history', { ...HISTORY, to: 2000, keys: ['id:9', 'id:1'] });
    expect(loads(answer)).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('say what the preferred one says of a node that nobody knows', async () => {
    const never = problem('not-found', 'Nothing was ever recorded of id:7');
    const preferred = recorded([1], 0, MINUTE, 2, { history: () => failure(never) });
    const joined = joinHistories([preferred, recorded([2], 0, MINUTE, 1)]);
    expect(await joined.ask('history', { ...HISTORY, keys: ['id:7'] })).toEqual(failure(never));
  });

  test('fail as the preferred one does', async () => {
    const lost = problem('connection-lost', 'The collector does not answer');
    const preferred = new ScriptedReader({ recorded: () => failure(lost) });
    const joined = joinHistories([preferred, recorded([1], 0, MINUTE, 1)]);
    expect(await joined.ask('history', { ...HISTORY, keys: ['id:1'] })).toEqual(failure(lost));
  });

  test('go on without another that fails, and tell so once', async () => {
    const down = problem('host-unreachable', 'prometheus.example does not answer');
    const told: string[] = [];
    const preferred = recorded([1], 5 * MINUTE, 10 * MINUTE, 2);
    const other = recorded([1], 0, 10 * MINUTE, 1, { history: () => failure(down) });
    const joined = joinHistories([preferred, other], { onProblem: ({ message }) => told.push(message) });
    for (let round = 0; round < 2; round += 1) {
      const [line] = loads(await joined.ask('history', { ...HISTORY, keys: ['id:1'] }));
      expect(line).toHaveLength(300);
    }
    expect(told).toEqual([down.message]);
  });

  test('ask again what another has that did not say so yet', async () => {
    const late = problem('not-available', 'It is not known yet what prometheus.example has');
    const nodes = [node(1)];
    const answers = [failure(late), success({ nodes, from: 0, to: 10 * MINUTE })];
    const other = recorded([1], 0, 10 * MINUTE, 1, { recorded: () => answers.shift() ?? failure(late) });
    const joined = joinHistories([recorded([1], 5 * MINUTE, 10 * MINUTE, 2), other]);
    const lengths: (number | undefined)[] = [];
    for (let round = 0; round < 3; round += 1) {
      const [line] = loads(await joined.ask('history', { ...HISTORY, keys: ['id:1'] }));
      lengths.push(line?.length);
    }
    expect(lengths).toEqual([300, 600, 600]);
  });

  test('take a moment from the history it belongs to, or from any that has it', async () => {
    const moment = (time: number | null, nodesUp: number) =>
      success({
        time,
        resolution: 1 as const,
        nodes: [],
        columns: new Float64Array(0),
        totals: { efficiency: 100, loadPercent: 0, memoryTotal: 0, memoryUsed: 0, cpus: 0, nodesUp },
        placements: [],
      });
    const at = (time: number, from: number, to: number, nodesUp: number): ReturnType<typeof moment> =>
      time >= from && time < to ? moment(time, nodesUp) : moment(null, 0);
    const reader = (from: number, to: number, nodesUp: number): ScriptedReader =>
      recorded([1], from, to, 1, { moment: ({ time }) => at(time, from, to, nodesUp) });
    const joined = joinHistories([reader(5 * MINUTE, 10 * MINUTE, 2), reader(0, 6 * MINUTE, 1)]);
    const nodesUp = async (time: number): Promise<number | undefined> => {
      const answer = await joined.ask('moment', { time });
      return answer.ok && answer.value.time !== null ? answer.value.totals.nodesUp : undefined;
    };
    expect(await nodesUp(5.5 * MINUTE)).toBe(2);
    expect(await nodesUp(2 * MINUTE)).toBe(1);
    expect(await nodesUp(20 * MINUTE)).toBeUndefined();
  });

  test('show the latest list of processes that any of them has', async () => {
    const listed = (time: number | null): Answers => ({
      pastProcesses: () => success({ time, processes: [] }),
    });
    const joined = joinHistories([
      recorded([1], 0, MINUTE, 1, listed(1000)),
      recorded([1], 0, MINUTE, 1, listed(2000)),
      recorded([1], 0, MINUTE, 1, listed(null)),
    ]);
    expect(await joined.ask('pastProcesses', { key: 'id:1', time: 5000 })).toEqual(
      success({ time: 2000, processes: [] }),
    );
  });

  test('close all', async () => {
    const readers = [new ScriptedReader({}), new ScriptedReader({})];
    await joinHistories(readers).close();
    expect(readers.every(({ closed }) => closed)).toBe(true);
  });
});
