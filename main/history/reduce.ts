/** Reduces seconds to points of a chart: lowest, highest and mean value per pixel, gaps as one NaN point each. */
import type { Series } from '../../common/model/history.ts';
import { type Metric, type MetricName, metricNamed } from '../../common/model/metric.ts';
import { RESOLUTIONS, type Resolution } from '../../common/model/retention.ts';
import type { Buckets } from './buckets.ts';
import { MISSING, modelValue } from './format.ts';

/** The seconds of a request and how many of them share a point. */
export interface PixelGrid {
  /** First second, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Seconds per point; points begin at multiples of it, so that a moving chart does not flicker. */
  readonly width: number;
  /** Seconds per value to read; divides the width. */
  readonly resolution: Resolution;
}

/** The grid for [from, to) in milliseconds at so many pixels. */
export function pixelGrid(from: number, to: number, pixels: number): PixelGrid {
  const first = Math.ceil(from / 1000);
  const end = Math.max(first, Math.ceil(to / 1000));
  const width = Math.max(1, Math.ceil((end - first) / pixels));
  const resolution = resolutionFor(width);
  return { from: first, to: end, width: Math.ceil(width / resolution) * resolution, resolution };
}

/** The resolution for points of so many seconds: the coarsest that leaves no point without a value of its own. */
export function resolutionFor(width: number): Resolution {
  return RESOLUTIONS.findLast((resolution) => resolution <= width) ?? 1;
}

/** Takes the stored values of one metric in ascending order of time and makes its series of them. */
export class PixelReducer {
  readonly #metric: Metric;
  readonly #name: MetricName;
  readonly #bits: boolean;
  readonly #grid: PixelGrid;
  readonly #times: number[] = [];
  readonly #min: number[] = [];
  readonly #max: number[] = [];
  readonly #mean: number[] = [];
  /** The point being made: the second after its last, its first value's second, and its values so far. */
  #pointEnd = NaN;
  #second = 0;
  #low = 0;
  #high = 0;
  #sum = 0;
  #count = 0;
  #last = 0;

  constructor(metric: MetricName, grid: PixelGrid) {
    this.#name = metric;
    this.#metric = metricNamed(metric);
    this.#bits = this.#metric.unit === 'bits';
    this.#grid = grid;
  }

  /** Takes the values in places [from, to) of a series whose place 0 is the second `start`. */
  take(series: Int32Array, start: number, from: number, to: number): void {
    if (this.#bits) {
      for (let place = from; place < to; place += 1) {
        const value = series[place] as number;
        if (value !== MISSING) this.#put(start + place, 1, 1, value, value, value);
      }
      return;
    }
    const { width } = this.#grid;
    let pointEnd = this.#pointEnd;
    let low = this.#low;
    let high = this.#high;
    let sum = this.#sum;
    let count = this.#count;
    for (let place = from; place < to; place += 1) {
      const value = series[place] as number;
      if (value === MISSING) continue;
      const second = start + place;
      if (second < pointEnd) {
        if (value < low) low = value;
        if (value > high) high = value;
        sum += value;
        count += 1;
        continue;
      }
      if (count > 0) this.#add(this.#second, low, high, sum / count);
      const pointStart = second - (second % width);
      if (pointStart > pointEnd) this.#add(pointEnd, NaN, NaN, NaN);
      pointEnd = pointStart + width;
      this.#second = second;
      low = value;
      high = value;
      sum = value;
      count = 1;
    }
    this.#pointEnd = pointEnd;
    this.#low = low;
    this.#high = high;
    this.#sum = sum;
    this.#count = count;
  }

  /** Takes the buckets in places [from, to), each of `width` seconds, of a run whose place 0 begins at the second `start`. */
  takeBuckets(
    { count, min, max, mean }: Buckets,
    start: number,
    width: number,
    from: number,
    to: number,
  ): void {
    for (let place = from; place < to; place += 1) {
      const values = count[place] as number;
      if (values === 0) continue;
      const second = start + place * width;
      this.#put(second, width, values, min[place] as number, max[place] as number, mean[place] as number);
    }
  }

  /** The series; a point stands at its first value's time. */
  series(): Series {
    this.#end();
    return {
      metric: this.#name,
      times: new Float64Array(this.#times),
      min: new Float64Array(this.#min),
      max: new Float64Array(this.#max),
      mean: new Float64Array(this.#mean),
    };
  }

  /** Takes so many values of [second, second + width); a roll-up wider than a point is a point of its own. */
  #put(second: number, width: number, values: number, low: number, high: number, mean: number): void {
    if (second < this.#pointEnd) {
      if (this.#bits) {
        this.#low &= low;
        this.#high |= high;
      } else {
        if (low < this.#low) this.#low = low;
        if (high > this.#high) this.#high = high;
      }
      this.#sum += mean * values;
      this.#count += values;
      this.#last = mean;
      return;
    }
    this.#end();
    const pointStart = second - (second % this.#grid.width);
    if (pointStart > this.#pointEnd) this.#add(this.#pointEnd, NaN, NaN, NaN);
    this.#pointEnd = Math.max(pointStart + this.#grid.width, second + width);
    this.#second = Math.max(second, this.#grid.from);
    this.#low = low;
    this.#high = high;
    this.#sum = mean * values;
    this.#count = values;
    this.#last = mean;
  }

  #end(): void {
    if (this.#count === 0) return;
    const mean = this.#bits ? this.#last : this.#sum / this.#count;
    this.#add(this.#second, this.#low, this.#high, mean);
    this.#count = 0;
  }

  #add(second: number, low: number, high: number, mean: number): void {
    const metric = this.#metric;
    this.#times.push(second * 1000);
    this.#min.push(modelValue(low, metric));
    this.#max.push(modelValue(high, metric));
    this.#mean.push(modelValue(mean, metric));
  }
}
