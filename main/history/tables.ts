/** The history's tables of values as prepared statements: with records/ and the schema the only place with SQL. */
import type Database from 'better-sqlite3';
import type { RecordedNode } from '../../common/model/history.ts';
import { DamagedData } from './codec.ts';
import { NODE_SPAN } from './format.ts';
import { Records } from './records/index.ts';
import type { Tick } from './tail.ts';
import { decodeTick, encodeTick } from './tick-codec.ts';

export class Tables {
  /** The tables besides those of the values. */
  readonly records: Records;
  readonly #database: Database.Database;
  readonly #putTick: Database.Statement<[number, number, Uint8Array]>;
  readonly #deleteTicks: Database.Statement<[number, number]>;
  readonly #insertChunk: Database.Statement<[number, Uint8Array]>;
  readonly #updateChunk: Database.Statement<[Uint8Array, number]>;
  readonly #chunk: Database.Statement<[number], Buffer>;
  readonly #chunks: Database.Statement<[number, number], readonly [number, Buffer]>;
  readonly #nextKey: Database.Statement<[number], number>;

  constructor(database: Database.Database) {
    this.#database = database;
    this.records = new Records(database);
    this.#putTick = database.prepare('INSERT OR REPLACE INTO tick (time, rows, v) VALUES (?, ?, ?)');
    this.#deleteTicks = database.prepare('DELETE FROM tick WHERE time >= ? AND time < ?');
    this.#insertChunk = database.prepare('INSERT INTO chunk (k, v) VALUES (?, ?) ON CONFLICT (k) DO NOTHING');
    this.#updateChunk = database.prepare('UPDATE chunk SET v = ? WHERE k = ?');
    this.#chunk = database.prepare<[number], Buffer>('SELECT v FROM chunk WHERE k = ?').pluck();
    this.#chunks = database
      .prepare<[number, number], readonly [number, Buffer]>('SELECT k, v FROM chunk WHERE k >= ? AND k <= ?')
      .raw();
    this.#nextKey = database
      .prepare<[number], number>('SELECT k FROM chunk WHERE k >= ? ORDER BY k LIMIT 1')
      .pluck();
  }

  /** Runs the work as one transaction; when it throws, nothing of it was done. */
  transaction<Value>(work: () => Value): Value {
    return this.#database.transaction(work)();
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

  /** Adds a chunk; false where there is one already. */
  insertChunk(key: number, bytes: Uint8Array): boolean {
    return this.#insertChunk.run(key, bytes).changes > 0;
  }

  updateChunk(key: number, bytes: Uint8Array): void {
    this.#updateChunk.run(bytes, key);
  }

  chunk(key: number): Buffer | undefined {
    return this.#chunk.get(key);
  }

  /** The chunks with keys in [first, last], in order. */
  chunks(first: number, last: number): readonly (readonly [number, Buffer])[] {
    return this.#chunks.all(first, last);
  }

  /** The first key at or after the given one. */
  nextKey(key: number): number | undefined {
    return this.#nextKey.get(key);
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

  /** Gives free pages back to the file system. */
  shrink(): void {
    this.#database.exec('PRAGMA incremental_vacuum');
  }

  close(): void {
    this.#database.close();
  }
}
