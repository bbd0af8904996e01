/** Answers `clusterHistory`: lowest, mean and highest over the nodes, efficiency, and how many nodes had values. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import { efficiencyOf, takesPart } from '../../../common/model/cluster.ts';
import { METRIC_INDEX, metricNamed, type MetricName } from '../../../common/model/metric.ts';
import { success, type Result } from '../../../common/model/result.ts';
import type { Buckets } from '../buckets.ts';
import { MISSING, WINDOW_SECONDS, hourOfSecond, modelValue } from '../format.ts';
import type { ValueReader } from '../read.ts';
import { pixelGrid, type PixelGrid } from '../reduce.ts';
import { spansOf } from '../spans.ts';
import { nodesOf } from './nodes.ts';
import type { Query } from './view.ts';
import { type ValueSink, walk } from './walk.ts';

export function* clusterHistory(
  ...[view, input]: Parameters<Query<'clusterHistory'>>
): Generator<void, Result<HistoryAnswer<'clusterHistory'>>, void> {
  const present = view();
  const keys = nodesOf(present, input.keys).map(({ key }) => key);
  const grid = clusterGrid(pixelGrid(input.from, input.to, input.pixels), keys.length);
  const spans = spansOf(present.tables.values.keptSince(), grid.resolution, grid.from, grid.to);
  const reducer = new ClusterReducer(input.metrics, grid, input.keys === undefined);
  yield* walk(view, spans, keys, reducer.metrics, reducer);
  return success({ ...reducer.answer(), resolution: spans.at(-1)?.resolution ?? grid.resolution });
}

/** Rows of seconds that are worth their reading for a chart of the cluster; minutes lie across nodes. */
const MOST_ROWS = 3000;

/** What lies by node is read for a whole cluster only where that is little; a minute is fine enough otherwise. */
function clusterGrid(grid: PixelGrid, nodes: number): PixelGrid {
  const rows = ((grid.to - grid.from) / WINDOW_SECONDS) * nodes;
  if (grid.resolution >= 60 || (grid.resolution === 1 && rows <= MOST_ROWS)) return grid;
  return { ...grid, resolution: 60, width: Math.ceil(grid.width / 60) * 60 };
}

/** Sums over nodes for the moments of a period: its seconds or buckets. */
class Moments {
  readonly low = new Float64Array(WINDOW_SECONDS);
  readonly high = new Float64Array(WINDOW_SECONDS);
  readonly sum = new Float64Array(WINDOW_SECONDS);
  /** Nodes with values. */
  readonly nodes = new Int32Array(WINDOW_SECONDS);

  add(at: number, low: number, high: number, mean: number): void {
    const first = this.nodes[at] === 0;
    if (first || low < (this.low[at] as number)) this.low[at] = low;
    if (first || high > (this.high[at] as number)) this.high[at] = high;
    this.sum[at] = (this.sum[at] as number) + mean;
    this.nodes[at] = (this.nodes[at] as number) + 1;
  }

  /** Takes a moment as a whole. */
  set(at: number, { count, min, max, mean }: Buckets): void {
    this.low[at] = min[at] as number;
    this.high[at] = max[at] as number;
    this.nodes[at] = count[at] as number;
    this.sum[at] = (mean[at] as number) * (count[at] as number);
  }

  clear(): void {
    this.sum.fill(0);
    this.nodes.fill(0);
  }
}

/** What a point holds of one metric. */
interface Point {
  low: number;
  high: number;
  sum: number;
  nodes: number;
}

class ClusterReducer implements ValueSink {
  /** The metrics to walk over: status and load, then those asked for. */
  readonly metrics: readonly number[];
  readonly #names: readonly MetricName[];
  readonly #grid: PixelGrid;
  readonly #all: boolean;
  /** Efficiency of each moment where it is known as a whole. */
  readonly #even = new Float64Array(WINDOW_SECONDS).fill(NaN);
  readonly #moments: readonly Moments[];
  /** Status of every node that has one, per moment. */
  readonly #status = new Map<number, Int32Array>();
  /** The loads of those that take part. */
  readonly #loads = new Moments();
  #width = 1;
  #pointEnd = NaN;
  #time = 0;
  #points: readonly Point[] = [];
  readonly #efficiency = { sum: 0, count: 0 };
  #nodes = 0;
  readonly #rows: number[][] = [];

  /** `all`: the walk is over all nodes. */
  constructor(names: readonly MetricName[], grid: PixelGrid, all: boolean) {
    this.#names = names;
    this.#all = all;
    this.#grid = grid;
    this.metrics = [METRIC_INDEX.status, METRIC_INDEX.load, ...names.map((name) => METRIC_INDEX[name])];
    this.#moments = this.metrics.map(() => new Moments());
  }

  seconds(node: number, metric: number, series: Int32Array, _start: number, from: number, to: number): void {
    this.#width = 1;
    if (metric === 0) this.#status.set(node, series.slice());
    for (let place = from; place < to; place += 1) {
      const value = series[place] as number;
      if (value !== MISSING) this.#add(node, metric, place, value, value, value);
    }
  }

