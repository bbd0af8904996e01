/** The part of the verification that knows the rows of values: reads every one, and compares roll-ups with their source. */
import { METRICS, type Metric } from '../../common/model/metric.ts';
import { Buckets } from './buckets.ts';
import { HOUR_SECONDS, NODE_SPAN, WINDOW_SECONDS, metricKey, nodeKey, nodeOfKey } from './format.ts';
import { HOUR_MINUTES, HOUR_WINDOWS } from './hours.ts';
import { PartsReader } from './parts.ts';
import { TENS, decodeAcross, decodeHead, decodeSeconds, decodeTens, nodesAcross } from './rows.ts';
import { MINUTES } from './seal.ts';
import type { ValueTables } from './values.ts';

/** Means are stored rounded to the metric's quantum; that of roll-ups of roll-ups was made before the rounding. */
const MEAN_TOLERANCE = 1.01;

/** Where what is wrong is put. */
export interface WrongPlaces {
  add(words: string): void;
}

/** A table of values, its key, and what is wrong with a row of it. */
export interface ValueTableCheck {
  readonly table: string;
  readonly key: 'k';
  readonly wrong: (row: Readonly<Record<string, unknown>>) => string;
}

export class ValueCheck {
  readonly #values: ValueTables;
  readonly #nodes: ReadonlySet<number>;
  readonly #wrong: WrongPlaces;
  readonly #wordsOf: (error: unknown) => string;
  readonly #series = new Int32Array(WINDOW_SECONDS);
  readonly #tens = new Buckets(TENS);
  readonly #rolled = new Buckets(TENS);

  /** `wordsOf` says what an exception means of the file, and throws what is a fault of the program. */
  constructor(
    values: ValueTables,
    nodes: ReadonlySet<number>,
    wrong: WrongPlaces,
    wordsOf: (error: unknown) => string,
  ) {
    this.#values = values;
    this.#nodes = nodes;
    this.#wrong = wrong;
    this.#wordsOf = wordsOf;
  }

