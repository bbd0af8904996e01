import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HistoryQuestion } from '../../../common/contract/history-queries.ts';
import type { Problem } from '../../../common/contract/problem.ts';
import type { Migration } from '../../../common/model/migration.ts';
import type { Result } from '../../../common/model/result.ts';
import { smallDisk, temporaryFolder, START } from '../fixture.ts';
import { type History, type HistoryReader, openHistory, openHistoryReader } from '../index.ts';

/** Disks are slow when others use them too. */
vi.setConfig({ testTimeout: 60_000 });

const TIME = START * 1000;
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

async function open(path = folder.path): Promise<History> {
  const result = await openHistory({ folder: path, onProblem: (problem) => problems.push(problem) });
  if (!result.ok) throw new Error(result.problem.message);
  opened.push(result.value);
  return result.value;
}

async function openReader(): Promise<HistoryReader> {
  const result = await openHistoryReader(folder.path);
  if (!result.ok) throw new Error(result.problem.message);
  opened.push(result.value);
  return result.value;
}

function migration(change: Partial<Migration> = {}): Migration {
  return {
    number: 0,
    time: TIME,
    home: 1,
    pid: 4711,
    started: 12_345,
    command: 'gauss',
    from: 1,
    to: 5,
    cause: 'balancer',
    action: null,
    duration: null,
    result: 'seen',
    count: 1,
    ...change,
  };
}

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

async function numbers(
  reader: HistoryReader,
  query: HistoryQuestion<'migrations'> = {},
): Promise<readonly number[]> {
  return value(await reader.ask('migrations', query)).migrations.map(({ number }) => number);
}

describe('migrations', () => {
  test('are given back with their numbers, and read as they were stored', async () => {
    const history = await open();
    const all = [
      migration(),
      migration({
        from: 5,
        to: 1,
        cause: 'operator',
        action: 3,
        duration: 1500,
        command: '$(reboot) \u0007é',
      }),
      migration({ from: 0, to: 0, cause: 'unknown', result: 'unseen', count: 3, pid: 0, started: 0 }),
    ];
    const stored = value(await history.record('migrations', all));
    expect(stored).toEqual(all.map((one, index) => ({ ...one, number: index + 1 })));
    expect(value(await history.ask('migrations', {})).migrations).toEqual(stored.toReversed());
    const more = value(await history.record('migrations', [migration()]));
    expect(more.map(({ number }) => number)).toEqual([4]);
  });

  test('are on disk when that is said', async () => {
    const history = await open();
    const stored = value(await history.record('migrations', [migration(), migration()]));
    const reader = await openReader();
    expect(value(await reader.ask('migrations', {})).migrations).toEqual(stored.toReversed());
  });

  test('keep their numbers over a restart', async () => {
    const first = await open();
    await first.record('migrations', [migration(), migration()]);
    await first.close();
    const second = await open();
    expect(value(await second.record('migrations', [migration()])).map(({ number }) => number)).toEqual([3]);
    expect(await numbers(second)).toEqual([3, 2, 1]);
  });

  test('have whole milliseconds and ticks', async () => {
    const history = await open();
    const fractions = migration({ time: TIME + 0.6, started: 7.2, duration: 99.7 });
    expect(value(await history.record('migrations', [fractions]))).toEqual([
      migration({ number: 1, time: TIME + 1, started: 7, duration: 100 }),
    ]);
  });

  test('are refused after the end', async () => {
    const history = await open();
    await history.close();
    const stored = await history.record('migrations', [migration()]);
    expect(!stored.ok && stored.problem.message).toBe('The history is closed.');
    const read = await history.ask('migrations', { limit: 1 });
    expect(!read.ok && read.problem.message).toBe('The history is closed.');
  });
});

