import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NodeState } from '../../../common/contract/block.ts';
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../../common/contract/history-queries.ts';
import type { Problem } from '../../../common/contract/problem.ts';
import type { Checkpoint } from '../../../common/model/history.ts';
import type { ProcessInfo } from '../../../common/model/process.ts';
import type { Result } from '../../../common/model/result.ts';
import { START, nodes, smallDisk, temporaryFolder, tick } from '../fixture.ts';
import { HistoryWriter } from '../writer.ts';
import { Records } from './index.ts';
import { ProcessListEncoder } from './process-codec.ts';
import type { StateChange } from './rows.ts';

/** Disks are slow when others use them too. */
vi.setConfig({ testTimeout: 60_000 });

const TIME = START * 1000;
const ROWS = 3;
let folder: ReturnType<typeof temporaryFolder>;
let problems: Problem[];
let writers: HistoryWriter[];

beforeEach(() => {
  folder = temporaryFolder();
  problems = [];
  writers = [];
});

afterEach(() => {
  for (const writer of writers) writer.close();
  folder.dispose();
});

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

function open(path = folder.path): HistoryWriter {
  const writer = value(HistoryWriter.open(path, (problem) => problems.push(problem)));
  writers.push(writer);
  writer.setNodes(nodes(ROWS));
  return writer;
}

function close(writer: HistoryWriter): void {
  writers = writers.filter((other) => other !== writer);
  writer.close();
}

/** Runs SQL from outside, as another program would. */
function outside(sql: string): void {
  new Database(join(folder.path, 'history.sqlite')).exec(sql).close();
}

/** Ends a writer as a crash would: nothing more is written. */
function crash(writer: HistoryWriter): void {
  writers = writers.filter((other) => other !== writer);
  const file = join(folder.path, 'history.sqlite');
  const survivor = temporaryFolder();
  const copy = new Database(file);
  copy.exec(`VACUUM INTO '${join(survivor.path, 'history.sqlite')}'`);
  copy.close();
  writer.close();
  folder.dispose();
  folder = survivor;
}

/** Records the seconds [from, to) after START. */
function record(writer: HistoryWriter, from: number, to: number): void {
  for (let second = START + from; second < START + to; second += 1) {
    writer.append(second * 1000, tick(second, ROWS), ROWS);
  }
}

/** A change of a node `seconds` after START. */
function change(
  row: number,
  seconds: number,
  state: NodeState | null,
  reason = '',
  name?: string,
): StateChange {
  const node = { key: `id:${row}`, id: row, name: name ?? `node${row}` };
  return { time: TIME + seconds * 1000, node, state, reason };
}

function ask<Name extends HistoryQueryName>(
  writer: HistoryWriter,
  name: Name,
  input: HistoryQuestion<Name>,
): HistoryAnswer<Name> {
  const steps = writer.ask(name, input);
  for (;;) {
    const step = steps.next();
    // The answer to the question of that name.
    if (step.done) return value(step.value as Result<HistoryAnswer<Name>>);
  }
}

/** The states of [from, to) seconds after START in words. */
function states(
  writer: HistoryWriter,
  from: number,
  to: number,
  more: { keys?: string[]; limit?: number } = {},
) {
  const answer = ask(writer, 'states', { from: TIME + from * 1000, to: TIME + to * 1000, ...more });
  const seconds = (time: number): number => (time - TIME) / 1000;
  return {
    spans: answer.spans.map(
      ({ key, from: begin, to: end, state, reason }) =>
        `${key} ${seconds(begin)}..${seconds(end)} ${[state, reason].join(' ').trim()}`,
    ),
    recordings: answer.recordings.map(({ from: begin, to: end }) => `${seconds(begin)}..${seconds(end)}`),
    more: answer.more,
  };
}

function put(writer: HistoryWriter, ...changes: readonly StateChange[]): void {
  writer.record('states', changes, () => undefined);
}

