/** Walks over a range of time: hands every value of some nodes and metrics to a sink, in steps, oldest first. */
import type { Resolution } from '../../../common/model/retention.ts';
import { Buckets } from '../buckets.ts';
import { WINDOW_SECONDS, SECONDS_END, hourOfSecond } from '../format.ts';
import { HOUR_MINUTES } from '../hours.ts';
import { type NodeSource, ValueReader, periodSeconds } from '../read.ts';
import { TENS } from '../rows.ts';
import type { Span } from '../spans.ts';
import type { HistoryView } from './view.ts';

/** Takes values; `node` and `metric` are places in the lists of the walk. */
export interface ValueSink {
  /** The places [from, to) of seconds that begin with `start`. */
  seconds(node: number, metric: number, series: Int32Array, start: number, from: number, to: number): void;
  /** The places [from, to) of buckets of `width` seconds that begin with `start`. */
  buckets(
    node: number,
    metric: number,
    buckets: Buckets,
    start: number,
    width: number,
    from: number,
    to: number,
  ): void;
  /** Takes an hour as a whole; false where its nodes are to be handed over one by one. */
  hour?(reader: ValueReader, resolution: 60 | 3600, start: number, from: number, to: number): boolean;
  /** All nodes and metrics of these seconds were handed over. */
  periodEnd?(start: number): void;
}

/** Rows after which a long read lets others work. */
const ROWS_AT_A_TIME = 400;

/** Milliseconds of work after which it does so too. */
const MILLISECONDS_AT_A_TIME = 20;

/** What is read of the nodes of some keys. */
export function sourcesOf({ tables, rows }: HistoryView, keys: readonly string[]): readonly NodeSource[] {
  const rowsOfKey = Map.groupBy(rows.keys(), (row) => rows[row]?.key ?? '');
  return keys.map((key) => ({ node: tables.nodeNumber(key), rows: rowsOfKey.get(key) ?? [] }));
}

/** Walks over the spans. */
export function* walk(
  view: () => HistoryView,
  spans: readonly Span[],
  keys: readonly string[],
  metrics: readonly number[],
  sink: ValueSink,
): Generator<void, void, void> {
  let reading = new Reading(view(), keys, metrics, sink);
  let rows = 0;
  let began = performance.now();
  for (const { resolution, from, to } of spans) {
    const period = periodSeconds(resolution);
    const end = Math.min(to, SECONDS_END);
    for (let start = reading.next(resolution, from); start < end;) {
      const first = Math.max(0, Math.floor((from - start) / resolution));
      const last = Math.min(period / resolution, Math.ceil((end - start) / resolution));
      rows +=
        resolution <= 10
          ? reading.window(resolution === 1 ? 1 : 10, start, first, last)
          : reading.hour(resolution === 60 ? 60 : 3600, start, first, last);
      sink.periodEnd?.(start);
      if (rows >= ROWS_AT_A_TIME || performance.now() - began > MILLISECONDS_AT_A_TIME) {
        yield;
        reading = new Reading(view(), keys, metrics, sink);
        rows = 0;
        began = performance.now();
      }
      start = reading.next(resolution, start + period);
    }
  }
}

/** One step of a walk: hands periods over. Not part of the generator, whose own loops V8 seldom makes fast. */
class Reading {
  readonly #reader: ValueReader;
  readonly #sources: readonly NodeSource[];
  readonly #metrics: readonly number[];
  readonly #sink: ValueSink;
  readonly #series = new Int32Array(WINDOW_SECONDS);
  readonly #tens = new Buckets(TENS);
  readonly #minutes = new Buckets(HOUR_MINUTES);
  readonly #hours = new Buckets(1);

  constructor(view: HistoryView, keys: readonly string[], metrics: readonly number[], sink: ValueSink) {
    this.#reader = new ValueReader(view);
    this.#sources = sourcesOf(view, keys);
    this.#metrics = metrics;
    this.#sink = sink;
  }

  /** First second of the first period at or after a second that has anything. */
  next(resolution: Resolution, second: number): number {
    return this.#reader.nextPeriod(resolution, second);
  }

  /** Hands the places [first, last) of a window over; returns how many rows it read. */
  window(resolution: 1 | 10, start: number, first: number, last: number): number {
    let rows = 0;
    for (let node = 0; node < this.#sources.length; node += 1) {
      const source = this.#sources[node] as NodeSource;
      const row = this.#reader.row(resolution, start, source);
      if (row === undefined && source.rows.length === 0) continue;
      rows += 1;
      for (let index = 0; index < this.#metrics.length; index += 1) {
        const metric = this.#metrics[index] as number;
        if (resolution === 1) {
          this.#reader.seconds(row, start, source, metric, this.#series);
          this.#sink.seconds(node, index, this.#series, start, first, last);
        } else {
          this.#reader.tens(row, start, source, metric, this.#tens);
          this.#sink.buckets(node, index, this.#tens, start, resolution, first, last);
        }
      }
    }
    return rows;
  }

  /** The same of an hour. */
  hour(resolution: 60 | 3600, start: number, first: number, last: number): number {
    if (this.#sink.hour?.(this.#reader, resolution, start, first, last) === true) return 0;
    const hour = hourOfSecond(start);
    for (let index = 0; index < this.#metrics.length; index += 1) {
      const metric = this.#metrics[index] as number;
      const read = resolution === 60 ? this.#reader.minutes(hour, metric) : this.#reader.hour(hour, metric);
      const buckets = resolution === 60 ? this.#minutes : this.#hours;
      for (let node = 0; node < this.#sources.length; node += 1) {
        read(this.#sources[node] as NodeSource, buckets);
        this.#sink.buckets(node, index, buckets, start, resolution, first, last);
      }
    }
    return this.#metrics.length;
  }
}
