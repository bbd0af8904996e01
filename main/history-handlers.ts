/** The calls about the past: every question goes to the histories as it is. */
import { historyQueries, type HistoryQueryName } from '../common/contract/history-queries.ts';
import { problem } from '../common/contract/problem.ts';
import { failure, success } from '../common/model/result.ts';
import type { Handlers } from './calls.ts';
import type { History, HistoryReader } from './history/index.ts';

/** Handlers of `historyQueries`, answered by `past`, and of checkpoints, which are set in the name of `who`. */
export function historyHandlers(
  past: Pick<HistoryReader, 'ask'>,
  history: Pick<History, 'record'>,
  who: string,
): Pick<Handlers, HistoryQueryName | 'addCheckpoint'> {
  const names = Object.keys(historyQueries) as HistoryQueryName[];
  // Each handler asks under its own name, which the type of a list of all of them cannot say.
  const questions: unknown = Object.fromEntries(
    names.map((name) => [name, (input: never) => past.ask(name, input)]),
  );
  return {
    ...(questions as Pick<Handlers, HistoryQueryName>),
    addCheckpoint: async ({ text }) => {
      const stored = await history.record('checkpoints', [{ number: 0, time: Date.now(), who, text }]);
      if (!stored.ok) return stored;
      const [checkpoint] = stored.value;
      return checkpoint === undefined
        ? failure(problem('internal-error', 'The history stored no checkpoint.'))
        : success({ checkpoint });
    },
  };
}
