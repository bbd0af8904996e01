/**
 * The rows of the history as bytes: 300 seconds or 30 roll-ups of 10 s of one node, a part per metric; roll-ups of one
 * metric, a part per node.
 */
import { efficiencyOf, takesPart } from '../../common/model/cluster.ts';
import { METRICS, metricNamed, type Metric } from '../../common/model/metric.ts';
import { bucketRoom, Buckets, decodeBuckets, encodeBuckets } from './buckets.ts';
import { DamagedData, decodeSeries, encodeSeries, seriesRoom, seriesValueAt } from './codec.ts';
import { companionOf, MISSING, WINDOW_SECONDS } from './format.ts';
import { type PartsReader, PartsWriter } from './parts.ts';

/** Roll-ups of 10 s in a row of them. */
export const TENS = WINDOW_SECONDS / 10;

const writer = new PartsWriter();
const distance = new Int32Array(WINDOW_SECONDS);
const tens = METRICS.map(() => new Buckets(TENS));

/** One window of a node, `metrics` series behind each other from `start` on, as a row; empty where there are no values. */
export function encodeSeconds(series: Int32Array, start: number, metrics: number): Uint8Array {
  writer.clear();
  for (let metric = 0; metric < metrics; metric += 1) {
    const from = start + metric * WINDOW_SECONDS;
    const companion = companionOf(metric);
    writer.add(1 + 2 * seriesRoom(WINDOW_SECONDS), (out, at) => {
      if (isEmpty(series, from, from + WINDOW_SECONDS)) return at;
      if (companion === undefined) return encodeSeries(series, from, from + WINDOW_SECONDS, out, at);
      out[at] = 0;
      const plain = encodeSeries(series, from, from + WINDOW_SECONDS, out, at + 1);
      if (!subtract(series, from, start + companion * WINDOW_SECONDS)) return plain;
      out[plain] = 1;
      const relative = encodeSeries(distance, 0, WINDOW_SECONDS, out, plain + 1);
      if (relative - plain >= plain - at) return plain;
      out.copyWithin(at, plain, relative);
      return at + relative - plain;
    });
  }
  return writer.finish();
}

/** Reads one metric of a row of seconds; false, and all places MISSING, where it has no values. Throws DamagedData. */
export function decodeSeconds(row: PartsReader, metric: number, series: Int32Array): boolean {
  if (!row.seek(metric)) {
    series.fill(MISSING);
    return false;
  }
  const { bytes, from, to } = row;
  const companion = companionOf(metric);
  if (companion === undefined) {
    decodeSeries(bytes, from, to, series, 0, WINDOW_SECONDS);
    return true;
  }
  decodeSeries(bytes, from + 1, to, series, 0, WINDOW_SECONDS);
  if (!isDistance(bytes[from])) return true;
  decodeSeconds(row, companion, distance);
  for (let place = 0; place < WINDOW_SECONDS; place += 1) {
    if (series[place] !== MISSING) series[place] = (series[place] as number) + (distance[place] as number);
  }
  return true;
}

/** One second of one metric of a row of seconds; MISSING where it has none. Throws DamagedData. */
export function secondsValueAt(row: PartsReader, metric: number, place: number): number {
  if (!row.seek(metric)) return MISSING;
  const { bytes, from, to } = row;
  const companion = companionOf(metric);
  if (companion === undefined) return seriesValueAt(bytes, from, to, place);
  const value = seriesValueAt(bytes, from + 1, to, place);
  if (value === MISSING || !isDistance(bytes[from])) return value;
  return value + secondsValueAt(row, companion, place);
}

/** Whether a flag says that a series is a distance from its companion. Throws DamagedData. */
function isDistance(flag: number | undefined): boolean {
  if (flag !== 0 && flag !== 1) throw new DamagedData(`a series with the flag ${flag}`);
  return flag === 1;
}

/** The 10 s roll-ups of one window of a node, one run of buckets per metric, as a row. */
export function encodeTens(buckets: readonly Buckets[]): Uint8Array {
  writer.clear();
  for (const [metric, run] of buckets.entries()) {
    const companion = companionOf(metric);
    const reference = companion === undefined ? undefined : buckets[companion];
    writer.add(2 * bucketRoom(TENS), (out, at) =>
      encodeBuckets(run, 0, TENS, METRICS[metric] as Metric, 10, out, at, reference),
    );
  }
  return writer.finish();
}

/** Reads one metric of a row of 10 s roll-ups; false, and all empty, where it has no values. Throws DamagedData. */
export function decodeTens(row: PartsReader, metric: number, buckets: Buckets): boolean {
  if (!row.seek(metric)) {
    buckets.count.fill(0);
    return false;
  }
  const { from, to } = row;
  const companion = companionOf(metric);
  let reference: Buckets | undefined;
  if (companion !== undefined) {
    reference = tens[companion];
    if (reference !== undefined) decodeTens(row, companion, reference);
  }
  decodeBuckets(row.bytes, from, to, buckets, 0, TENS, 10, reference);
  return true;
}

/**
 * Parts of a row across nodes before those of the nodes: what it says of the cluster as a whole, and for the load the
 * efficiency. The minutes of an open hour have neither.
 */
const HEAD_PARTS = 2;

