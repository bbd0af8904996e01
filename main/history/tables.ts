/** The history's tables of values as prepared statements: with records/ and the schema the only place with SQL. */
import type Database from 'better-sqlite3';
import type { RecordedNode } from '../../common/model/history.ts';
import { DamagedData } from './codec.ts';
import { NODE_SPAN } from './format.ts';
import { Records } from './records/index.ts';
import type { Tick } from './tail.ts';
import { decodeTick, encodeTick } from './tick-codec.ts';
import { ValueTables } from './values.ts';

export class Tables {
  /** The tables besides those of the values. */
  readonly records: Records;
  readonly values: ValueTables;
  readonly #database: Database.Database;
  readonly #run: (work: () => unknown) => unknown;
  readonly #putTick: Database.Statement<[number, number, Uint8Array]>;
  readonly #deleteTicks: Database.Statement<[number, number]>;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#run = database.transaction((work: () => unknown) => this.values.accounted(work));
    this.#putTick = database.prepare('INSERT OR REPLACE INTO tick (time, rows, v) VALUES (?, ?, ?)');
    this.#deleteTicks = database.prepare('DELETE FROM tick WHERE time >= ? AND time < ?');
    this.values = new ValueTables(database);
    this.records = new Records(database, (part, day, bytes) => this.values.count(part, day, bytes));
  }

  /** Runs the work as one transaction; when it throws, nothing of it was done. */
  transaction<Value>(work: () => Value): Value {
    // What the transaction gives is what the work gave.
    return this.#run(work) as Value;
  }

  putTick(tick: Tick): void {
    this.#putTick.run(tick.second, tick.rows, encodeTick(tick.values, tick.rows));
  }

  /** Deletes the ticks of the seconds [from, to). */
  deleteTicks(from: number, to: number): void {
    this.#deleteTicks.run(from, to);
  }

  /** The ticks of the seconds [from, to). Throws DamagedData. */
  ticks(from: number, to: number): readonly Tick[] {
    const rows = this.#database
      .prepare<[number, number], { time: number; rows: number; v: Buffer }>(
        'SELECT time, rows, v FROM tick WHERE time >= ? AND time < ? ORDER BY time',
      )
      .all(from, to);
    return rows.map(({ time, rows: count, v }) => ({
      second: time,
      rows: count,
      values: decodeTick(v, count),
    }));
  }

  nodes(): readonly RecordedNode[] {
    return this.#database.prepare<[], RecordedNode>('SELECT key, id, name FROM node ORDER BY number').all();
  }

  /** Every node with its lasting number. */
  numberedNodes(): readonly (RecordedNode & { readonly number: number })[] {
    return this.#database
      .prepare<[], RecordedNode & { number: number }>('SELECT number, key, id, name FROM node')
      .all();
  }

  nodeNumber(key: string): number | undefined {
    return this.#database.prepare<[string], number>('SELECT number FROM node WHERE key = ?').pluck().get(key);
  }

  /** The node's lasting number, given out where it is new; its id and name are brought up to date. */
  putNode(node: RecordedNode): number {
    const number = this.#database
      .prepare<[string, number, string], number>(
        `INSERT INTO node (number, key, id, name)
         VALUES ((SELECT coalesce(max(number) + 1, 0) FROM node), ?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET id = excluded.id, name = excluded.name
         RETURNING number`,
      )
      .pluck()
      .get(node.key, node.id, node.name);
    if (number === undefined || number >= NODE_SPAN) {
      throw new Error(`the history cannot hold more than ${NODE_SPAN} nodes`);
    }
    return number;
  }

  /** The number of the node of each row. */
  slots(): readonly number[] {
    const rows = this.#database
      .prepare<[], { slot: number; node: number }>('SELECT slot, node FROM slot ORDER BY slot')
      .all();
    if (rows.some(({ slot }, index) => slot !== index)) throw new DamagedData('the table of rows has a hole');
    return rows.map(({ node }) => node);
  }

  /** The node of each row. */
  slotNodes(): readonly RecordedNode[] {
    const byNumber = new Map(this.numberedNodes().map(({ number, ...node }) => [number, node]));
    return this.slots().map((number) => {
      const node = byNumber.get(number);
      if (node === undefined) throw new DamagedData(`a row belongs to node ${number}, which is not there`);
      return node;
    });
  }

  putSlots(numbers: readonly number[]): void {
    this.#database.exec('DELETE FROM slot');
    const insert = this.#database.prepare('INSERT INTO slot (slot, node) VALUES (?, ?)');
    for (const [slot, number] of numbers.entries()) insert.run(slot, number);
  }

  /** Moves the write-ahead log into the file; the thorough way waits for readers and empties the log. */
  checkpoint(thoroughly: boolean): void {
    this.#database.pragma(`wal_checkpoint(${thoroughly ? 'TRUNCATE' : 'PASSIVE'})`);
  }

  /** Gives up to so many of the free pages back to the file system, but keeps `spare` ones for what comes; false when done. */
  shrink(pages: number, spare: number): boolean {
    const free = (this.#database.pragma('freelist_count', { simple: true }) as number) - spare;
    if (free <= 0) return false;
    this.#database.exec(`PRAGMA incremental_vacuum(${Math.min(pages, free)})`);
    return true;
  }

  /** Writes the whole file anew, without gaps. */
  compact(): void {
    this.#database.exec('VACUUM');
  }

  close(): void {
    this.#database.close();
  }
}
