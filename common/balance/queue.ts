/** A queue of numbered things by a figure that changes: the least one is always first, of equal ones the lower number. */

/** Things are numbered 0..length-1. A change costs the logarithm of the length. */
export class Queue {
  readonly #figures: Float64Array;
  /** A binary heap of the numbers, and where in it each number is. */
  readonly #heap: Int32Array;
  readonly #places: Int32Array;

  constructor(length: number) {
    this.#figures = new Float64Array(length).fill(Infinity);
    this.#heap = Int32Array.from({ length }, (_, index) => index);
    this.#places = this.#heap.slice();
  }

  /** The number of the thing with the least figure; -1 when all are infinite or there are none. */
  get first(): number {
    return this.least === Infinity ? -1 : (this.#heap[0] ?? -1);
  }

  /** The least figure. */
  get least(): number {
    return this.#figures[this.#heap[0] ?? -1] ?? Infinity;
  }

  /** Sets a thing's figure; Infinity takes it out. */
  set(number: number, figure: number): void {
    this.#figures[number] = figure;
    const place = this.#places[number] ?? 0;
    this.#sink(this.#rise(place));
  }

  #rise(start: number): number {
    let place = start;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#precedes(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
    return place;
  }

  #sink(start: number): void {
    let place = start;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= this.#heap.length) return;
      const child = left + 1 < this.#heap.length && this.#precedes(left + 1, left) ? left + 1 : left;
      if (!this.#precedes(child, place)) return;
      this.#swap(place, child);
      place = child;
    }
  }

  #precedes(place: number, other: number): boolean {
    const one = this.#heap[place] ?? 0;
    const two = this.#heap[other] ?? 0;
    const difference = (this.#figures[one] ?? 0) - (this.#figures[two] ?? 0);
    // Two infinite figures differ by NaN.
    return difference < 0 || (!(difference > 0) && one < two);
  }

  #swap(place: number, other: number): void {
    const one = this.#heap[place] ?? 0;
    const two = this.#heap[other] ?? 0;
    this.#heap[place] = two;
    this.#heap[other] = one;
    this.#places[two] = place;
    this.#places[one] = other;
  }
}
