/** The numbers of nodes in the file, for the tables that refer to them; and whether a file has a table at all. */
import type Database from 'better-sqlite3';
import type { RecordedNode } from '../../../common/model/history.ts';

/** Whether the file has the table: one that was not written since its layout came has none. */
export function hasTable(database: Database.Database, name: string): boolean {
  return (
    database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined
  );
}

/** Gives nodes their lasting numbers; what is known of a node stays as it is. */
export class NodeNumbers {
  readonly #database: Database.Database;
  #find: Database.Statement<[string], number> | undefined;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** The node's number; undefined for one that was never recorded. */
  find(key: string): number | undefined {
    this.#find ??= this.#database.prepare<[string], number>('SELECT number FROM node WHERE key = ?').pluck();
    return this.#find.get(key);
  }

  /** The node's number, given out where it is new. To be run inside a transaction. */
  findOrAdd({ key, id, name }: RecordedNode): number {
    const known = this.find(key);
    if (known !== undefined) return known;
    const added = this.#database
      .prepare<[string, number, string], number>(
        `INSERT INTO node (number, key, id, name)
         VALUES ((SELECT coalesce(max(number) + 1, 0) FROM node), ?, ?, ?) RETURNING number`,
      )
      .pluck()
      .get(key, id, name);
    if (added === undefined) throw new Error(`the node ${key} got no number`);
    return added;
  }
}
