/**
 * Asks for what is wanted newest: one question under way at a time and a least time between two, so that an answer never
 * comes after a newer one and a slow back end is not flooded. What was wanted in between is left out.
 */

export class NewestQuestion<Question> {
  readonly #ask: (question: Question) => Promise<void>;
  readonly #gap: number;
  #wanted: { readonly question: Question } | undefined;
  #busy = false;
  #open = true;
  #askedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `ask` resolves when its answer was taken; it must not reject. `gap` is in milliseconds, from start to start. */
  constructor(ask: (question: Question) => Promise<void>, gap: number) {
    this.#ask = ask;
    this.#gap = gap;
  }

  /** This is wanted now, in place of everything that was not asked yet. */
  want(question: Question): void {
    this.#wanted = { question };
    this.#next();
  }

  /** While not open nothing is asked; what is wanted newest is asked when it is open again. */
  setOpen(open: boolean): void {
    this.#open = open;
    this.#next();
  }

  /** Nothing is asked any more. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#wanted = undefined;
    this.#open = false;
  }

  #next(): void {
    if (this.#busy || !this.#open || this.#wanted === undefined || this.#timer !== undefined) return;
    const wait = this.#askedAt + this.#gap - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#next();
      }, wait);
      return;
    }
    const { question } = this.#wanted;
    this.#wanted = undefined;
    this.#busy = true;
    this.#askedAt = performance.now();
    void this.#ask(question).finally(() => {
      this.#busy = false;
      this.#next();
    });
  }
}
