/** Answers `history`: a node's metrics as one series each. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import { problem } from '../../../common/contract/problem.ts';
import { METRIC_INDEX } from '../../../common/model/metric.ts';
import { failure, success, type Result } from '../../../common/model/result.ts';
import { PixelReducer, pixelGrid } from '../reduce.ts';
import { spansOf } from '../spans.ts';
import type { HistoryView, Query } from './view.ts';
import { walk } from './walk.ts';

export function* seriesOfNodes(
  ...[view, input]: Parameters<Query<'history'>>
): Generator<void, Result<HistoryAnswer<'history'>>, void> {
  const { keys, metrics, from, to, pixels } = input;
  const present = view();
  const unknown = unknownKey(present, keys);
  if (unknown !== undefined) return failure(neverRecorded(unknown));
  const grid = pixelGrid(from, to, pixels);
  const spans = spansOf(present.tables.values.keptSince(), grid.resolution, grid.from, grid.to);
  const reducers = keys.map(() => metrics.map((metric) => new PixelReducer(metric, grid)));
  yield* walk(
    view,
    spans,
    keys,
    metrics.map((name) => METRIC_INDEX[name]),
    {
      seconds: (node, metric, ...values) => reducers[node]?.[metric]?.take(...values),
      buckets: (node, metric, ...values) => reducers[node]?.[metric]?.takeBuckets(...values),
    },
  );
  return success({
    nodes: keys.map((key, node) => ({
      key,
      series: (reducers[node] ?? []).map((reducer) => reducer.series()),
    })),
    resolution: spans.at(-1)?.resolution ?? grid.resolution,
  });
}

/** The first of the keys that no node ever had. */
export function unknownKey({ tables, rows }: HistoryView, keys: readonly string[]): string | undefined {
  const present = new Set(rows.map(({ key }) => key));
  return keys.find((key) => !present.has(key) && tables.nodeNumber(key) === undefined);
}

/** The problem of a key that no node ever had. */
export function neverRecorded(key: string) {
  return problem('not-found', `Nothing was ever recorded of the node ${key}.`);
}
