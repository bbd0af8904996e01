/**
 * The fourth step of the schema: one row per node and window instead of one per metric, and the roll-ups. What is stored
 * is laid out anew and rolled up by the way.
 */
import type Database from 'better-sqlite3';
import { METRICS } from '../../common/model/metric.ts';
import { DamagedData, decodeSeries } from './codec.ts';
import { MISSING, WINDOW_SECONDS } from './format.ts';
import { rollHour } from './hours.ts';
import { MIGRATION_BYTES } from './records/migrations.ts';
import { WindowMinutes, sealNode } from './seal.ts';
import { ValueTables } from './values.ts';

const TABLES = `
  ALTER TABLE chunk RENAME TO chunk_of_metric;
  CREATE TABLE chunk (
    -- 300 seconds of one node in all metrics: k = window * 262144 + node, window = time / 300, v as in rows.ts.
    k INTEGER PRIMARY KEY,
    v BLOB NOT NULL
  ) STRICT;
  CREATE TABLE chunk10 (
    -- The same in roll-ups of 10 s.
    k INTEGER PRIMARY KEY,
    v BLOB NOT NULL
  ) STRICT;
  CREATE TABLE minutes (
    -- Roll-ups of a minute of one metric and all nodes while their hour is not over: k = window * 256 + metric.
    k INTEGER PRIMARY KEY,
    v BLOB NOT NULL
  ) STRICT;
  CREATE TABLE chunk60 (
    -- The same for a whole hour: k = hour * 256 + metric, hour = time / 3600.
    k INTEGER PRIMARY KEY,
    v BLOB NOT NULL
  ) STRICT;
  CREATE TABLE chunk3600 (
    -- Roll-ups of an hour of one metric and all nodes: k = hour * 256 + metric.
    k INTEGER PRIMARY KEY,
    v BLOB NOT NULL
  ) STRICT;
  CREATE TABLE volume (
    -- Bytes that each part of the history takes, by the day (time / 86400) the values are of.
    part TEXT NOT NULL,
    day INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (part, day)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE kept (
    -- The second before which values of a part were deleted.
    part TEXT PRIMARY KEY,
    since INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO volume SELECT 'migrations', time / 86400000, sum(${MIGRATION_BYTES} + 2 * length(command))
    FROM migration GROUP BY time / 86400000;
`;

/** Keys of the old table: (window * NODES + node) * METRICS_SPAN + metric. */
const OLD_METRICS = 2 ** 8;
const OLD_NODES = 2 ** 18;
const OLD_VERSION = 1;

type OldRow = readonly [key: number, bytes: Buffer];

/** Makes the tables and moves all values into them. Throws DamagedData. */
export function layOutByNode(database: Database.Database): void {
  database.exec(TABLES);
  const tables = new ValueTables(database);
  const next = database.prepare<[number], number>('SELECT min(k) FROM chunk_of_metric WHERE k >= ?').pluck();
  const rows = database
    .prepare<[number, number], OldRow>('SELECT k, v FROM chunk_of_metric WHERE k >= ? AND k < ? ORDER BY k')
    .raw();
  const nodes =
    database.prepare<[], number>('SELECT coalesce(max(number) + 1, 0) FROM node').pluck().get() ?? 0;
  const span = OLD_NODES * OLD_METRICS;
  let end = 0;
  tables.accounted(() => {
    for (let key = next.get(0); typeof key === 'number'; key = next.get(end * span)) {
      const window = Math.floor(key / span);
      end = window + 1;
      moveWindow(tables, window, rows.all(window * span, end * span), nodes);
      while (rollHour(tables, window * WINDOW_SECONDS));
    }
  });
  database.exec('DROP TABLE chunk_of_metric');
}

function moveWindow(tables: ValueTables, window: number, rows: readonly OldRow[], nodes: number): void {
  const minutes = new WindowMinutes(window, nodes);
  const series = new Int32Array(METRICS.length * WINDOW_SECONDS);
  const numberOf = (key: number): number => Math.floor(key / OLD_METRICS) % OLD_NODES;
  for (const [index, [key, bytes]] of rows.entries()) {
    const node = numberOf(key);
    if (index === 0 || numberOf(rows[index - 1]?.[0] ?? 0) !== node) series.fill(MISSING);
    if (bytes[0] !== OLD_VERSION) throw new DamagedData(`a chunk of the unknown layout ${bytes[0]}`);
    const at = (key % OLD_METRICS) * WINDOW_SECONDS;
    decodeSeries(bytes, 1, bytes.length, series, at, at + WINDOW_SECONDS);
    const last = index === rows.length - 1 || numberOf(rows[index + 1]?.[0] ?? 0) !== node;
    if (last) sealNode(tables, minutes, node, series, 0);
  }
  for (const metric of METRICS.keys()) minutes.put(tables, metric);
}