/** Nodes that a row across nodes has places for. */
export function nodesAcross(row: PartsReader): number {
  return Math.max(0, row.count - HEAD_PARTS);
}

/** The cluster as a whole in some buckets: count is the number of nodes with values, mean that of their means. */
export interface Head {
  readonly nodes: Buckets;
  /** Percent; only beside the load. */
  readonly efficiency: Buckets | undefined;
}

/** Efficiency is kept in tenths of a percent. */
const EFFICIENCY = metricNamed('cpuBusy');
const EFFICIENCY_STEPS = 10;

/** The roll-ups of one metric, `n` buckets per node in the order of their numbers, as a row. */
export function encodeAcross(
  buckets: Buckets,
  n: number,
  metric: Metric,
  full: number,
  head?: Head,
): Uint8Array {
  const nodes = buckets.length / n;
  writer.clear();
  writer.add(bucketRoom(n), (out, at) =>
    head === undefined ? at : encodeBuckets(head.nodes, 0, n, metric, nodes, out, at),
  );
  writer.add(bucketRoom(n), (out, at) =>
    head?.efficiency === undefined ? at : encodeBuckets(head.efficiency, 0, n, EFFICIENCY, 1, out, at),
  );
  for (let from = 0; from < buckets.length; from += n) {
    writer.add(bucketRoom(n), (out, at) => encodeBuckets(buckets, from, n, metric, full, out, at));
  }
  return writer.finish();
}

/** Reads one node of a row of roll-ups of one metric into buckets [at, at + n); false where it has none. */
export function decodeAcross(
  row: PartsReader,
  node: number,
  buckets: Buckets,
  at: number,
  n: number,
  full: number,
): boolean {
  if (!row.seek(HEAD_PARTS + node)) {
    buckets.count.fill(0, at, at + n);
    return false;
  }
  decodeBuckets(row.bytes, row.from, row.to, buckets, at, n, full);
  return true;
}

/** Reads all nodes of a row of roll-ups of one metric. */
export function decodeAll(row: PartsReader, n: number, full: number): Buckets {
  const nodes = nodesAcross(row);
  const buckets = new Buckets(nodes * n);
  for (let node = 0; node < nodes; node += 1) decodeAcross(row, node, buckets, node * n, n, full);
  return buckets;
}

/** Reads what a row says of the cluster as a whole. */
export function decodeHead(row: PartsReader, n: number): Head | undefined {
  if (!row.seek(0)) return undefined;
  const nodes = new Buckets(n);
  decodeBuckets(row.bytes, row.from, row.to, nodes, 0, n, nodesAcross(row));
  if (!row.seek(1)) return { nodes, efficiency: undefined };
  const efficiency = new Buckets(n);
  decodeBuckets(row.bytes, row.from, row.to, efficiency, 0, n, 1);
  for (let at = 0; at < n; at += 1) efficiency.mean[at] = (efficiency.mean[at] as number) / EFFICIENCY_STEPS;
  return { nodes, efficiency };
}

/** What roll-ups of all nodes, `n` buckets each, say of the cluster as a whole; `status` those of their status bits. */
export function headOf(buckets: Buckets, n: number, status: Buckets | undefined): Head {
  const nodes = new Buckets(n);
  const efficiency = status === undefined ? undefined : new Buckets(n);
  for (let at = 0; at < n; at += 1) {
    let [count, low, high, sum, balanced, loads, highest] = [0, 0, 0, 0, 0, 0, 0];
    for (let place = at; place < buckets.length; place += n) {
      if (buckets.count[place] === 0) continue;
      const mean = buckets.mean[place] as number;
      low = count === 0 ? (buckets.min[place] as number) : Math.min(low, buckets.min[place] as number);
      high = count === 0 ? (buckets.max[place] as number) : Math.max(high, buckets.max[place] as number);
      count += 1;
      sum += mean;
      if (status === undefined) continue;
      const bits = (status.count[place] ?? 0) === 0 ? undefined : status.mean[place];
      if (!takesPart(bits)) continue;
      balanced += 1;
      loads += mean;
      highest = Math.max(highest, mean);
    }
    nodes.count[at] = count;
    nodes.min[at] = low;
    nodes.max[at] = high;
    nodes.mean[at] = count === 0 ? 0 : sum / count;
    if (efficiency === undefined || balanced === 0) continue;
    const percent = Math.round(efficiencyOf(loads, highest, balanced) * EFFICIENCY_STEPS);
    efficiency.count[at] = 1;
    efficiency.min[at] = percent;
    efficiency.max[at] = percent;
    efficiency.mean[at] = percent;
  }
  return { nodes, efficiency };
}

/** Takes one series from another into `distance`; false where that one lacks a value. */
function subtract(series: Int32Array, from: number, other: number): boolean {
  for (let place = 0; place < WINDOW_SECONDS; place += 1) {
    const value = series[from + place] as number;
    const base = series[other + place] as number;
    if (value !== MISSING && base === MISSING) return false;
    const step = value === MISSING ? MISSING : value - base;
    if (step < MISSING || step > -MISSING - 1 || (step === MISSING && value !== MISSING)) return false;
    distance[place] = step;
  }
  return true;
}

function isEmpty(series: Int32Array, from: number, to: number): boolean {
  for (let place = from; place < to; place += 1) if (series[place] !== MISSING) return false;
  return true;
}
