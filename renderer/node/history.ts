/**
 * A node's history as the charts read it: the whole range again whenever it has moved by a pixel, so that what is
 * shown is what is stored. A pause only holds the end of the range; nothing is lost by it.
 */
import { createEffect, createSignal, on, type Accessor } from 'solid-js';
import type { Series } from '../../common/model/history.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { MetricName } from '../../common/model/metric.ts';
import { call } from '../back-end.ts';
import type { Second } from '../cluster/cluster.ts';
import { memoryUsed, NO_CURVE, type Curve } from './chart-data.ts';
import type { Span } from '../time/range.ts';
import { readingPeriod, type Range } from './ranges.ts';

const CHARTED = ['load', 'cpuBusy', 'memoryTotal', 'memoryFree'] as const satisfies readonly MetricName[];

/** What was read for one span. */
export interface NodeHistory {
  readonly span: Span;
  readonly load: Curve;
  readonly cpuBusy: Curve;
  readonly memoryUsed: Curve;
}

/** The newest history read, and the problem the newest reading ended with. */
export interface HistoryReader {
  readonly history: Accessor<NodeHistory>;
  readonly problem: Accessor<Problem | undefined>;
}

/** Starts the reading; it ends with the owner. `pixels` is 0 until the charts know their width. */
export function createHistory(
  key: string,
  range: Accessor<Range>,
  paused: Accessor<boolean>,
  pixels: Accessor<number>,
  second: Accessor<Second>,
): HistoryReader {
  const [history, setHistory] = createSignal<NodeHistory>(nothing(spanUntil(Date.now(), range())));
  const [problem, setProblem] = createSignal<Problem>();
  let readAt = -Infinity;
  /** The range a reading is under way for; its answer is dropped when another was chosen meanwhile. */
  let reading: Range | undefined;

  async function read(): Promise<void> {
    const wanted = range();
    if (pixels() === 0 || reading === wanted) return;
    reading = wanted;
    const wasPaused = paused();
    const span = spanUntil(wasPaused ? history().span.to : second().time || Date.now(), wanted);
    const result = await call('history', { keys: [key], metrics: [...CHARTED], ...span, pixels: pixels() });
    if (reading !== wanted) return;
    reading = undefined;
    readAt = Date.now();
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok && paused() === wasPaused) setHistory(curves(span, result.value.nodes[0]?.series ?? []));
  }

  createEffect(on([range, pixels], () => void read()));
  createEffect(on(paused, (isPaused) => isPaused || void read()));
  createEffect(
    on(second, () => {
      if (!paused() && Date.now() - readAt >= readingPeriod(range(), pixels())) void read();
    }),
  );

  return { history, problem };
}

function spanUntil(to: number, range: Range): Span {
  return { from: to - range.milliseconds, to };
}

function nothing(span: Span): NodeHistory {
  return { span, load: NO_CURVE, cpuBusy: NO_CURVE, memoryUsed: NO_CURVE };
}

function curves(span: Span, series: readonly Series[]): NodeHistory {
  const named = (metric: MetricName): Series | undefined => series.find((each) => each.metric === metric);
  const total = named('memoryTotal');
  const free = named('memoryFree');
  return {
    span,
    load: named('load') ?? NO_CURVE,
    cpuBusy: named('cpuBusy') ?? NO_CURVE,
    memoryUsed: total === undefined || free === undefined ? NO_CURVE : memoryUsed(total, free),
  };
}
