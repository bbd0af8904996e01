/** Chance that can be had again: every choice follows from a seed, which is told. */
import { randomFrom, type Random } from '../../common/model/random.ts';

/** Choices that follow from a seed. */
export class Chance {
  /** 0 and up to, but not, 1. */
  readonly number: Random;

  constructor(seed: number = Number(process.env['MOSVIEW_SEED'] ?? Date.now() % 1_000_000)) {
    process.stderr.write(`Chosen by chance with seed ${seed}.\n`);
    this.number = randomFrom(seed);
  }

  /** One of them. */
  one<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.number() * values.length)];
    if (value === undefined) throw new Error('There is nothing to choose from.');
    return value;
  }

  /** Nodes 1..`nodes` to go to in turn, never the one that it is on; it begins on `from`. */
  tour(nodes: number, moves: number, from: number): readonly number[] {
    const tour: number[] = [];
    let at = from;
    for (let move = 0; move < moves; move += 1) {
      at = this.one(Array.from({ length: nodes }, (_, index) => index + 1).filter((id) => id !== at));
      tour.push(at);
    }
    return tour;
  }
}
