import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Result } from '../../common/model/result.ts';
import { START, nodes, temporaryFolder, tick } from './fixture.ts';
import { encodePlacements } from './records/placement-codec.ts';
import { ProcessListEncoder } from './records/process-codec.ts';
import { verifyHistory, type Verdict } from './verify.ts';
import { HistoryWriter } from './writer.ts';

/** Disks are slow when others use them too. */
vi.setConfig({ testTimeout: 60_000 });

const TIME = START * 1000;
const ROWS = 3;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;
/** A history that is whole. */
let whole: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'history.sqlite');
  copyFileSync(join(whole.path, 'history.sqlite'), file);
});

afterEach(() => folder.dispose());

afterAll(() => whole.dispose());

beforeAll(() => {
  whole = temporaryFolder();
  const writer = value(HistoryWriter.open(whole.path, ({ message }) => expect.unreachable(message)));
  writer.setNodes(nodes(ROWS));
  for (let second = START; second < START + 5000; second += 1)
    writer.append(second * 1000, tick(second, ROWS), ROWS);
  const node = { key: 'id:1', id: 1, name: 'node1' };
  writer.record('states', [{ time: TIME, node, state: 'up', reason: '' }], () => undefined);
  writer.record('checkpoints', [{ number: 0, time: TIME, who: 'anna', text: '' }], () => undefined);
  const migrations = Array.from({ length: 2000 }, (_, index) => ({
    number: 0,
    time: TIME + index,
    home: 1,
    pid: 7,
    started: 1,
    command: 'gauss',
    from: 1,
    to: 2,
    cause: 'balancer' as const,
    action: null,
    duration: null,
    result: 'seen' as const,
    count: 1,
  }));
  writer.record('migrations', migrations, () => undefined);
  const encoder = new ProcessListEncoder();
  for (const second of [START, START + 60])
    writer.record('processes', [encoder.encode(node, second, [])], () => undefined);
  const bytes = encodePlacements({ ended: [], placed: [] });
  writer.record('placements', [{ serial: 0, time: TIME, full: true, bytes }], () => undefined);
  writer.close();
});

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

function verify(): Verdict {
  return value(verifyHistory(file));
}

/** Runs SQL from outside. */
function outside(sql: string): void {
  const database = new Database(file);
  database.pragma('foreign_keys = OFF');
  database.exec(sql);
  database.close();
}

describe('a history', () => {
  test('that is whole has every row readable and every roll-up right', () => {
    const { tables, findings, damaged } = verify();
    expect([findings, damaged]).toEqual([[], 0]);
    const readable = Object.fromEntries(tables.map((table) => [table.table, table.readable]));
    expect(readable).toMatchObject({
      migration: 2000,
      node_state: 1,
      checkpoint: 1,
      recording: 1,
      process_list: 2,
      placement: 1,
    });
    for (const table of ['chunk', 'chunk10', 'chunk60', 'chunk3600'])
      expect(readable[table]).toBeGreaterThan(0);
  });

  test.each([
    [
      'chunk',
      'UPDATE chunk SET v = substr(v, 1, length(v) - 20) WHERE k = (SELECT min(k) FROM chunk)',
      /^chunk \d+: /,
    ],
    [
      'a row of another layout',
      "UPDATE chunk10 SET v = x'63' WHERE k = (SELECT max(k) FROM chunk10)",
      /^chunk10 \d+: /,
    ],
    [
      'a roll-up of 10 s that is missing',
      'DELETE FROM chunk10 WHERE k = (SELECT min(k) FROM chunk10)',
      /roll-up of 10 s of load of node 0 at .* is missing/,
    ],
    [
      'minutes that are missing',
      'DELETE FROM chunk60 WHERE k = (SELECT min(k) FROM chunk60)',
      /roll-up of 60 s of load of node 0/,
    ],
    [
      'hours that are those of another metric',
      'UPDATE chunk3600 SET v = (SELECT v FROM chunk3600 WHERE k % 256 = 2 LIMIT 1) WHERE k % 256 = 1',
      /roll-up of 3600 s of .* is not that of its values/,
    ],
    ['a cause that is none', "UPDATE migration SET cause = 'magic' WHERE number = 5", /^migration 5: cause/],
    ['a state that is none', "UPDATE node_state SET state = 'fine'", /^node_state 1: the state "fine"/],
    ['a node that is not there', 'UPDATE node_state SET node = 99', /^node_state 1: it belongs to node 99/],
    [
      'a process list without its full one',
      'UPDATE process_list SET age = 30 WHERE k = (SELECT max(k) FROM process_list)',
      /^process_list \d+: the full list it differs from is missing/,
    ],
    [
      'a process list that is none',
      "UPDATE process_list SET v = x'00'",
      /^process_list \d+: a list of processes cannot be read/,
    ],
    [
      'places that are none',
      "UPDATE placement SET v = x'00'",
      /^placement \d+: a list of places cannot be read/,
    ],
  ])('with %s says so, and reads the rest', (_, sql, words) => {
    outside(sql);
    const { findings, damaged, tables } = verify();
    expect(damaged).toBeGreaterThan(0);
    expect(findings.some((line) => words.test(line))).toBe(true);
    expect(tables.find(({ table }) => table === 'migration')?.readable).toBeGreaterThanOrEqual(1999);
  });

  test('with a damaged page says which rows cannot be read, and reads those before and after it', () => {
    const database = new Database(file);
    const page = database
      .prepare(
        "SELECT pageno FROM dbstat WHERE name = 'migration' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 5",
      )
      .pluck()
      .get() as number;
    const size = database.pragma('page_size', { simple: true }) as number;
    database.close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, (page - 1) * size, page * size);
    writeFileSync(file, bytes);
    const { findings, tables } = verify();
    expect(findings.some((line) => line.startsWith('pages: '))).toBe(true);
    expect(findings.some((line) => /^migration: after \d+ it cannot be read/.test(line))).toBe(true);
    expect(findings.some((line) => /^migration: before \d+ it cannot be read/.test(line))).toBe(true);
    const migration = tables.find(({ table }) => table === 'migration');
    expect(migration?.readable).toBeGreaterThan(1800);
    expect(migration?.readable).toBeLessThan(2000);
    expect(tables.find(({ table }) => table === 'chunk')?.damaged).toBe(0);
  });

  test('that is none is said to be none', () => {
    writeFileSync(file, 'no database at all, but long enough to have a header of its own '.repeat(20));
    const verdict = verifyHistory(file);
    expect(!verdict.ok && verdict.problem.code).toBe('history-damaged');
    const missing = verifyHistory(join(folder.path, 'other.sqlite'));
    expect(!missing.ok && missing.problem.code).toBe('not-found');
  });
});
