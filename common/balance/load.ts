/**
 * openMosix' smoothing of the load, and of what each process adds to it. Pure: a state and a second's measurement make the
 * next state. Source: openMosix facts 5.1, whose constants are MOSIX' own.
 */
import { STANDARD_LOAD } from '../model/metric.ts';
import { processLoad, type BalanceNode } from './node.ts';

/** A load of 100 for each runnable process; not yet divided by speed and CPUs. */
export interface SmoothedLoad {
  /** What the node itself goes by: rises slowly and falls at once, so that a short burst sends nothing away. */
  readonly mean: number;
  /** What the others are told: rises at once and falls slowly, so that a short pause draws nothing here. */
  readonly upper: number;
}

/** A node that has not measured yet. */
export const NO_LOAD: SmoothedLoad = { mean: 0, upper: 0 };

/** Loads that have fallen below this are nothing; openMosix' whole numbers end in the same way. */
const NEGLIGIBLE = 1;

/** The state a second later. `runnable` is the mean number of runnable processes in that second. */
export function nextLoad({ mean, upper }: SmoothedLoad, runnable: number): SmoothedLoad {
  const load = runnable * STANDARD_LOAD;
  const fallen = (7 * upper + load) / 8;
  return {
    mean: load > mean ? (5 * mean + 3 * load) / 8 : load,
    upper: load >= upper || fallen < NEGLIGIBLE ? load : fallen,
  };
}

/**
 * The share of the time a process is runnable, 0..1, a second later; `share` is that of the last second. What it adds to a
 * node's load is this share of the node's `processLoad`. A new one begins with 1.
 */
export function nextWeight(weight: number, share: number): number {
  return (5 * weight + 3 * share) / 8;
}

/** A load by speed and CPUs: 100 is one runnable process on one CPU of standard speed. */
export function normalised(load: number, power: Pick<BalanceNode, 'speed' | 'cpus'>): number {
  return (load / STANDARD_LOAD) * processLoad(power);
}

/**
 * The load that balancing goes by. Jobs that came and went are known exactly and count at once, by the sum of their weights;
 * only what else runs there is smoothed. With jobs in the smoothed part too, the simulator's open workload has half the
 * evenness: a node that has just become free would look busy for ten seconds.
 */
export function balancedLoad(
  jobWeights: number,
  others: number,
  power: Pick<BalanceNode, 'speed' | 'cpus'>,
): number {
  return normalised(jobWeights * STANDARD_LOAD + others, power);
}
