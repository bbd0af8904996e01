/** Reads a node's metrics out of the sealed chunks and the tail as one series each, without a seam between the two. */
import type { Series } from '../../common/contract/contract.ts';
import { type Problem, problem } from '../../common/contract/problem.ts';
import { METRIC_INDEX } from '../../common/model/metric.ts';
import { decodeChunk } from './codec.ts';
import {
  MISSING,
  SECONDS_END,
  WINDOW_SECONDS,
  chunkKey,
  metricOfKey,
  windowOfKey,
  windowOfSecond,
} from './format.ts';
import { PixelReducer, pixelGrid } from './reduce.ts';
import type { Tables } from './tables.ts';
import type { Tail } from './tail.ts';
import type { ReadRequest } from './types.ts';

/** Windows after which a long read lets others work. */
const WINDOWS_AT_A_TIME = 400;

/** What is read. A writer may change it between two steps of a read. */
export interface ReadSource {
  readonly tables: Tables;
  readonly tail: Tail;
  /** Rows of the tail that belong to the node. */
  readonly rows: readonly number[];
  /** The node's number in the chunks; `undefined` while it has none there. */
  readonly node: number | undefined;
}

/**
 * The series of a request, one per metric. Yields between pieces of work, so that a long read does not hold up the
 * writing; `source` is asked anew after each. Throws what SQLite throws, and DamagedData.
 */
export function* readSeries(
  source: () => ReadSource,
  request: ReadRequest,
): Generator<void, readonly Series[], void> {
  const grid = pixelGrid(request.from, request.to, request.pixels);
  const metrics = request.metrics.map((name) => METRIC_INDEX[name]);
  const reducers = request.metrics.map((name) => new PixelReducer(name, grid));
  const lowest = Math.min(...metrics);
  const highest = Math.max(...metrics);
  const end = Math.min(grid.to, SECONDS_END);
  const series = new Int32Array(WINDOW_SECONDS);
  let { tables, tail, rows, node } = source();
  let visited = 0;
  let window = nextWindow(tables, tail, windowOfSecond(grid.from));
  while (window * WINDOW_SECONDS < end) {
    const chunks =
      node === undefined
        ? []
        : tables.chunks(chunkKey(window, node, lowest), chunkKey(window, node, highest));
    const start = window * WINDOW_SECONDS;
    const first = Math.max(0, grid.from - start);
    const last = Math.min(WINDOW_SECONDS, end - start);
    for (const [index, metric] of metrics.entries()) {
      const chunk = chunks.find(([key]) => metricOfKey(key) === metric);
      if (chunk === undefined) series.fill(MISSING);
      else decodeChunk(chunk[1], series);
      tail.fillGaps(series, window, rows, metric);
      reducers[index]?.take(series, start, first, last);
    }
    visited += 1;
    if (visited % WINDOWS_AT_A_TIME === 0) {
      yield;
      ({ tables, tail, rows, node } = source());
    }
    window = chunks.length > 0 ? window + 1 : nextWindow(tables, tail, window + 1);
  }
  return reducers.map((reducer) => reducer.series());
}

/** The first window at or after the given one in which anything is stored; Infinity where there is none. */
function nextWindow(tables: Tables, tail: Tail, window: number): number {
  const key = tables.nextKey(chunkKey(window, 0, 0));
  return Math.min(
    key === undefined ? Infinity : windowOfKey(key),
    windowOfSecond(tail.nextStart(window * WINDOW_SECONDS)),
  );
}

/** The problem of a key that no node ever had. */
export function neverRecorded(key: string): Problem {
  return problem('not-found', `Nothing was ever recorded of the node ${key}.`);
}
