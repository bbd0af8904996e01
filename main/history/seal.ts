/**
 * Seals the tail: turns the ticks of a segment into one row per node of its seconds and one of its 10 s roll-ups, then
 * into the minutes of all nodes, one row per metric.
 */
import { METRICS, type Metric } from '../../common/model/metric.ts';
import { Buckets } from './buckets.ts';
import { MISSING, SECONDS_END, WINDOW_SECONDS, metricKey, nodeKey, windowOfSecond } from './format.ts';
import { PartsReader } from './parts.ts';
import {
  TENS,
  decodeAll,
  decodeSeconds,
  decodeTens,
  encodeAcross,
  encodeSeconds,
  encodeTens,
} from './rows.ts';
import type { Tables } from './tables.ts';
import { type Segment, Tail, type Tick } from './tail.ts';
import type { ValueTables } from './values.ts';

/** Minutes of a window. */
export const MINUTES = WINDOW_SECONDS / 60;

/** Roll-ups of 10 s of a minute. */
const MINUTE_TENS = TENS / MINUTES;

const LINE = METRICS.length * WINDOW_SECONDS;

/** The series of the rows being sealed; kept, because fresh memory of this size is dearer than the work on it. */
let scratch = new Int32Array(0);
const stored = new Int32Array(WINDOW_SECONDS);
const tens = METRICS.map(() => new Buckets(TENS));
const storedTens = new Buckets(TENS);

/**
 * The sealing of one segment, in portions: first its rows, then its minutes. What is stored of the same window stays as
 * it is, and values are added to it; so sealing the same ticks twice, as after a crash, changes nothing.
 */
export class Sealing {
  readonly segment: Segment;
  /** Pieces of work: a row is one, the minutes of one metric as many as keep the pace even. */
  readonly size: number;
  readonly #numbers: readonly number[];
  readonly #order: readonly number[];
  readonly #share: number;
  readonly #minutes: WindowMinutes;

  /** `numbers` gives each row's node, `order` the rows by these numbers. */
  constructor(segment: Segment, numbers: readonly number[], order: readonly number[]) {
    this.segment = segment;
    this.#numbers = numbers;
    this.#order = order;
    this.#share = Math.max(1, Math.ceil(order.length / METRICS.length));
    this.size = order.length + this.#share * METRICS.length;
    const nodes = order.length === 0 ? 0 : (numbers[order.at(-1) as number] as number) + 1;
    this.#minutes = new WindowMinutes(windowOfSecond(segment.start), nodes);
  }

  /** Does the pieces from `done` on, about `portion` of them; returns how many are done. Inside a transaction. */
  run(tables: ValueTables, done: number, portion: number): number {
    const rows = this.#order.length;
    const goal = Math.min(this.size, done + portion);
    let at = done;
    if (at < rows) {
      const to = Math.min(rows, goal);
      this.#sealRows(tables, this.#order.slice(at, to));
      at = to;
    }
    for (; at >= rows && at < goal; at += this.#share) this.#minutes.put(tables, (at - rows) / this.#share);
    return at;
  }

  #sealRows(tables: ValueTables, rows: readonly number[]): void {
    const size = rows.length * LINE;
    if (scratch.length < size) scratch = new Int32Array(size);
    scratch.fill(MISSING, 0, size);
    const places = Int32Array.from(rows);
    const start = windowOfSecond(this.segment.start) * WINDOW_SECONDS;
    for (const tick of this.segment.ticks.values()) spread(tick, places, scratch, tick.second - start);
    for (const [index, row] of rows.entries()) {
      sealNode(tables, this.#minutes, this.#numbers[row] as number, scratch, index * LINE);
    }
  }
}

/** Writes the values of some rows of a tick into their series, each at a place of its own. */
function spread({ rows: count, values }: Tick, rows: Int32Array, series: Int32Array, place: number): void {
  for (let index = 0; index < rows.length; index += 1) {
    let at = index * LINE + place;
    const row = rows[index] as number;
    if (row >= count) continue;
    for (let from = row; from < values.length; from += count) {
      series[at] = values[from] as number;
      at += WINDOW_SECONDS;
    }
  }
}

/** The minutes of one window while they are collected: per metric those of every node by its number. */
export class WindowMinutes {
  readonly window: number;
  readonly metrics: readonly Buckets[];

