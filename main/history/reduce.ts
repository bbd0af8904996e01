/** Reduces seconds to points of a chart: lowest, highest and mean value per pixel, gaps as one NaN point each. */
import type { Series } from '../../common/contract/contract.ts';
import { type MetricName, metricNamed } from '../../common/model/metric.ts';
import { modelValue } from './format.ts';

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

/** Takes the stored values of one metric in ascending order of time and makes its series. */
export class PixelReducer {
  readonly #metric: MetricName;
  readonly #width: number;
  readonly #times: number[] = [];
  readonly #min: number[] = [];
  readonly #max: number[] = [];
  readonly #mean: number[] = [];
  #bucket = NaN;
  #time = 0;
  #low = 0;
  #high = 0;
  #sum = 0;
  #count = 0;

  constructor(metric: MetricName, grid: PixelGrid) {
    this.#metric = metric;
    this.#width = grid.width;
  }

  /** One stored value. Seconds without a value are simply not handed in. */
  push(second: number, value: number): void {
    const bucket = this.#width === 1 ? second : Math.floor(second / this.#width);
    if (bucket === this.#bucket) {
      if (value < this.#low) this.#low = value;
      if (value > this.#high) this.#high = value;
      this.#sum += value;
      this.#count += 1;
      return;
    }
    this.#endPoint();
    if (bucket > this.#bucket + 1) this.#add((this.#bucket + 1) * this.#width, NaN, NaN, NaN);
    this.#bucket = bucket;
    this.#time = second;
    this.#low = value;
    this.#high = value;
    this.#sum = value;
    this.#count = 1;
  }

  /** The series; a point stands at its first value's time. */
  series(): Series {
    this.#endPoint();
    return {
      metric: this.#metric,
      times: Float64Array.from(this.#times),
      min: Float64Array.from(this.#min),
      max: Float64Array.from(this.#max),
      mean: Float64Array.from(this.#mean),
    };
  }

  #endPoint(): void {
    if (this.#count > 0) this.#add(this.#time, this.#low, this.#high, this.#sum / this.#count);
    this.#count = 0;
  }

  #add(second: number, low: number, high: number, mean: number): void {
    const metric = metricNamed(this.#metric);
    this.#times.push(second * 1000);
    this.#min.push(modelValue(low, metric));
    this.#max.push(modelValue(high, metric));
    this.#mean.push(modelValue(mean, metric));
  }
}
