/** What moves cost from this node, learned from those that were made; and how long the next one would take. */
import { freezeOf, type MoveCosts, type MovedMemory } from '../../common/balance/index.ts';

/** Before anything is measured: 0.15 s, a gigabit a second, and 1.5 s to compare and rebuild what went before of 1 GB. */
const FIRST: MoveCosts = { freezeSeconds: 0.15, secondsPerByte: 8e-9, secondsPerComparedByte: 1.5e-9 };
/** Smaller moves tell what every one costs, larger ones what a byte does. */
const LARGE_BYTES = 32 * 1024 * 1024;
const WEIGHT = 0.3;

export class Costs {
  #costs = FIRST;

  get value(): MoveCosts {
    return this.#costs;
  }

  /** What was not expected of a move is put down to the part of it that takes longest. */
  learn({
    freezeSeconds,
    frozenBytes = 0,
    comparedBytes = 0,
  }: MovedMemory & { readonly freezeSeconds: number }): void {
    const costs = this.#costs;
    const unexpected = WEIGHT * (freezeSeconds - freezeOf({ frozenBytes, comparedBytes }, costs));
    const isFrozen = frozenBytes * costs.secondsPerByte >= comparedBytes * costs.secondsPerComparedByte;
    const more = (cost: number, bytes: number): number => Math.max(0, cost + unexpected / bytes);
    if (Math.max(frozenBytes, comparedBytes) < LARGE_BYTES)
      this.#costs = { ...costs, freezeSeconds: more(costs.freezeSeconds, 1) };
    else if (isFrozen) this.#costs = { ...costs, secondsPerByte: more(costs.secondsPerByte, frozenBytes) };
    else
      this.#costs = { ...costs, secondsPerComparedByte: more(costs.secondsPerComparedByte, comparedBytes) };
  }
}
