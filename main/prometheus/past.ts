/** The past as this program knows it: its own history, and behind it the server that the settings name for older times. */
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../common/contract/history-queries.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Result } from '../../common/model/result.ts';
import type { HistoryReader } from '../history/index.ts';
import { joinHistories } from '../history/joined/index.ts';
import { PrometheusHistory } from './read-back.ts';
import type { PrometheusSettings } from './settings.ts';

export class Past implements HistoryReader {
  /** What this machine recorded. */
  readonly own: HistoryReader;
  /** The server; undefined where the settings name none. */
  readonly server: PrometheusHistory | undefined;
  readonly #all: HistoryReader;

  /** `onProblem` is told when the server does not answer, once until it does again. */
  constructor(
    own: HistoryReader,
    settings: PrometheusSettings | undefined,
    onProblem: (problem: Problem) => void,
  ) {
    const { read, labels = {} } = settings ?? {};
    this.own = own;
    this.server = read && new PrometheusHistory({ settings: read, labels });
    this.#all = joinHistories(this.server === undefined ? [own] : [own, this.server], { onProblem });
  }

  ask<Name extends HistoryQueryName>(
    name: Name,
    input: HistoryQuestion<Name>,
  ): Promise<Result<HistoryAnswer<Name>>> {
    return this.#all.ask(name, input);
  }

  /** Closes both. */
  close(): Promise<void> {
    return this.#all.close();
  }
}
