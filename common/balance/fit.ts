/** The rules for one process and one node that recommendations, spreading and the node's own decisions share. */
import { HYSTERESIS, isKnown, processLoad, whyNoGuests, type BalanceNode } from './node.ts';

/** What balancing knows of a process. */
export interface BalanceProcess {
  /** Ids of the node where it runs and of its home. */
  readonly at: number;
  readonly home: number;
  /** Share of the time it is runnable, 0..1; 1 where it is left out. */
  readonly weight?: number | undefined;
  /** Bytes; 0 where it is left out. */
  readonly memory?: number | undefined;
}

/** Load that the process makes on a node. */
export function addedLoad(process: BalanceProcess, node: BalanceNode): number {
  return (process.weight ?? 1) * processLoad(node);
}

/** The node's load with the process there, counted the higher by the hysteresis. A move pays when it is below the load here. */
export function loadToBeat(process: BalanceProcess, node: BalanceNode): number {
  return node.load + addedLoad(process, node) * HYSTERESIS;
}

/** Whether a node takes a process. A home always takes its own back. */
export function hasRoom(node: BalanceNode, process: BalanceProcess): boolean {
  if (node.id === process.home) return isKnown(node);
  return whyNoGuests(node) === '' && !((process.memory ?? 0) > (node.memoryAvailable ?? Infinity));
}

/** The node with the least figure, the first of equal ones; undefined where all are infinite. */
export function lightest<Node extends BalanceNode>(
  nodes: readonly Node[],
  figure: (node: Node) => number,
): Node | undefined {
  let best: Node | undefined;
  let least = Infinity;
  for (const node of nodes) {
    const value = figure(node);
    if (value >= least) continue;
    least = value;
    best = node;
  }
  return best;
}
