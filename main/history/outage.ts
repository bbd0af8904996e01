/** A time in which the history file cannot be written: what the operator hears of it, and what is lost by it. */
import { type Problem, problem } from '../../common/contract/problem.ts';
import { rowWords, type RowKind } from './records/rows.ts';

/** Seconds kept in memory while nothing can be written. */
export const MAX_PENDING = 600;

export class Outage {
  readonly #file: string;
  readonly #onProblem: (problem: Problem) => void;
  #problem: Problem | undefined;
  #seconds = 0;
  readonly #rows = new Map<RowKind, number>();

  constructor(file: string, onProblem: (problem: Problem) => void) {
    this.#file = file;
    this.#onProblem = onProblem;
  }

  /** Why nothing can be written now. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Something could not be written; said once. */
  begin(trouble: Problem): void {
    if (this.#problem === undefined) {
      const words = `${trouble.message} The last ${MAX_PENDING / 60} minutes are kept in memory meanwhile.`;
      this.#onProblem(problem(trouble.code, words, trouble.detail));
    }
    this.#problem = trouble;
  }

  loseSeconds(count: number): void {
    this.#seconds += count;
  }

  loseRows(lost: ReadonlyMap<RowKind, number>): void {
    for (const [kind, count] of lost) this.#rows.set(kind, (this.#rows.get(kind) ?? 0) + count);
  }

  /** Everything is written: says that recording goes on, where it had stopped. */
  end(): void {
    if (this.#problem === undefined) return;
    const lost = this.#lost();
    const words = lost === '' ? 'nothing was lost' : `of the pause it lacks the oldest ${lost}`;
    this.#onProblem(
      problem(this.#problem.code, `The history file ${this.#file} is written again; ${words}.`),
    );
    this.#problem = undefined;
    this.#seconds = 0;
    this.#rows.clear();
  }

  /** The program ends: says what is lost for good. */
  close(): void {
    const lost = this.#lost();
    if (lost === '') return;
    this.#onProblem(problem('disk-full', `Lost, as nothing could be written to ${this.#file}: ${lost}.`));
  }

  /** In words; empty for nothing. */
  #lost(): string {
    const seconds = this.#seconds === 0 ? [] : [`${this.#seconds} s`];
    const rows = [...this.#rows].map(([kind, count]) => rowWords(kind, count));
    return [...seconds, ...rows].join(' and ');
  }
}