  constructor(window: number, nodes: number) {
    this.window = window;
    this.metrics = METRICS.map(() => new Buckets(nodes * MINUTES));
  }

  /** Adds those of a node in one metric, out of its roll-ups of 10 s. */
  add(metric: number, node: number, own: Buckets): void {
    const bits = METRICS[metric]?.unit === 'bits';
    const all = this.metrics[metric] as Buckets;
    for (let minute = 0; minute < MINUTES; minute += 1) {
      const first = minute * MINUTE_TENS;
      all.rollBuckets(own, first, first + MINUTE_TENS, bits, node * MINUTES + minute);
    }
  }

  /** Writes those of one metric. */
  put(tables: ValueTables, metric: number): void {
    const key = metricKey(this.window, metric);
    const buckets = fuller(tables.minutes.get(key), this.metrics[metric] as Buckets, MINUTES, 60);
    const bytes = encodeAcross(buckets, MINUTES, METRICS[metric] as Metric, 60);
    if (bytes.length > 0) tables.minutes.put(key, bytes);
  }
}

/** Writes one node's window, its metrics behind each other from `start` on, with its roll-ups of 10 s; adds its minutes. */
export function sealNode(
  tables: ValueTables,
  minutes: WindowMinutes,
  node: number,
  series: Int32Array,
  start: number,
): void {
  const bytes = encodeSeconds(series, start, METRICS.length);
  if (bytes.length === 0) return;
  const key = nodeKey(minutes.window, node);
  if (!tables[1].insert(key, bytes)) {
    mergeStored(tables[1].get(key), series, start);
    tables[1].put(key, encodeSeconds(series, start, METRICS.length));
  }
  for (const [metric, { unit }] of METRICS.entries()) {
    const from = start + metric * WINDOW_SECONDS;
    const own = tens[metric] as Buckets;
    own.rollSeconds(series, from, 10, unit === 'bits', 0, TENS);
    minutes.add(metric, node, own);
  }
  if (tables[10].insert(key, encodeTens(tens))) return;
  const row = new PartsReader(tables[10].get(key) as Buffer);
  for (const [metric, own] of tens.entries()) {
    if (decodeTens(row, metric, storedTens)) own.keepFuller(storedTens, 0, 0, TENS);
  }
  tables[10].put(key, encodeTens(tens));
}

/** The roll-ups of a stored row and fresh ones of all nodes, `n` buckets each; of two of one bucket that with more values. */
export function fuller(stored: Uint8Array | undefined, fresh: Buckets, n: number, full: number): Buckets {
  if (stored === undefined) return fresh;
  const buckets = decodeAll(new PartsReader(stored), n, full);
  const [larger, smaller] = buckets.length < fresh.length ? [fresh, buckets] : [buckets, fresh];
  larger.keepFuller(smaller, 0, 0, smaller.length);
  return larger;
}

/** Seals the ticks a crash left, in one transaction. */
export function sealLeftovers(tables: Tables): void {
  tables.transaction(() => {
    const numbers = tables.slots();
    const tail = new Tail();
    for (const tick of tables.ticks(0, SECONDS_END)) tail.add(tick);
    const order = byNumber(numbers);
    for (const segment of tail.segments())
      new Sealing(segment, numbers, order).run(tables.values, 0, Infinity);
    tables.deleteTicks(0, SECONDS_END);
  });
}

/** Rows in the order of their nodes' numbers, which is that of the rows on disk. */
export function byNumber(numbers: readonly number[]): readonly number[] {
  return [...numbers.keys()].sort((a, b) => (numbers[a] as number) - (numbers[b] as number));
}

/** Puts what is stored of a node's window in the place of what is to be. */
function mergeStored(bytes: Buffer | undefined, series: Int32Array, start: number): void {
  if (bytes === undefined) return;
  const row = new PartsReader(bytes);
  for (let metric = 0; metric < METRICS.length; metric += 1) {
    if (!decodeSeconds(row, metric, stored)) continue;
    for (let place = 0; place < WINDOW_SECONDS; place += 1) {
      if (stored[place] !== MISSING)
        series[start + metric * WINDOW_SECONDS + place] = stored[place] as number;
    }
  }
}
