/** Walks over a range of time: hands every value of some nodes and metrics to a sink, in steps, oldest first. */
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
  const series = new Int32Array(WINDOW_SECONDS);
  const tens = new Buckets(TENS);
  const minutes = new Buckets(HOUR_MINUTES);
  const hours = new Buckets(1);
  let present = view();
  let reader = new ValueReader(present);
  let sources = sourcesOf(present, keys);
  let rows = 0;
  let began = performance.now();
  for (const { resolution, from, to } of spans) {
    const period = periodSeconds(resolution);
    const end = Math.min(to, SECONDS_END);
    for (let start = reader.nextPeriod(resolution, from); start < end;) {
      const first = Math.max(0, Math.floor((from - start) / resolution));
      const last = Math.min(period / resolution, Math.ceil((end - start) / resolution));
      if (resolution <= 10) {
        for (const [node, source] of sources.entries()) {
          const row = reader.row(resolution === 1 ? 1 : 10, start, source);
          if (row === undefined && source.rows.length === 0) continue;
          rows += 1;
          for (const [index, metric] of metrics.entries()) {
            if (resolution === 1) {
              reader.seconds(row, start, source, metric, series);
              sink.seconds(node, index, series, start, first, last);
            } else {
              reader.tens(row, start, source, metric, tens);
              sink.buckets(node, index, tens, start, resolution, first, last);
            }
          }
        }
      } else if (sink.hour?.(reader, resolution === 60 ? 60 : 3600, start, first, last) !== true) {
        const hour = hourOfSecond(start);
        for (const [index, metric] of metrics.entries()) {
          const read = resolution === 60 ? reader.minutes(hour, metric) : reader.hour(hour, metric);
          const buckets = resolution === 60 ? minutes : hours;
          for (const [node, source] of sources.entries()) {
            read(source, buckets);
            sink.buckets(node, index, buckets, start, resolution, first, last);
          }
          rows += 1;
        }
      }
      sink.periodEnd?.(start);
      if (rows >= ROWS_AT_A_TIME || performance.now() - began > MILLISECONDS_AT_A_TIME) {
        yield;
        present = view();
        reader = new ValueReader(present);
        sources = sourcesOf(present, keys);
        rows = 0;
        began = performance.now();
      }
      start = reader.nextPeriod(resolution, start + period);
    }
  }
}
