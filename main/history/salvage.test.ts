/** What can be read of a history with overwritten pages goes on in the new one. */
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../common/contract/history-queries.ts';
import type { Migration } from '../../common/model/migration.ts';
import { METRICS } from '../../common/model/metric.ts';
import { everySecond, nodes, temporaryFolder } from './fixture.ts';
import { NODE_SPAN } from './format.ts';
import { verifyHistory } from './verify.ts';
import { HistoryWriter } from './writer.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROWS = 12;
/** At the beginning of an hour; an hour and a half is recorded, of which the last window is not sealed. */
const BEGIN = 500_000 * 3600;
const END = BEGIN + 5400;
const STEP = 3;

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let writer: HistoryWriter;
let problems: string[];

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'history.sqlite');
  problems = [];
  writer = open();
  for (let second = BEGIN; second < END; second += STEP) {
    const values = Float64Array.from(
      { length: METRICS.length * ROWS },
      (_, line) => value(second, line) * 4096,
    );
    writer.append(second * 1000, values, ROWS);
  }
  writer.record(
    'migrations',
    Array.from({ length: 500 }, (_, index) => migration(index)),
    () => undefined,
  );
  writer.rest();
});

afterEach(() => {
  writer.close();
  folder.dispose();
});

function open(): HistoryWriter {
  const opened = HistoryWriter.open(folder.path, ({ message }) => problems.push(message));
  if (!opened.ok) throw new Error(opened.problem.message);
  opened.value.setNodes(nodes(ROWS));
  return opened.value;
}

/** Numbers of which a row takes about a kilobyte. */
function value(second: number, line: number): number {
  return Math.imul(second * 131 + line, 2_654_435_761) >>> 22;
}

function migration(index: number): Migration {
  return {
    number: 0,
    time: (BEGIN + index) * 1000,
    home: 1,
    pid: index + 1,
    started: 1,
    command: 'job',
    from: 1,
    to: 2,
    cause: 'balancer',
    action: null,
    duration: null,
    result: 'seen',
    count: 1,
  };
}

function ask<Name extends HistoryQueryName>(name: Name, input: HistoryQuestion<Name>): HistoryAnswer<Name> {
  const steps = writer.ask(name, input);
  for (;;) {
    const step = steps.next();
    if (!step.done) continue;
    if (!step.value.ok) throw new Error(step.value.problem.message);
    // The answer to the question of that name.
    return step.value.value as HistoryAnswer<Name>;
  }
}

/** Overwrites some pages of a table, chosen out of those of a kind. */
function overwrite(
  table: string,
  kind: 'leaf' | 'overflow',
  choose: (pages: readonly number[]) => readonly number[],
): void {
  const database = new Database(file);
  const pages = database
    .prepare<[string, string], number>(
      'SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path',
    )
    .pluck()
    .all(table, kind);
  const size = database.pragma('page_size', { simple: true }) as number;
  database.close();
  const chosen = choose(pages);
  expect(chosen.length).toBeGreaterThan(0);
  const handle = openSync(file, 'r+');
  for (const page of chosen) writeSync(handle, Buffer.alloc(size, 0xa7), 0, size, (page - 1) * size);
  closeSync(handle);
}

/** Takes away all rows of a part but the newest period, as its retention does in time. */
function forget(part: string, table: string, seconds: number): void {
  const database = new Database(file);
  const period = `k / ${NODE_SPAN}`;
  database.exec(`
    INSERT INTO kept (part, since) SELECT '${part}', max(${period}) * ${seconds} FROM ${table};
    DELETE FROM ${table} WHERE ${period} < (SELECT max(${period}) FROM ${table})`);
  database.close();
}

/** The seconds of all nodes that are still there, each of them right. */
function presentSeconds(): number {
  let present = 0;
  for (const [row, { key }] of nodes(ROWS).entries()) {
    const [series] = ask('history', everySecond(key, BEGIN, END, 'memoryFree')).nodes[0]?.series ?? [];
    for (const [index, time] of (series?.times ?? []).entries()) {
      const mean = series?.mean[index] as number;
      if (Number.isNaN(mean)) continue;
      const line = METRICS.findIndex(({ name }) => name === 'memoryFree') * ROWS + row;
      expect(mean).toBe(value(time / 1000, line) * 4096);
      present += 1;
    }
  }
  return present;
}

const ALL_SECONDS = (ROWS * (END - BEGIN)) / STEP;

