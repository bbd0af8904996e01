/** The last two minutes of every node's load, one value a second in one typed array, for the sparklines. */

/** Seconds that are kept. */
export const RING_SECONDS = 120;

/** Where sparklines take their values from. */
export interface LoadCourses {
  /** The load of a slot `back` seconds before the second that is shown, NaN where there is none. */
  at(slot: number, back: number): number;
}

/** A ring per slot; a second without a value is NaN. */
export class LoadRings implements LoadCourses {
  #values = new Float32Array(0);
  #slots = 0;
  /** Second of the newest value, in whole seconds since 1970; -1 before the first. */
  #newest = -1;

  /**
   * Takes one second's loads. Seconds that were missed since the last one become gaps; a second that was there
   * already is written over.
   *
   * @param time milliseconds since 1970
   * @param slots number of slots
   * @param loadOf the load in a slot, NaN where there is none
   */
  push(time: number, slots: number, loadOf: (slot: number) => number): void {
    this.#reserve(slots);
    const second = Math.floor(time / 1000);
    const missed = this.#newest < 0 ? 0 : second - this.#newest - 1;
    if (missed < -RING_SECONDS) this.clear();
    else this.#clearSeconds(this.#newest + 1, Math.min(missed, RING_SECONDS));
    this.#newest = Math.max(this.#newest, second);
    const place = this.#newest % RING_SECONDS;
    for (let slot = 0; slot < slots; slot += 1) this.#values[slot * RING_SECONDS + place] = loadOf(slot);
  }

  /** The value `back` seconds before the newest, NaN where there is none. */
  at(slot: number, back: number): number {
    if (slot >= this.#slots || this.#newest < 0) return NaN;
    const place = (this.#newest + RING_SECONDS - back) % RING_SECONDS;
    return this.#values[slot * RING_SECONDS + place] ?? NaN;
  }

  /** Forgets everything: the clock was set back, or another cluster begins. */
  clear(): void {
    this.#values.fill(NaN);
    this.#newest = -1;
  }

  #clearSeconds(from: number, seconds: number): void {
    for (let second = from; second < from + seconds; second += 1) {
      const place = second % RING_SECONDS;
      for (let slot = 0; slot < this.#slots; slot += 1) this.#values[slot * RING_SECONDS + place] = NaN;
    }
  }

  #reserve(slots: number): void {
    if (slots <= this.#slots) return;
    const room = Math.max(slots, 2 * this.#slots);
    const values = new Float32Array(room * RING_SECONDS).fill(NaN);
    values.set(this.#values);
    this.#values = values;
    this.#slots = room;
  }
}
