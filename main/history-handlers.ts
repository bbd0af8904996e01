/** The calls about the past: every question goes to the history as it is. */
import { historyQueries, type HistoryQueryName } from '../common/contract/history-queries.ts';
import type { Handlers } from './calls.ts';
import type { HistoryReader } from './history/index.ts';

/** Handlers of `historyQueries`. */
export function historyHandlers(history: HistoryReader): Pick<Handlers, HistoryQueryName> {
  const names = Object.keys(historyQueries) as HistoryQueryName[];
  // Each handler asks under its own name, which the type of a list of all of them cannot say.
  const handlers: unknown = Object.fromEntries(
    names.map((name) => [name, (input: never) => history.ask(name, input)]),
  );
  return handlers as Pick<Handlers, HistoryQueryName>;
}
