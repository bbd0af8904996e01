/** What a connect under way needs of those it is made for, and the clock it runs against. */

/** One attempt to connect, as the parts that do it see it. */
export interface Attempt {
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /** True while a connection that was up before is made again by itself: the operator is never asked then. */
  readonly background: boolean;
  /** Adds a line to the connection log. */
  report(text: string): void;
  /** Says what is being done now. */
  step(words: string): void;
  /** Says that the operator is asked; gives the place among the parallel connects back until the answer is there. */
  asking<Answer>(words: string, ask: () => Promise<Answer>): Promise<Answer>;
}

/** A time limit that stands still while the operator is asked. */
export class PausableDeadline {
  readonly #onEnd: () => void;
  #remaining: number;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;
  #over = false;

  /** Starts the clock. */
  constructor(milliseconds: number, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#remaining = milliseconds;
    this.#run();
  }

  /** Runs `work` with the clock stopped. */
  async pausedFor<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#pauses += 1;
    if (this.#pauses === 1) {
      clearTimeout(this.#timer);
      this.#remaining -= performance.now() - this.#startedAt;
    }
    try {
      return await work();
    } finally {
      this.#pauses -= 1;
      if (this.#pauses === 0) this.#run();
    }
  }

  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #run(): void {
    if (this.#over) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#onEnd, Math.max(0, this.#remaining));
  }
}
