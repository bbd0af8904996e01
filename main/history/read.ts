/** Reads values out of the stored rows and the tail, without a seam between the two. */
import { METRICS } from '../../common/model/metric.ts';
import type { Resolution } from '../../common/model/retention.ts';
import { Buckets } from './buckets.ts';
import {
  HOUR_SECONDS,
  MISSING,
  WINDOW_SECONDS,
  hourOfSecond,
  metricKey,
  nodeKey,
  windowOfSecond,
} from './format.ts';
import { HOUR_MINUTES, HOUR_WINDOWS } from './hours.ts';
import { PartsReader } from './parts.ts';
import type { HistoryView } from './queries/view.ts';
import { type Head, TENS, decodeAcross, decodeHead, decodeSeconds, decodeTens } from './rows.ts';
import { MINUTES } from './seal.ts';

/** What is read of a node: its number in the rows on disk, missing while it has none there, and its rows of the tail. */
export interface NodeSource {
  readonly node: number | undefined;
  readonly rows: readonly number[];
}

/** Seconds of the rows that hold a resolution. */
export function periodSeconds(resolution: Resolution): number {
  return resolution <= 10 ? WINDOW_SECONDS : HOUR_SECONDS;
}

/** Reads one moment of a history. */
export class ValueReader {
  readonly #view: HistoryView;
  readonly #series = new Int32Array(WINDOW_SECONDS);
  readonly #fresh = new Buckets(TENS);
  /** Rows of seconds of the windows that have a tail, by key. */
  readonly #live = new Map<number, PartsReader | null>();

  constructor(view: HistoryView) {
    this.#view = view;
  }

  /** First second of the first period at or after a second that has anything; Infinity where there is none. */
  nextPeriod(resolution: Resolution, second: number): number {
    const { tables, tail } = this.#view;
    const period = periodSeconds(resolution);
    const own = tables.values[resolution];
    const seconds = [tail.nextStart(Math.floor(second / period) * period)];
    for (const table of resolution <= 10 ? [own] : [own, tables.values[60], tables.values.minutes]) {
      const key = table.next(table.keyOf(Math.floor(second / period) * period));
      if (key !== undefined) seconds.push(table.secondOf(key));
    }
    return Math.floor(Math.min(...seconds) / period) * period;
  }

  /** A node's row of seconds or of 10 s roll-ups in the window that begins with a second. */
  row(resolution: 1 | 10, start: number, { node }: NodeSource): PartsReader | undefined {
    if (node === undefined) return undefined;
    const bytes = this.#view.tables.values[resolution].get(nodeKey(windowOfSecond(start), node));
    return bytes === undefined ? undefined : new PartsReader(bytes);
  }

  /** The seconds of a node's window, whose row is given. */
  seconds(
    row: PartsReader | undefined,
    start: number,
    { rows }: NodeSource,
    metric: number,
    into: Int32Array,
  ): void {
    if (row === undefined) into.fill(MISSING);
    else decodeSeconds(row, metric, into);
    if (rows.length > 0) this.#view.tail.fillGaps(into, windowOfSecond(start), rows, metric);
  }

  /** The 10 s roll-ups of a node's window, whose row is given. */
  tens(row: PartsReader | undefined, start: number, source: NodeSource, metric: number, into: Buckets): void {
    if (row === undefined) into.count.fill(0);
    else decodeTens(row, metric, into);
    if (source.rows.length === 0 || !this.#hasTail(start)) return;
    this.#rollLive(start, source, metric, 10);
    into.keepFuller(this.#fresh, 0, 0, TENS);
  }

  /** The minutes of an hour in one metric, for one node after the other. */
  minutes(hour: number, metric: number): (source: NodeSource, into: Buckets) => void {
    const { tables } = this.#view;
    const whole = readerOf(tables.values[60].get(metricKey(hour, metric)));
    const windows = Array.from({ length: HOUR_WINDOWS }, (_, index) =>
      readerOf(tables.values.minutes.get(metricKey(hour * HOUR_WINDOWS + index, metric))),
    );
    const live = windows.map((_, index) => this.#hasTail(hour * HOUR_SECONDS + index * WINDOW_SECONDS));
    const fresh = new Buckets(MINUTES);
    return (source, into) => {
      const { node, rows } = source;
      if (whole === undefined || node === undefined) into.count.fill(0);
      else decodeAcross(whole, node, into, 0, HOUR_MINUTES, 60);
      for (const [index, row] of windows.entries()) {
        if (row !== undefined && node !== undefined && decodeAcross(row, node, fresh, 0, MINUTES, 60)) {
          into.keepFuller(fresh, 0, index * MINUTES, MINUTES);
        }
        if (rows.length === 0 || live[index] !== true) continue;
        this.#rollLive(hour * HOUR_SECONDS + index * WINDOW_SECONDS, source, metric, 60);
        into.keepFuller(this.#fresh, 0, index * MINUTES, MINUTES);
      }
    };
  }

  /** One hour in one metric, for one node after the other. */
  hour(hour: number, metric: number): (source: NodeSource, into: Buckets) => void {
    const row = readerOf(this.#view.tables.values[3600].get(metricKey(hour, metric)));
    const minutes = row === undefined || this.#isOpen(hour) ? this.minutes(hour, metric) : undefined;
    const finer = new Buckets(HOUR_MINUTES);
    const fresh = new Buckets(1);
    const bits = METRICS[metric]?.unit === 'bits';
    return (source, into) => {
      if (row === undefined || source.node === undefined) into.count.fill(0);
      else decodeAcross(row, source.node, into, 0, 1, HOUR_SECONDS);
      if (minutes === undefined) return;
      minutes(source, finer);
      fresh.rollBuckets(finer, 0, HOUR_MINUTES, bits, 0);
      into.keepFuller(fresh, 0, 0, 1);
    };
  }

  /** What an hour says of the cluster as a whole in one metric; undefined where it is not rolled as a whole. */
  head(resolution: 60 | 3600, hour: number, metric: number): Head | undefined {
    if (this.#isOpen(hour)) return undefined;
    const row = readerOf(this.#view.tables.values[resolution].get(metricKey(hour, metric)));
    return row && decodeHead(row, HOUR_SECONDS / resolution);
  }

  /** Whether an hour has something that is not rolled yet. */
  #isOpen(hour: number): boolean {
    const { tables, tail } = this.#view;
    const open = tables.values.minutes.next(metricKey(hour * HOUR_WINDOWS, 0));
    return (
      hourOfSecond(tail.nextStart(hour * HOUR_SECONDS)) === hour ||
      (open !== undefined && hourOfSecond(tables.values.minutes.secondOf(open)) === hour)
    );
  }

  /** Whether the tail has anything of the window that begins with a second. */
  #hasTail(start: number): boolean {
    return this.#view.tail.nextStart(start) < start + WINDOW_SECONDS;
  }

  /** Rolls up a window from its seconds, on disk and in the tail. */
  #rollLive(start: number, source: NodeSource, metric: number, width: number): void {
    const key = nodeKey(windowOfSecond(start), source.node ?? 0);
    let row = this.#live.get(key);
    if (row === undefined) {
      row = this.row(1, start, source) ?? null;
      if (source.node !== undefined) this.#live.set(key, row);
    }
    this.seconds(row ?? undefined, start, source, metric, this.#series);
    const bits = METRICS[metric]?.unit === 'bits';
    this.#fresh.rollSeconds(this.#series, 0, width, bits, 0, WINDOW_SECONDS / width);
  }
}

function readerOf(bytes: Buffer | undefined): PartsReader | undefined {
  return bytes === undefined ? undefined : new PartsReader(bytes);
}
