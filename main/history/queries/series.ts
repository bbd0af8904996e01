/** Reads a node's metrics out of the sealed chunks and the tail as one series each, without a seam between the two. */
import type { Series } from '../../../common/model/history.ts';
import type { HistoryAnswer, HistoryInput } from '../../../common/contract/history-queries.ts';
import { type Problem, problem } from '../../../common/contract/problem.ts';
import { failure, success, type Result } from '../../../common/model/result.ts';
import { METRIC_INDEX } from '../../../common/model/metric.ts';
import { decodeChunk } from '../codec.ts';
import {
  MISSING,
  SECONDS_END,
  WINDOW_SECONDS,
  chunkKey,
  metricOfKey,
  windowOfKey,
  windowOfSecond,
} from '../format.ts';
import { PixelReducer, pixelGrid } from '../reduce.ts';
import type { Tables } from '../tables.ts';
import type { Tail } from '../tail.ts';
import type { HistoryView, Query } from './view.ts';

/** Windows after which a long read lets others work. */
const WINDOWS_AT_A_TIME = 400;

/** Answers `history`: the series of one node after the other. */
export function* seriesOfNodes(
  ...[view, input]: Parameters<Query<'history'>>
): Generator<void, Result<HistoryAnswer<'history'>>, void> {
  const nodes: { key: string; series: Series[] }[] = [];
  for (const key of input.keys) {
    const { tables, rows } = view();
    if (tables.nodeNumber(key) === undefined && !rows.some((row) => row.key === key)) {
      return failure(neverRecorded(key));
    }
    nodes.push({ key, series: [...(yield* readSeries(view, key, input))] });
  }
  return success({ nodes, resolution: 1 });
}

/** What is read of a node: its number in the chunks, missing while it has none there, and its rows of the tail. */
function sourceOf({ tables, tail, rows }: HistoryView, key: string) {
  return {
    tables,
    tail,
    node: tables.nodeNumber(key),
    own: [...rows.keys()].filter((row) => rows[row]?.key === key),
  };
}

/** The series of one node, one per metric. */
function* readSeries(
  view: () => HistoryView,
  key: string,
  request: Omit<HistoryInput<'history'>, 'keys'>,
): Generator<void, readonly Series[], void> {
  const grid = pixelGrid(request.from, request.to, request.pixels);
  const metrics = request.metrics.map((name) => METRIC_INDEX[name]);
  const reducers = request.metrics.map((name) => new PixelReducer(name, grid));
  const lowest = Math.min(...metrics);
  const highest = Math.max(...metrics);
  const end = Math.min(grid.to, SECONDS_END);
  const series = new Int32Array(WINDOW_SECONDS);
  let { tables, tail, own, node } = sourceOf(view(), key);
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
      tail.fillGaps(series, window, own, metric);
      reducers[index]?.take(series, start, first, last);
    }
    visited += 1;
    if (visited % WINDOWS_AT_A_TIME === 0) {
      yield;
      ({ tables, tail, own, node } = sourceOf(view(), key));
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
function neverRecorded(key: string): Problem {
  return problem('not-found', `Nothing was ever recorded of the node ${key}.`);
}
