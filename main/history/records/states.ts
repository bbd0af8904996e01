/** The states of nodes: a row per change, and the spans and times that follow from them and from the recording times. */
import type Database from 'better-sqlite3';
import type { NodeState } from '../../../common/contract/block.ts';
import type { RecordedNode, StateSpan } from '../../../common/model/history.ts';
import { hasTable, NodeNumbers } from './node-numbers.ts';
import { spanAt, type Span } from './recordings.ts';
import type { RowTable, StateChange } from './rows.ts';

/** A node as it was shown at a moment. */
export interface NodeThen extends RecordedNode {
  readonly state: NodeState;
  readonly reason: string;
}

/** Milliseconds that a node was in each state, of those of its range in which the program ran. */
export interface StateTimes {
  readonly up: number;
  readonly down: number;
  /** Neither is known. */
  readonly unknown: number;
}

interface Row {
  readonly time: number;
  readonly key: string;
  readonly state: NodeState | null;
  readonly reason: string;
  readonly id: number;
  readonly name: string;
}

const COLUMNS = 's.time, n.key, s.state, s.reason, s.id, s.name';
/** The keys as one JSON text, null for all. */
const OF_KEYS = '(:keys IS NULL OR n.key IN (SELECT value FROM json_each(:keys)))';

export class StateTable implements RowTable<StateChange> {
  readonly #database: Database.Database;
  readonly #numbers: NodeNumbers;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#numbers = new NodeNumbers(database);
  }

  add(rows: readonly StateChange[]): readonly StateChange[] {
    const insert = this.#database.prepare<[number, number, string | null, string, number, string]>(
      'INSERT INTO node_state (node, time, state, reason, id, name) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (const { time, node, state, reason } of rows) {
      insert.run(this.#numbers.findOrAdd(node), Math.round(time), state, reason, node.id, node.name);
    }
    return rows;
  }

  /**
   * The states of nodes over a range, by their begin, as far as `recordings` (those of all time before its end) say that
   * anything was recorded. With more than `limit` of them the answer ends earlier, and `more` is true.
   */
  spans(
    range: Span,
    recordings: readonly Span[],
    keys: readonly string[] | undefined,
    limit: number,
  ): { readonly spans: readonly StateSpan[]; readonly more: boolean } {
    if (!hasTable(this.#database, 'node_state')) return { spans: [], more: false };
    const before = this.#at(range.from - 1, keys);
    const cut = this.#database
      .prepare<[Record<string, unknown>], number>(
        `SELECT s.time FROM node_state s JOIN node n ON n.number = s.node
         WHERE s.time >= :from AND s.time < :to AND ${OF_KEYS} ORDER BY s.time LIMIT 1 OFFSET :limit`,
      )
      .pluck()
      .get({ ...range, keys: listOf(keys), limit: Math.max(0, limit - before.length) });
    const spans: StateSpan[] = [];
    for (const span of this.#each({ from: range.from, to: cut ?? range.to }, recordings, before, keys)) {
      spans.push(span);
    }
    spans.sort((one, other) => one.from - other.from);
    return { spans: spans.slice(0, limit), more: cut !== undefined || spans.length > limit };
  }

  /** How long nodes were up, down or neither in a range; nodes that were not watched in it are missing. */
  times(range: Span, recordings: readonly Span[], keys?: readonly string[]): ReadonlyMap<string, StateTimes> {
    const times = new Map<string, StateTimes>();
    if (!hasTable(this.#database, 'node_state')) return times;
    for (const span of this.#each(range, recordings, this.#at(range.from - 1, keys), keys)) {
      const { up, down, unknown } = times.get(span.key) ?? { up: 0, down: 0, unknown: 0 };
      const length = span.to - span.from;
      times.set(span.key, {
        up: span.state === 'up' ? up + length : up,
        down: span.state === 'down' ? down + length : down,
        unknown: span.state === 'up' || span.state === 'down' ? unknown : unknown + length,
      });
    }
    return times;
  }

  /** Every node that was watched at a moment, as it was shown then; none where nothing was recorded. */
  nodesAt(time: number, recordings: readonly Span[]): readonly NodeThen[] {
    if (!hasTable(this.#database, 'node_state')) return [];
    const now = spanAt(recordings, time);
    if (now === undefined) return [];
    return this.#at(time, undefined).flatMap(({ time: since, key, id, name, state, reason }) =>
      state !== null && spanAt(recordings, since) === now ? [{ key, id, name, state, reason }] : [],
    );
  }

  /** Deletes at most `limit` changes that ended before a time; says how many. */
  deleteBefore(time: number, limit: number): number {
    return this.#database
      .prepare(
        `DELETE FROM node_state WHERE number IN
           (SELECT s.number FROM node_state s WHERE s.time < :time AND EXISTS
             (SELECT 1 FROM node_state later WHERE later.node = s.node AND later.time > s.time AND later.time <= :time)
            ORDER BY s.time LIMIT :limit)`,
      )
      .run({ time, limit }).changes;
  }

  /** The change in force of each node at a moment. */
  #at(time: number, keys: readonly string[] | undefined): readonly Row[] {
    return this.#database
      .prepare<[Record<string, unknown>], Row>(
        `SELECT ${COLUMNS} FROM node n JOIN node_state s ON s.number =
           (SELECT number FROM node_state WHERE node = n.number AND time <= :time
            ORDER BY time DESC, number DESC LIMIT 1)
         WHERE ${OF_KEYS} ORDER BY n.number`,
      )
      .all({ time, keys: listOf(keys) });
  }

  /** Every span of a range, by its end. `before` are the changes in force at its begin. */
  *#each(
    { from, to }: Span,
    recordings: readonly Span[],
    before: readonly Row[],
    keys: readonly string[] | undefined,
  ): Generator<StateSpan> {
    const inForce = new Map(before.map((row) => [row.key, row]));
    const ended = function* (row: Row | undefined, end: number): Generator<StateSpan> {
      const recording = row && spanAt(recordings, row.time);
      if (row === undefined || row.state === null || recording === undefined) return;
      const span = { from: Math.max(from, row.time), to: Math.min(end, recording.to) };
      const { key, state, reason } = row;
      if (span.from < span.to) yield { key, ...span, state, reason };
    };
    const changes = this.#database
      .prepare<[Record<string, unknown>], Row>(
        `SELECT ${COLUMNS} FROM node_state s JOIN node n ON n.number = s.node
         WHERE s.time >= :from AND s.time < :to AND ${OF_KEYS} ORDER BY s.time, s.number`,
      )
      .iterate({ from, to, keys: listOf(keys) });
    for (const row of changes) {
      yield* ended(inForce.get(row.key), row.time);
      inForce.set(row.key, row);
    }
    for (const row of inForce.values()) yield* ended(row, to);
  }
}

function listOf(keys: readonly string[] | undefined): string | null {
  return keys === undefined ? null : JSON.stringify(keys);
}