describe('a query', () => {
  test('takes times from the first on and before the last', async () => {
    const history = await open();
    await history.record(
      'migrations',
      [0, 1, 2, 3].map((second) => migration({ time: TIME + second * 1000 })),
    );
    expect(await numbers(history, { from: TIME + 1000, to: TIME + 3000 })).toEqual([3, 2]);
  });

  test('takes those from, to, or at home on a node, each once', async () => {
    const history = await open();
    await history.record('migrations', [
      migration({ home: 9, from: 9, to: 5 }),
      migration({ home: 1, from: 1, to: 9 }),
      migration({ home: 1, from: 9, to: 1 }),
      migration({ home: 9, from: 2, to: 3 }),
      migration({ home: 1, from: 2, to: 3 }),
    ]);
    expect(await numbers(history, { node: 9 })).toEqual([4, 3, 2, 1]);
    expect(await numbers(history, { node: 9, limit: 2 })).toEqual([4, 3]);
  });

  test('takes one cause', async () => {
    const history = await open();
    await history.record('migrations', [migration(), migration({ cause: 'expelled' }), migration()]);
    expect(await numbers(history, { cause: 'expelled' })).toEqual([2]);
  });

  test.each<[string, readonly number[]]>([
    ['100%', [1]],
    ['a_b', [2]],
    [String.raw`\d`, [4]],
    ['%', [1]],
    ["'", [5]],
    ['', [5, 4, 3, 2, 1]],
  ])('takes the text %s for what it is', async (text, expected) => {
    const history = await open();
    const commands = ['run 100% now', 'a_b', 'axb', String.raw`c:\dir`, "it's"];
    await history.record(
      'migrations',
      commands.map((command) => migration({ command })),
    );
    expect(await numbers(history, { text })).toEqual(expected);
  });

  test('joins all its conditions', async () => {
    const history = await open();
    await history.record('migrations', [
      migration({ to: 7, cause: 'operator', command: 'gauss' }),
      migration({ to: 7, cause: 'operator', command: 'other' }),
      migration({ to: 7, cause: 'balancer', command: 'gauss' }),
      migration({ to: 8, cause: 'operator', command: 'gauss' }),
      migration({ to: 7, cause: 'operator', command: 'gauss', time: TIME + 5000 }),
    ]);
    const query = { node: 7, cause: 'operator', text: 'gau', from: TIME, to: TIME + 5000 } as const;
    expect(await numbers(history, query)).toEqual([1]);
  });

  test('goes through all of them page by page', async () => {
    const history = await open();
    await history.record(
      'migrations',
      Array.from({ length: 10 }, (_, index) => migration({ time: TIME + Math.floor(index / 4) * 1000 })),
    );
    const first = await numbers(history, { limit: 4 });
    const second = await numbers(history, { limit: 4, before: first.at(-1) ?? 0 });
    const third = await numbers(history, { limit: 4, before: second.at(-1) ?? 0 });
    expect([first, second, third]).toEqual([
      [10, 9, 8, 7],
      [6, 5, 4, 3],
      [2, 1],
    ]);
    expect(await numbers(history, { before: 1000, limit: 2 })).toEqual([10, 9]);
  });

  test('takes those of several nodes, each once, few or many', async () => {
    const history = await open();
    await history.record('migrations', [
      migration({ home: 9, from: 9, to: 5 }),
      migration({ home: 1, from: 1, to: 8 }),
      migration({ home: 1, from: 2, to: 3 }),
      migration({ home: 3, from: 3, to: 9 }),
    ]);
    expect(await numbers(history, { nodes: [8, 9] })).toEqual([4, 2, 1]);
    expect(await numbers(history, { node: 2, nodes: [8] })).toEqual([3, 2]);
    const many = Array.from({ length: 100 }, (_, index) => index + 8);
    expect(await numbers(history, { nodes: many })).toEqual([4, 2, 1]);
    expect(await numbers(history, { nodes: many, limit: 1, after: 1 })).toEqual([2]);
  });

  test('goes through all of them oldest first', async () => {
    const history = await open();
    await history.record(
      'migrations',
      [0, 1, 2, -2, -1, 3].map((second) => migration({ time: TIME + second * 1000 })),
    );
    const first = await numbers(history, { limit: 4, after: 0 });
    const second = await numbers(history, { limit: 4, after: first.at(-1) ?? 0 });
    expect([first, second]).toEqual([
      [4, 5, 1, 2],
      [3, 6],
    ]);
    const both = await history.ask('migrations', { before: 3, after: 1 });
    expect(!both.ok && both.problem.code).toBe('bad-input');
  });

  test('goes through all of them by time where the clock went back', async () => {
    const history = await open();
    await history.record(
      'migrations',
      [0, 1, 2, -2, -1, 3].map((second) => migration({ time: TIME + second * 1000 })),
    );
    const first = await numbers(history, { limit: 3 });
    const second = await numbers(history, { limit: 3, before: first.at(-1) ?? 0 });
    expect([first, second]).toEqual([
      [6, 3, 2],
      [1, 5, 4],
    ]);
  });
});

describe('a full disk', () => {
  const GROUP = 200;
  let disk: ReturnType<typeof smallDisk>;

  beforeEach(() => {
    disk = smallDisk();
  });

  afterEach(() => disk.dispose());

  /** A history on a disk that is full, with the recordings that were begun on it; the last one waits. */
  async function openFull(): Promise<{ readonly history: History; readonly begun: Recording[] }> {
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
    const history = value(result);
    disk.fill();
    const begun: Recording[] = [];
    while (problems.length === 0) {
      begun.push(history.record('migrations', group()));
      await Promise.race([begun.at(-1), full]);
    }
    return { history, begun };
  }

  function group(): readonly Migration[] {
    // Short ones: all ten thousand must fit on the small disk.
    return Array.from({ length: GROUP }, () => migration({ command: '' }));
  }

  test('lets migrations wait until there is room', async () => {
    const { history, begun } = await openFull();
    begun.push(history.record('migrations', group()));
    disk.free();
    const stored = (await Promise.all(begun)).flatMap(value);
    expect(stored.map(({ number }) => number)).toEqual(stored.map((_, index) => index + 1));
    expect(await numbers(history, { limit: 1 })).toEqual([stored.length]);
    expect(problems.map(({ code }) => code)).toEqual(['disk-full', 'disk-full']);
    expect(problems[1]?.message).toContain('nothing was lost');
    await history.close();
  });

  test('keeps the latest ten thousand in memory, and says what it lost of the others', async () => {
    const { history, begun } = await openFull();
    for (let count = 0; count < 10_000 / GROUP + 1; count += 1)
      begun.push(history.record('migrations', group()));
    const [lost] = await Promise.all(begun.slice(0, -50));
    expect(lost?.ok === false && lost.problem.message).toMatch(
      /^Lost, as nothing can be written to .*: 200 migrations\.$/,
    );
    disk.free();
    const results = await Promise.all(begun);
    expect(results.slice(-50).every(({ ok }) => ok)).toBe(true);
    await history.flush();
    expect(problems.at(-1)?.message).toContain('of the pause it lacks the oldest 400 migrations');
    await history.close();
  });

  test('at the end of the program loses what waits, and says so', async () => {
    const { history, begun } = await openFull();
    await history.close();
    const last = await begun.at(-1);
    expect(last?.ok === false && last.problem.code).toBe('disk-full');
    expect(problems.at(-1)?.message).toMatch(/^Lost, as nothing could be written to .*: 200 migrations\.$/);
  });
});

type Recording = Promise<Result<readonly Migration[]>>;
