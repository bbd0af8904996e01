/** Answers `statistics`: what every node did over a range. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import type { NodeStatistics, RecordedNode, Spread } from '../../../common/model/history.ts';
import { METRIC_INDEX, metricNamed, type MetricName } from '../../../common/model/metric.ts';
import type { Resolution } from '../../../common/model/retention.ts';
import { success, type Result } from '../../../common/model/result.ts';
import { Buckets } from '../buckets.ts';
import { WINDOW_SECONDS, modelValue } from '../format.ts';
import { spansOf } from '../spans.ts';
import { nodesOf } from './nodes.ts';
import type { Query } from './view.ts';
import { type ValueSink, walk } from './walk.ts';

/** Seconds up to which values of 10 s, and of a minute, are taken. */
const TEN_SECONDS_UP_TO = 1800;
const MINUTES_UP_TO = 2 * 86_400;

/** Values in memory at a time; nodes are walked over in groups that have no more. */
const MAX_VALUES = 8_000_000;

const READ: readonly MetricName[] = ['load', 'memoryTotal', 'memoryFree', 'speed', 'cpus'];

export function* statistics(
  ...[view, input]: Parameters<Query<'statistics'>>
): Generator<void, Result<HistoryAnswer<'statistics'>>, void> {
  const present = view();
  const [from, to] = [Math.ceil(input.from / 1000), Math.ceil(input.to / 1000)];
  const wished = resolutionOf(to - from);
  const spans = spansOf(present.tables.values.keptSince(), wished, from, to);
  const resolution = spans.at(-1)?.resolution ?? wished;
  const all = nodesOf(present, input.keys);
  const group = Math.max(1, Math.floor(MAX_VALUES / 2 / Math.max(1, (to - from) / resolution)));
  const found: NodeFigures[] = [];
  for (let first = 0; first < all.length; first += group) {
    const figures = all.slice(first, first + group).map((node) => new NodeFigures(node));
    yield* walk(
      view,
      spans,
      figures.map(({ node }) => node.key),
      READ.map((name) => METRIC_INDEX[name]),
      new FiguresSink(figures),
    );
    for (const node of figures) node.finish();
    found.push(...figures);
  }
  const { records } = view().tables;
  const range = { from: input.from, to: input.to };
  const recordings = records.recordings.within({ from: 0, to: range.to });
  const times = records.states.times(range, recordings, input.keys);
  const recorded =
    secondsOf(records.recordings.within(range)) || Math.max(0, ...found.map((node) => node.seconds));
  return success({
    nodes: found.map((node) => node.statistics(recorded, (times.get(node.node.key)?.down ?? 0) / 1000)),
    resolution,
  });
}

function secondsOf(spans: readonly { readonly from: number; readonly to: number }[]): number {
  return spans.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
}

function resolutionOf(seconds: number): Resolution {
  if (seconds <= TEN_SECONDS_UP_TO) return 10;
  return seconds <= MINUTES_UP_TO ? 60 : 3600;
}

/** Lowest, highest and mean of values that come one bucket at a time; the buckets' means for the quantile. */
class SpreadOf {
  #low = Infinity;
  #high = -Infinity;
  #sum = 0;
  #count = 0;
  #means: number[] = [];
  spread: Spread = { min: NaN, mean: NaN, max: NaN, p95: NaN };

  add(low: number, high: number, mean: number, values: number): void {
    this.#low = Math.min(this.#low, low);
    this.#high = Math.max(this.#high, high);
    this.#sum += mean * values;
    this.#count += values;
    this.#means.push(mean);
  }

