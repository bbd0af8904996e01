/** Every question of the contract with the query that answers it from a history file. */
import {
  historyQueries,
  type HistoryAnswer,
  type HistoryQueryName,
} from '../../../common/contract/history-queries.ts';
import { problem } from '../../../common/contract/problem.ts';
import { failure, success, type Result } from '../../../common/model/result.ts';
import { clusterHistory } from './cluster.ts';
import { checkpointsAndCounts } from './marks.ts';
import { moment } from './moment.ts';
import { recorded } from './recorded.ts';
import { everyStep } from './seconds.ts';
import { seriesOfNodes } from './series.ts';
import { statistics } from './statistics.ts';
import { top } from './top.ts';
import type { HistoryView, Query } from './view.ts';

const QUERIES: { readonly [Name in HistoryQueryName]: Query<Name> } = {
  history: seriesOfNodes,
  recorded,
  migrations,
  clusterHistory,
  statistics,
  top,
  moment,
  pastProcesses,
  states,
  marks: checkpointsAndCounts,
  seconds: everyStep,
};

/** Answers a question in steps. Throws what SQLite throws, DamagedData, and what zod throws for an input of a wrong form. */
export function* answer<Name extends HistoryQueryName>(
  name: Name,
  input: unknown,
  view: () => HistoryView,
): Generator<void, Result<HistoryAnswer<Name>>, void> {
  const query: Query<Name> = QUERIES[name];
  // The schema is the question's own, which the union of all schemas cannot say.
  const answered = query(view, historyQueries[name].input.parse(input) as Parameters<Query<Name>>[1]);
  return 'ok' in answered ? answered : yield* answered;
}

function migrations(...[view, input]: Parameters<Query<'migrations'>>): Result<HistoryAnswer<'migrations'>> {
  if (input.before !== undefined && input.after !== undefined) {
    return failure(problem('bad-input', 'Migrations are asked for before a number or after one, not both.'));
  }
  return success({ migrations: [...view().tables.records.migrations.read(input)] });
}

function pastProcesses(
  ...[view, { key, time }]: Parameters<Query<'pastProcesses'>>
): Result<HistoryAnswer<'pastProcesses'>> {
  const list = view().tables.records.processes.latest(key, Math.floor(time / 1000));
  return success(
    list === undefined
      ? { time: null, processes: [] }
      : { time: list.second * 1000, processes: [...list.processes] },
  );
}

function states(...[view, input]: Parameters<Query<'states'>>): Result<HistoryAnswer<'states'>> {
  const { keys, limit, ...range } = input;
  const { records } = view().tables;
  const recordings = records.recordings.within({ from: 0, to: range.to });
  const { spans, more } = records.states.spans(range, recordings, keys, limit);
  return success({ spans: [...spans], recordings: [...records.recordings.within(range)], more });
}
