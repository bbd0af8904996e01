/** The lists of processes that nodes had: a row per list, most of them only what differs from a full one before. */
import type Database from 'better-sqlite3';
import { NODE_SPAN } from '../format.ts';
import { NodeNumbers } from './node-numbers.ts';
import type { RowTable, StoredProcessList } from './rows.ts';

export class ProcessListTable implements RowTable<StoredProcessList> {
  readonly #database: Database.Database;
  readonly #numbers: NodeNumbers;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#numbers = new NodeNumbers(database);
  }

  /** Adds lists; where a second comes twice, because the clock went back, the first one of a node stays. */
  add(rows: readonly StoredProcessList[]): readonly StoredProcessList[] {
    const insert = this.#database.prepare<[number, number, number, Uint8Array, Uint8Array | null]>(
      'INSERT OR IGNORE INTO process_list (k, node, age, v, placed) VALUES (?, ?, ?, ?, ?)',
    );
    for (const { node, second, base, bytes, placed } of rows) {
      const number = this.#numbers.findOrAdd(node);
      insert.run(second * NODE_SPAN + number, number, second - base, bytes, placed);
    }
    return rows;
  }
}
