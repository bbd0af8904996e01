/** The limit on connects under way at the same time: places are taken in order, and given back while the operator is asked. */

/** Gives a place back; doing it twice is harmless. */
export type Release = () => void;

interface Waiter {
  readonly give: () => void;
}

/** A fixed number of places. */
export class ConnectSlots {
  #free: number;
  readonly #waiters: Waiter[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /**
   * Resolves with a place, or with undefined when the signal ended the wait. `first` goes ahead of all who wait, for
   * connects that were interrupted by a question: the far side does not wait for ever.
   */
  take(signal: AbortSignal, first = false): Promise<Release | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(this.#releaseOnce());
    }
    return new Promise((resolve) => {
      const waiter: Waiter = {
        give: () => {
          signal.removeEventListener('abort', abort);
          resolve(this.#releaseOnce());
        },
      };
      const abort = (): void => {
        const index = this.#waiters.indexOf(waiter);
        if (index >= 0) this.#waiters.splice(index, 1);
        resolve(undefined);
      };
      signal.addEventListener('abort', abort, { once: true });
      if (first) this.#waiters.unshift(waiter);
      else this.#waiters.push(waiter);
    });
  }

  #releaseOnce(): Release {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiters.shift();
      if (next === undefined) this.#free += 1;
      else next.give();
    };
  }
}
