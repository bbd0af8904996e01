/** What the queries of a history read: the open file and the seconds that are not sealed in it yet. */
import type {
  HistoryAnswer,
  HistoryInput,
  HistoryQueryName,
} from '../../../common/contract/history-queries.ts';
import type { RecordedNode } from '../../../common/model/history.ts';
import type { Result } from '../../../common/model/result.ts';
import type { Tables } from '../tables.ts';
import type { Tail } from '../tail.ts';

/** One moment of a history. A writer may change it between two steps of a query. */
export interface HistoryView {
  readonly tables: Tables;
  readonly tail: Tail;
  /** The node of each row of the tail. */
  readonly rows: readonly RecordedNode[];
}

/**
 * Answers one question, at once or in steps: a long one yields between pieces of work, so that it does not hold up the
 * writing, and asks `view` anew after each. Throws what SQLite throws, and DamagedData.
 */
export type Query<Name extends HistoryQueryName> = (
  view: () => HistoryView,
  input: HistoryInput<Name>,
) => Result<HistoryAnswer<Name>> | Generator<void, Result<HistoryAnswer<Name>>, void>;
