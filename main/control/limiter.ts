/** Bounds how many nodes are worked on at the same time, and what is done on one of them one after the other. */

/** Runs work in the order it comes, at most `places` at a time. */
export class Limiter {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

/** Lets work on the same node wait for its turn. */
export class Turns {
  readonly #nodes = new Map<string, Limiter>();

  async run<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    let turn = this.#nodes.get(key);
    if (turn === undefined) this.#nodes.set(key, (turn = new Limiter(1)));
    return turn.run(work);
  }
}
