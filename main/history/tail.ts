/**
 * The hot tail in memory: the seconds that are not sealed yet, in segments that are sealed together. One second holds
 * one tick; what was recorded first stays, and a second tick of the same second only fills in what it lacked.
 */
import { MISSING, WINDOW_SECONDS } from './format.ts';

/** One second of the cluster as stored integers, column after column. */
export interface Tick {
  /** Seconds since 1970. */
  readonly second: number;
  readonly rows: number;
  readonly values: Int32Array;
}

/** Neighbouring seconds of one chunk window. */
export interface Segment {
  /** First second it may hold. */
  readonly start: number;
  readonly ticks: Map<number, Tick>;
}

export class Tail {
  /** Seconds per segment, a divisor of the chunk's window. */
  readonly segmentSeconds: number;
  readonly #segments = new Map<number, Segment>();

  constructor(segmentSeconds: number = WINDOW_SECONDS) {
    if (WINDOW_SECONDS % segmentSeconds !== 0) {
      throw new Error(`${segmentSeconds} seconds do not divide a window of ${WINDOW_SECONDS}`);
    }
    this.segmentSeconds = segmentSeconds;
  }

  /** Adds a tick; returns it as it is now stored, and its segment. */
  add(tick: Tick): { readonly tick: Tick; readonly segment: Segment } {
    const start = Math.floor(tick.second / this.segmentSeconds) * this.segmentSeconds;
    let segment = this.#segments.get(start);
    if (segment === undefined) {
      segment = { start, ticks: new Map() };
      this.#segments.set(start, segment);
    }
    const earlier = segment.ticks.get(tick.second);
    const merged = earlier === undefined ? tick : filled(earlier, tick);
    segment.ticks.set(tick.second, merged);
    return { tick: merged, segment };
  }

  /** Forgets a segment that was sealed. */
  remove(segment: Segment): void {
    this.#segments.delete(segment.start);
  }

  /** Forgets one second; its segment stays, even empty. */
  drop(second: number): void {
    const start = Math.floor(second / this.segmentSeconds) * this.segmentSeconds;
    this.#segments.get(start)?.ticks.delete(second);
  }

  /** All segments. */
  segments(): Iterable<Segment> {
    return this.#segments.values();
  }

  /** The tick of a second; undefined where there is none. */
  at(second: number): Tick | undefined {
    const start = Math.floor(second / this.segmentSeconds) * this.segmentSeconds;
    return this.#segments.get(start)?.ticks.get(second);
  }

  /** First second of the first segment at or after the given one; Infinity where there is none. */
  nextStart(second: number): number {
    let next = Infinity;
    for (const start of this.#segments.keys()) if (start >= second && start < next) next = start;
    return next;
  }

  /** Writes the values of some rows and one metric into the places of a window's series that have none. */
  fillGaps(series: Int32Array, window: number, rows: readonly number[], metric: number): void {
    const end = (window + 1) * WINDOW_SECONDS;
    for (let start = window * WINDOW_SECONDS; start < end; start += this.segmentSeconds) {
      for (const tick of this.#segments.get(start)?.ticks.values() ?? []) {
        const place = tick.second - window * WINDOW_SECONDS;
        for (const row of rows) {
          if (series[place] === MISSING && row < tick.rows) {
            series[place] = tick.values[metric * tick.rows + row] ?? MISSING;
          }
        }
      }
    }
  }
}

/** The first tick with the values it lacks taken from the second. */
function filled(first: Tick, second: Tick): Tick {
  const rows = Math.max(first.rows, second.rows);
  const columns = Math.max(first.values.length / first.rows, second.values.length / second.rows);
  const values = new Int32Array(columns * rows).fill(MISSING);
  for (const { rows: own, values: from } of [second, first]) {
    for (let column = 0; column * own < from.length; column += 1) {
      for (let row = 0; row < own; row += 1) {
        const value = from[column * own + row] as number;
        if (value !== MISSING) values[column * rows + row] = value;
      }
    }
  }
  return { second: first.second, rows, values };
}
