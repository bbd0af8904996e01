/** The entries a log window holds: newest first, one per number, and which of the pushed ones it wants. Pure functions. */
import { ownNumber } from '../../common/model/log-number.ts';
import type { Migration, MigrationCause } from '../../common/model/migration.ts';

/** What the operator wants to see. Times are milliseconds since 1970; undefined does not restrict. */
export interface LogFilter {
  readonly node: number | undefined;
  readonly cause: MigrationCause | undefined;
  /** Part of the command. */
  readonly text: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
}

export const NO_FILTER: LogFilter = {
  node: undefined,
  cause: undefined,
  text: '',
  from: undefined,
  to: undefined,
};

/** Most entries a window holds; older ones are read again when somebody scrolls to them. */
export const MOST_ENTRIES = 200_000;

/** Whether a pushed migration belongs into the log as it is filtered; the same rule as the back end's. */
export function passes(migration: Migration, filter: LogFilter): boolean {
  const { node, cause, text, from, to } = filter;
  return (
    (node === undefined || migration.from === node || migration.to === node || migration.home === node) &&
    (cause === undefined || migration.cause === cause) &&
    (text === '' || migration.command.toLowerCase().includes(text.toLowerCase())) &&
    (from === undefined || migration.time >= from) &&
    (to === undefined || migration.time < to)
  );
}

/**
 * The entries with those pushed: a number that is there already is replaced in its place, or goes where it does not pass
 * any more; newer ones come first. What is older than the last entry belongs to a page that was not read and is left.
 */
export function withPushed(
  entries: readonly Migration[],
  pushed: readonly Migration[],
  filter: LogFilter,
): readonly Migration[] {
  const news = new Map(pushed.map((migration) => [migration.number, migration]));
  // Numbers of another log say nothing about what is new in the one that goes on.
  const newest = entries.find(({ number }) => ownNumber(number).log === 0)?.number ?? 0;
  let replaced = false;
  const kept: Migration[] = [];
  for (const entry of entries) {
    const update = news.get(entry.number);
    if (update === undefined) kept.push(entry);
    else {
      replaced = true;
      news.delete(entry.number);
      if (passes(update, filter)) kept.push(update);
    }
  }
  const later = [...news.values()]
    .filter((migration) => migration.number > newest && passes(migration, filter))
    .sort((a, b) => b.number - a.number);
  if (later.length === 0) return replaced ? kept : entries;
  return [...later, ...kept].slice(0, MOST_ENTRIES);
}

/** The entries with the next page of older ones. */
export function withOlder(entries: readonly Migration[], page: readonly Migration[]): readonly Migration[] {
  const known = new Set(entries.map((entry) => entry.number));
  return [...entries, ...page.filter((migration) => !known.has(migration.number))];
}
