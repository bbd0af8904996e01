/** Where single processes should go: the best node for one with the reason in words, and the spreading of a group. */
import { addedLoad, hasRoom, lightest, loadToBeat, type BalanceProcess } from './fit.ts';
import { HYSTERESIS, isKnown, isShortOfMemory, whyNoGuests, type BalanceNode } from './node.ts';

/** A node to send a process to, null when it is best where it is, and why. */
export interface Recommendation {
  readonly to: number | null;
  readonly why: string;
}

/** The node for a process of a group; `to` is where it runs already when it is to stay. */
export interface Spread<Process extends BalanceProcess> {
  readonly process: Process;
  readonly to: number;
  readonly why: string;
}

/** The process that openMosix sends away first: the second heaviest of the movable ones, the only one where there is one. */
export function traveller<Process extends BalanceProcess>(movable: readonly Process[]): Process | undefined {
  const [heaviest, second] = heaviestFirst(movable);
  return second ?? heaviest;
}

/**
 * openMosix' choice for one process: the node that would have the least load with it, when that stays below the load
 * here by the hysteresis. A node short of memory sends to any node with room. Locks and reasons are the caller's to check.
 */
export function bestTarget(process: BalanceProcess, nodes: readonly BalanceNode[]): Recommendation {
  const here = nodes.find((node) => node.id === process.at);
  if (here === undefined || !isKnown(here))
    return { to: null, why: `the load of node ${process.at} is not known` };
  const others = nodes.filter((node) => node !== here);
  const { node, why } = bestOther(process, here, others);
  return { to: node?.id ?? null, why };
}

/** The same with the node here apart from the others; no node where the process is best here. */
export function bestOther(
  process: BalanceProcess,
  here: BalanceNode,
  others: readonly BalanceNode[],
): { readonly node?: BalanceNode; readonly why: string } {
  const best = lightest(others, (node) => (hasRoom(node, process) ? loadToBeat(process, node) : Infinity));
  if (best === undefined) return { why: 'no other node takes it' };
  const there = Math.round(best.load + addedLoad(process, best));
  const present = Math.round(here.load);
  if (loadToBeat(process, best) < here.load) {
    return { node: best, why: `node ${best.id} would have load ${there} instead of ${present} here` };
  }
  return isShortOfMemory(here)
    ? { node: best, why: `node ${here.id} is short of memory, and node ${best.id} has room` }
    : { why: `no node gains: node ${best.id} would have load ${there}, here it is ${present}` };
}

/**
 * Spreads processes so that the loads become even: the heaviest first, each to the node that is lightest with it. One
 * stays where it is unless the gain exceeds the hysteresis, or where nothing is known of its node. In the given order.
 */
export function spread<Process extends BalanceProcess>(
  processes: readonly Process[],
  nodes: readonly BalanceNode[],
): readonly Spread<Process>[] {
  const room = new Map(nodes.map((node) => [node.id, { ...node }]));
  const change = (
    node: { -readonly [Key in keyof BalanceNode]: BalanceNode[Key] },
    process: Process,
    sign: 1 | -1,
  ) => {
    node.load = Math.max(0, node.load + sign * addedLoad(process, node));
    if (node.memoryAvailable !== undefined) node.memoryAvailable -= sign * (process.memory ?? 0);
  };
  for (const process of processes) {
    const here = room.get(process.at);
    if (here !== undefined) change(here, process, -1);
  }
  const takers = [...room.values()].filter((node) => whyNoGuests(node) === '');
  const spreads = new Map<Process, Spread<Process>>();
  for (const process of heaviestFirst(processes)) {
    const here = room.get(process.at);
    if (here === undefined || !isKnown(here)) {
      spreads.set(process, { process, to: process.at, why: `the load of node ${process.at} is not known` });
      continue;
    }
    const withIt = (node: BalanceNode): number => node.load + addedLoad(process, node);
    const ifRoom = (node: BalanceNode): number => (hasRoom(node, process) ? withIt(node) : Infinity);
    const choices = [lightest(takers, ifRoom), room.get(process.home)].filter((node) => node !== undefined);
    const best = lightest(choices, ifRoom);
    const margin = best === undefined ? 0 : addedLoad(process, best) * (HYSTERESIS - 1);
    const goes = best !== undefined && best !== here && withIt(best) + margin < withIt(here);
    const to = goes ? best : here;
    const load = Math.round(withIt(to));
    spreads.set(process, {
      process,
      to: to.id,
      why: goes
        ? `node ${to.id} would have load ${load} instead of ${Math.round(withIt(here))} on node ${here.id}`
        : `no node would have less than the load ${load} of node ${here.id}`,
    });
    change(to, process, 1);
  }
  return processes.flatMap((process) => spreads.get(process) ?? []);
}

function heaviestFirst<Process extends BalanceProcess>(processes: readonly Process[]): readonly Process[] {
  return processes.toSorted((one, other) => (other.weight ?? 1) - (one.weight ?? 1));
}