describe('states of nodes', () => {
  test('are spans from one change to the next, cut to the range', () => {
    const writer = open();
    record(writer, 0, 100);
    put(writer, change(1, 0, 'connecting', 'connects'), change(2, 0, 'up'));
    put(writer, change(1, 5, 'up'), change(1, 50, 'down', 'n2 cannot reach it'), change(1, 80, 'up'));
    expect(states(writer, 0, 100).spans).toEqual([
      'id:1 0..5 connecting connects',
      'id:2 0..100 up',
      'id:1 5..50 up',
      'id:1 50..80 down n2 cannot reach it',
      'id:1 80..100 up',
    ]);
    expect(states(writer, 60, 70)).toEqual({
      spans: ['id:1 60..70 down n2 cannot reach it', 'id:2 60..70 up'],
      recordings: ['60..70'],
      more: false,
    });
    expect(states(writer, 60, 90, { keys: ['id:1'] }).spans).toEqual([
      'id:1 60..80 down n2 cannot reach it',
      'id:1 80..90 up',
    ]);
  });

  test('end where the recording ends, and nothing is claimed of the time between two', () => {
    const first = open();
    record(first, 0, 20);
    put(first, change(1, 0, 'up'));
    close(first);
    const second = open();
    record(second, 100, 110);
    put(second, change(1, 100, 'up'));
    expect(states(second, 0, 200)).toEqual({
      spans: ['id:1 0..20 up', 'id:1 100..110 up'],
      recordings: ['0..20', '100..110'],
      more: false,
    });
    expect(states(second, 30, 90)).toEqual({ spans: [], recordings: [], more: false });
  });

  test('end when the node is not watched any more', () => {
    const writer = open();
    record(writer, 0, 20);
    put(writer, change(1, 0, 'up'), change(1, 5, null, 'taken away'));
    expect(states(writer, 0, 20).spans).toEqual(['id:1 0..5 up']);
  });

  test('come up to a limit without a hole: what is answered ends at the first change left out', () => {
    const writer = open();
    record(writer, 0, 100);
    put(writer, change(1, 0, 'up'), change(2, 0, 'up'), change(1, 30, 'stale'), change(2, 60, 'stale'));
    expect(states(writer, 10, 100, { limit: 3 })).toEqual({
      spans: ['id:1 10..30 up', 'id:2 10..60 up', 'id:1 30..60 stale'],
      recordings: ['10..100'],
      more: true,
    });
  });

  test('tell names of then, and how long a node was up, down or neither', () => {
    const writer = open();
    record(writer, 0, 100);
    put(writer, change(1, 0, 'up', '', 'alpha'), change(1, 10, 'down', 'gone', 'beta'));
    put(writer, change(1, 40, 'failed', 'no route', 'beta'), change(2, 90, 'up'));
    close(writer);
    const database = new Database(join(folder.path, 'history.sqlite'));
    const records = new Records(database);
    const recordings = records.recordings.within({ from: 0, to: TIME + 1_000_000 });
    expect(records.states.nodesAt(TIME + 5000, recordings)).toEqual([
      { key: 'id:1', id: 1, name: 'alpha', state: 'up', reason: '' },
    ]);
    expect(
      records.states.nodesAt(TIME + 95_000, recordings).map(({ name, state }) => `${name} ${state}`),
    ).toEqual(['beta failed', 'node2 up']);
    expect(records.states.nodesAt(TIME + 200_000, recordings)).toEqual([]);
    const times = records.states.times({ from: TIME + 5000, to: TIME + 95_000 }, recordings);
    expect(times.get('id:1')).toEqual({ up: 5000, down: 30_000, unknown: 55_000 });
    expect(times.get('id:2')).toEqual({ up: 5000, down: 0, unknown: 0 });
    database.close();
  });
});

