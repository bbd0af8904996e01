/**
 * Remote-write 1.0 requests: recorded columns as series of samples, as protobuf. Source of the format:
 * prometheus.io/docs/specs/prw/remote_write_spec, messages WriteRequest, TimeSeries, Label, Sample.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import { clusterTotals, type NodeFigures } from '../../common/model/cluster.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import { METRIC_INDEX, METRICS, type MetricName } from '../../common/model/metric.ts';
import { NODE_INFO, NODE_METRICS, nodeLabels, toPrometheus, totalsMetrics } from './catalogue.ts';
import { cleaned, type Labels } from './exposition.ts';

/** The NaN by which Prometheus knows that a series has ended for now: value.StaleNaN. */
const STALE_NAN = 0x7ff0000000000002n;

/** Bytes of a sample's message: tag and double, tag and varint of a time in milliseconds (until the year 2109). */
const SAMPLE_BYTES = 16;

/** A series with its values at all times of a stretch; the first one was sent before, and only tells what ended. */
export interface SentSeries {
  /** Its labels as part of a TimeSeries message. */
  readonly labels: Uint8Array;
  /** NaN for none. */
  readonly values: Float64Array;
}

/** A part of a stretch: some of its series at the times [from, to). */
export interface Batch {
  readonly times: Float64Array;
  readonly series: readonly SentSeries[];
  readonly from: number;
  readonly to: number;
}

/** The labels of a node's series, as parts of TimeSeries messages. */
interface LabelsOfNode {
  readonly node: RecordedNode;
  /** One for each metric of the catalogue. */
  readonly metrics: readonly Uint8Array[];
  readonly info: Uint8Array;
}

/** Writes labels, and remembers those of nodes. */
export class LabelWriter {
  readonly #common: Labels;
  readonly #nodes = new Map<string, LabelsOfNode>();

  /** `common` are the labels put on every series. */
  constructor(common: Labels) {
    this.#common = common;
  }

  /** The labels of a node's series. */
  ofNode(node: RecordedNode): LabelsOfNode {
    const known = this.#nodes.get(node.key);
    if (known?.node.name === node.name && known.node.id === node.id) return known;
    const own = nodeLabels(node);
    const made = {
      node,
      metrics: NODE_METRICS.map(({ name }) => this.of(name, own)),
      info: this.of(NODE_INFO, { ...own, id: String(node.id) }),
    };
    this.#nodes.set(node.key, made);
    return made;
  }

