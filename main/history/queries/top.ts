/** Answers `top`: the nodes with the highest mean of a metric. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import { METRIC_INDEX, metricNamed } from '../../../common/model/metric.ts';
import { success, type Result } from '../../../common/model/result.ts';
import { HOUR_SECONDS, MISSING, modelValue } from '../format.ts';
import { type KeptSince, type Span, spansOf } from '../spans.ts';
import { nodesOf } from './nodes.ts';
import type { Query } from './view.ts';
import { walk } from './walk.ts';

export function* top(
  ...[view, input]: Parameters<Query<'top'>>
): Generator<void, Result<HistoryAnswer<'top'>>, void> {
  const present = view();
  const nodes = nodesOf(present);
  const sums = new Float64Array(nodes.length);
  const counts = new Float64Array(nodes.length);
  yield* walk(
    view,
    hoursAndEdges(
      present.tables.values.keptSince(),
      Math.ceil(input.from / 1000),
      Math.ceil(input.to / 1000),
    ),
    nodes.map(({ key }) => key),
    [METRIC_INDEX[input.metric]],
    {
      seconds: (node, _metric, series, _start, from, to) => {
        for (const value of series.subarray(from, to)) {
          if (value === MISSING) continue;
          sums[node] = (sums[node] as number) + value;
          counts[node] = (counts[node] as number) + 1;
        }
      },
      buckets: (node, _metric, { count, mean }, _start, _width, from, to) => {
        for (let place = from; place < to; place += 1) {
          const values = count[place] as number;
          if (values === 0) continue;
          sums[node] = (sums[node] as number) + values * (mean[place] as number);
          counts[node] = (counts[node] as number) + values;
        }
      },
    },
  );
  const metric = metricNamed(input.metric);
  const means = nodes.flatMap((node, index) => {
    const count = counts[index] as number;
    return count === 0 ? [] : [{ ...node, mean: modelValue((sums[index] as number) / count, metric) }];
  });
  return success({ nodes: means.sort((a, b) => b.mean - a.mean).slice(0, input.limit) });
}

/** Whole hours of a range from their roll-ups, what lies before and after them from minutes. */
export function hoursAndEdges(kept: KeptSince, from: number, to: number): readonly Span[] {
  const first = Math.ceil(from / HOUR_SECONDS) * HOUR_SECONDS;
  const last = Math.floor(to / HOUR_SECONDS) * HOUR_SECONDS;
  if (first >= last) return spansOf(kept, 60, from, to);
  return [
    ...spansOf(kept, 60, from, first),
    ...spansOf(kept, 3600, first, last),
    ...spansOf(kept, 60, last, to),
  ];
}
