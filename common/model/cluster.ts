/**
 * The formulas over all nodes: which nodes take part, efficiency, overall load, memory and CPU totals. Pure, so that
 * the window, the command line and the history show the same numbers.
 */
import { STANDARD_LOAD } from './metric.ts';
import { STATUS } from './status.ts';

/** What the totals need of a node that is up. */
export interface NodeFigures {
  readonly load: number | undefined;
  readonly cpus: number | undefined;
  /** Bytes. */
  readonly memoryTotal: number | undefined;
  /** Bytes. */
  readonly memoryFree: number | undefined;
  /** openMosix' status bits; absent on plain Linux. */
  readonly status: number | undefined;
}

/** Sums over the nodes that are up. */
export interface ClusterTotals {
  /** 0..100: how evenly the load is spread, 100 when nothing could be spread better. */
  readonly efficiency: number;
  /** 0..100: mean of the nodes' load percent. */
  readonly loadPercent: number;
  readonly memoryTotal: number;
  readonly memoryUsed: number;
  readonly cpus: number;
  readonly nodesUp: number;
}

/** The share of a node's capacity its load fills, 0..100; load 100 is one standard process on one standard CPU. */
export function loadPercent(load: number): number {
  return Math.max(0, Math.min(100, (load / STANDARD_LOAD) * 100));
}

/**
 * Whether a node takes part in balancing: it exchanges load information and can send or receive processes. Nodes
 * without status bits (plain Linux) count, so that their figures still show how even the load is.
 */
export function takesPart(status: number | undefined): boolean {
  if (status === undefined || status < 0) return true;
  if (status & STATUS.quiet) return false;
  return !(status & STATUS.stay && status & STATUS.block);
}

/**
 * Efficiency: 100 x mean(load) / max(load) over the given loads, and 100 when no node has more than one standard
 * process to give away.
 */
export function efficiency(loads: readonly number[]): number {
  let sum = 0;
  let max = 0;
  for (const load of loads) {
    sum += load;
    if (load > max) max = load;
  }
  return efficiencyOf(sum, max, loads.length);
}

/** The same from the sum, the highest and the number of the loads. */
export function efficiencyOf(sum: number, max: number, count: number): number {
  return max <= STANDARD_LOAD ? 100 : (100 * sum) / count / max;
}

/** Totals over the nodes that are up. */
export function clusterTotals(nodes: Iterable<NodeFigures>): ClusterTotals {
  const balancedLoads: number[] = [];
  let loadSum = 0;
  let loadCount = 0;
  let memoryTotal = 0;
  let memoryUsed = 0;
  let cpus = 0;
  let nodesUp = 0;
  for (const node of nodes) {
    nodesUp += 1;
    cpus += node.cpus ?? 0;
    if (node.load !== undefined) {
      loadSum += loadPercent(node.load);
      loadCount += 1;
      if (takesPart(node.status)) balancedLoads.push(node.load);
    }
    if (node.memoryTotal !== undefined && node.memoryFree !== undefined) {
      memoryTotal += node.memoryTotal;
      memoryUsed += Math.max(0, node.memoryTotal - node.memoryFree);
    }
  }
  return {
    efficiency: efficiency(balancedLoads),
    loadPercent: loadCount === 0 ? 0 : loadSum / loadCount,
    memoryTotal,
    memoryUsed,
    cpus,
    nodesUp,
  };
}
