/** One table of rows of values under packed keys, and the account of the bytes it takes per part and day. */
import type Database from 'better-sqlite3';
import type { HistoryPart } from '../../common/model/retention.ts';

/** Bytes that a row takes in its page besides its value: key, header, its place in the page and its share of free space. */
export const ROW_BYTES = 16;

export const DAY_SECONDS = 86_400;

/** Told of bytes that a part has more (or less) of a day. */
export type Account = (part: HistoryPart, day: number, bytes: number) => void;

/** The shape of one table. */
export interface ChunkShape {
  readonly table: string;
  readonly part: HistoryPart;
  /** Seconds of a period, and keys in it. */
  readonly seconds: number;
  readonly span: number;
}

export class ChunkTable {
  readonly shape: ChunkShape;
  readonly #account: Account;
  readonly #insert: Database.Statement<[number, Uint8Array]>;
  readonly #update: Database.Statement<[Uint8Array, number]>;
  readonly #length: Database.Statement<[number], number>;
  readonly #get: Database.Statement<[number], Buffer>;
  readonly #range: Database.Statement<[number, number], readonly [number, Buffer]>;
  readonly #next: Database.Statement<[number], number>;
  readonly #last: Database.Statement<[number], number>;
  readonly #delete: Database.Statement<[number, number]>;
  readonly #bytes: Database.Statement<[number, number], number>;
  readonly #place: Database.Statement<[number], number>;
  readonly #before: Database.Statement<[number, number], number>;

  constructor(database: Database.Database, shape: ChunkShape, account: Account) {
    const { table } = shape;
    this.shape = shape;
    this.#account = account;
    this.#insert = database.prepare(`INSERT INTO ${table} (k, v) VALUES (?, ?) ON CONFLICT (k) DO NOTHING`);
    this.#update = database.prepare(`UPDATE ${table} SET v = ? WHERE k = ?`);
    this.#length = database.prepare<[number], number>(`SELECT length(v) FROM ${table} WHERE k = ?`).pluck();
    this.#get = database.prepare<[number], Buffer>(`SELECT v FROM ${table} WHERE k = ?`).pluck();
    this.#range = database
      .prepare<[number, number], readonly [number, Buffer]>(
        `SELECT k, v FROM ${table} WHERE k >= ? AND k < ? ORDER BY k`,
      )
      .raw();
    this.#next = database
      .prepare<[number], number>(`SELECT k FROM ${table} WHERE k >= ? ORDER BY k LIMIT 1`)
      .pluck();
    this.#last = database
      .prepare<[number], number>(`SELECT k FROM ${table} WHERE k < ? ORDER BY k DESC LIMIT 1`)
      .pluck();
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE k >= ? AND k < ?`);
    this.#bytes = database
      .prepare<[number, number], number>(
        `SELECT coalesce(sum(length(v) + ${ROW_BYTES}), 0) FROM ${table} WHERE k >= ? AND k < ?`,
      )
      .pluck();
    this.#place = database
      .prepare<[number], number>(`SELECT k FROM ${table} ORDER BY k LIMIT 1 OFFSET ?`)
      .pluck();
    this.#before = database
      .prepare<[number, number], number>(
        `SELECT count(*) FROM (SELECT 1 FROM ${table} WHERE k < ? ORDER BY k LIMIT ?)`,
      )
      .pluck();
  }

  /** First second of a key's period. */
  secondOf(key: number): number {
    return Math.floor(key / this.shape.span) * this.shape.seconds;
  }

  /** First key of the period of a second. */
  keyOf(second: number): number {
    return Math.floor(second / this.shape.seconds) * this.shape.span;
  }

  /** Adds a row; false where there is one already. */
  insert(key: number, bytes: Uint8Array): boolean {
    if (this.#insert.run(key, bytes).changes === 0) return false;
    this.#count(key, bytes.length + ROW_BYTES);
    return true;
  }

  /** Writes a row in the place of what is there. */
  put(key: number, bytes: Uint8Array): void {
    if (this.insert(key, bytes)) return;
    this.#count(key, bytes.length - (this.#length.get(key) ?? 0));
    this.#update.run(bytes, key);
  }

  get(key: number): Buffer | undefined {
    return this.#get.get(key);
  }

  /** The rows with keys in [first, end), in order. */
  range(first: number, end: number): readonly (readonly [number, Buffer])[] {
    return this.#range.all(first, end);
  }

  /** The first key at or after the given one. */
  next(key: number): number | undefined {
    return this.#next.get(key);
  }

  /** The last key below the given one. */
  last(below: number): number | undefined {
    return this.#last.get(below);
  }

  /** The key with so many before it. */
  keyAt(place: number): number | undefined {
    return this.#place.get(place);
  }

  /** How many keys lie below the given one, counted up to a limit. */
  countBefore(key: number, limit: number): number {
    return this.#before.get(key, limit) ?? 0;
  }

  /** Deletes the keys [first, end), which lie in one day. */
  delete(first: number, end: number): void {
    const bytes = this.#bytes.get(first, end) ?? 0;
    this.#delete.run(first, end);
    this.#count(first, -bytes);
  }

  #count(key: number, bytes: number): void {
    this.#account(this.shape.part, Math.floor(this.secondOf(key) / DAY_SECONDS), bytes);
  }
}
