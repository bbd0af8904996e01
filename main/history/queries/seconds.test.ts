/** The question `seconds`: all nodes at every n-th second, sealed or not. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import { METRIC_INDEX, METRICS } from '../../../common/model/metric.ts';
import { nodes, START, temporaryFolder, tick, valueAt } from '../fixture.ts';
import { type History, openHistory } from '../index.ts';

const ROWS = 3;
let folder: ReturnType<typeof temporaryFolder>;
let history: History;

beforeEach(async () => {
  folder = temporaryFolder();
  const opened = await openHistory({ folder: folder.path, sealSeconds: 20, onProblem: () => undefined });
  if (!opened.ok) throw new Error(opened.problem.message);
  history = opened.value;
  history.setNodes(nodes(ROWS));
});

afterEach(async () => {
  await history.close();
  folder.dispose();
});

function append(from: number, to: number): void {
  for (let second = from; second < to; second += 1) history.append(second * 1000, tick(second, ROWS), ROWS);
}

async function seconds(from: number, to: number, step: number): Promise<HistoryAnswer<'seconds'>> {
  const answer = await history.ask('seconds', { from: from * 1000, to: to * 1000, step });
  if (!answer.ok) throw new Error(answer.problem.message);
  return answer.value;
}

/** Loads of the node in a row, by second. */
function loads({ nodes: found, times, columns }: HistoryAnswer<'seconds'>, row: number) {
  const place = found.findIndex(({ key }) => key === `id:${row + 1}`);
  const at = (METRIC_INDEX.load * found.length + place) * times.length;
  return [...times].map((time, index) => [time / 1000, columns[at + index] ?? NaN]);
}

test('are the recorded values of every metric and node, over sealed chunks and the tail', async () => {
  append(START, START + 250);
  const { nodes: found, times, columns } = await seconds(START, START + 250, 1);
  expect([...times]).toEqual(Array.from({ length: 250 }, (_, index) => (START + index) * 1000));
  for (const [metric, { quantum }] of METRICS.entries()) {
    for (const [place, { id }] of found.entries()) {
      for (const [index, time] of times.entries()) {
        const expected = valueAt(time / 1000, id - 1, metric) * Math.max(1, quantum);
        expect(columns[(metric * found.length + place) * times.length + index]).toBe(expected);
      }
    }
  }
});

test('come at the multiples of the step', async () => {
  append(START, START + 60);
  const first = Math.ceil(START / 15) * 15;
  const wanted = [0, 15, 30].map((ahead) => [first + ahead, valueAt(first + ahead, 1, 0)]);
  expect(loads(await seconds(START, first + 31, 15), 1)).toEqual(wanted);
});

test('fall back to a value of the step that is at most three seconds old', async () => {
  const first = Math.ceil(START / 15) * 15;
  append(first - 20, first - 3);
  append(first + 10, first + 13);
  append(first + 20, first + 27);
  expect(loads(await seconds(first, first + 31, 15), 0)).toEqual([
    [first, NaN],
    [first + 15, valueAt(first + 12, 0, 0)],
    [first + 30, NaN],
  ]);
  expect(loads(await seconds(first + 13, first + 14, 1), 0)).toEqual([[first + 13, NaN]]);
});

test('are missing where nothing was recorded', async () => {
  append(START, START + 10);
  expect(loads(await seconds(START + 1000, START + 1002, 1), 0).map(([, load]) => load)).toEqual([NaN, NaN]);
  expect((await seconds(START, START, 1)).times).toHaveLength(0);
});
