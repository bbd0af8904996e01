/**
 * Questions to the operator that several sessions have at once: asked once, answered for all, and not asked again after
 * a refusal until the operator himself tries again.
 */
import type { Prompter, Question } from '../prompter.ts';

type Answer = readonly string[] | null;

interface OpenQuestion {
  readonly answer: Promise<Answer>;
  readonly end: AbortController;
  waiting: number;
}

/** The questions of one service. */
export class SharedQuestions {
  readonly #prompter: Prompter;
  readonly #open = new Map<string, OpenQuestion>();
  readonly #refused = new Set<string>();

  constructor(prompter: Prompter) {
    this.#prompter = prompter;
  }

  /**
   * Asks, or joins those who have asked under the same key. Resolves with null when it was refused (now, or before
   * under this key), or when the signal ended this caller's wait; the question closes when nobody waits any more.
   */
  async ask(key: string, question: Question, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted || this.#refused.has(key)) return null;
    const open = this.#open.get(key) ?? this.#begin(key, question);
    open.waiting += 1;
    const { promise: aborted, resolve: abort } = Promise.withResolvers<null>();
    const onAbort = (): void => abort(null);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([open.answer, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      open.waiting -= 1;
      if (open.waiting === 0) {
        this.#forget(key, open);
        open.end.abort();
      }
    }
  }

  /** Counts the question as refused: its answers were of no use. */
  refuse(key: string): void {
    this.#refused.add(key);
  }

  /** Lets refused questions be asked again. */
  forgetRefusals(): void {
    this.#refused.clear();
  }

  #begin(key: string, question: Question): OpenQuestion {
    const end = new AbortController();
    const answer = this.#prompter.ask(question, end.signal).then((given) => {
      this.#forget(key, open);
      if (given === null && !end.signal.aborted) this.#refused.add(key);
      return given;
    });
    const open: OpenQuestion = { answer, end, waiting: 0 };
    this.#open.set(key, open);
    return open;
  }

  #forget(key: string, open: OpenQuestion): void {
    if (this.#open.get(key) === open) this.#open.delete(key);
  }
}
