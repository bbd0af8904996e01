/** Where processes were, recorded by the second and read back from the file. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Placement } from '../../common/model/migration.ts';
import type { HistoryPart, Keeping } from '../../common/model/retention.ts';
import { START, nodes, smallDisk, temporaryFolder, tick } from '../history/fixture.ts';
import { Records } from '../history/records/index.ts';
import { placementsAt } from '../history/records/placements.ts';
import type { StoredPlacements } from '../history/records/rows.ts';
import { HistoryWriter } from '../history/writer.ts';
import { PlacementRecorder } from './placements.ts';

/** Disks are slow when others use them too. */
vi.setConfig({ testTimeout: 60_000 });

let folder: { readonly path: string; dispose(): void };
let writer: HistoryWriter;
let recorder: PlacementRecorder;
/** What was recorded, lost rows too. */
let made: StoredPlacements[];

beforeEach(() => {
  folder = temporaryFolder();
  made = [];
  start();
});

afterEach(() => {
  writer.close();
  folder.dispose();
});

/** The program begins. */
function start(): void {
  const opened = HistoryWriter.open(folder.path, () => undefined);
  if (!opened.ok) throw new Error(opened.problem.message);
  writer = opened.value;
  writer.setNodes(nodes(1));
  recorder = new PlacementRecorder();
}

/** A process of node 1. */
function away(pid: number, at: number, more: Partial<Placement> = {}): Placement {
  return { home: 1, pid, started: pid * 10, at, guestPid: 0, guestStarted: 0, command: 'gauss', ...more };
}

/** Records a second after START, as the program does. */
function second(seconds: number, placements: readonly Placement[]): StoredPlacements | undefined {
  const time = (START + seconds) * 1000;
  writer.append(time, tick(START + seconds, 1), 1);
  const row = recorder.take(time, placements);
  if (row === undefined) return undefined;
  made.push(row);
  writer.record('placements', [row], ({ ok }) => {
    if (!ok) recorder.forget();
  });
  return row;
}

/** Those of a moment so many seconds after START. */
function at(seconds: number): readonly Placement[] {
  const database = new Database(join(folder.path, 'history.sqlite'), { readonly: true });
  try {
    return placementsAt(new Records(database), (START + seconds) * 1000 + 999);
  } finally {
    database.close();
  }
}

/** In words. */
function words(seconds: number): readonly string[] {
  return at(seconds)
    .map(({ home, pid, at: host, guestPid }) => `${home}/${pid} on ${host} as ${guestPid}`)
    .sort();
}

function outside(sql: string): number {
  const database = new Database(join(folder.path, 'history.sqlite'));
  const row = database.prepare<[], number>(sql);
  const value = row.reader ? row.pluck().get() : row.run().changes;
  database.close();
  return value ?? NaN;
}

describe('a process', () => {
  test('that ended while it was away is gone at the next second', () => {
    second(0, [away(7, 2), away(8, 2)]);
    second(1, [away(7, 2), away(8, 2)]);
    second(2, [away(8, 2)]);
    expect([words(0), words(1), words(2)]).toEqual([
      ['1/7 on 2 as 0', '1/8 on 2 as 0'],
      ['1/7 on 2 as 0', '1/8 on 2 as 0'],
      ['1/8 on 2 as 0'],
    ]);
  });

  test('that moved, came home, or got a number by its host is where it was in each second', () => {
    second(0, []);
    second(1, [away(7, 2)]);
    second(2, [away(7, 2, { guestPid: 70, guestStarted: 5 })]);
    second(3, [away(7, 3)]);
    second(4, []);
    expect([0, 1, 2, 3, 4].map(words)).toEqual([
      [],
      ['1/7 on 2 as 0'],
      ['1/7 on 2 as 70'],
      ['1/7 on 3 as 0'],
      [],
    ]);
  });

  test('that only its host knows, and one with the number of another before it, are themselves', () => {
    const guests = [70, 71].map((guestPid) =>
      away(0, 2, { home: 9, guestPid, guestStarted: 1, command: 'é \u0007"' }),
    );
    second(0, [...guests, away(7, 2)]);
    second(1, [...guests.slice(1), away(7, 2, { started: 999 })]);
    expect(at(0)).toEqual([...guests, away(7, 2)]);
    expect(at(1)).toEqual([...guests.slice(1), away(7, 2, { started: 999 })]);
  });
});

test('seconds that change nothing make no row, also when the order is another', () => {
  second(0, [away(7, 2), away(8, 2)]);
  second(1, [away(7, 2), away(8, 2)]);
  second(2, [away(8, 2), away(7, 2)]);
  expect(made).toHaveLength(1);
  for (let seconds = 3; seconds <= 650; seconds += 1) second(seconds, [away(8, 2), away(7, 2)]);
  expect(made.map(({ time, full }) => [time / 1000 - START, full])).toEqual([
    [0, true],
    [300, true],
    [600, true],
  ]);
  expect(words(299)).toEqual(words(0));
  expect(words(650)).toEqual(words(0));
});

