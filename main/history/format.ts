/**
 * The numbers of the file format: how a row's key is packed, how a value becomes a stored integer and back, which
 * second a moment belongs to.
 */
import { METRICS, METRIC_INDEX, type Metric } from '../../common/model/metric.ts';

/** Seconds of a row of seconds, and of one of 10 s roll-ups; part of the file format, whatever the pace of sealing. */
export const WINDOW_SECONDS = 300;

/** Seconds of a row of roll-ups above. */
export const HOUR_SECONDS = 3600;

/** Metrics and nodes that fit in a key. */
export const METRIC_SPAN = 2 ** 8;
export const NODE_SPAN = 2 ** 18;

/** First second that has no place in a key (in the year 3245). */
export const SECONDS_END = ((Number.MAX_SAFE_INTEGER + 1) / (METRIC_SPAN * NODE_SPAN)) * WINDOW_SECONDS;

/** The stored integer that stands for "no value"; values reach from -MAX_STORED to MAX_STORED. */
export const MISSING = -(2 ** 31);
export const MAX_STORED = 2 ** 31 - 1;

/**
 * Key of a row that holds one node: period, then node. Sealing appends at the end of the table, so that pages are
 * written once and full, and retention cuts off the front. Below 2^53, and multiplied because shifts have 32 bits.
 */
export function nodeKey(window: number, node: number): number {
  return window * NODE_SPAN + node;
}

/** The window of a node's row. */
export function windowOfKey(key: number): number {
  return Math.floor(key / NODE_SPAN);
}

/** The node of a node's row. */
export function nodeOfKey(key: number): number {
  return key % NODE_SPAN;
}

/** Key of a row that holds one metric of all nodes: period (window or hour), then metric. */
export function metricKey(period: number, metric: number): number {
  return period * METRIC_SPAN + metric;
}

/** The period of a metric's row. */
export function periodOfKey(key: number): number {
  return Math.floor(key / METRIC_SPAN);
}

/** The window that holds a second. */
export function windowOfSecond(second: number): number {
  return Math.floor(second / WINDOW_SECONDS);
}

/** The hour that holds a second. */
export function hourOfSecond(second: number): number {
  return Math.floor(second / HOUR_SECONDS);
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

/** Puts a column of stored integers into the metric's unit. */
export function toModelValues(column: Float64Array, metric: Metric): void {
  const { quantum } = metric;
  if (quantum === 1) return;
  const multiplier = quantum < 1 ? 1 : quantum;
  const divisor = quantum < 1 ? stepsPerUnit(metric) : 1;
  for (let place = 0; place < column.length; place += 1) {
    column[place] = ((column[place] as number) * multiplier) / divisor;
  }
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

/** The metric of the same node that a metric moves with, whose distance from it may be shorter to write than itself. */
export function companionOf(metric: number): number | undefined {
  return metric === METRIC_INDEX.memoryAvailable ? METRIC_INDEX.memoryFree : undefined;
}
