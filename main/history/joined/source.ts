/** One of several joined histories: what it has, known for a while, and its answers. */
import type {
  HistoryAnswer,
  HistoryInput,
  HistoryQueryName,
  HistoryQuestion,
} from '../../../common/contract/history-queries.ts';
import type { Problem } from '../../../common/contract/problem.ts';
import type { RecordedNode } from '../../../common/model/history.ts';
import { success, type Result } from '../../../common/model/result.ts';
import type { HistoryReader } from '../types.ts';
import type { Span } from './segments.ts';

/** What a history has is asked again after so many milliseconds. */
const KNOWN_MILLISECONDS = 15_000;

/** What a history has: nodes by their keys, and when it recorded. */
export interface Reach {
  readonly nodes: ReadonlyMap<string, RecordedNode>;
  readonly spans: readonly Span[];
}

const NOTHING: Reach = { nodes: new Map(), spans: [] };

/** A history, and whether it is the preferred one. */
export class Source {
  readonly reader: HistoryReader;
  readonly #isPreferred: boolean;
  readonly #onProblem: (problem: Problem) => void;
  #reach: Promise<Result<Reach>> | undefined;
  #asked = -Infinity;
  #failing = false;

  constructor(reader: HistoryReader, isPreferred: boolean, onProblem: (problem: Problem) => void) {
    this.reader = reader;
    this.#isPreferred = isPreferred;
    this.#onProblem = onProblem;
  }

  /** What it has. Fails only for the preferred one; another that does not answer has nothing. */
  reach(): Promise<Result<Reach>> {
    const now = performance.now();
    if (this.#reach === undefined || now - this.#asked > KNOWN_MILLISECONDS) {
      this.#asked = now;
      this.#reach = this.#askReach();
    }
    return this.#reach;
  }

  /**
   * Its answer. Fails only for the preferred one; another that does not answer gives undefined, and the problem is told
   * once until it answers again.
   */
  async ask<Name extends HistoryQueryName>(
    name: Name,
    input: HistoryQuestion<Name> | HistoryInput<Name>,
  ): Promise<Result<HistoryAnswer<Name> | undefined>> {
    // What a schema gives it takes, too; the types of the two cannot say so for every question at once.
    const answer = await this.reader.ask(name, input as HistoryQuestion<Name>);
    if (answer.ok) this.#failing = false;
    else if (this.#isPreferred) return answer;
    else if (answer.problem.code !== 'not-available' && answer.problem.code !== 'not-found') {
      if (!this.#failing) this.#onProblem(answer.problem);
      this.#failing = true;
    }
    return success(answer.ok ? answer.value : undefined);
  }

  async #askReach(): Promise<Result<Reach>> {
    const recorded = await this.ask('recorded', {});
    if (!recorded.ok) {
      this.#asked = -Infinity;
      return recorded;
    }
    if (recorded.value === undefined) {
      // It may answer the next time.
      this.#asked = -Infinity;
      return success(NOTHING);
    }
    const { nodes, from, to } = recorded.value;
    const states =
      from === null || to === null ? undefined : await this.reader.ask('states', { from, to, limit: 1 });
    const ends = from === null || to === null ? [] : [{ from, to }];
    return success({
      nodes: new Map(nodes.map((node) => [node.key, node])),
      spans: states?.ok && states.value.recordings.length > 0 ? states.value.recordings : ends,
    });
  }
}
