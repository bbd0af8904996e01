/** Counts what occurs most among any number of different things in bounded memory. */

/** Things counted exactly; beyond them those seen least are forgotten from time to time. */
const CAPACITY = 50_000;

export class TopCounter<Key> {
  readonly #capacity: number;
  #counts = new Map<Key, number>();
  #missing = 0;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  add(key: Key, count = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
    if (this.#counts.size > 2 * this.#capacity) this.#forget();
  }

  /** By how much a count may be too low at most; 0 where all counts are exact. */
  get missing(): number {
    return this.#missing;
  }

  /** How many different things there are, at least. */
  get size(): number {
    return this.#counts.size;
  }

  /** The highest counts, highest first; among equals in the order of their first occurrence. */
  top(limit: number): readonly (readonly [Key, number])[] {
    return [...this.#counts].sort((one, other) => other[1] - one[1]).slice(0, limit);
  }

  #forget(): void {
    const sorted = this.top(Infinity);
    this.#missing += sorted[this.#capacity]?.[1] ?? 0;
    this.#counts = new Map(sorted.slice(0, this.#capacity));
  }
}
