import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import type { HistoryQuestion } from '../../common/contract/history-queries.ts';
import { METRICS } from '../../common/model/metric.ts';
import {
  START,
  everySecond,
  expectedLoad,
  nodes,
  pairs,
  smallDisk,
  temporaryFolder,
  tick,
  valueAt,
} from './fixture.ts';
import { type History, type HistoryReader, openHistory, openHistoryReader } from './index.ts';

/** Disks are slow when others use them too. */
vi.setConfig({ testTimeout: 60_000 });

const ROWS = 3;
let folder: ReturnType<typeof temporaryFolder>;
let problems: Problem[];
let opened: HistoryReader[];

beforeEach(() => {
  folder = temporaryFolder();
  problems = [];
  opened = [];
});

afterEach(async () => {
  for (const history of opened) await history.close();
  folder.dispose();
});

async function open(sealSeconds = 300): Promise<History> {
  const result = await openHistory({
    folder: folder.path,
    onProblem: (problem) => problems.push(problem),
    sealSeconds,
  });
  if (!result.ok) throw new Error(result.problem.message);
  opened.push(result.value);
  result.value.setNodes(nodes(ROWS));
  return result.value;
}

async function openReader(): Promise<HistoryReader> {
  const result = await openHistoryReader(folder.path);
  if (!result.ok) throw new Error(result.problem.message);
  opened.push(result.value);
  return result.value;
}

function append(history: History, from: number, to: number): void {
  for (let second = from; second < to; second += 1) history.append(second * 1000, tick(second, ROWS), ROWS);
}

describe('the history', () => {
  test('reads what it was given, over sealed chunks, the tail and a restart', async () => {
    const first = await open(20);
    append(first, START, START + 333);
    expect(pairs(await first.ask('history', everySecond('id:2', START, START + 400)))).toEqual(
      expectedLoad(1, START, START + 333),
    );
    await first.close();
    const second = await open(20);
    append(second, START + 333, START + 400);
    expect(pairs(await second.ask('history', everySecond('id:2', START, START + 400)))).toEqual(
      expectedLoad(1, START, START + 400),
    );
  });

  test('gives the metrics in the order they were asked for', async () => {
    const history = await open();
    append(history, START, START + 1);
    const result = await history.ask('history', {
      keys: ['id:3'],
      metrics: ['processes', 'load', 'speed'],
      from: START * 1000,
      to: (START + 1) * 1000,
      pixels: 10,
    });
    expect(result.ok && result.value.nodes[0]?.series.map(({ metric, mean }) => [metric, mean[0]])).toEqual([
      ['processes', valueAt(START, 2, METRICS.length - 1)],
      ['load', valueAt(START, 2, 0)],
      ['speed', valueAt(START, 2, 1)],
    ]);
  });

  test('reads the whole of time as at most two points per pixel', async () => {
    const history = await open();
    append(history, START, START + 700);
    const all: HistoryQuestion<'history'> = {
      keys: ['id:1'],
      metrics: ['load'],
      from: 0,
      to: 8.64e15,
      pixels: 100,
    };
    expect(pairs(await history.ask('history', all))).toHaveLength(1);
    const near = { ...all, from: START * 1000, to: (START + 700) * 1000 };
    expect(pairs(await history.ask('history', near)).length).toBeLessThanOrEqual(200);
  });

  test('leaves the array it was given to its owner', async () => {
    const history = await open();
    const values = tick(START, ROWS);
    history.append(START * 1000, values, ROWS);
    expect(values).toEqual(tick(START, ROWS));
  });

  test('refuses ticks that do not fit the nodes, and nodes in another order', async () => {
    const history = await open();
    expect(() => history.append(START * 1000, tick(START, ROWS + 1), ROWS + 1)).toThrow('no tick');
    expect(() => history.setNodes(nodes(ROWS).toReversed())).toThrow('only ever appended');
  });

  test('writes seconds in between while a long read goes on', async () => {
    const history = await open();
    for (let window = 0; window < 1500; window += 1) append(history, window * 300, window * 300 + 1);
    await history.flush();
    const order: string[] = [];
    const reading = history
      .ask('history', { keys: ['id:1'], metrics: ['load'], from: 0, to: 450_000_000, pixels: 10_000 })
      .then(() => order.push('read'));
    append(history, 450_000, 450_001);
    const flushing = history.flush().then(() => order.push('flushed'));
    await Promise.all([reading, flushing]);
    expect(order).toEqual(['flushed', 'read']);
  });

  test('answers after its end that it is closed', async () => {
    const history = await open();
    await history.close();
    append(history, START, START + 1);
    await history.flush();
    const result = await history.ask('recorded', {});
    expect(!result.ok && result.problem.message).toBe('The history is closed.');
  });

  test('is refused to a second writer and given to the next one after it', async () => {
    const first = await open();
    const second = await openHistory({ folder: folder.path, onProblem: () => expect.unreachable() });
    expect(!second.ok && second.problem.code).toBe('data-folder-in-use');
    await first.close();
    await open();
  });

  test('says which name a damaged file was set aside under', async () => {
    writeFileSync(
      join(folder.path, 'history.sqlite'),
      'not a database, but long enough to look at'.repeat(50),
    );
    await open();
    expect(problems.map(({ code }) => code)).toEqual(['history-damaged']);
    expect(problems[0]?.message).toMatch(/set aside as history\.damaged-\d{8}-\d{6}\.sqlite/);
  });
});

