/** The migrations a report is about, oldest first and a page at a time, whatever their number. */
import { setImmediate } from 'node:timers/promises';
import type { Migration } from '../../common/model/migration.ts';
import { Members } from './members.ts';
import type { Selection } from './selection.ts';
import { answerOf, type ReportSource } from './source.ts';

/** Migrations of a page: read in some milliseconds, so that whoever else works in this program does not wait. */
export const PAGE = 2000;

/** A page of the log: those that the report is about, and how far in the range it is. */
export interface LogPage {
  readonly migrations: readonly Migration[];
  /** Time of the last one looked at. */
  readonly time: number;
  /** Migrations so far whose processes could not be told to belong to a chosen group or not. */
  readonly unknown: number;
}

/** Reads the migrations of a selection. Throws ProblemError, and the signal's reason when it is aborted. */
export async function* readLog(
  source: ReportSource,
  selection: Selection,
  signal: AbortSignal,
  pageSize = PAGE,
): AsyncGenerator<LogPage> {
  const { from, to, nodes, allNodes, groups, command, keyOf } = selection;
  const members = groups.length === 0 ? undefined : new Members(source.history, groups, keyOf);
  let [after, begin] = [0, from];
  for (;;) {
    signal.throwIfAborted();
    const { migrations } = await answerOf(
      source.history.ask('migrations', {
        // The page's own begin, so that nothing before it has to be passed over.
        from: begin,
        to,
        ...(allNodes ? {} : { nodes: [...new Set(nodes.map(({ id }) => id))] }),
        ...(command === '' ? {} : { text: command }),
        after,
        limit: pageSize,
      }),
    );
    const last = migrations.at(-1);
    if (last === undefined) return;
    [after, begin] = [last.number, Math.max(from, last.time)];
    const chosen: Migration[] = [];
    for (const migration of migrations) {
      if (members === undefined || (await members.has(migration))) chosen.push(migration);
    }
    yield { migrations: chosen, time: last.time, unknown: members?.unknown ?? 0 };
    if (migrations.length < pageSize) return;
    // Files and answers that are there at once must not keep this program from everything else.
    await setImmediate();
  }
}
