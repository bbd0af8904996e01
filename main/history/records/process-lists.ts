/** The lists of processes that nodes had: a row per list, most of them only what differs from a full one before. */
import type Database from 'better-sqlite3';
import type { ProcessInfo } from '../../../common/model/process.ts';
import { NODE_SPAN } from '../format.ts';
import { hasTable, NodeNumbers } from './node-numbers.ts';
import { decodePlaced, decodeProcessList, type PlacedProcess } from './process-codec.ts';
import type { RowTable, StoredProcessList } from './rows.ts';

/** Lists that differ from a full one which is not there any more are passed over, at most so many. */
const MOST_PASSED_OVER = 500;

/** A node's list of processes at `second`. */
export interface PastList {
  readonly second: number;
  readonly processes: readonly ProcessInfo[];
}

/** The processes of a node that were not at home at `second`. */
export interface PastPlaces {
  readonly second: number;
  readonly placed: readonly PlacedProcess[];
}

interface Row {
  readonly k: number;
  readonly age: number;
  readonly v: Buffer;
  readonly placed: Buffer | null;
}

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
      insert.run(keyOf(second, number), number, second - base, bytes, placed);
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
        `SELECT k, age, v, placed FROM process_list WHERE node = ? AND k <= ? ORDER BY k DESC LIMIT ?`,
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

  /** Where the processes of nodes were that were not at home, from the last list of each at or before `second`. */
  placesAt(keys: Iterable<string>, second: number): ReadonlyMap<string, PastPlaces> {
    const places = new Map<string, PastPlaces>();
    if (!hasTable(this.#database, 'process_list')) return places;
    const latest = this.#database.prepare<[number, number], Omit<Row, 'v'>>(
      'SELECT k, age, placed FROM process_list WHERE node = ? AND k <= ? ORDER BY k DESC LIMIT 1',
    );
    for (const key of keys) {
      const node = this.#numbers.find(key);
      const row = node === undefined ? undefined : latest.get(node, keyOf(second, node));
      const placed = row?.placed ?? (row && this.#base(row)?.placed);
      if (row === undefined || placed === null || placed === undefined) continue;
      places.set(key, { second: secondOf(row.k), placed: decodePlaced(placed) });
    }
    return places;
  }

  /** The full list from which a row differs; undefined where it is not there any more. */
  #base({ k, age }: Pick<Row, 'k' | 'age'>): Row | undefined {
    return this.#database
      .prepare<[number], Row>('SELECT k, age, v, placed FROM process_list WHERE k = ? AND age = 0')
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
