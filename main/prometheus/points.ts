/** What a Prometheus server found, as points of a chart: buckets of equal width, a gap as one NaN point. Pure functions. */
import type { HistoryInput } from '../../common/contract/history-queries.ts';
import { RESOLUTIONS, type Resolution } from '../../common/model/retention.ts';

type Numbers = Float64Array<ArrayBuffer>;

/** The buckets of a range, in milliseconds. */
export interface Buckets {
  /** Begin of the first one, a multiple of the width, and of the last one. */
  readonly first: number;
  readonly last: number;
  readonly width: number;
  /** As the history's answers tell it: the coarsest that is not wider. */
  readonly resolution: Resolution;
}

/** Buckets of a pixel or more that each hold a sample where one comes every `interval` seconds. */
export function bucketsOf(
  { from, to, pixels }: Pick<HistoryInput<'history'>, 'from' | 'to' | 'pixels'>,
  interval: number,
): Buckets {
  const pixel = Math.max(1, Math.ceil((to - from) / 1000 / pixels));
  const seconds = Math.ceil(pixel / interval) * interval;
  const width = seconds * 1000;
  return {
    first: Math.floor(from / width) * width,
    last: (Math.ceil(to / width) - 1) * width,
    width,
    resolution: RESOLUTIONS.findLast((resolution) => resolution <= seconds) ?? 1,
  };
}

/** Columns of values by the begin of their bucket, as points with one time each, none before `from`. */
export function pointsOf(
  columns: readonly ReadonlyMap<number, number>[],
  { width }: Buckets,
  from: number,
): { readonly times: Numbers; readonly columns: readonly Numbers[] } {
  const begins = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  const points = begins.flatMap((begin, index) => {
    const isParted = index > 0 && begin - (begins[index - 1] ?? begin) > width;
    return isParted ? [(begins[index - 1] ?? begin) + width, begin] : [begin];
  });
  return {
    times: Float64Array.from(points, (point) => Math.max(point, from)),
    columns: columns.map((column) => Float64Array.from(points, (point) => column.get(point) ?? NaN)),
  };
}
