/** Migrations in words, for the log, the map and the ears. */
import type { Migration, MigrationCause } from '../../common/model/migration.ts';
import { count, plainText, span } from '../words/format.ts';

/** Every cause as it is shown and chosen. */
export const CAUSE_WORDS: Readonly<Record<MigrationCause, string>> = {
  operator: 'ordered here',
  balancer: 'balancing',
  'brought-home': 'brought home',
  expelled: 'guests sent away',
  unknown: 'not known',
};

/** Whose name a node has; empty for an id that is not known. */
export type NameOfId = (id: number) => string;

/** A node of a migration by its name: `node3`; what is not known is a dash. */
export function nodeWords(id: number, nameOf: NameOfId): string {
  return id === 0 ? '–' : nameOf(id) || `node ${id}`;
}

/** The process' name, safe to show. */
export function commandWords(migration: Migration): string {
  return plainText(migration.command) || '–';
}

/** How long the move took, from milliseconds: `350 ms`, `1.2 s`, `3 min`; a dash where nobody knows. */
export function durationWords(duration: number | null): string {
  if (duration === null || !Number.isFinite(duration)) return '–';
  if (duration < 1000) return `${Math.round(duration)} ms`;
  return duration < 100_000 ? `${(duration / 1000).toFixed(1)} s` : span(duration / 1000);
}

/** What was seen of it: `moved`, or how many moves were only counted. */
export function resultWords(migration: Migration): string {
  if (migration.result === 'seen') return 'moved';
  return migration.count === 1 ? '1 unseen move' : `${count(migration.count)} unseen moves`;
}

/** The way in one line: `node3 → node7`, or what was only counted. */
export function wayWords(migration: Migration, nameOf: NameOfId): string {
  return migration.result === 'unseen'
    ? resultWords(migration)
    : `${nodeWords(migration.from, nameOf)} → ${nodeWords(migration.to, nameOf)}`;
}
