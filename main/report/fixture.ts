/** What the tests of reports share: a data folder with an hour of history of its own, and reports made from it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { METRICS } from '../../common/model/metric.ts';
import type { Migration } from '../../common/model/migration.ts';
import { STATUS } from '../../common/model/status.ts';
import type { Result } from '../../common/model/result.ts';
import { historyFile } from '../history/file.ts';
import { HistoryWriter } from '../history/writer.ts';
import { openFolderSource, type FolderSource } from './folder-source.ts';
import type { ReportOrder } from './index.ts';

/** Begin of the hour, and of the report. */
export const FROM = Date.UTC(2026, 10, 24, 6);
export const TO = FROM + 3_600_000;
const SECONDS = 600;

const NODES = [1, 2, 3].map((id) => ({ key: `id:${id}`, id, name: `node${id}` }));

/** What processes may call themselves. */
export const HOSTILE = [
  '=HYPERLINK("http://x")',
  '<script>alert(1)</script>',
  'a,"b"',
  'Größe 測試',
  '\u202Eevil',
  '| pipe',
];

/** A migration at so many seconds of the hour. */
export function migration(seconds: number, change: Partial<Migration> = {}): Migration {
  return {
    number: 0,
    time: FROM + seconds * 1000,
    home: 1,
    pid: 1042,
    started: 77,
    command: 'mprime',
    from: 1,
    to: 2,
    cause: 'balancer',
    action: null,
    duration: 350,
    result: 'seen',
    count: 1,
    ...change,
  };
}

/** Ten minutes of three nodes, a node that was down, migrations with hostile names, groups, a checkpoint. */
export function recordHour(
  folder: string,
  migrations: readonly Migration[] = usualMigrations(),
  from = FROM,
): void {
  const opened = HistoryWriter.open(folder, () => undefined);
  if (!opened.ok) throw new Error(opened.problem.message);
  const writer = opened.value;
  writer.setNodes(NODES);
  for (let second = 0; second < SECONDS; second += 1) {
    writer.append(from + second * 1000, tick(second), NODES.length);
  }
  const [first, second, third] = NODES;
  if (first === undefined || second === undefined || third === undefined) return;
  const states = [
    { time: from, node: first, state: 'up', reason: '' },
    { time: from, node: second, state: 'up', reason: '' },
    { time: from, node: third, state: 'up', reason: '' },
    { time: from + 100_000, node: third, state: 'down', reason: 'node1 cannot reach it (-101, ENETUNREACH)' },
    { time: from + 160_000, node: third, state: 'up', reason: '' },
  ] as const;
  writer.record('states', states, () => undefined);
  const moved = migrations.map((each) => ({ ...each, time: each.time - FROM + from }));
  writer.record('migrations', moved, () => undefined);
  const checkpoint = { number: 0, time: from + 30_000, who: 'anna@desk', text: 'new kernel on node2' };
  writer.record('checkpoints', [checkpoint], () => undefined);
  writer.close();
  const hand = {
    name: 'one process',
    rule: { kind: 'hand', processes: [{ node: 'id:1', pid: 1042, started: 77 }] },
  };
  const named = { name: 'primes', rule: { kind: 'command', pattern: 'prim' } };
  writeFileSync(join(folder, 'groups.json'), JSON.stringify({ groups: [hand, named] }));
}

/** Loads of 100 x the node's id, which spread as 200 / 300. */
function tick(_second: number): Float64Array {
  const values = new Float64Array(METRICS.length * NODES.length).fill(NaN);
  const set = (metric: string, row: number, value: number): void => {
    const column = METRICS.findIndex(({ name }) => name === metric);
    values[column * NODES.length + row] = value;
  };
  for (const [row, { id }] of NODES.entries()) {
    set('load', row, 100 * id);
    set('speed', row, 10_000);
    set('cpus', row, 4);
    set('memoryTotal', row, 4096 * 1000);
    set('memoryFree', row, 4096 * 250 * id);
    set('status', row, STATUS.configured + STATUS.up);
  }
  return values;
}

function usualMigrations(): readonly Migration[] {
  return [
    migration(10),
    migration(20, { from: 2, to: 3, cause: 'operator', action: 7 }),
    migration(30, {
      pid: 9,
      started: 5,
      home: 2,
      from: 0,
      to: 0,
      result: 'unseen',
      count: 3,
      duration: null,
    }),
    ...HOSTILE.map((command, index) =>
      migration(40 + index, { command, pid: 2000 + index, home: 3, from: 3, to: 1 }),
    ),
  ];
}

/** Puts so many migrations more into the log of a folder, spread over the hour, by one statement. */
export function addMigrations(folder: string, count: number): void {
  const database = new Database(historyFile(folder));
  // Indexes that these tests do not use take most of the time.
  for (const column of ['home', 'from', 'to']) database.exec(`DROP INDEX migration_${column}`);
  // Numbers stand in the text: a bound one would be no integer.
  database.exec(`
    WITH RECURSIVE counter(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n + 1 < ${count})
    INSERT INTO migration
      (time, home, pid, started, command, from_node, to_node, cause, action, duration, result, count)
    SELECT ${FROM} + n * ${TO - FROM} / ${count}, 1 + n % 3, 1000 + n % 30000, n, 'job' || (n % 40), 1 + n % 3,
           1 + (n + 1) % 3, 'balancer', NULL, n % 5000, 'seen', 1
    FROM counter`);
  database.close();
}

/** Opens a folder for reports. */
export async function sourceOf(folder: string): Promise<FolderSource> {
  const source = await openFolderSource({ dataFolder: folder }, () => undefined);
  if (!source.ok) throw new Error(source.problem.message);
  return source.value;
}

/** A report of the whole hour. */
export function orderOf(source: FolderSource, change: Partial<ReportOrder['request']> = {}): ReportOrder {
  return {
    source,
    request: { from: FROM, to: TO, nodes: [], groups: [], command: '', ...change },
    who: 'anna@desk',
    now: TO,
    version: '0.1.0',
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
}

export function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}
