/**
 * The stretch of the migration log around the second that is shown: what moved lately, since when a process is where it
 * is, and what moved between two seconds. Pure functions over migrations in the order of their times.
 */
import type { Migration } from '../../common/model/migration.ts';

/** Migrations, oldest first: every one of [from, to), and those up to `seen` that were there when it was read. */
export interface MoveLog {
  readonly from: number;
  readonly to: number;
  readonly seen: number;
  readonly moves: readonly Migration[];
}

/** Nothing is known. */
export const NO_MOVES: MoveLog = { from: 0, to: 0, seen: 0, moves: [] };

/** Migrations kept; of more, the oldest are forgotten. */
const MOST = 20_000;

/** The log with what was read from its end on, up to `seen`; it is complete before `to` now. */
export function extended(log: MoveLog, to: number, seen: number, moves: readonly Migration[]): MoveLog {
  const all = [...log.moves.filter(({ time }) => time < log.to), ...moves];
  const kept = all.slice(-MOST);
  const from = kept.length < all.length ? (kept[0]?.time ?? log.from) : log.from;
  return { from, to: Math.max(log.to, to), seen, moves: kept };
}

/** The newest migrations up to a second, newest first. */
export function recentMoves(log: MoveLog, second: number, most: number): readonly Migration[] {
  const end = firstAfter(log, second);
  return log.moves.slice(Math.max(0, end - most), end).toReversed();
}

/** The migrations after one second up to another; none on the way back. */
export function movesBetween(log: MoveLog, before: number, second: number): readonly Migration[] {
  return log.moves.slice(firstAfter(log, before), firstAfter(log, second));
}

/** The last migration of a process up to a second. */
export function lastMove(
  log: MoveLog,
  second: number,
  process: { readonly home: number; readonly pid: number },
): Migration | undefined {
  return log.moves
    .slice(0, firstAfter(log, second))
    .findLast(({ home, pid }) => home === process.home && pid === process.pid);
}

/** Place of the first migration after a second. */
function firstAfter({ moves }: MoveLog, second: number): number {
  let low = 0;
  let high = moves.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moves[middle]?.time ?? Infinity) < second + 1000) low = middle + 1;
    else high = middle;
  }
  return low;
}
