/** What balancing would do with the present loads: openMosix' rule, played with standard processes until nothing gains. */
import { efficiency, takesPart } from '../model/cluster.ts';
import { HYSTERESIS, isKnown, maySend, processLoad, whyNoGuests, type BalanceNode } from './node.ts';
import { Queue } from './queue.ts';

/** Processes that would go from one node to another. */
export interface ExpectedMoves {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface Expectation {
  /** In the order in which the first of them would go. */
  readonly moves: readonly ExpectedMoves[];
  /** Efficiency now and when the moves are done, 0..100. */
  readonly now: number;
  readonly after: number;
}

/** Loads are means, rounded; from this share of a process on a node is taken to have one that can go. */
const LEAST_PROCESS = 0.95;
/** Moves are looked for at most this many times the number of nodes. */
const MOST_MOVES_PER_NODE = 20;

/**
 * Moves one standard process (always runnable) at a time from the most loaded node to the one that would have the least
 * load with it, while that stays below the sender's by the hysteresis. It respects stay, lstay, block, quiet and memory;
 * nodes that are down or unknown are left out. Of equal nodes the one that is given first is taken.
 *
 * The highest load of those that may send never rises. Among nodes of equal power the efficiency never falls; a fast
 * node that takes work from a slow one can lower it, because less load is left in all.
 */
export function expectedMoves(nodes: readonly BalanceNode[]): Expectation {
  const places = nodes.filter(isKnown).map((node) => ({
    id: node.id,
    load: node.load,
    single: processLoad(node),
    sends: maySend(node),
    receives: whyNoGuests(node) === '',
    counts: takesPart(Number.isNaN(node.status) ? undefined : node.status),
  }));
  const evenness = (): number => efficiency(places.filter(({ counts }) => counts).map(({ load }) => load));
  const now = evenness();
  const senders = new Queue(places.length);
  const receivers = new Queue(places.length);
  const enqueue = (index: number): void => {
    const place = places[index];
    if (place === undefined) return;
    const { load, single, sends, receives } = place;
    senders.set(index, sends && load >= single * LEAST_PROCESS ? -load : Infinity);
    receivers.set(index, receives ? load + single * HYSTERESIS : Infinity);
  };
  for (const index of places.keys()) enqueue(index);

  const moves = new Map<string, { from: number; to: number; count: number }>();
  for (let step = 0; step < places.length * MOST_MOVES_PER_NODE; step += 1) {
    // Whatever the most loaded cannot give with a gain, no other can; nor does anybody gain from itself.
    if (receivers.least >= -senders.least) break;
    const from = places[senders.first];
    const to = places[receivers.first];
    if (from === undefined || to === undefined) break;
    const share = Math.min(1, from.load / from.single);
    from.load -= share * from.single;
    to.load += share * to.single;
    const key = `${from.id} ${to.id}`;
    const move = moves.get(key) ?? { from: from.id, to: to.id, count: 0 };
    move.count += 1;
    moves.set(key, move);
    const changed = [senders.first, receivers.first];
    for (const index of changed) enqueue(index);
  }
  return { moves: [...moves.values()], now, after: evenness() };
}
