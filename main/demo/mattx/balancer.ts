/** MattX' rule of balancing, as every node decides for itself from what it believes of the others. */
import { listHas } from './admin.ts';
import type { Figures, MattxNode } from './node.ts';
import { isRunning, type MattxProcess } from './process.ts';

/** Smallest difference of loads, weighted by affinity, that lets a process go. */
const DIFFERENCE = 250;
/** How long a node rests after a move. */
const PAUSE_MILLISECONDS = 5000;

/** A load that counts less where the affinity is higher. */
export function weightedLoad({ load, affinity }: Figures): number {
  return affinity === 0 ? Infinity : (load * 1000) / affinity;
}

/** The lightest of the others by what is believed of them; the first where several are. */
export function lightest(beliefs: ReadonlyMap<number, Figures>): number | undefined {
  let found: number | undefined;
  let least = Infinity;
  for (const [id, figures] of beliefs) {
    const load = weightedLoad(figures);
    if (load < least) {
      least = load;
      found = id;
    }
  }
  return found;
}

/** Who is to leave a node now, and where to. A dead node is believed to be as it was, and chosen like any other. */
export function nextMove(
  node: MattxNode,
  now: number,
): { readonly process: MattxProcess; readonly target: number } | undefined {
  if (!node.switches.balancer || now - node.lastMove < PAUSE_MILLISECONDS) return undefined;
  const target = lightest(node.beliefs);
  const believed = target === undefined ? undefined : node.beliefs.get(target);
  if (target === undefined || believed === undefined) return undefined;
  if (weightedLoad(node.figures(now)) - weightedLoad(believed) < DIFFERENCE) return undefined;
  const process = traveller(node, now);
  return process && { process, target };
}

/** The runnable process that has used most CPU; never a guest or an excluded one. */
function traveller(node: MattxNode, now: number): MattxProcess | undefined {
  let heaviest: MattxProcess | undefined;
  for (const entry of node.entries.values()) {
    if (entry.guest || !isRunning(entry, now)) continue;
    const { command } = entry.program;
    if (listHas(node.excludes, command)) continue;
    if (node.includes !== '' && !listHas(node.includes, command)) continue;
    if (heaviest === undefined || entry.cpuSeconds > heaviest.cpuSeconds) heaviest = entry;
  }
  return heaviest;
}
