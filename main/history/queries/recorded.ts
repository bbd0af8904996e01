/** Answers `recorded`: every node, and from when to when there is anything. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import { METRICS } from '../../../common/model/metric.ts';
import { RESOLUTIONS, type Resolution } from '../../../common/model/retention.ts';
import { success, type Result } from '../../../common/model/result.ts';
import { MISSING, SECONDS_END, hourOfSecond } from '../format.ts';
import { periodSeconds } from '../read.ts';
import type { Segment } from '../tail.ts';
import { nodesOf } from './nodes.ts';
import type { HistoryView, Query } from './view.ts';
import { type ValueSink, walk } from './walk.ts';

export function* recorded(
  view: Parameters<Query<'recorded'>>[0],
): Generator<void, Result<HistoryAnswer<'recorded'>>, void> {
  const nodes = [...nodesOf(view())];
  const [first, last] = [edge(view(), 'first'), edge(view(), 'last')];
  if (first === undefined || last === undefined) return success({ nodes, from: null, to: null });
  const keys = nodes.map(({ key }) => key);
  const from = (yield* extent(view, keys, first)).from;
  const { to } = yield* extent(view, keys, last);
  return success({ nodes, from: from * 1000, to: to * 1000 });
}

/** A period that certainly has values. */
interface Edge {
  readonly resolution: Resolution;
  readonly start: number;
}

/** The first or the last period with values, at the finest resolution that has anything of its hour. */
function edge({ tables, tail }: HistoryView, end: 'first' | 'last'): Edge | undefined {
  const sign = end === 'first' ? 1 : -1;
  const held = [...tail.segments()].filter(hasValues).map(({ start }) => start);
  const edges = RESOLUTIONS.flatMap((resolution): readonly Edge[] => {
    const table = tables.values[resolution];
    const key = end === 'first' ? table.next(0) : table.last(Number.MAX_SAFE_INTEGER);
    const seconds = key === undefined ? [] : [table.secondOf(key)];
    if (resolution === 1) seconds.push(...held);
    const [second] = seconds.sort((a, b) => sign * (a - b));
    const period = periodSeconds(resolution);
    return second === undefined ? [] : [{ resolution, start: Math.floor(second / period) * period }];
  });
  const [best] = edges.sort(
    (a, b) => sign * (hourOfSecond(a.start) - hourOfSecond(b.start)) || a.resolution - b.resolution,
  );
  return best;
}

function hasValues({ ticks }: Segment): boolean {
  return [...ticks.values()].some(({ values }) => values.some((value) => value !== MISSING));
}

/** From when to when a period has values, in seconds. */
function* extent(view: () => HistoryView, keys: readonly string[], { resolution, start }: Edge) {
  let [from, to] = [SECONDS_END, 0];
  const take = (begin: number, end: number): void => {
    from = Math.min(from, begin);
    to = Math.max(to, end);
  };
  const sink: ValueSink = {
    seconds: (_node, _metric, series, begin) => {
      const first = series.findIndex((value) => value !== MISSING);
      if (first < 0) return;
      take(begin + first, begin + series.findLastIndex((value) => value !== MISSING) + 1);
    },
    buckets: (_node, _metric, { count }, begin, width) => {
      const first = count.findIndex((values) => values > 0);
      if (first < 0) return;
      take(begin + first * width, begin + (count.findLastIndex((values) => values > 0) + 1) * width);
    },
  };
  const span = { resolution, from: start, to: start + periodSeconds(resolution) };
  yield* walk(view, [span], keys, [...METRICS.keys()], sink);
  return { from, to };
}