describe('a recording', () => {
  test('ends after a crash at the last second in the file', () => {
    const writer = open();
    record(writer, 0, 12);
    put(writer, change(1, 0, 'up'));
    crash(writer);
    expect(states(open(), 0, 100)).toEqual({ spans: ['id:1 0..12 up'], recordings: ['0..12'], more: false });
  });

  test('ends where the machine slept', () => {
    const writer = open();
    record(writer, 0, 10);
    put(writer, change(1, 0, 'up'));
    record(writer, 1000, 1010);
    put(writer, change(1, 1000, 'up'));
    expect(states(writer, 0, 2000)).toEqual({
      spans: ['id:1 0..10 up', 'id:1 1000..1010 up'],
      recordings: ['0..10', '1000..1010'],
      more: false,
    });
  });

  test('is one where the clock went back into it', () => {
    const writer = open();
    record(writer, 0, 100);
    record(writer, 50, 120);
    expect(states(writer, 0, 200).recordings).toEqual(['0..120']);
  });

  test('goes on in the file that takes the place of a damaged one', () => {
    const writer = open();
    record(writer, 0, 10);
    outside('DROP TABLE tick');
    record(writer, 10, 20);
    expect(problems.map(({ code }) => code)).toEqual(['history-damaged']);
    expect(states(writer, 0, 100).recordings).toEqual(['0..20']);
  });
});

describe('marks', () => {
  function checkpoint(writer: HistoryWriter, seconds: number, text: string): Checkpoint | undefined {
    let stored: Checkpoint | undefined;
    const row = { number: 0, time: TIME + seconds * 1000, who: 'anna@desk', text };
    writer.record('checkpoints', [row], (result) => {
      stored = value(result)[0];
    });
    return stored;
  }

  test('are checkpoints of the range, and how many migrations began in each pixel', () => {
    const writer = open();
    expect(checkpoint(writer, 10, 'before the test')?.number).toBe(1);
    checkpoint(writer, 500, 'later');
    const times = [0, 1, 2, 25, 99, 100];
    writer.record(
      'migrations',
      times.map((seconds) => ({
        number: 0,
        time: TIME + seconds * 1000,
        home: 1,
        pid: 1,
        started: 1,
        command: 'gauss',
        from: 1,
        to: 2,
        cause: 'balancer',
        action: null,
        duration: null,
        result: 'seen',
        count: 1,
      })),
      () => undefined,
    );
    const marks = ask(writer, 'marks', { from: TIME, to: TIME + 100_000, pixels: 10 });
    expect(marks.checkpoints).toEqual([
      { number: 1, time: TIME + 10_000, who: 'anna@desk', text: 'before the test' },
    ]);
    expect([...marks.migrationTimes].map((time) => (time - TIME) / 1000)).toEqual([0, 20, 90]);
    expect([...marks.migrationCounts]).toEqual([3, 1, 1]);
  });

  test('are told of checkpoints that another program sets, once', () => {
    const writer = open();
    writer.newCheckpoints();
    outside("INSERT INTO checkpoint (time, who, text) VALUES (1, 'bert@desk', 'beside')");
    expect(writer.newCheckpoints().map(({ text }) => text)).toEqual(['beside']);
    expect(writer.newCheckpoints()).toEqual([]);
    checkpoint(writer, 1, 'own');
    expect(writer.newCheckpoints().map(({ text }) => text)).toEqual(['own']);
    expect(writer.newCheckpoints()).toEqual([]);
  });
});