describe('nothing is told', () => {
  test('of the time before a recording, between two, and after the last', () => {
    second(0, [away(7, 2)]);
    second(1, [away(7, 2)]);
    writer.close();
    start();
    second(100, [away(8, 3)]);
    expect([-5, 1, 50, 100, 200].map(words)).toEqual([[], ['1/7 on 2 as 0'], [], ['1/8 on 3 as 0'], []]);
  });

  test('of a pause; after it all are told anew', () => {
    second(0, [away(7, 2)]);
    expect(second(60, [away(7, 2)])?.full).toBe(true);
    expect([words(30), words(60)]).toEqual([[], ['1/7 on 2 as 0']]);
  });

  test('from where a row was lost up to the next full list', () => {
    second(0, [away(7, 2)]);
    second(1, [away(7, 2), away(8, 2)]);
    second(2, [away(7, 2)]);
    second(3, [away(7, 3)]);
    recorder.forget();
    second(4, [away(7, 3)]);
    outside('DELETE FROM placement WHERE serial IN (1, 3)');
    expect([0, 2, 3, 4].map(words)).toEqual([[], [], [], ['1/7 on 3 as 0']]);
  });
});

test('a crash costs nothing that was committed', () => {
  second(0, [away(7, 2)]);
  second(1, [away(7, 2), away(8, 3)]);
  const copy = temporaryFolder();
  outside(`VACUUM INTO '${join(copy.path, 'history.sqlite')}'`);
  writer.close();
  folder.dispose();
  folder = copy;
  start();
  expect(words(1)).toEqual(['1/7 on 2 as 0', '1/8 on 3 as 0']);
  second(2, [away(8, 3)]);
  expect(words(2)).toEqual(['1/8 on 3 as 0']);
});

test('a clock that went back begins anew, and what comes after it is right', () => {
  for (let seconds = 0; seconds <= 100; seconds += 1) second(seconds, [away(seconds + 1, 2)]);
  for (let seconds = 70; seconds <= 120; seconds += 1) second(seconds, [away(1000 + seconds, 3)]);
  expect(words(60)).toEqual(['1/61 on 2 as 0']);
  expect(words(80)).toEqual(['1/1080 on 3 as 0']);
  expect(words(110)).toEqual(['1/1110 on 3 as 0']);
});

test('while the disk is full changes wait, and none is missing afterwards', () => {
  writer.close();
  folder.dispose();
  const disk = smallDisk();
  folder = disk;
  start();
  second(0, [away(1, 2)]);
  disk.fill();
  const crowd = (from: number) =>
    Array.from({ length: 400 }, (_, index) =>
      away(from + index, 2, { started: (from * index * 7919) % 1e6 }),
    );
  let full = 1;
  // The log has some room left.
  for (; !writer.behind && full < 300; full += 1) second(full, crowd(full));
  for (let seconds = full; seconds < full + 10; seconds += 1) second(seconds, crowd(seconds));
  expect(writer.behind).toBe(true);
  disk.free();
  const last = full + 10;
  second(last, crowd(last));
  expect(writer.behind).toBe(false);
  for (const seconds of [1, full, full + 5, last]) expect(at(seconds)).toEqual(crowd(seconds));
});

test('a burst of 5,000 is one row, and a small one', () => {
  const burst = Array.from({ length: 5000 }, (_, index) => away(index + 1, (index % 9) + 2));
  second(0, []);
  const row = second(1, burst);
  expect(row?.bytes.length).toBeLessThan(60_000);
  second(2, burst.slice(1));
  expect(at(1)).toEqual(burst);
  expect(at(2)).toEqual(burst.slice(1));
});

describe('places', () => {
  const FOR_EVER: Keeping = { days: null, megabytes: null };
  function keep(processes: Keeping): Record<HistoryPart, Keeping> {
    const all = { '1s': FOR_EVER, '10s': FOR_EVER, '1m': FOR_EVER, '1h': FOR_EVER };
    return { ...all, migrations: FOR_EVER, processes };
  }
  function used(): number {
    const use = writer.use();
    const part = use.ok ? use.value.find((one) => one.part === 'processes') : undefined;
    return part?.bytes ?? NaN;
  }
  function change(seconds: number, count: number): void {
    const rows = Array.from({ length: count }, (_, index) =>
      recorder.take((START + seconds + index) * 1000, [away(index + 1, 2)]),
    );
    writer.record(
      'placements',
      rows.filter((row) => row !== undefined),
      () => undefined,
    );
  }

  test('count as process lists, about as much as they take', () => {
    change(0, 20_000);
    writer.rest();
    const bytes = outside("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'placement%'");
    expect(used() / bytes).toBeGreaterThan(0.8);
    expect(used() / bytes).toBeLessThan(1.2);
  });

  test('go when they are too much or too old, those recorded first', () => {
    change(0, 20_000);
    writer.setRetention(keep({ days: null, megabytes: 1 }));
    for (let seconds = 20_000; seconds < 20_060; seconds += 1) second(seconds, []);
    expect(used()).toBeLessThanOrEqual(1e6);
    expect(used()).toBeGreaterThan(0.9e6);
    writer.setRetention(keep({ days: 1 / 24, megabytes: null }));
    for (let seconds = 20_060; seconds < 20_120; seconds += 1) second(seconds, []);
    const first = outside('SELECT min(time) FROM placement') / 1000 - START;
    // A full list more than an hour, from which the others are read.
    expect(first).toBeGreaterThanOrEqual(20_110 - 3600 - 301);
    expect(first).toBeLessThanOrEqual(20_120 - 3600 - 299);
  });
});