/** Loses a table of roll-ups, and finds what is read of it as it was. */
function expectMadeAnew(table: string, read: () => unknown): void {
  const before = read();
  writer.close();
  overwrite(table, 'leaf', (pages) => pages);
  writer = open();
  writer.rest();
  expect(problems).toEqual([expect.stringMatching(/roll-ups that were missing were made anew/)]);
  expect(read()).toEqual(before);
  expect(verifyHistory(file)).toMatchObject({ ok: true, value: { findings: [] } });
}

describe('a history with overwritten pages', () => {
  test('loses the rows of these pages only, in its values and in the log', () => {
    writer.close();
    overwrite('chunk', 'leaf', (pages) => [3, 4, 9].map((index) => pages[index] as number));
    overwrite('migration', 'leaf', (pages) => pages.slice(1, 2));
    writer = open();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /set aside as history\.damaged-.*; [\d,]+ readable rows were taken over, [\d,]+ rows or places could not/,
    );
    const present = presentSeconds();
    expect(present).toBeGreaterThan(ALL_SECONDS * 0.7);
    expect(present).toBeLessThan(ALL_SECONDS);
    const { migrations } = ask('migrations', { limit: 1000 });
    expect(migrations.length).toBeGreaterThan(250);
    expect(migrations.length).toBeLessThan(500);
    expect(ask('recorded', {}).nodes).toEqual(nodes(ROWS));
  });

  test('that lacks one row says so of one', () => {
    writer.close();
    const database = new Database(file);
    database.exec("UPDATE chunk SET v = x'63' WHERE k = (SELECT min(k) FROM chunk)");
    database.close();
    writer = open();
    expect(() => presentSeconds()).toThrow('set aside');
    expect(problems).toEqual([expect.stringContaining('taken over, 1 row or place could not be read')]);
  });

  test('has its roll-ups where its seconds are lost', () => {
    writer.close();
    overwrite('chunk', 'leaf', (pages) => pages);
    writer = open();
    const [series] =
      ask('history', {
        keys: ['id:3'],
        metrics: ['load'],
        from: BEGIN * 1000,
        to: (BEGIN + 3600) * 1000,
        pixels: 60,
      }).nodes[0]?.series ?? [];
    expect(series?.times).toHaveLength(60);
    expect(series?.mean.every((mean) => !Number.isNaN(mean))).toBe(true);
  });

  test.each(['chunk10', 'chunk60', 'chunk3600', 'minutes'])(
    'has its roll-ups made anew from its seconds where those of %s are lost',
    (table) => {
      // All is sealed, as it is again afterwards.
      writer.close();
      writer = open();
      const read = () =>
        [540, 90, 2].map((pixels) =>
          ask('history', { ...everySecond('id:3', BEGIN, END, 'memoryFree'), pixels }),
        );
      expectMadeAnew(table, read);
    },
  );

  test.each(['chunk60', 'minutes'])(
    'has those of %s made anew from roll-ups of 10 s where its seconds are not kept as long',
    (table) => {
      writer.close();
      forget('1s', 'chunk', 300);
      writer = open();
      const read = () =>
        [540, 90, 2].map((pixels) => ask('history', { ...everySecond('id:3', BEGIN, END, 'load'), pixels }));
      expectMadeAnew(table, read);
    },
  );

  test('has its hours made anew from minutes where nothing finer is kept as long', () => {
    writer.close();
    forget('1s', 'chunk', 300);
    forget('10s', 'chunk10', 300);
    writer = open();
    const read = () =>
      ask('history', { ...everySecond('id:3', BEGIN, BEGIN + 3600, 'memoryFree'), pixels: 1 });
    expect(read().resolution).toBe(3600);
    expectMadeAnew('chunk3600', read);
  });

  test('becomes one in which nothing is damaged, and into which recording goes on', () => {
    writer.close();
    overwrite('chunk10', 'leaf', (pages) => pages.slice(2, 5));
    overwrite('chunk60', 'overflow', (pages) => pages.slice(0, 3));
    writer = open();
    for (let second = END; second < END + 30; second += 1) {
      writer.append(second * 1000, new Float64Array(METRICS.length * ROWS).fill(4096), ROWS);
    }
    writer.rest();
    expect(problems).toHaveLength(1);
    expect(presentSeconds()).toBe(ALL_SECONDS);
    const verdict = verifyHistory(file);
    const findings = verdict.ok ? verdict.value.findings : ['cannot be read'];
    expect(findings.filter((words) => /pages|cannot be read|layout/.test(words))).toEqual([]);
    expect(readdirSync(folder.path).filter((name) => /^history\.damaged-.*\.sqlite$/.test(name)).length).toBe(
      1,
    );
  });
});