describe('a full disk', () => {
  let disk: ReturnType<typeof smallDisk>;

  beforeEach(() => {
    disk = smallDisk();
  });

  afterEach(() => disk.dispose());

  test('lets states and checkpoints wait until there is room, each kind as far as the memory is to hold', () => {
    const writer = open(disk.path);
    record(writer, 0, 1);
    disk.fill();
    const results: string[] = [];
    const told = (name: string) => (result: Result<unknown>) =>
      void results.push(`${name} ${result.ok ? 'stored' : result.problem.code}`);
    const changes = (count: number, reason: string) =>
      Array.from({ length: count }, (_, index) => change(1, index, 'up', reason));
    writer.record('states', changes(5000, 'x'.repeat(2000)), told('long states'));
    writer.record('checkpoints', [{ number: 0, time: TIME, who: 'anna', text: 'full' }], told('checkpoint'));
    for (let group = 1; group <= 5; group += 1)
      writer.record('states', changes(1000, ''), told(`states ${group}`));
    expect(results).toEqual([]);
    writer.record('states', changes(1000, ''), told('states 6'));
    expect(results).toEqual(['long states disk-full']);
    disk.free();
    writer.rest();
    expect(results.slice(1)).toEqual(
      ['checkpoint', ...[1, 2, 3, 4, 5, 6].map((group) => `states ${group}`)].map((name) => `${name} stored`),
    );
    expect(problems.at(-1)?.message).toContain('of the pause it lacks the oldest 5,000 changes of state');
    close(writer);
  });
});

describe('process lists', () => {
  /** A process; what is left out is the same for all. */
  function process(pid: number, more: Partial<ProcessInfo> = {}): ProcessInfo {
    return {
      pid,
      started: 1,
      parent: 1,
      uid: 0,
      user: 'root',
      name: 'gauss',
      command: 'gauss',
      place: { kind: 'home' },
      state: 'S',
      cpuSeconds: 10,
      cpuPercent: null,
      memory: 1024,
      nice: 0,
      age: 100,
      migrations: 0,
      locked: false,
      reasons: [],
      ...more,
    };
  }

  /** Idle processes, so that a difference is worth it. */
  const crowd = Array.from({ length: 100 }, (_, at) =>
    process(1000 + at, { name: `idle${at}`, command: `idle${at}` }),
  );

  function lists(writer: HistoryWriter) {
    const encoders = new Map<number, ProcessListEncoder>();
    return (row: number, seconds: number, ...processes: readonly ProcessInfo[]): void => {
      const encoder = encoders.get(row) ?? new ProcessListEncoder();
      encoders.set(row, encoder);
      const node = { key: `id:${row}`, id: row, name: `node${row}` };
      writer.record(
        'processes',
        [encoder.encode(node, START + seconds, [...processes, ...crowd])],
        () => undefined,
      );
    };
  }

  test('are those of the last list before, with the percent of CPU since the one before that', () => {
    const writer = open();
    const put = lists(writer);
    put(1, 0, process(7));
    put(2, 10, process(8));
    put(1, 60, process(7, { cpuSeconds: 40 }));
    put(1, 120, process(7, { cpuSeconds: 40 }), process(9));
    const past = (key: string, seconds: number) => {
      const { time, processes } = ask(writer, 'pastProcesses', { key, time: TIME + seconds * 1000 });
      const own = processes.filter(({ pid }) => pid < 1000);
      return [
        time === null ? null : (time - TIME) / 1000,
        ...own.map(({ pid, cpuPercent }) => [pid, cpuPercent]),
      ];
    };
    expect(past('id:1', -1)).toEqual([null]);
    expect(past('id:1', 59)).toEqual([0, [7, null]]);
    expect(past('id:1', 60)).toEqual([60, [7, 50]]);
    expect(past('id:1', 5000)).toEqual([120, [7, 0], [9, null]]);
    expect(past('id:2', 5000)).toEqual([10, [8, null]]);
    expect(past('id:99', 5000)).toEqual([null]);
  });

  test('whose full list is gone are passed over', () => {
    const writer = open();
    const put = lists(writer);
    put(1, 0, process(7));
    put(1, 60, process(7));
    outside('DELETE FROM process_list WHERE age = 0');
    expect(ask(writer, 'pastProcesses', { key: 'id:1', time: TIME + 90_000 })).toEqual({
      time: null,
      processes: [],
    });
  });
});
