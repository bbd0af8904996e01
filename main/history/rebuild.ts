/** Makes roll-ups that a damaged file has lost anew, out of the finer values that are still there. */
import type Database from 'better-sqlite3';
import { METRICS } from '../../common/model/metric.ts';
import { Buckets } from './buckets.ts';
import {
  HOUR_SECONDS,
  METRIC_SPAN,
  MISSING,
  NODE_SPAN,
  WINDOW_SECONDS,
  nodeKey,
  nodeOfKey,
  periodOfKey,
} from './format.ts';
import { HOUR_WINDOWS, putHour } from './hours.ts';
import { PartsReader } from './parts.ts';
import { TENS, decodeSeconds, decodeTens } from './rows.ts';
import { WindowMinutes, sealNode } from './seal.ts';
import { ValueTables } from './values.ts';

const series = new Int32Array(METRICS.length * WINDOW_SECONDS);
const one = new Int32Array(WINDOW_SECONDS);
const tens = new Buckets(TENS);

/**
 * Makes roll-ups of 10 s out of seconds, minutes out of seconds or of these, and hours out of minutes, wherever some are
 * missing; what is older than a roll-up is kept stays away. Out of seconds they are what they were; out of roll-ups of
 * 10 s means may differ by the rounding of these, less than a step of the metric. The hours of minutes that are made
 * follow when the writer next rolls. `afterEach` is called after each piece of work. Returns how many windows and hours
 * that were. Inside a transaction; throws DamagedData.
 */
export function rebuildRollUps(database: Database.Database, afterEach: () => void): number {
  const tables = new ValueTables(database);
  const kept = tables.keptSince();
  const numbers = (sql: string): readonly number[] => database.prepare<[], number>(sql).pluck().all();
  const windows = windowsToRoll(numbers).filter(
    (window) => window * WINDOW_SECONDS >= Math.max(kept[10], kept[60], kept[3600]),
  );
  for (const window of windows) {
    rollWindow(tables, window);
    afterEach();
  }
  const hours = numbers('SELECT k FROM chunk60 EXCEPT SELECT k FROM chunk3600').filter(
    (key) => periodOfKey(key) * HOUR_SECONDS >= kept[3600],
  );
  for (const key of hours) {
    putHour(tables, periodOfKey(key), key % METRIC_SPAN);
    afterEach();
  }
  return windows.length + hours.length;
}

/** The windows of which roll-ups of 10 s are missing, or some minutes of their hour. */
function windowsToRoll(numbers: (sql: string) => readonly number[]): readonly number[] {
  const complete = new Set(hoursWithMinutes(numbers));
  const withoutTens = numbers(
    `SELECT DISTINCT k / ${NODE_SPAN} FROM (SELECT k FROM chunk EXCEPT SELECT k FROM chunk10)`,
  );
  const all = numbers(`SELECT k / ${NODE_SPAN} FROM chunk UNION SELECT k / ${NODE_SPAN} FROM chunk10`);
  const withoutMinutes = all.filter((window) => !complete.has(Math.floor(window / HOUR_WINDOWS)));
  return [...new Set([...withoutTens, ...withoutMinutes])].sort((a, b) => a - b);
}

/** The hours that have minutes in as many metrics as any hour has. */
function hoursWithMinutes(numbers: (sql: string) => readonly number[]): readonly number[] {
  return numbers(
    `WITH hour AS (SELECT k / ${METRIC_SPAN} AS number, count(*) AS metrics FROM chunk60 GROUP BY 1)
     SELECT number FROM hour WHERE metrics = (SELECT max(metrics) FROM hour)`,
  );
}

/** Makes the roll-ups of 10 s and the minutes of a window. */
function rollWindow(tables: ValueTables, window: number): void {
  const range = [nodeKey(window, 0), nodeKey(window + 1, 0)] as const;
  const seconds = tables[1].range(...range);
  const rolled = tables[10].range(...range);
  const nodes = Math.max(...[...seconds, ...rolled].map(([key]) => nodeOfKey(key))) + 1;
  const minutes = new WindowMinutes(window, nodes);
  const sealed = new Set(seconds.map(([key]) => key));
  for (const [key, bytes] of seconds) {
    const row = new PartsReader(bytes);
    series.fill(MISSING);
    for (const metric of METRICS.keys()) {
      if (decodeSeconds(row, metric, one)) series.set(one, metric * WINDOW_SECONDS);
    }
    sealNode(tables, minutes, nodeOfKey(key), series, 0);
  }
  for (const [key, bytes] of rolled) {
    if (sealed.has(key)) continue;
    const row = new PartsReader(bytes);
    for (const metric of METRICS.keys()) {
      if (decodeTens(row, metric, tens)) minutes.add(metric, nodeOfKey(key), tens);
    }
  }
  for (const metric of METRICS.keys()) minutes.put(tables, metric);
}
