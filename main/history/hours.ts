/**
 * Rolls hours that are over: the minutes of an hour, which sealing leaves window by window, become one row per metric
 * of 60 minutes of every node, and one of the hour itself. What is still to be done stands in the file, as the rows of
 * its windows, so neither a restart nor a crash forgets it.
 */
import { METRICS } from '../../common/model/metric.ts';
import { Buckets } from './buckets.ts';
import { HOUR_SECONDS, WINDOW_SECONDS, metricKey, periodOfKey } from './format.ts';
import { PartsReader } from './parts.ts';
import { decodeAcross, nodesAcross } from './rows.ts';
import { MINUTES, putAcross } from './seal.ts';
import type { ValueTables } from './values.ts';

/** Windows and minutes of an hour. */
export const HOUR_WINDOWS = HOUR_SECONDS / WINDOW_SECONDS;
export const HOUR_MINUTES = 60;

/**
 * Rolls one metric of the oldest hour that is over, which is one that ends at or before the given second; false where
 * there is none. To be run inside a transaction.
 */
export function rollHour(tables: ValueTables, before: number): boolean {
  const first = tables.minutes.next(0);
  if (first === undefined) return false;
  const hour = Math.floor(periodOfKey(first) / HOUR_WINDOWS);
  if ((hour + 1) * HOUR_SECONDS > before) return false;
  const window = hour * HOUR_WINDOWS;
  // The metrics of the first window are rolled in their order; those that only later windows have come with theirs.
  const metric = first % metricKey(1, 0);
  const rows = Array.from({ length: HOUR_WINDOWS }, (_, index) =>
    tables.minutes.get(metricKey(window + index, metric)),
  );
  const readers = rows.map((row) => (row === undefined ? undefined : new PartsReader(row)));
  const nodes = Math.max(...readers.map((row) => (row === undefined ? 0 : nodesAcross(row))));
  const minutes = new Buckets(nodes * HOUR_MINUTES);
  for (const [index, row] of readers.entries()) {
    if (row === undefined) continue;
    for (let node = 0; node < nodesAcross(row); node += 1) {
      decodeAcross(row, node, minutes, node * HOUR_MINUTES + index * MINUTES, MINUTES, 60);
    }
  }
  const whole = putAcross(tables[60], metricKey(hour, metric), minutes, HOUR_MINUTES, metric, 60);
  const hours = new Buckets(whole.length / HOUR_MINUTES);
  const bits = METRICS[metric]?.unit === 'bits';
  for (let node = 0; node < hours.length; node += 1) {
    hours.rollBuckets(whole, node * HOUR_MINUTES, (node + 1) * HOUR_MINUTES, bits, node);
  }
  putAcross(tables[3600], metricKey(hour, metric), hours, 1, metric, HOUR_SECONDS);
  for (let index = 0; index < HOUR_WINDOWS; index += 1) {
    const key = metricKey(window + index, metric);
    tables.minutes.delete(key, key + 1);
  }
  return true;
}
