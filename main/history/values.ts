/** All tables of values, and what they take by part and day. */
import type Database from 'better-sqlite3';
import type { HistoryPart, Resolution } from '../../common/model/retention.ts';
import { type ChunkShape, ChunkTable } from './chunks.ts';
import { HOUR_SECONDS, NODE_SPAN, WINDOW_SECONDS, metricKey } from './format.ts';
import type { KeptSince } from './spans.ts';

/** Seconds and 10 s roll-ups by node, minutes and hours across nodes. */
const SHAPES: { readonly [Seconds in Resolution]: ChunkShape } = {
  1: { table: 'chunk', part: '1s', seconds: WINDOW_SECONDS, span: NODE_SPAN },
  10: { table: 'chunk10', part: '10s', seconds: WINDOW_SECONDS, span: NODE_SPAN },
  60: { table: 'chunk60', part: '1m', seconds: HOUR_SECONDS, span: metricKey(1, 0) },
  3600: { table: 'chunk3600', part: '1h', seconds: HOUR_SECONDS, span: metricKey(1, 0) },
};

/** The minutes of windows whose hour is not rolled yet. */
const MINUTES_SHAPE: ChunkShape = { ...SHAPES[60], table: 'minutes', seconds: WINDOW_SECONDS };

export class ValueTables {
  readonly 1: ChunkTable;
  readonly 10: ChunkTable;
  readonly 60: ChunkTable;
  readonly 3600: ChunkTable;
  readonly minutes: ChunkTable;
  readonly #database: Database.Database;
  /** Bytes that parts have more of a day, written with the transaction. */
  readonly #volumes = new Map<string, { part: HistoryPart; day: number; bytes: number }>();

  constructor(database: Database.Database) {
    this.#database = database;
    const table = (shape: ChunkShape): ChunkTable =>
      new ChunkTable(database, shape, (part, day, bytes) => this.count(part, day, bytes));
    this[1] = table(SHAPES[1]);
    this[10] = table(SHAPES[10]);
    this[60] = table(SHAPES[60]);
    this[3600] = table(SHAPES[3600]);
    this.minutes = table(MINUTES_SHAPE);
  }

  /** The second before which each resolution was deleted; 0 where nothing was. */
  keptSince(): KeptSince {
    const rows = this.#database
      .prepare<[], readonly [HistoryPart, number]>('SELECT part, since FROM kept')
      .raw()
      .all();
    const since = new Map(rows);
    return {
      1: since.get('1s') ?? 0,
      10: since.get('10s') ?? 0,
      60: since.get('1m') ?? 0,
      3600: since.get('1h') ?? 0,
    };
  }

  /** The end of the latest window that has values; undefined where there is none. */
  lastSecond(): number | undefined {
    const ends = [this[1], this[10]].flatMap((table) => {
      const key = table.last(Number.MAX_SAFE_INTEGER);
      return key === undefined ? [] : [table.secondOf(key) + table.shape.seconds];
    });
    return ends.length === 0 ? undefined : Math.max(...ends);
  }

  /** Notes that a part has nothing complete before a second any more. */
  putKept(part: HistoryPart, since: number): void {
    this.#database
      .prepare(
        `INSERT INTO kept (part, since) VALUES (?, ?)
         ON CONFLICT (part) DO UPDATE SET since = max(since, excluded.since)`,
      )
      .run(part, since);
  }

  /** Bytes of a part, of all days or from one on. */
  bytes(part: HistoryPart, fromDay = 0): number {
    const bytes = this.#database
      .prepare<[string, number], number>(
        'SELECT coalesce(sum(bytes), 0) FROM volume WHERE part = ? AND day >= ?',
      )
      .pluck()
      .get(part, fromDay);
    return bytes ?? 0;
  }

  /** Does work inside a transaction and keeps the account of it. */
  accounted<Value>(work: () => Value): Value {
    this.#volumes.clear();
    const value = work();
    const put = this.#database.prepare(
      `INSERT INTO volume (part, day, bytes) VALUES (?, ?, ?)
       ON CONFLICT (part, day) DO UPDATE SET bytes = bytes + excluded.bytes`,
    );
    for (const { part, day, bytes } of this.#volumes.values()) put.run(part, day, bytes);
    return value;
  }

  /** Notes that a part has so many bytes more of a day, or less; written with the transaction. */
  count(part: HistoryPart, day: number, bytes: number): void {
    const key = `${part} ${day}`;
    const volume = this.#volumes.get(key);
    if (volume === undefined) this.#volumes.set(key, { part, day, bytes });
    else volume.bytes += bytes;
  }
}