describe('a full disk', () => {
  test('lets flush wait until there is room, without another second being appended', async () => {
    const disk = smallDisk();
    try {
      let isFull = (): void => {};
      const full = new Promise<void>((resolve) => {
        isFull = resolve;
      });
      const result = await openHistory({
        folder: disk.path,
        onProblem: (problem) => {
          problems.push(problem);
          isFull();
        },
      });
      if (!result.ok) throw new Error(result.problem.message);
      const history = result.value;
      history.setNodes(nodes(ROWS));
      await history.flush();
      disk.fill();
      let end = START;
      while (problems.length === 0) {
        append(history, end, (end += 50));
        await Promise.race([history.flush(), full]);
      }
      const flushed = history.flush();
      disk.free();
      await flushed;
      expect(problems.map(({ code }) => code)).toEqual(['disk-full', 'disk-full']);
      expect(pairs(await history.ask('history', everySecond('id:1', START, end)))).toEqual(
        expectedLoad(0, START, end),
      );
      await history.close();
    } finally {
      disk.dispose();
    }
  });
});

describe('a reader', () => {
  test('beside the writer sees each second once it is flushed, sealed or not', async () => {
    const history = await open(50);
    append(history, START, START + 120);
    await history.flush();
    const reader = await openReader();
    expect(pairs(await reader.ask('history', everySecond('id:3', START, START + 500)))).toEqual(
      expectedLoad(2, START, START + 120),
    );
    append(history, START + 120, START + 260);
    await history.flush();
    expect(pairs(await reader.ask('history', everySecond('id:3', START, START + 500)))).toEqual(
      expectedLoad(2, START, START + 260),
    );
    expect(await reader.ask('recorded', {})).toMatchObject({ ok: true, value: { nodes: nodes(ROWS) } });
  });

  test('reads part of a window as it reads the whole', async () => {
    const history = await open();
    append(history, START, START + 250);
    await history.flush();
    const reader = await openReader();
    const request = everySecond('id:1', START + 33, START + 222);
    expect(pairs(await reader.ask('history', request))).toEqual(expectedLoad(0, START + 33, START + 222));
    expect(await reader.ask('history', request)).toEqual(await history.ask('history', request));
  });

  test('of a folder without a history says so', async () => {
    const result = await openHistoryReader(folder.path);
    expect(!result.ok && result.problem.message).toContain('There is no history yet');
  });

  test('of a damaged file says so and leaves it where it is', async () => {
    writeFileSync(join(folder.path, 'history.sqlite'), 'no database'.repeat(1000));
    const result = await openHistoryReader(folder.path);
    expect(!result.ok && result.problem.code).toBe('history-damaged');
  });
});

describe('a writer that is killed', () => {
  test(
    'ten times in a row loses no second that was flushed, and leaves no lock',
    { timeout: 60_000 },
    async () => {
      let flushed = START;
      for (let round = 0; round < 10; round += 1) {
        const child = startWriter(flushed);
        const ended = once(child, 'exit');
        const goal = flushed + 10 + ((round * 37) % 50);
        for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
          flushed = Number(line) + 1;
          if (flushed === goal) child.kill('SIGKILL');
        }
        expect(await ended).toEqual([null, 'SIGKILL']);
      }
      const history = await open();
      expect(pairs(await history.ask('history', everySecond('id:2', START, flushed)))).toEqual(
        expectedLoad(1, START, flushed),
      );
      expect(problems).toEqual([]);
    },
  );

  /** A process that records as fast as it can, sealing every 10 s, and prints each second that is flushed. */
  function startWriter(from: number): ChildProcess {
    const module = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
    const program = `
      import { openHistory } from ${module('./index.ts')};
      import { nodes, tick } from ${module('./fixture.ts')};
      const { ok, value, problem } = await openHistory({
        folder: ${JSON.stringify(folder.path)}, sealSeconds: 10, onProblem: (problem) => { throw problem; },
      });
      if (!ok) throw new Error(problem.message);
      value.setNodes(nodes(${ROWS}));
      for (let second = ${from}; ; second += 1) {
        value.append(second * 1000, tick(second, ${ROWS}), ${ROWS});
        await value.flush();
        process.stdout.write(second + '\\n');
      }`;
    return spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }
});
