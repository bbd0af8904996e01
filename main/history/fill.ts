/**
 * Fills gaps: values of past seconds of one node, which somebody else kept for it. What is recorded stays as it is; only
 * seconds without a value take one, and all roll-ups follow.
 */
import type { RecordedNode } from '../../common/model/history.ts';
import { METRICS, type Metric } from '../../common/model/metric.ts';
import { MISSING, SECONDS_END, WINDOW_SECONDS, storedValues, windowOfSecond } from './format.ts';
import { WindowMinutes, sealNode } from './seal.ts';
import type { Tables } from './tables.ts';
import type { Tail, Tick } from './tail.ts';

/** What is filled in: whole seconds since 1970, and a column of as many values per metric. */
export interface PastSeconds {
  readonly seconds: readonly number[];
  /** In model units, NaN where there is none. */
  readonly values: Float64Array;
}

/** What is being recorded: the seconds in memory, and the node's row in them, -1 for none. */
interface Present {
  readonly tail: Tail;
  readonly row: number;
}

/**
 * Fills seconds of a node, window by window; a window that is being recorded takes them too, as what is sealed is added to
 * it. Values that the history cannot hold are handed to `onOutside`. Inside a transaction.
 */
export function fillSeconds(
  tables: Tables,
  { tail, row }: Present,
  node: RecordedNode,
  { seconds, values }: PastSeconds,
  onOutside: (metric: Metric, row: number, value: number) => void,
): void {
  const number = tables.putNode(node);
  const count = seconds.length;
  const stored = storedValues(values, count, (metric, _row, value) => onOutside(metric, row, value));
  const places = [...seconds.keys()].filter((place) => {
    const second = seconds[place] ?? NaN;
    return isSecond(second) && !hasValue(tail.at(second), row);
  });
  for (const [window, within] of Map.groupBy(places, (place) => windowOfSecond(seconds[place] ?? 0))) {
    const series = new Int32Array(METRICS.length * WINDOW_SECONDS).fill(MISSING);
    for (const place of within) {
      const second = (seconds[place] ?? 0) - window * WINDOW_SECONDS;
      for (let metric = 0; metric < METRICS.length; metric += 1) {
        series[metric * WINDOW_SECONDS + second] = stored[metric * count + place] ?? MISSING;
      }
    }
    const minutes = new WindowMinutes(window, number + 1);
    sealNode(tables.values, minutes, number, series, 0);
    for (let metric = 0; metric < METRICS.length; metric += 1) minutes.put(tables.values, metric);
  }
}

/** Whether a tick has anything of a row. */
function hasValue(tick: Tick | undefined, row: number): boolean {
  if (tick === undefined || row < 0 || row >= tick.rows) return false;
  return METRICS.some((_, metric) => tick.values[metric * tick.rows + row] !== MISSING);
}

function isSecond(second: number): boolean {
  return Number.isInteger(second) && second >= 0 && second < SECONDS_END;
}
