/** One workload at one size under all policies, over several seeds, as the figures that are promised. */
import { simulate, type Outcome, type PolicyName } from './simulation.ts';
import type { TraceLine } from './trace.ts';
import { makeWorkload, type WorkloadName } from './workloads.ts';

export const POLICIES: readonly PolicyName[] = ['none', 'oracle', 'gossip'];

/** What is compared, each policy's outcomes in the order of the seeds. */
export interface Comparison {
  readonly workload: WorkloadName;
  readonly nodes: number;
  readonly outcomes: Readonly<Record<PolicyName, readonly Outcome[]>>;
}

/** Our policy's figures. */
export interface Figures {
  /** Mean response (birth to end) beside the oracle's and beside no migration, the same births in the same run. */
  readonly responseRatioToOracle: number;
  readonly responseRatioToNone: number;
  /** Time until everything is done, likewise; 1 where births never end. */
  readonly makespanRatioToOracle: number;
  /** Mean imbalance by the exact optimum of whole processes. */
  readonly imbalance: number;
  readonly messagesPerNodeSecond: number;
  readonly movesPerProcess: number;
}

/** Runs everything; small clusters with more seeds, because few births of a heavy tail tell little. */
export function compare(
  workload: WorkloadName,
  nodes: number,
  trace: readonly TraceLine[] = [],
  seeds = Math.max(1, Math.min(10, Math.round(3000 / nodes))),
): Comparison {
  const play = (policy: PolicyName): readonly Outcome[] =>
    Array.from({ length: seeds }, (_, seed) =>
      simulate(makeWorkload(workload, nodes, seed + 1, trace), policy, seed + 1),
    );
  return {
    workload,
    nodes,
    outcomes: { none: play('none'), oracle: play('oracle'), gossip: play('gossip') },
  };
}

/** The figures, means over the seeds. */
export function figuresOf({ outcomes: { none, oracle, gossip } }: Comparison): Figures {
  const ratio = (key: 'response' | 'makespan', other: readonly Outcome[]): number =>
    meanOf(gossip, key) / meanOf(other, key);
  return {
    responseRatioToOracle: ratio('response', oracle),
    responseRatioToNone: ratio('response', none),
    makespanRatioToOracle: ratio('makespan', oracle),
    imbalance: meanOf(gossip, 'imbalance'),
    messagesPerNodeSecond: meanOf(gossip, 'messagesPerNodeSecond'),
    movesPerProcess: meanOf(gossip, 'movesPerProcess'),
  };
}

/** The mean of one figure over the seeds. */
export function meanOf(outcomes: readonly Outcome[], key: Exclude<keyof Outcome, 'imbalances'>): number {
  return outcomes.reduce((sum, outcome) => sum + outcome[key], 0) / outcomes.length;
}
