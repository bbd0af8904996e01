/** When the program recorded: one row per span, open while it does. What happened outside of them nobody knows. */
import type Database from 'better-sqlite3';
import { hasTable } from './node-numbers.ts';
import type { Recording, RowTable } from './rows.ts';

/** A time range [from, to) in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A change is told up to so many milliseconds beside the second under which it was recorded. */
const BESIDE_MILLISECONDS = 1000;

/** Seconds without a tick that end a recording: the machine slept, or the program hung. */
const LONGEST_PAUSE = 10;

export class RecordingTable implements RowTable<Recording> {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Adds spans, or ends those that are there. */
  add(rows: readonly Recording[]): readonly Recording[] {
    const put = this.#database.prepare<[Recording]>(
      'INSERT INTO recording (begun, ended) VALUES (:begun, :ended) ON CONFLICT (begun) DO UPDATE SET ended = excluded.ended',
    );
    for (const row of rows) put.run(row);
    return rows;
  }

  /** Ends what a crash left open, at the last second in the file. To be run before the ticks are taken away. */
  endLeftOpen(): void {
    this.#database.prepare('UPDATE recording SET ended = max(begun, ?) WHERE ended IS NULL').run(this.#end());
  }

  /** Deletes those that ended before a second. */
  deleteBefore(second: number): void {
    this.#database.prepare('DELETE FROM recording WHERE ended < ?').run(second);
  }

  /** The spans that reach into a range, cut to it, in order; those that overlap are one. One that is open ends now. */
  within({ from, to }: Span): readonly Span[] {
    if (!hasTable(this.#database, 'recording')) return [];
    const rows = this.#database
      .prepare<[number, number], Span>(
        `SELECT begun * 1000 AS "from", coalesce(ended, ?) * 1000 AS "to" FROM recording
         WHERE begun * 1000 < ? ORDER BY begun`,
      )
      .all(this.#end(), to);
    const joined: Span[] = [];
    for (const row of rows) {
      const last = joined.at(-1);
      if (last !== undefined && row.from <= last.to) {
        joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, row.to) };
      } else joined.push(row);
    }
    return joined
      .map((span) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to) }))
      .filter((span) => span.from < span.to);
  }

  /** The second after the last one that anything was recorded in; 0 for an empty file. */
  #end(): number {
    const tick = this.#database.prepare<[], number | null>('SELECT max(time) FROM tick').pluck().get();
    if (typeof tick === 'number') return tick + 1;
    const state = this.#database.prepare<[], number | null>('SELECT max(time) FROM node_state').pluck().get();
    return typeof state === 'number' ? Math.floor(state / 1000) + 1 : 0;
  }
}

/** The span in which something recorded at `time` was recorded; undefined where nothing was. `spans` are in order. */
export function spanAt(spans: readonly Span[], time: number): Span | undefined {
  return spans.findLast(
    ({ from, to }) => from - BESIDE_MILLISECONDS <= time && time < to + BESIDE_MILLISECONDS,
  );
}

/** Follows the seconds as they come; says when a recording begins or ends. */
export class RecordingClock {
  #begun: number | undefined;
  #last = 0;

  /** A second is recorded: what is to be written of it. */
  take(second: number): readonly Recording[] {
    const paused = second < this.#last || second - this.#last > LONGEST_PAUSE;
    const ended = paused ? this.end() : [];
    this.#last = second;
    if (this.#begun !== undefined) return ended;
    this.#begun = second;
    return [...ended, { begun: second, ended: null }];
  }

  /** The present recording anew, for a file that takes the place of another. */
  again(): readonly Recording[] {
    return this.#begun === undefined ? [] : [{ begun: this.#begun, ended: null }];
  }

  /** The recording ends with the last second taken. */
  end(): readonly Recording[] {
    const begun = this.#begun;
    this.#begun = undefined;
    return begun === undefined ? [] : [{ begun, ended: this.#last + 1 }];
  }
}
