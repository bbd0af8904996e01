/** What strips show of a node or the cluster: percent over time, the share above a threshold, the value at a time. Pure. */
import type { Series } from '../../common/model/history.ts';
import { STANDARD_LOAD, type MetricName } from '../../common/model/metric.ts';
import { latestMeans, memoryUsed, NO_CURVE, type Curve } from '../node/chart-data.ts';

/** What strips can show, all of it in percent. */
export const STRIP_METRICS = ['load', 'memory', 'cpu'] as const;
export type StripMetric = (typeof STRIP_METRICS)[number];

/** The words of each, and the recorded metrics it is made from. */
export const STRIP_WORDS: Readonly<
  Record<
    StripMetric,
    { readonly name: string; readonly about: string; readonly metrics: readonly MetricName[] }
  >
> = {
  load: {
    name: 'Load',
    about: 'Percent of one standard process on every standard CPU of the node; it may exceed 100 %',
    metrics: ['load'],
  },
  memory: {
    name: 'Memory used',
    about: 'Percent of the physical memory that Linux calls neither free nor reclaimable',
    metrics: ['memoryTotal', 'memoryFree'],
  },
  cpu: { name: 'CPU busy', about: 'Busy share of all CPUs', metrics: ['cpuBusy'] },
};

/** The curve of a strip in percent, from the series of a node or of the whole cluster. */
export function percentCurve(metric: StripMetric, series: readonly Series[]): Curve {
  const named = (name: MetricName): Series | undefined => series.find((each) => each.metric === name);
  const free = named('memoryFree');
  const total = named('memoryTotal');
  switch (metric) {
    case 'load':
      return scaled(named('load') ?? NO_CURVE, 100 / STANDARD_LOAD);
    case 'cpu':
      return scaled(named('cpuBusy') ?? NO_CURVE, 1);
    default:
      if (free === undefined || total === undefined) return NO_CURVE;
      return shareOf(memoryUsed(total, free), latestMeans(total, free.times));
  }
}

/**
 * The curve of the whole cluster. Of memory only the share of all nodes together is known: which node had the highest
 * share cannot be told from the lowest and highest totals.
 */
export function clusterCurve(metric: StripMetric, series: readonly Series[]): Curve {
  const curve = percentCurve(metric, series);
  return metric === 'memory' ? { ...curve, min: curve.mean, max: curve.mean } : curve;
}

function scaled({ times, min, max, mean }: Curve, factor: number): Curve {
  if (factor === 1) return { times, min, max, mean };
  const by = (line: Float64Array): Float64Array => line.map((value) => value * factor);
  return { times, min: by(min), max: by(max), mean: by(mean) };
}

function shareOf({ times, min, max, mean }: Curve, totals: Float64Array): Curve {
  const of = (line: Float64Array): Float64Array =>
    line.map((value, index) => (100 * value) / (totals[index] ?? NaN));
  return { times, min: of(min), max: of(max), mean: of(mean) };
}

/** The last index whose time is not after `time`; -1 where there is none. */
export function indexAt(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Lowest, mean and highest value at a time. */
export interface Reading {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** The point that stands for a time; undefined in a gap, and more than `reach` milliseconds after the last point. */
export function readingAt(curve: Curve, time: number, reach: number): Reading | undefined {
  const index = indexAt(curve.times, time);
  const mean = curve.mean[index] ?? NaN;
  if (index < 0 || Number.isNaN(mean) || time - (curve.times[index] ?? 0) > reach) return undefined;
  return { min: curve.min[index] ?? mean, mean, max: curve.max[index] ?? mean };
}

/** Percent of the time with values in which the mean was above a threshold; NaN without values. */
export function shareAbove(curve: Curve, threshold: number): number {
  let known = 0;
  let above = 0;
  for (let index = 0; index + 1 < curve.times.length; index += 1) {
    const value = curve.mean[index] ?? NaN;
    if (Number.isNaN(value)) continue;
    const duration = (curve.times[index + 1] ?? 0) - (curve.times[index] ?? 0);
    known += duration;
    if (value > threshold) above += duration;
  }
  return known === 0 ? NaN : (100 * above) / known;
}

/** The highest value of a curve, 0 without any. */
export function highest(curve: Curve): number {
  return curve.max.reduce((top, value) => (value > top ? value : top), 0);
}