  /** Labels in the order of their names, as the specification demands; an empty one is the same as none. */
  of(name: string, labels: Labels): Uint8Array {
    const all = Object.entries({ ...this.#common, ...labels, __name__: name });
    const writer = new BinaryWriter();
    for (const [label, value] of all.sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (value === '') continue;
      writer.tag(1, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(label);
      writer.tag(2, WireType.LengthDelimited).string(cleaned(value)).join();
    }
    return writer.finish();
  }
}

/** All series of a stretch: the metrics and the id of every node, and the totals of the cluster. */
export function seriesOf(
  { nodes, times, columns }: HistoryAnswer<'seconds'>,
  labels: LabelWriter,
): readonly SentSeries[] {
  const all: SentSeries[] = totalsSeries({ nodes, times, columns }, labels);
  for (const [place, node] of nodes.entries()) {
    const own = labels.ofNode(node);
    const info = new Float64Array(times.length).fill(NaN);
    for (const [metric, description] of METRICS.entries()) {
      const at = (metric * nodes.length + place) * times.length;
      const values = columns.subarray(at, at + times.length);
      if (values.every(Number.isNaN)) continue;
      for (const [index, value] of values.entries()) if (!Number.isNaN(value)) info[index] = 1;
      all.push({
        labels: own.metrics[metric] as Uint8Array,
        values: values.map((value) => toPrometheus(value, description)),
      });
    }
    all.push({ labels: own.info, values: info });
  }
  return all;
}

/** The series in parts of at most so many samples. */
export function* batchesOf(
  times: Float64Array,
  series: readonly SentSeries[],
  samples: number,
): Iterable<Batch> {
  const [from, to] = [1, times.length];
  const atATime = Math.max(1, Math.floor(samples / Math.max(1, to - from)));
  for (let first = 0; first < series.length; first += atATime) {
    yield { times, series: series.slice(first, first + atATime), from, to };
  }
}

/** A batch in two by time, the earlier one first; undefined for a single time. */
export function halvedByTime(batch: Batch): readonly [Batch, Batch] | undefined {
  const { from, to } = batch;
  if (to - from < 2) return undefined;
  const middle = Math.ceil((from + to) / 2);
  return [
    { ...batch, to: middle },
    { ...batch, from: middle },
  ];
}

/** A batch in two by series; undefined for a single one. */
export function halvedBySeries(batch: Batch): readonly [Batch, Batch] | undefined {
  const { series } = batch;
  if (series.length < 2) return undefined;
  const middle = Math.ceil(series.length / 2);
  return [
    { ...batch, series: series.slice(0, middle) },
    { ...batch, series: series.slice(middle) },
  ];
}

/**
 * The batch as a WriteRequest, and how many samples it has. Where a series has no value and had one the time before, it
 * gets the marker of its end.
 */
export function writeRequest({ times, series, from, to }: Batch): {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly samples: number;
} {
  const ends = Array.from(times, (time) =>
    new BinaryWriter().tag(2, WireType.Varint).int64(Math.round(time)).finish(),
  );
  const writer = new BinaryWriter();
  let samples = 0;
  for (const { labels, values } of series) {
    const present: number[] = [];
    for (let index = from; index < to; index += 1) {
      const isHere = !Number.isNaN(values[index] ?? NaN);
      const wasHere = !Number.isNaN(values[index - 1] ?? NaN);
      if (isHere || wasHere) present.push(index);
    }
    if (present.length === 0) continue;
    samples += present.length;
    writer.tag(1, WireType.LengthDelimited);
    writer.uint32(labels.length + present.length * (SAMPLE_BYTES + 2)).raw(labels);
    for (const index of present) {
      const value = values[index] ?? NaN;
      writer.tag(2, WireType.LengthDelimited).uint32(SAMPLE_BYTES);
      writer.tag(1, WireType.Bit64);
      // A NaN keeps its bits only as an integer.
      if (Number.isNaN(value)) writer.fixed64(STALE_NAN);
      else writer.double(value);
      writer.raw(ends[index] ?? new Uint8Array());
    }
  }
  return { bytes: writer.finish(), samples };
}

function totalsSeries(answer: HistoryAnswer<'seconds'>, labels: LabelWriter): SentSeries[] {
  const { times } = answer;
  const series = new Map<string, Float64Array>();
  for (let index = 0; index < times.length; index += 1) {
    const totals = clusterTotals(figuresAt(answer, index));
    if (totals.nodesUp === 0) continue;
    for (const [{ name }, value] of totalsMetrics(totals)) {
      const values = series.get(name) ?? new Float64Array(times.length).fill(NaN);
      values[index] = value;
      series.set(name, values);
    }
  }
  return Array.from(series, ([name, values]) => ({ labels: labels.of(name, {}), values }));
}

/** The figures of the nodes that had any at a time. */
function* figuresAt(
  { nodes, times, columns }: HistoryAnswer<'seconds'>,
  index: number,
): Iterable<NodeFigures> {
  const value = (metric: MetricName, place: number): number | undefined => {
    const found = columns[(METRIC_INDEX[metric] * nodes.length + place) * times.length + index];
    return found === undefined || Number.isNaN(found) ? undefined : found;
  };
  for (const place of nodes.keys()) {
    const figures = {
      load: value('load', place),
      cpus: value('cpus', place),
      memoryTotal: value('memoryTotal', place),
      memoryFree: value('memoryFree', place),
      status: value('status', place),
    };
    if (Object.values(figures).some((one) => one !== undefined)) yield figures;
  }
}
