/**
 * How evenly processes lie on machines of unequal speed: the root of the mean square of n/s - M/S (n processes on a node of
 * speed s, M and S their sums) beside the least that whole processes can reach.
 */

/** Takes samples of a cluster and compares them with the optimum. */
export class Evenness {
  readonly #speeds: Float64Array;
  readonly #power: number;
  /** How many nodes have each speed. */
  readonly #alike = new Map<number, number>();
  readonly #seen: { readonly imbalance: number; readonly least: number }[] = [];

  constructor(speeds: Float64Array) {
    this.#speeds = speeds;
    this.#power = speeds.reduce((sum, speed) => sum + speed, 0);
    for (const speed of speeds) this.#alike.set(speed, (this.#alike.get(speed) ?? 0) + 1);
  }

  /** Each sample as a ratio to its optimum; 1 where both are nothing. */
  get ratios(): readonly number[] {
    return this.#seen.map(({ imbalance, least }) => ratioOf(imbalance, least));
  }

  /** Mean imbalance by mean optimum, so that moments with hardly anything to do weigh little. */
  get ratio(): number {
    let [imbalance, least] = [0, 0];
    for (const seen of this.#seen) {
      imbalance += seen.imbalance;
      least += seen.least;
    }
    return ratioOf(imbalance, least);
  }

  sample(processes: Int32Array): void {
    const total = processes.reduce((sum, count) => sum + count, 0);
    const mean = total / this.#power;
    let squares = 0;
    for (const [node, count] of processes.entries())
      squares += (count / (this.#speeds[node] ?? 1) - mean) ** 2;
    this.#seen.push({
      imbalance: Math.sqrt(squares / processes.length),
      least: Math.sqrt(this.#leastSquares(total) / processes.length),
    });
  }

  /**
   * The exact least sum of squares: every process goes where it adds least. That is the optimum because what a node's next
   * process adds only grows. Nodes of one speed fill up together.
   */
  #leastSquares(total: number): number {
    const mean = total / this.#power;
    const groups = Array.from(this.#alike, ([speed, nodes]) => ({ speed, nodes, each: 0 }));
    const adds = ({ speed, each }: { readonly speed: number; readonly each: number }): number =>
      ((each + 1) / speed - mean) ** 2 - (each / speed - mean) ** 2;
    let squares = this.#speeds.length * mean ** 2;
    for (let left = total; left > 0;) {
      const next = groups.reduce((best, group) => (adds(group) < adds(best) ? group : best));
      const taken = Math.min(left, next.nodes);
      squares += taken * adds(next);
      next.each += 1;
      left -= taken;
    }
    return Math.max(0, squares);
  }
}

function ratioOf(imbalance: number, least: number): number {
  // What is left of an even spread is rounding.
  return least < 1e-6 ? (imbalance < 1e-6 ? 1 : Infinity) : imbalance / least;
}
