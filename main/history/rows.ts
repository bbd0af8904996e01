/**
 * The rows of the history as bytes: 300 seconds or 30 roll-ups of 10 s of one node, a part per metric; roll-ups of one
 * metric, a part per node.
 */
import { METRICS, type Metric } from '../../common/model/metric.ts';
import { bucketRoom, Buckets, decodeBuckets, encodeBuckets } from './buckets.ts';
import { DamagedData, decodeSeries, encodeSeries, seriesRoom } from './codec.ts';
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
export function decodeSeconds(row: PartsReader, metric: number, series: Int32Array, at = 0): boolean {
  if (!row.seek(metric)) {
    series.fill(MISSING, at, at + WINDOW_SECONDS);
    return false;
  }
  const { from, to } = row;
  const companion = companionOf(metric);
  if (companion === undefined) {
    decodeSeries(row.bytes, from, to, series, at, at + WINDOW_SECONDS);
    return true;
  }
  const flag = row.bytes[from] as number;
  decodeSeries(row.bytes, from + 1, to, series, at, at + WINDOW_SECONDS);
  if (flag === 0) return true;
  if (flag !== 1) throw new DamagedData(`a series with the flag ${flag}`);
  decodeSeconds(row, companion, distance);
  for (let place = 0; place < WINDOW_SECONDS; place += 1) {
    if (series[at + place] !== MISSING)
      series[at + place] = (series[at + place] as number) + (distance[place] as number);
  }
  return true;
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

/** Parts of a row across nodes before those of the nodes. */
const HEAD_PARTS = 2;

/** Nodes that a row across nodes has places for. */
export function nodesAcross(row: PartsReader): number {
  return Math.max(0, row.count - HEAD_PARTS);
}

/** The roll-ups of one metric, `n` buckets per node in the order of their numbers, as a row. */
export function encodeAcross(buckets: Buckets, n: number, metric: Metric, full: number): Uint8Array {
  writer.clear();
  for (let part = 0; part < HEAD_PARTS; part += 1) writer.add(0, (_, at) => at);
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