  /** Makes the spread and forgets the means. */
  finish(): void {
    if (this.#count === 0) return;
    const sorted = Float64Array.from(this.#means).sort();
    const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1] as number;
    this.spread = { min: this.#low, mean: this.#sum / this.#count, max: this.#high, p95 };
    this.#means = [];
  }
}

class NodeFigures {
  readonly node: RecordedNode;
  readonly load = new SpreadOf();
  readonly memoryUsed = new SpreadOf();
  /** The latest speed, CPUs and memory, in model units. */
  readonly latest = { speed: NaN, cpus: NaN, memoryTotal: NaN };
  /** Seconds with a load. */
  seconds = 0;

  constructor(node: RecordedNode) {
    this.node = node;
  }

  finish(): void {
    this.load.finish();
    this.memoryUsed.finish();
  }

  /** `recorded`: seconds in which anything was recorded; `down`: those in which the node was. */
  statistics(recorded: number, down: number): NodeStatistics {
    return {
      ...this.node,
      load: this.load.spread,
      memoryUsed: this.memoryUsed.spread,
      ...this.latest,
      secondsUp: this.seconds,
      secondsDown: down,
      secondsUnknown: Math.max(0, recorded - this.seconds - down),
    };
  }
}

class FiguresSink implements ValueSink {
  readonly #nodes: readonly NodeFigures[];
  /** Memory of each node in the period being read. */
  readonly #memory = new Map<number, Buckets>();
  readonly #seconds = new Buckets(WINDOW_SECONDS);

  constructor(nodes: readonly NodeFigures[]) {
    this.#nodes = nodes;
  }

  seconds(node: number, metric: number, series: Int32Array, start: number, from: number, to: number): void {
    this.#seconds.rollSeconds(series, 0, 1, false, 0, WINDOW_SECONDS);
    this.buckets(node, metric, this.#seconds, start, 1, from, to);
  }

  buckets(
    place: number,
    index: number,
    run: Buckets,
    _start: number,
    _width: number,
    from: number,
    to: number,
  ): void {
    const node = this.#nodes[place];
    const name = READ[index];
    if (node === undefined || name === undefined) return;
    switch (name) {
      case 'load':
        this.#addLoad(node, run, from, to);
        break;
      case 'memoryTotal':
        this.#memory.set(place, copyOf(run));
        latest(node, name, run, from, to);
        break;
      case 'memoryFree':
        addMemory(node, this.#memory.get(place), run, from, to);
        break;
      case 'speed':
      case 'cpus':
        latest(node, name, run, from, to);
        break;
      default:
    }
  }

  periodEnd(): void {
    this.#memory.clear();
  }

  #addLoad(node: NodeFigures, { count, min, max, mean }: Buckets, from: number, to: number): void {
    const metric = metricNamed('load');
    for (let at = from; at < to; at += 1) {
      const values = count[at] as number;
      if (values === 0) continue;
      node.seconds += values;
      const [low, high, middle] = [min[at] as number, max[at] as number, mean[at] as number];
      node.load.add(modelValue(low, metric), modelValue(high, metric), modelValue(middle, metric), values);
    }
  }
}

/** Percent of memory that is not free. */
function addMemory(
  node: NodeFigures,
  total: Buckets | undefined,
  free: Buckets,
  from: number,
  to: number,
): void {
  if (total === undefined) return;
  for (let at = from; at < to; at += 1) {
    const all = total.mean[at] as number;
    if (total.count[at] === 0 || free.count[at] === 0 || !(all > 0)) continue;
    const used = (unused: number): number => Math.max(0, Math.min(100, 100 * (1 - unused / all)));
    node.memoryUsed.add(
      used(free.max[at] as number),
      used(free.min[at] as number),
      used(free.mean[at] as number),
      free.count[at] as number,
    );
  }
}

function latest(
  node: NodeFigures,
  name: 'speed' | 'cpus' | 'memoryTotal',
  run: Buckets,
  from: number,
  to: number,
): void {
  for (let at = to - 1; at >= from; at -= 1) {
    if (run.count[at] === 0) continue;
    node.latest[name] = modelValue(run.mean[at] as number, metricNamed(name));
    return;
  }
}

function copyOf(run: Buckets): Buckets {
  const copy = new Buckets(run.length);
  copy.keepFuller(run, 0, 0, run.length);
  return copy;
}
