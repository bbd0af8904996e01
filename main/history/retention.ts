/** How long values are kept: what is too old or too much is deleted, oldest first, in small portions. */
import type { PartUse } from '../../common/model/history.ts';
import { RESOLUTIONS, type HistoryPart, type Keeping, type Retention } from '../../common/model/retention.ts';
import { type ChunkTable, DAY_SECONDS, ROW_BYTES } from './chunks.ts';
import type { ValueTables } from './values.ts';

/** Rows deleted at a time: some hundred kilobytes, a few milliseconds of work. */
const NODE_ROWS = 300;
const ACROSS_ROWS = 12;

const MEGABYTE = 1e6;

/**
 * Deletes a portion of what a retention does not keep; false where there is nothing more. `now` is in seconds, undefined
 * while the clock cannot be trusted: then nothing is deleted for its age. To be run inside a transaction.
 */
export function deletePortion(tables: ValueTables, retention: Retention, now: number | undefined): boolean {
  return RESOLUTIONS.some((resolution) => {
    const table = tables[resolution];
    const { part } = table.shape;
    const first = table.next(0);
    if (first === undefined) return false;
    const keeping = retention[part];
    const rows = Math.min(
      resolution <= 10 ? NODE_ROWS : ACROSS_ROWS,
      Math.max(rowsTooOld(table, keeping, now), rowsTooMuch(table, keeping, tables.bytes(part))),
    );
    if (rows === 0) return false;
    // A portion lies in one day, by which the bytes are counted.
    const dayEnd = (Math.floor(table.secondOf(first) / DAY_SECONDS) + 1) * DAY_SECONDS;
    const end = Math.min(table.keyAt(rows) ?? Infinity, table.keyOf(dayEnd));
    const last = table.last(end) ?? first;
    table.delete(first, end);
    tables.putKept(part, table.secondOf(last) + table.shape.seconds);
    return true;
  });
}

/** Rows at the beginning that are older than they are to be. */
function rowsTooOld(table: ChunkTable, { days }: Keeping, now: number | undefined): number {
  if (days === null || now === undefined) return 0;
  return table.countBefore(table.keyOf(now - days * DAY_SECONDS), NODE_ROWS);
}

/** Rows at the beginning that must go so that no more is there than may be, by the size of the first. */
function rowsTooMuch(table: ChunkTable, { megabytes }: Keeping, bytes: number): number {
  if (megabytes === null || bytes <= megabytes * MEGABYTE) return 0;
  const [[, first] = [0, Buffer.alloc(0)]] = table.range(0, (table.next(0) ?? 0) + 1);
  return Math.ceil((bytes - megabytes * MEGABYTE) / (first.length + ROW_BYTES));
}

/** Days of which the bytes are taken for the cost of a day, and the least time of recording that tells it. */
const COST_DAYS = 7;
const LEAST_SECONDS = 3600;

/** What the values take, by part. `recordedSeconds` says how long anything was recorded from one second to another. */
export function useOfValues(
  tables: ValueTables,
  recordedSeconds: (from: number, to: number) => number,
): readonly PartUse[] {
  return RESOLUTIONS.map((resolution): PartUse => {
    const table = tables[resolution];
    const { part, seconds } = table.shape;
    const bytes = tables.bytes(part);
    const [first, last] = [table.next(0), table.last(Number.MAX_SAFE_INTEGER)];
    if (first === undefined || last === undefined)
      return { part, bytes, from: null, to: null, bytesPerDay: NaN };
    const [from, to] = [table.secondOf(first), table.secondOf(last) + seconds];
    const bytesPerDay = costOfDay(tables, part, from, to, recordedSeconds);
    return { part, bytes, from: from * 1000, to: to * 1000, bytesPerDay };
  });
}

/** Bytes that a day of recording adds to a part of which there is something of the seconds [from, to); NaN of too little. */
export function costOfDay(
  tables: ValueTables,
  part: HistoryPart,
  from: number,
  to: number,
  recordedSeconds: (from: number, to: number) => number,
): number {
  const day = Math.max(Math.floor(from / DAY_SECONDS), Math.floor((to - 1) / DAY_SECONDS) - COST_DAYS);
  const recorded = recordedSeconds(Math.max(from, day * DAY_SECONDS), to);
  return recorded < LEAST_SECONDS ? NaN : (tables.bytes(part, day) / recorded) * DAY_SECONDS;
}

/** A clock that jumps ahead may be wrong, and is not to cost the history: it is believed after an hour of recording. */
const JUMP_SECONDS = DAY_SECONDS;
const TRUST_SECONDS = 3600;

/** Follows the seconds that are recorded; says whether their clock can be trusted to delete by. */
export class TrustedClock {
  #last: number | undefined;
  #wait = 0;

  /** `last` is the latest second that was recorded before, if any. */
  constructor(last: number | undefined) {
    this.#last = last;
  }

  /** Takes the next second; returns it once it can be trusted. */
  take(second: number): number | undefined {
    if (this.#last !== undefined && second - this.#last > JUMP_SECONDS) this.#wait = TRUST_SECONDS;
    else if (this.#wait > 0) this.#wait -= 1;
    this.#last = second;
    return this.#wait === 0 ? second : undefined;
  }
}
