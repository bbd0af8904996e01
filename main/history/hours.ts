/**
 * Rolls hours that are over: the minutes of an hour, which sealing leaves window by window, become one row per metric
 * of 60 minutes of every node, and one of the hour itself. What is still to be done stands in the file, as the rows of
 * its windows, so neither a restart nor a crash forgets it.
 */
import { METRICS, METRIC_INDEX, metricNamed, type Metric } from '../../common/model/metric.ts';
import { Buckets } from './buckets.ts';
import { HOUR_SECONDS, WINDOW_SECONDS, metricKey, periodOfKey } from './format.ts';
import { PartsReader } from './parts.ts';
import { decodeAcross, encodeAcross, headOf, nodesAcross } from './rows.ts';
import { MINUTES, fuller } from './seal.ts';
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
  // The metrics of the first window are rolled in their order; those that only later windows have come with theirs.
  const number = first % metricKey(1, 0);
  putHour(tables, hour, number);
  for (let index = 0; index < HOUR_WINDOWS; index += 1) {
    const open = metricKey(hour * HOUR_WINDOWS + index, number);
    tables.minutes.delete(open, open + 1);
  }
  return true;
}

/** Writes the minutes of an hour and the hour itself in one metric, out of whatever minutes of it there are. */
export function putHour(tables: ValueTables, hour: number, number: number): void {
  const metric = METRICS[number] as Metric;
  const key = metricKey(hour, number);
  const minutes = minutesOf(tables, hour, number);
  const hours = rolled(minutes, metric);
  // The load is rolled before the status bits of the same windows, which tell whose load counts.
  const isLoad = number === METRIC_INDEX.load;
  const status = isLoad ? minutesOf(tables, hour, METRIC_INDEX.status) : undefined;
  const statusOfHour = status && rolled(status, metricNamed('status'));
  tables[60].put(key, encodeAcross(minutes, HOUR_MINUTES, metric, 60, headOf(minutes, HOUR_MINUTES, status)));
  const whole = fuller(tables[3600].get(key), hours, 1, HOUR_SECONDS);
  tables[3600].put(key, encodeAcross(whole, 1, metric, HOUR_SECONDS, headOf(whole, 1, statusOfHour)));
}

/** The minutes of an hour of all nodes, rolled before or left by sealing. */
function minutesOf(tables: ValueTables, hour: number, metric: number): Buckets {
  const readers = Array.from({ length: HOUR_WINDOWS }, (_, index) => {
    const row = tables.minutes.get(metricKey(hour * HOUR_WINDOWS + index, metric));
    return row === undefined ? undefined : new PartsReader(row);
  });
  const nodes = Math.max(...readers.map((row) => (row === undefined ? 0 : nodesAcross(row))));
  const minutes = new Buckets(nodes * HOUR_MINUTES);
  for (const [index, row] of readers.entries()) {
    if (row === undefined) continue;
    for (let node = 0; node < nodesAcross(row); node += 1) {
      decodeAcross(row, node, minutes, node * HOUR_MINUTES + index * MINUTES, MINUTES, 60);
    }
  }
  return fuller(tables[60].get(metricKey(hour, metric)), minutes, HOUR_MINUTES, 60);
}

/** One bucket per node out of the minutes of an hour. */
function rolled(minutes: Buckets, metric: Metric): Buckets {
  const hours = new Buckets(minutes.length / HOUR_MINUTES);
  const bits = metric.unit === 'bits';
  for (let node = 0; node < hours.length; node += 1) {
    hours.rollBuckets(minutes, node * HOUR_MINUTES, (node + 1) * HOUR_MINUTES, bits, node);
  }
  return hours;
}
