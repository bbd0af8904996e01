/** From stored series to what a chart draws: points, band, summary in words, and the ticks of the value axis. Pure. */
import type { Series } from '../../common/model/history.ts';

/** A point in a chart; a NaN value breaks the line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Lowest, highest and mean value per point of time, which is what one chart shows. */
export interface Curve {
  readonly times: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly mean: Float64Array;
}

const EMPTY = new Float64Array(0);
export const NO_CURVE: Curve = { times: EMPTY, min: EMPTY, max: EMPTY, mean: EMPTY };

/** The points of one line of a curve. */
export function points(curve: Curve, line: 'min' | 'max' | 'mean'): Point[] {
  const values = curve[line];
  return Array.from(curve.times, (x, index) => ({ x, y: values[index] ?? NaN }));
}

/** Whether points stand for several samples that differ, so that there is a band to draw. */
export function hasBand(curve: Curve): boolean {
  return curve.min.some((low, index) => low !== curve.max[index] && !Number.isNaN(low));
}

/**
 * Used memory from total and free memory, which are stored. Their points need not be at the same times: for each
 * point of free memory the newest total up to it counts, or the first one before there is any.
 */
export function memoryUsed(total: Series, free: Series): Curve {
  const totals = latestMeans(total, free.times);
  const used = (line: Float64Array): Float64Array =>
    line.map((value, index) => Math.max(0, (totals[index] ?? NaN) - value));
  return { times: free.times, min: used(free.max), max: used(free.min), mean: used(free.mean) };
}

/** The newest mean of a curve up to each of some growing times, or its first one before there is any. */
export function latestMeans(curve: Curve, times: Float64Array): Float64Array {
  let at = 0;
  return times.map((time) => {
    while (at + 1 < curve.times.length && (curve.times[at + 1] ?? Infinity) <= time) at += 1;
    return curve.mean[at] ?? NaN;
  });
}

/** What a range of values comes to; all NaN where there is none. */
export interface Summary {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** Lowest, mean and highest value of a curve. Every point weighs the same. */
export function summarise(curve: Curve): Summary {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let counted = 0;
  curve.mean.forEach((mean, index) => {
    if (Number.isNaN(mean)) return;
    min = Math.min(min, curve.min[index] ?? mean);
    max = Math.max(max, curve.max[index] ?? mean);
    sum += mean;
    counted += 1;
  });
  return counted === 0 ? { min: NaN, mean: NaN, max: NaN } : { min, mean: sum / counted, max };
}

/** The index of the point nearest to a time that has a value; -1 where there is none within `reach` milliseconds. */
export function nearestPoint(curve: Curve, time: number, reach: number): number {
  let nearest = -1;
  let distance = reach;
  curve.times.forEach((each, index) => {
    const away = Math.abs(each - time);
    if (away > distance || Number.isNaN(curve.mean[index] ?? NaN)) return;
    distance = away;
    nearest = index;
  });
  return nearest;
}

/** The top of a value axis and its ticks, from 0. */
export interface ValueAxis {
  readonly top: number;
  readonly ticks: readonly number[];
}

const MOST_VALUE_STEPS = 5;

/** An axis from 0 that holds `highest`, with ticks at 1, 2 or 5 times a power of ten. */
export function valueAxis(highest: number): ValueAxis {
  const wanted = Number.isFinite(highest) && highest > 0 ? highest : 1;
  const power = 10 ** Math.floor(Math.log10(wanted / MOST_VALUE_STEPS));
  const step = ([1, 2, 5, 10].find((each) => wanted / (each * power) <= MOST_VALUE_STEPS) ?? 10) * power;
  return axisOf(wanted, step);
}

/** An axis for bytes: ticks at powers of two, which are round in the units sizes are written in. */
export function sizeAxis(highest: number): ValueAxis {
  const wanted = Number.isFinite(highest) && highest > 0 ? highest : 1;
  return axisOf(wanted, 2 ** Math.ceil(Math.log2(wanted / MOST_VALUE_STEPS)));
}

function axisOf(wanted: number, step: number): ValueAxis {
  const steps = Math.ceil(wanted / step - 1e-9);
  return { top: steps * step, ticks: Array.from({ length: steps + 1 }, (_unused, index) => index * step) };
}