  buckets(
    node: number,
    metric: number,
    buckets: Buckets,
    _start: number,
    width: number,
    from: number,
    to: number,
  ): void {
    this.#width = width;
    if (metric === 0) {
      this.#status.set(
        node,
        Int32Array.from(buckets.mean, (mean, at) => (buckets.count[at] === 0 ? MISSING : mean)),
      );
    }
    for (let place = from; place < to; place += 1) {
      if (buckets.count[place] === 0) continue;
      this.#add(
        node,
        metric,
        place,
        buckets.min[place] as number,
        buckets.max[place] as number,
        buckets.mean[place] as number,
      );
    }
  }

  hour(reader: ValueReader, resolution: 60 | 3600, start: number, from: number, to: number): boolean {
    if (!this.#all) return false;
    const hour = hourOfSecond(start);
    const heads = this.metrics.map((metric) => reader.head(resolution, hour, metric));
    if (heads.includes(undefined)) return false;
    this.#width = resolution;
    for (let place = from; place < to; place += 1) {
      for (const [index, head] of heads.entries()) {
        if (head !== undefined) this.#moments[index]?.set(place, head.nodes);
        const even = head?.efficiency;
        if (even !== undefined && even.count[place] !== 0) this.#even[place] = even.mean[place] as number;
      }
    }
    return true;
  }

  periodEnd(start: number): void {
    for (let place = 0; place < WINDOW_SECONDS; place += 1)
      this.#endMoment(start + place * this.#width, place);
    for (const moments of this.#moments) moments.clear();
    this.#loads.clear();
    this.#even.fill(NaN);
    this.#status.clear();
  }

  /** The series without their resolution. */
  answer(): Omit<HistoryAnswer<'clusterHistory'>, 'resolution'> {
    this.#endPoint();
    const column = (place: number): Float64Array<ArrayBuffer> =>
      Float64Array.from(this.#rows, (row) => row[place] as number);
    const times = column(0);
    return {
      times,
      efficiency: column(1),
      nodes: column(2),
      series: this.#names.map((metric, index) => ({
        metric,
        times,
        min: column(3 + 3 * index),
        max: column(4 + 3 * index),
        mean: column(5 + 3 * index),
      })),
    };
  }

  #add(node: number, metric: number, place: number, low: number, high: number, mean: number): void {
    this.#moments[metric]?.add(place, low, high, mean);
    if (metric !== 1) return;
    const status = this.#status.get(node)?.[place] ?? MISSING;
    if (takesPart(status === MISSING ? undefined : status)) this.#loads.add(place, mean, mean, mean);
  }

  /** One second or bucket is complete. */
  #endMoment(second: number, place: number): void {
    let nodes = 0;
    for (const moments of this.#moments) nodes = Math.max(nodes, moments.nodes[place] as number);
    if (nodes === 0) return;
    if (!(second < this.#pointEnd)) this.#beginPoint(second);
    this.#nodes = Math.max(this.#nodes, nodes);
    for (const [index, point] of this.#points.entries()) {
      const moments = this.#moments[2 + index] as Moments;
      const own = moments.nodes[place] as number;
      if (own === 0) continue;
      point.low = Math.min(point.low, moments.low[place] as number);
      point.high = Math.max(point.high, moments.high[place] as number);
      point.sum += moments.sum[place] as number;
      point.nodes += own;
    }
    const balanced = this.#loads.nodes[place] as number;
    const even =
      balanced === 0
        ? (this.#even[place] as number)
        : efficiencyOf(this.#loads.sum[place] as number, this.#loads.high[place] as number, balanced);
    if (Number.isNaN(even)) return;
    this.#efficiency.sum += even;
    this.#efficiency.count += 1;
  }

  #beginPoint(second: number): void {
    this.#endPoint();
    const { width, from } = this.#grid;
    const start = second - (second % width);
    if (start > this.#pointEnd)
      this.#rows.push([this.#pointEnd * 1000, NaN, 0, ...this.#names.flatMap(() => [NaN, NaN, NaN])]);
    this.#pointEnd = Math.max(start + width, second + this.#width);
    this.#time = Math.max(second, from);
    this.#points = this.#names.map(() => ({ low: Infinity, high: -Infinity, sum: 0, nodes: 0 }));
    this.#efficiency.sum = 0;
    this.#efficiency.count = 0;
    this.#nodes = 0;
  }

  #endPoint(): void {
    if (this.#points.length === 0) return;
    const { sum, count } = this.#efficiency;
    const values = this.#points.flatMap(({ low, high, sum: total, nodes }, index) => {
      if (nodes === 0) return [NaN, NaN, NaN];
      const metric = metricNamed(this.#names[index] as MetricName);
      return [low, high, total / nodes].map((value) => modelValue(value, metric));
    });
    this.#rows.push([this.#time * 1000, count === 0 ? NaN : sum / count, this.#nodes, ...values]);
    this.#points = [];
  }
}
