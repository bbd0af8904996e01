/**
 * Where processes were that were not at home: a row per second in which that changed, and a full list now and then. What
 * is not known for certain is left out.
 */
import type Database from 'better-sqlite3';
import type { Placement } from '../../../common/model/migration.ts';
import { DAY_SECONDS, type Account } from '../chunks.ts';
import type { Records } from './index.ts';
import { hasTable } from './node-numbers.ts';
import { decodePlacements, FULL_PLACEMENTS_SECONDS, placementKey } from './placement-codec.ts';
import { spanAt, type Span } from './recordings.ts';
import type { RowTable, StoredPlacements } from './rows.ts';

/** Bytes that a row takes in its page besides what it holds. */
const PLACEMENT_BYTES = 22;

/** The last full list is at most so old: it may have been due when a few seconds were left out. */
const OLDEST_FULL_MILLISECONDS = (FULL_PLACEMENTS_SECONDS + 10) * 1000;

interface Row {
  readonly serial: number;
  readonly time: number;
  readonly full: number;
  readonly v: Buffer;
}

/** Every process that was not at home at `time` (milliseconds since 1970). Throws what SQLite throws, and DamagedData. */
export function placementsAt({ recordings, placements }: Records, time: number): readonly Placement[] {
  const recording = spanAt(recordings.within({ from: 0, to: time + 1000 }), time);
  return recording === undefined ? [] : placements.at(time, recording.from - 1000);
}

export class PlacementTable implements RowTable<StoredPlacements> {
  readonly #database: Database.Database;
  readonly #account: Account;

  constructor(database: Database.Database, account: Account) {
    this.#database = database;
    this.#account = account;
  }

  add(rows: readonly StoredPlacements[]): readonly StoredPlacements[] {
    const insert = this.#database.prepare<[number, number, number, Uint8Array]>(
      'INSERT INTO placement (serial, time, full, v) VALUES (?, ?, ?, ?)',
    );
    for (const { serial, time, full, bytes } of rows) {
      insert.run(serial, Math.round(time), full ? 1 : 0, bytes);
      this.#count(time, bytes.length + PLACEMENT_BYTES);
    }
    return rows;
  }

  /**
   * Those of a moment in a recording that began at `since`, both in milliseconds; none where a row between may have been
   * lost. Throws DamagedData.
   */
  at(time: number, since: number): readonly Placement[] {
    if (!hasTable(this.#database, 'placement')) return [];
    // Where the clock went back into it, the later one goes on.
    const full = this.#database
      .prepare<[number, number], number | null>(
        'SELECT max(number) FROM placement WHERE full = 1 AND time >= ? AND time <= ?',
      )
      .pluck()
      .get(Math.max(since, time - OLDEST_FULL_MILLISECONDS), time);
    if (typeof full !== 'number') return [];
    const rows = this.#database
      .prepare<[number], Row>('SELECT serial, time, full, v FROM placement WHERE number >= ? ORDER BY number')
      .iterate(full);
    const known = new Map<number, Placement>();
    let last: number | undefined;
    for (const row of rows) {
      if (last !== undefined) {
        // 0 is the first of another run of the program.
        if (row.serial !== last + 1 && row.serial !== 0) return [];
        if (row.full === 1 || row.time > time) break;
      }
      const { ended, placed } = decodePlacements(row.v);
      for (const key of ended) known.delete(key);
      for (const placement of placed) known.set(placementKey(placement), placement);
      last = row.serial;
    }
    return [...known.values()];
  }

  /** From the first to after the last, in milliseconds; undefined where there is none. */
  range(): Span | undefined {
    const [first, last] = ['ASC', 'DESC'].map((order) =>
      this.#database
        .prepare<[], number>(`SELECT time FROM placement ORDER BY number ${order} LIMIT 1`)
        .pluck()
        .get(),
    );
    return first === undefined || last === undefined ? undefined : { from: first, to: last + 1 };
  }

  /**
   * Deletes at most `limit` of those recorded first: those before a time (milliseconds), and then more until so many bytes
   * are gone. Returns how many.
   */
  deleteOldest(before: number, bytes: number, limit: number): number {
    const oldest = this.#database
      .prepare<[number], { readonly number: number; readonly time: number; readonly size: number }>(
        `SELECT number, time, length(v) + ${PLACEMENT_BYTES} AS size FROM placement ORDER BY number LIMIT ?`,
      )
      .all(limit);
    const remove = this.#database.prepare('DELETE FROM placement WHERE number = ?');
    let left = bytes;
    let deleted = 0;
    for (const { number, time, size } of oldest) {
      if (time >= before && left <= 0) break;
      remove.run(number);
      this.#count(time, -size);
      left -= size;
      deleted += 1;
    }
    return deleted;
  }

  #count(time: number, bytes: number): void {
    this.#account('processes', Math.floor(time / 1000 / DAY_SECONDS), bytes);
  }
}