  /** The checks of each row by itself: every value of it is decoded, and it belongs to a node or metric that is there. */
  checks(): readonly ValueTableCheck[] {
    const ofNode =
      (decode: (row: PartsReader, metric: number) => unknown) =>
      ({ k, v }: Readonly<Record<string, unknown>>): string => {
        const row = new PartsReader(v as Buffer);
        for (const metric of METRICS.keys()) decode(row, metric);
        const node = nodeOfKey(Number(k));
        return this.#nodes.has(node) ? '' : `it belongs to node ${node}, which is not there`;
      };
    const across =
      (n: number, full: number) =>
      ({ k, v }: Readonly<Record<string, unknown>>): string => {
        const row = new PartsReader(v as Buffer);
        const buckets = new Buckets(n);
        decodeHead(row, n);
        for (let node = 0; node < nodesAcross(row); node += 1) {
          const has = decodeAcross(row, node, buckets, 0, n, full);
          if (has && !this.#nodes.has(node)) return `it has values of node ${node}, which is not there`;
        }
        const metric = Number(k) % metricKey(1, 0);
        return metric < METRICS.length ? '' : `it belongs to metric ${metric}, which is not there`;
      };
    return [
      { table: 'chunk', key: 'k', wrong: ofNode((row, metric) => decodeSeconds(row, metric, this.#series)) },
      { table: 'chunk10', key: 'k', wrong: ofNode((row, metric) => decodeTens(row, metric, this.#tens)) },
      { table: 'minutes', key: 'k', wrong: across(MINUTES, 60) },
      { table: 'chunk60', key: 'k', wrong: across(HOUR_MINUTES, 60) },
      { table: 'chunk3600', key: 'k', wrong: across(1, HOUR_SECONDS) },
    ];
  }

  /** Compares every roll-up with the seconds it was made of, as far as these are there still, hour by hour. */
  compareAll(): void {
    for (let hour = this.#nextHour(0); hour !== undefined; hour = this.#nextHour(hour + 1)) {
      try {
        this.#compareHour(hour);
      } catch (error) {
        this.#wrong.add(`roll-ups of the hour from ${at(hour * HOUR_SECONDS)}: ${this.#wordsOf(error)}`);
      }
    }
  }

  /** The first hour at or after one that has seconds. */
  #nextHour(hour: number): number | undefined {
    const key = this.#values[1].next(nodeKey(hour * HOUR_WINDOWS, 0));
    return key === undefined ? undefined : Math.floor(this.#values[1].secondOf(key) / HOUR_SECONDS);
  }

  #compareHour(hour: number): void {
    const nodes = Math.max(-1, ...this.#nodes) + 1;
    const minutes = METRICS.map(() => new Buckets(nodes * HOUR_MINUTES));
    for (let index = 0; index < HOUR_WINDOWS; index += 1) {
      const window = hour * HOUR_WINDOWS + index;
      for (const [key, bytes] of this.#values[1].range(nodeKey(window, 0), nodeKey(window, NODE_SPAN))) {
        const node = nodeOfKey(key);
        const row = new PartsReader(bytes);
        const stored = this.#values[10].get(key);
        const tens = stored === undefined ? undefined : new PartsReader(stored);
        for (const [metric, { unit }] of METRICS.entries()) {
          if (!decodeSeconds(row, metric, this.#series)) continue;
          const bits = unit === 'bits';
          const place = node * HOUR_MINUTES + index * MINUTES;
          minutes[metric]?.rollSeconds(this.#series, 0, 60, bits, place, MINUTES);
          this.#rolled.rollSeconds(this.#series, 0, 10, bits, 0, TENS);
          if (tens === undefined) this.#tens.count.fill(0);
          else decodeTens(tens, metric, this.#tens);
          this.#compare(this.#rolled, 0, this.#tens, 0, TENS, metric, node, window * WINDOW_SECONDS, 10);
        }
      }
    }
    for (const [metric, rolled] of minutes.entries()) this.#compareMinutes(hour, metric, rolled, nodes);
  }

  /** The minutes of an hour in one metric, and the hour itself where it is over. */
  #compareMinutes(hour: number, metric: number, rolled: Buckets, nodes: number): void {
    const reader = (bytes: Buffer | undefined) => (bytes === undefined ? undefined : new PartsReader(bytes));
    const whole = reader(this.#values[60].get(metricKey(hour, metric)));
    const windows = Array.from({ length: HOUR_WINDOWS }, (_, index) =>
      reader(this.#values.minutes.get(metricKey(hour * HOUR_WINDOWS + index, metric))),
    );
    const hours = reader(this.#values[3600].get(metricKey(hour, metric)));
    const isRolled = windows.every((row) => row === undefined);
    const stored = new Buckets(HOUR_MINUTES);
    const fresh = new Buckets(MINUTES);
    const one = new Buckets(1);
    const expected = new Buckets(1);
    const bits = METRICS[metric]?.unit === 'bits';
    for (let node = 0; node < nodes; node += 1) {
      if (whole === undefined) stored.count.fill(0);
      else decodeAcross(whole, node, stored, 0, HOUR_MINUTES, 60);
      for (const [index, row] of windows.entries()) {
        if (row !== undefined && decodeAcross(row, node, fresh, 0, MINUTES, 60)) {
          stored.keepFuller(fresh, 0, index * MINUTES, MINUTES);
        }
      }
      const from = node * HOUR_MINUTES;
      this.#compare(rolled, from, stored, 0, HOUR_MINUTES, metric, node, hour * HOUR_SECONDS, 60);
      if (!isRolled) continue;
      expected.rollBuckets(stored, 0, HOUR_MINUTES, bits, 0);
      if (hours === undefined) one.count.fill(0);
      else decodeAcross(hours, node, one, 0, 1, HOUR_SECONDS);
      this.#compare(expected, 0, one, 0, 1, metric, node, hour * HOUR_SECONDS, HOUR_SECONDS);
    }
  }

  /** Compares `n` buckets where the source has any; says the first that differs. */
  #compare(
    source: Buckets,
    from: number,
    stored: Buckets,
    first: number,
    n: number,
    metric: number,
    node: number,
    start: number,
    width: number,
  ): void {
    for (let index = 0; index < n; index += 1) {
      const [own, other] = [from + index, first + index];
      const count = source.count[own] as number;
      if (count === 0) continue;
      const isSame =
        count === stored.count[other] &&
        source.min[own] === stored.min[other] &&
        source.max[own] === stored.max[other] &&
        Math.abs((source.mean[own] as number) - (stored.mean[other] as number)) <= MEAN_TOLERANCE;
      if (isSame) continue;
      const { name } = METRICS[metric] as Metric;
      const what = stored.count[other] === 0 ? 'is missing' : 'is not that of its values';
      this.#wrong.add(
        `the roll-up of ${width} s of ${name} of node ${node} at ${at(start + index * width)} ${what}`,
      );
      return;
    }
  }
}

function at(second: number): string {
  return new Date(second * 1000).toISOString();
}
