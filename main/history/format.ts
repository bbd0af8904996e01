/**
 * The numbers of the file format: how a chunk's key is packed, how a value becomes a stored integer and back, which
 * second a moment belongs to.
 */
import { METRICS, type Metric } from '../../common/model/metric.ts';

/** Seconds that one chunk covers; part of the file format, whatever the pace of sealing. */
export const WINDOW_SECONDS = 300;

/** Metrics and nodes that fit in a chunk's key. */
const METRIC_SPAN = 2 ** 8;
export const NODE_SPAN = 2 ** 18;
const WINDOW_SPAN = METRIC_SPAN * NODE_SPAN;

/** First second that has no place in a key (in the year 3245). */
export const SECONDS_END = ((Number.MAX_SAFE_INTEGER + 1) / WINDOW_SPAN) * WINDOW_SECONDS;

/** The stored integer that stands for "no value"; values reach from -MAX_STORED to MAX_STORED. */
export const MISSING = -(2 ** 31);
export const MAX_STORED = 2 ** 31 - 1;

/**
 * Key of a chunk: window, then node, then metric. Sealing appends at the end of the table, so that pages are written
 * once and full, retention will cut off the front, and all metrics of one node in one window are neighbours.
 * Below 2^53, and multiplied because shifts have 32 bits.
 */
export function chunkKey(window: number, node: number, metric: number): number {
  return window * WINDOW_SPAN + node * METRIC_SPAN + metric;
}

/** The window of a chunk's key. */
export function windowOfKey(key: number): number {
  return Math.floor(key / WINDOW_SPAN);
}

/** The node of a chunk's key. */
export function nodeOfKey(key: number): number {
  return Math.floor(key / METRIC_SPAN) % NODE_SPAN;
}

/** The metric of a chunk's key. */
export function metricOfKey(key: number): number {
  return key % METRIC_SPAN;
}

/** The window that holds a second. */
export function windowOfSecond(second: number): number {
  return Math.floor(second / WINDOW_SECONDS);
}

/**
 * The second under which a moment is stored. Ticks come about once a second but never exactly; one that follows its
 * predecessor by about a second takes the next second, so that a timer that fires around a full second leaves neither
 * holes nor doubles. All others take the second they lie in. Milliseconds since 1970 to seconds since 1970.
 */
export function secondOf(
  time: number,
  previous?: { readonly time: number; readonly second: number },
): number {
  const own = Math.floor(time / 1000);
  if (previous === undefined) return own;
  const elapsed = time - previous.time;
  const next = previous.second + 1;
  const steady = elapsed >= 500 && elapsed < 1500 && Math.abs(time - next * 1000) < 1000;
  return steady ? next : own;
}

/** Steps of a metric's quantum per unit. */
function stepsPerUnit(metric: Metric): number {
  return metric.quantum < 1 ? Math.round(1 / metric.quantum) : 1 / metric.quantum;
}

/** A stored integer in the metric's unit. */
export function modelValue(stored: number, metric: Metric): number {
  return metric.quantum < 1 ? stored / stepsPerUnit(metric) : stored * metric.quantum;
}

/**
 * The columns of a tick as stored integers. A value outside the range of 32 bits becomes MISSING and is handed to
 * `onOutside`.
 */
export function storedValues(
  values: Float64Array,
  rows: number,
  onOutside: (metric: Metric, row: number, value: number) => void,
): Int32Array {
  const stored = new Int32Array(METRICS.length * rows);
  for (const [column, metric] of METRICS.entries()) {
    const steps = stepsPerUnit(metric);
    for (let row = 0, at = column * rows; row < rows; row += 1, at += 1) {
      const value = values[at] as number;
      const rounded = Math.floor(value * steps + 0.5);
      if (rounded >= -MAX_STORED && rounded <= MAX_STORED) {
        stored[at] = rounded;
      } else {
        stored[at] = MISSING;
        if (!Number.isNaN(value)) onOutside(metric, row, value);
      }
    }
  }
  return stored;
}
