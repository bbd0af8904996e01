/** What moves cost from this node, learned from those that were made; and how long the next one would take. */
import type { MoveCosts } from '../../common/balance/index.ts';

/** Before anything is measured: 0.15 s, and a gigabit a second. */
const FIRST: MoveCosts = { freezeSeconds: 0.15, secondsPerByte: 8e-9 };
/** Smaller moves tell what every one costs, larger ones what a byte does. */
const LARGE_BYTES = 32 * 1024 * 1024;
const WEIGHT = 0.3;

export class Costs {
  #costs = FIRST;

  get value(): MoveCosts {
    return this.#costs;
  }

  learn(freezeSeconds: number, bytes: number): void {
    const { freezeSeconds: fixed, secondsPerByte } = this.#costs;
    this.#costs =
      bytes < LARGE_BYTES
        ? { secondsPerByte, freezeSeconds: mix(fixed, Math.max(0, freezeSeconds - bytes * secondsPerByte)) }
        : {
            freezeSeconds: fixed,
            secondsPerByte: mix(secondsPerByte, Math.max(0, freezeSeconds - fixed) / bytes),
          };
  }
}

function mix(before: number, now: number): number {
  return before + WEIGHT * (now - before);
}
