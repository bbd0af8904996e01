/** Plays one workload under one policy and measures it. */
import { randomFrom, type Random } from '../../common/model/random.ts';
import { Evenness } from './evenness.ts';
import { Machines } from './machines.ts';
import { Gossip, oracle, STILL, type Policy } from './policies.ts';
import { sum, type Workload } from './workloads.ts';

export type PolicyName = 'none' | 'oracle' | 'gossip';

/** What came of a run. Times in seconds. */
export interface Outcome {
  /** Mean time from birth to end of the processes born in the measured time; what has not ended counts until the end. */
  readonly response: number;
  /** When the last process ended, beside the time that no policy can beat; both mean little where births go on. */
  readonly makespan: number;
  readonly shortestMakespan: number;
  /** Imbalance of each second as a ratio to the exact optimum, and of the whole measured time. */
  readonly imbalances: readonly number[];
  readonly imbalance: number;
  readonly movesPerProcess: number;
  readonly messagesPerNodeSecond: number;
}

/** Runs to the workload's end. The same workload, policy and seed give the same outcome. */
export function simulate(workload: Workload, name: PolicyName, seed: number): Outcome {
  const { speeds, births, from, to, end } = workload;
  const machines = new Machines(workload);
  const random = randomFrom(seed);
  const policy: Policy =
    name === 'gossip'
      ? new Gossip(machines, workload, random)
      : name === 'oracle'
        ? oracle(machines, workload)
        : STILL;
  const ticks = new Ticks(speeds.length, policy.tick === undefined ? undefined : random);
  const evenness = new Evenness(speeds);
  const total = births.time.length;
  let born = 0;
  let second = 1;
  let sampled = 0.5;
  const counters = () => ({ moves: machines.moves, messages: policy.messages });
  let begun = counters();
  let over = counters();
  let done = 0;

  for (;;) {
    const birth = births.time[born] ?? Infinity;
    const now = Math.min(birth, machines.next, ticks.next, second, sampled);
    if (now > end || (born === total && done === total)) break;
    if (now === birth) {
      machines.now = now;
      machines.begin(born, policy.place(born, births.node[born] ?? 0));
      born += 1;
    } else if (now === machines.next) done += machines.step();
    else if (now === ticks.next) {
      machines.now = now;
      policy.tick?.(ticks.take());
    } else if (now === sampled) {
      if (now >= from && now < to) evenness.sample(machines.counted);
      sampled += 1;
    } else {
      machines.now = now;
      policy.second?.();
      if (now === from) begun = counters();
      if (now <= to) over = counters();
      second += 1;
    }
  }
  const lasted = Math.max(1, Math.min(to, Math.floor(machines.now)) - from);
  const { response, processes } = responses(workload, machines);
  return {
    response,
    makespan: machines.now,
    shortestMakespan: shortestMakespan(workload),
    imbalances: evenness.ratios,
    imbalance: evenness.ratio,
    movesPerProcess: (over.moves - begun.moves) / Math.max(1, processes),
    messagesPerNodeSecond: (over.messages - begun.messages) / speeds.length / lasted,
  };
}

/** Mean response of the processes born in the measured time, and how many those are. */
function responses(
  { births, from, to }: Workload,
  machines: Machines,
): { readonly response: number; readonly processes: number } {
  let [total, processes] = [0, 0];
  for (const [process, birth] of births.time.entries()) {
    if (birth < from || birth >= to) continue;
    const ended = machines.ended[process] ?? NaN;
    total += (Number.isNaN(ended) ? machines.now : ended) - birth;
    processes += 1;
  }
  return { response: total / Math.max(1, processes), processes };
}

/** Neither all work on all machines nor the longest on the fastest ends sooner. */
function shortestMakespan({ speeds, births }: Workload): number {
  const fastest = speeds.reduce((most, speed) => Math.max(most, speed), 0);
  let least = sum(births.work) / sum(speeds);
  for (const [process, work] of births.work.entries())
    least = Math.max(least, (births.time[process] ?? 0) + work / fastest);
  return least;
}

/** The moments at which nodes tick: each once a second, at a moment of its own. */
class Ticks {
  /** The nodes in the order of their moments. */
  readonly #order: Int32Array;
  readonly #moments: Float64Array;
  #place = 0;
  #second = 0;

  /** Without random numbers nobody ticks. */
  constructor(nodes: number, random: Random | undefined) {
    this.#moments = Float64Array.from({ length: random === undefined ? 0 : nodes }, () => random?.() ?? 0);
    this.#order = Int32Array.from(this.#moments.keys()).sort(
      (one, other) => (this.#moments[one] ?? 0) - (this.#moments[other] ?? 0),
    );
  }

  get next(): number {
    return this.#second + (this.#moments[this.#order[this.#place] ?? -1] ?? Infinity);
  }

  /** The node whose turn it is. */
  take(): number {
    const node = this.#order[this.#place] ?? 0;
    this.#place += 1;
    if (this.#place === this.#order.length) {
      this.#place = 0;
      this.#second += 1;
    }
    return node;
  }
}
