/** Reduces seconds to points of a chart: lowest, highest and mean value per pixel, gaps as one NaN point each. */
import type { Series } from '../../common/model/history.ts';
import { type Metric, type MetricName, metricNamed } from '../../common/model/metric.ts';
import { RESOLUTIONS, type Resolution } from '../../common/model/retention.ts';
import type { Buckets } from './buckets.ts';
import { MISSING, toModelValues } from './format.ts';

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
  readonly #points: Points;
  /** The point being made: the second after its last, its first value's second, and its values so far. */
  #pointEnd = 0;
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
    this.#points = new Points(Math.ceil((grid.to - grid.from) / grid.width) + 1);
  }

  /** Takes the values in places [from, to) of a series whose place 0 is the second `start`. */
  take(series: Int32Array, start: number, from: number, to: number): void {
    const { width } = this.#grid;
    const begun = Math.max(from, this.#pointEnd - start);
    const whole = begun + ((width - ((start + begun) % width)) % width);
    if (this.#bits || whole + width > to) {
      this.#takeEach(series, start, from, to);
      return;
    }
    const end = to - ((to - whole) % width);
    this.#takeEach(series, start, from, whole);
    for (let place = whole; place < end; place += width) {
      place = this.#takeFull(series, start, place, end);
      this.#takeEach(series, start, place, Math.min(place + width, end));
    }
    this.#takeEach(series, start, end, to);
  }

  /** Takes value by value. */
  #takeEach(series: Int32Array, start: number, from: number, to: number): void {
    for (let place = from; place < to; place += 1) {
      const value = series[place] as number;
      if (value !== MISSING) this.#put(start + place, 1, 1, value, value, value);
    }
  }

  /**
   * Takes the values of whole points up to the first that lacks one, whose place it returns. Nearly all values come
   * this way, so nothing but values and points is looked at in its loop.
   */
  #takeFull(series: Int32Array, start: number, from: number, to: number): number {
    if (series[from] === MISSING) return from;
    const { width } = this.#grid;
    const points = this.#points;
    this.#endBefore(start + from);
    const { times, min, max, mean } = points.room((to - from) / width);
    let { used } = points;
    let begin = from;
    for (; begin < to; begin += width) {
      let low = series[begin] as number;
      let high = low;
      let sum = low;
      for (let place = begin + 1; place < begin + width; place += 1) {
        const value = series[place] as number;
        if (value < low) low = value;
        else if (value > high) high = value;
        sum += value;
      }
      if (low === MISSING) break;
      times[used] = (start + begin) * 1000;
      min[used] = low;
      max[used] = high;
      mean[used] = sum / width;
      used += 1;
    }
    points.used = used;
    this.#pointEnd = start + begin;
    return begin;
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
    const { times, min, max, mean } = this.#points.taken();
    for (const column of [min, max, mean]) toModelValues(column, this.#metric);
    return { metric: this.#name, times, min, max, mean };
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
    const pointStart = second - (second % this.#grid.width);
    this.#endBefore(pointStart);
    this.#pointEnd = Math.max(pointStart + this.#grid.width, second + width);
    this.#second = Math.max(second, this.#grid.from);
    this.#low = low;
    this.#high = high;
    this.#sum = mean * values;
    this.#count = values;
    this.#last = mean;
  }

  /** Ends the point being made; what lies between it and the next is a gap. */
  #endBefore(pointStart: number): void {
    this.#end();
    if (pointStart > this.#pointEnd && this.#points.used > 0) this.#add(this.#pointEnd, NaN, NaN, NaN);
  }

  #end(): void {
    if (this.#count === 0) return;
    const mean = this.#bits ? this.#last : this.#sum / this.#count;
    this.#add(this.#second, this.#low, this.#high, mean);
    this.#count = 0;
  }

  #add(second: number, low: number, high: number, mean: number): void {
    this.#points.add(second * 1000, low, high, mean);
  }
}

type Columns = Omit<Series, 'metric'>;

/** Room for so many points. One piece of memory: four cost three times as much. */
function columnsFor(points: number): Columns {
  const memory = new ArrayBuffer(4 * points * Float64Array.BYTES_PER_ELEMENT);
  const column = (index: number): Float64Array<ArrayBuffer> =>
    new Float64Array(memory, index * points * Float64Array.BYTES_PER_ELEMENT, points);
  return { times: column(0), min: column(1), max: column(2), mean: column(3) };
}

/** Points as they come; there is room for as many as are expected, and for more where gaps make them. */
class Points {
  #columns: Columns;
  /** How many there are. */
  used = 0;

  constructor(expected: number) {
    this.#columns = columnsFor(expected);
  }

  add(time: number, min: number, max: number, mean: number): void {
    const columns = this.room(1);
    columns.times[this.used] = time;
    columns.min[this.used] = min;
    columns.max[this.used] = max;
    columns.mean[this.used] = mean;
    this.used += 1;
  }

  /** The columns, with room for so many more points. */
  room(points: number): Columns {
    const { times, min, max, mean } = this.#columns;
    if (this.used + points <= times.length) return this.#columns;
    this.#columns = columnsFor(2 * times.length + points);
    this.#columns.times.set(times);
    this.#columns.min.set(min);
    this.#columns.max.set(max);
    this.#columns.mean.set(mean);
    return this.#columns;
  }

  /** The columns, no longer than they are full. */
  taken(): Columns {
    const { times, min, max, mean } = this.#columns;
    const full = (column: Float64Array<ArrayBuffer>) => column.subarray(0, this.used);
    return { times: full(times), min: full(min), max: full(max), mean: full(mean) };
  }
}
