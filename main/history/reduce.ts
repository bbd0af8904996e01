/** Reduces seconds to points of a chart: lowest, highest and mean value per pixel, gaps as one NaN point each. */
import type { Series } from '../../common/model/history.ts';
import { type MetricName, metricNamed } from '../../common/model/metric.ts';
import { MISSING, modelValue } from './format.ts';

/** The seconds of a request and how many of them share a point. */
export interface PixelGrid {
  /** First second, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Seconds per point; points begin at multiples of it, so that a moving chart does not flicker. */
  readonly width: number;
}

/** The grid for [from, to) in milliseconds at so many pixels. */
export function pixelGrid(from: number, to: number, pixels: number): PixelGrid {
  const first = Math.ceil(from / 1000);
  const end = Math.max(first, Math.ceil(to / 1000));
  return { from: first, to: end, width: Math.max(1, Math.ceil((end - first) / pixels)) };
}

/** Takes the stored values of one metric in ascending order of time and makes its series of them. */
export class PixelReducer {
  readonly #metric: MetricName;
  readonly #width: number;
  readonly #times: number[] = [];
  readonly #min: number[] = [];
  readonly #max: number[] = [];
  readonly #mean: number[] = [];
  /** The point being made: the second after its last, its first value's second, and its values so far. */
  #bucketEnd = NaN;
  #second = 0;
  #low = 0;
  #high = 0;
  #sum = 0;
  #count = 0;

  constructor(metric: MetricName, grid: PixelGrid) {
    this.#metric = metric;
    this.#width = grid.width;
  }

  /** Takes the values in places [from, to) of a series whose place 0 is the second `start`. */
  take(series: Int32Array, start: number, from: number, to: number): void {
    const width = this.#width;
    let bucketEnd = this.#bucketEnd;
    let low = this.#low;
    let high = this.#high;
    let sum = this.#sum;
    let count = this.#count;
    for (let place = from; place < to; place += 1) {
      const value = series[place] as number;
      if (value === MISSING) continue;
      const second = start + place;
      if (second < bucketEnd) {
        if (value < low) low = value;
        if (value > high) high = value;
        sum += value;
        count += 1;
        continue;
      }
      if (count > 0) this.#add(this.#second, low, high, sum / count);
      const bucketStart = second - (second % width);
      if (bucketStart > bucketEnd) this.#add(bucketEnd, NaN, NaN, NaN);
      bucketEnd = bucketStart + width;
      this.#second = second;
      low = value;
      high = value;
      sum = value;
      count = 1;
    }
    this.#bucketEnd = bucketEnd;
    this.#low = low;
    this.#high = high;
    this.#sum = sum;
    this.#count = count;
  }

  /** The series; a point stands at its first value's time. */
  series(): Series {
    if (this.#count > 0) this.#add(this.#second, this.#low, this.#high, this.#sum / this.#count);
    this.#count = 0;
    return {
      metric: this.#metric,
      times: Float64Array.from(this.#times),
      min: Float64Array.from(this.#min),
      max: Float64Array.from(this.#max),
      mean: Float64Array.from(this.#mean),
    };
  }

  #add(second: number, low: number, high: number, mean: number): void {
    const metric = metricNamed(this.#metric);
    this.#times.push(second * 1000);
    this.#min.push(modelValue(low, metric));
    this.#max.push(modelValue(high, metric));
    this.#mean.push(modelValue(mean, metric));
  }
}
