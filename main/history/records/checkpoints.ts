/** Checkpoints: moments an operator wants to find again. Set by the program that records, or beside it by the command line. */
import type Database from 'better-sqlite3';
import type { Checkpoint } from '../../../common/model/history.ts';
import { hasTable } from './node-numbers.ts';
import type { RowTable } from './rows.ts';

/** Checkpoints told at once; what more came meanwhile is in the file, and not told. */
const MOST_NEWS = 100;

export class CheckpointTable implements RowTable<Checkpoint> {
  readonly #database: Database.Database;
  /** The newest one that was told, and the file's state then; another look is needed where that changed or one was added. */
  #seen: number | undefined;
  #version: unknown;
  #added = false;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  add(rows: readonly Checkpoint[]): readonly Checkpoint[] {
    this.#seen ??= this.#newest();
    this.#added = true;
    const insert = this.#database.prepare<[number, string, string]>(
      'INSERT INTO checkpoint (time, who, text) VALUES (?, ?, ?)',
    );
    return rows.map((row) => ({
      ...row,
      number: Number(insert.run(Math.round(row.time), row.who, row.text).lastInsertRowid),
    }));
  }

  /** Deletes those before a time. */
  deleteBefore(time: number): void {
    this.#database.prepare('DELETE FROM checkpoint WHERE time < ?').run(time);
  }

  /** Those of a range, in order. */
  within({ from, to }: { readonly from: number; readonly to: number }): readonly Checkpoint[] {
    if (!hasTable(this.#database, 'checkpoint')) return [];
    return this.#database
      .prepare<[number, number], Checkpoint>(
        'SELECT number, time, who, text FROM checkpoint WHERE time >= ? AND time < ? ORDER BY time, number',
      )
      .all(from, to);
  }

  /** Those that were set since the last look, here or by another program; cheap enough for every second. */
  news(): readonly Checkpoint[] {
    const version = this.#database.prepare('PRAGMA data_version').pluck().get();
    if (version === this.#version && !this.#added) return [];
    const newest = this.#newest();
    const seen = this.#seen ?? newest;
    this.#version = version;
    this.#added = false;
    this.#seen = newest;
    if (newest === seen) return [];
    // One that another program sets between these two looks is told at the next.
    return this.#database
      .prepare<[number, number, number], Checkpoint>(
        'SELECT number, time, who, text FROM checkpoint WHERE number > ? AND number <= ? ORDER BY number LIMIT ?',
      )
      .all(seen, newest, MOST_NEWS);
  }

  #newest(): number {
    const newest = this.#database
      .prepare<[], number | null>('SELECT max(number) FROM checkpoint')
      .pluck()
      .get();
    return newest ?? 0;
  }
}
