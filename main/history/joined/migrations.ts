/**
 * One migration log out of several: each history's within its own segments, and the numbers by which pages are turned.
 * The preferred history keeps its numbers, so that what is pushed of it later fits; those of the others are moved up.
 */
import { joinedNumber, ownNumber } from '../../../common/model/log-number.ts';
import type { Migration } from '../../../common/model/migration.ts';
import type { HistoryAnswer, HistoryInput } from '../../../common/contract/history-queries.ts';
import { success, type Result } from '../../../common/model/result.ts';
import type { Segment } from './segments.ts';

type Query = HistoryInput<'migrations'>;
type Answer = HistoryAnswer<'migrations'>;

/** Asks one history, by its place; in its own numbers. */
export type AskLog = (reader: number, query: Query) => Promise<Result<Answer>>;

/** Two programs that see the same move see it at most so many milliseconds apart. */
const SAME_MOVE_MILLISECONDS = 3000;

/** One page of the joined log, segment by segment in the direction of the page. */
export async function joinMigrations(
  query: Query,
  segments: readonly Segment[],
  ask: AskLog,
): Promise<Result<Answer>> {
  const ascending = query.after !== undefined;
  const place = query.after ?? query.before;
  const cursor = place === undefined || place === 0 ? undefined : ownNumber(place);
  const last = cursor === undefined ? undefined : await migrationAt(cursor, ask);
  const found: { readonly reader: number; readonly migration: Migration }[] = [];
  for (const segment of ascending ? segments : segments.toReversed()) {
    if (found.length >= query.limit) break;
    if (last !== undefined && (ascending ? segment.to <= last.time : segment.from > last.time)) continue;
    const isCursors = cursor?.log === segment.reader;
    const answer = await ask(segment.reader, {
      ...query,
      ...openEnds(segment, segments, query),
      before: !ascending && isCursors ? cursor.own : undefined,
      after: ascending ? (isCursors ? cursor.own : 0) : undefined,
      limit: query.limit - found.length,
    });
    if (!answer.ok) return answer;
    const known = [
      ...found,
      ...(last === undefined || cursor === undefined ? [] : [{ reader: cursor.log, migration: last }]),
    ];
    for (const migration of answer.value.migrations) {
      const isDouble = known.some(
        (other) => other.reader !== segment.reader && isSameMove(other.migration, migration),
      );
      if (!isDouble) found.push({ reader: segment.reader, migration });
    }
  }
  return success({
    migrations: found.map(({ reader, migration }) => ({
      ...migration,
      number: joinedNumber(reader, migration.number),
    })),
  });
}

/** The first and the last segment reach as far as the query does. */
function openEnds(
  segment: Segment,
  segments: readonly Segment[],
  { from, to }: Query,
): Pick<Query, 'from' | 'to'> {
  return {
    from: segment === segments[0] ? from : segment.from,
    to: segment === segments.at(-1) ? to : segment.to,
  };
}

/** The entry of a number; missing where it was deleted since. */
async function migrationAt(
  { log, own }: { readonly log: number; readonly own: number },
  ask: AskLog,
): Promise<Migration | undefined> {
  const answer = await ask(log, { before: own + 1, limit: 1 });
  const [migration] = answer.ok ? answer.value.migrations : [];
  return migration?.number === own ? migration : undefined;
}

function isSameMove(one: Migration, other: Migration): boolean {
  return (
    Math.abs(one.time - other.time) <= SAME_MOVE_MILLISECONDS &&
    one.home === other.home &&
    one.pid === other.pid &&
    one.from === other.from &&
    one.to === other.to &&
    one.result === other.result
  );
}
