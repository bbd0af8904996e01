/** The lists of processes that nodes had: a row per list, most of them only what differs from a full one before. */
import type Database from 'better-sqlite3';
import type { ProcessInfo } from '../../../common/model/process.ts';
import { DAY_SECONDS, type Account } from '../chunks.ts';
import { NODE_SPAN } from '../format.ts';
import { hasTable, NodeNumbers } from './node-numbers.ts';
import type { Span } from './recordings.ts';
import { decodeProcessList } from './process-codec.ts';
import type { RowTable, StoredProcessList } from './rows.ts';

/** Bytes that a list takes in its page and in the index, besides what it holds. */
const LIST_BYTES = 36;

/** Lists that differ from a full one which is not there any more are passed over, at most so many. */
const MOST_PASSED_OVER = 500;

/** A node's list of processes at `second`. */
export interface PastList {
  readonly second: number;
  readonly processes: readonly ProcessInfo[];
}

interface Row {
  readonly k: number;
  readonly age: number;
  readonly v: Buffer;
}

export class ProcessListTable implements RowTable<StoredProcessList> {
  readonly #database: Database.Database;
  readonly #numbers: NodeNumbers;
  readonly #account: Account;

  constructor(database: Database.Database, account: Account) {
    this.#database = database;
    this.#account = account;
    this.#numbers = new NodeNumbers(database);
  }

  /** Adds lists; where a second comes twice, because the clock went back, the first one of a node stays. */
  add(rows: readonly StoredProcessList[]): readonly StoredProcessList[] {
    const insert = this.#database.prepare<[number, number, number, Uint8Array]>(
      'INSERT OR IGNORE INTO process_list (k, node, age, v) VALUES (?, ?, ?, ?)',
    );
    for (const { node, second, base, bytes } of rows) {
      const number = this.#numbers.findOrAdd(node);
      const { changes } = insert.run(keyOf(second, number), number, second - base, bytes);
      if (changes > 0) this.#count(second, bytes.length + LIST_BYTES);
    }
    return rows;
  }

  /**
   * The last list of a node at or before `second`, with percent of CPU since the list before it; undefined where there is
   * none. Throws DamagedData.
   */
  latest(key: string, second: number): PastList | undefined {
    if (!hasTable(this.#database, 'process_list')) return undefined;
    const node = this.#numbers.find(key);
    if (node === undefined) return undefined;
    const rows = this.#database
      .prepare<[number, number, number], Row>(
        `SELECT k, age, v FROM process_list WHERE node = ? AND k <= ? ORDER BY k DESC LIMIT ?`,
      )
      .iterate(node, keyOf(second, node), MOST_PASSED_OVER);
    let found: PastList | undefined;
    for (const row of rows) {
      const base = row.age === 0 ? undefined : this.#base(row);
      if (row.age > 0 && base === undefined) continue;
      const at = secondOf(row.k);
      const processes = decodeProcessList(row.v, base?.v, at);
      if (processes === undefined) continue;
      if (found !== undefined) return withPercent(found, { second: at, processes });
      found = { second: at, processes };
    }
    return found;
  }

  /** The second of the oldest and after the newest; undefined where there is none. */
  range(): Span | undefined {
    const [first, last] = ['min', 'max'].map((which) =>
      this.#database.prepare<[], number | null>(`SELECT ${which}(k) FROM process_list`).pluck().get(),
    );
    return typeof first === 'number' && typeof last === 'number'
      ? { from: secondOf(first), to: secondOf(last) + 1 }
      : undefined;
  }

  /**
   * Deletes at most `limit` of the oldest ones: those before a second, and then more until so many bytes are gone. Returns
   * the second of the last one, undefined where there was none to delete.
   */
  deleteOldest(before: number, bytes: number, limit: number): number | undefined {
    const oldest = this.#database
      .prepare<[number], { readonly k: number; readonly size: number }>(
        `SELECT k, length(v) + ${LIST_BYTES} AS size FROM process_list ORDER BY k LIMIT ?`,
      )
      .all(limit);
    const remove = this.#database.prepare('DELETE FROM process_list WHERE k = ?');
    let left = bytes;
    let last: number | undefined;
    for (const { k, size } of oldest) {
      if (secondOf(k) >= before && left <= 0) break;
      remove.run(k);
      this.#count(secondOf(k), -size);
      left -= size;
      last = secondOf(k);
    }
    return last;
  }

  #count(second: number, bytes: number): void {
    this.#account('processes', Math.floor(second / DAY_SECONDS), bytes);
  }

  /** The full list from which a row differs; undefined where it is not there any more. */
  #base({ k, age }: Pick<Row, 'k' | 'age'>): Row | undefined {
    return this.#database
      .prepare<[number], Row>('SELECT k, age, v FROM process_list WHERE k = ? AND age = 0')
      .get(k - age * NODE_SPAN);
  }
}

function keyOf(second: number, node: number): number {
  return second * NODE_SPAN + node;
}

function secondOf(k: number): number {
  return Math.floor(k / NODE_SPAN);
}

/** A list with the percent of CPU that its processes took since the one before. */
function withPercent({ second, processes }: PastList, before: PastList): PastList {
  const seconds = second - before.second;
  const earlier = new Map(before.processes.map((process) => [process.pid, process]));
  return {
    second,
    processes: processes.map((process) => {
      const { started, cpuSeconds } = earlier.get(process.pid) ?? {};
      return started === process.started && cpuSeconds !== undefined
        ? { ...process, cpuPercent: Math.max(0, (100 * (process.cpuSeconds - cpuSeconds)) / seconds) }
        : process;
    }),
  };
}
