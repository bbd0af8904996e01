/** Which guest is which process, where the host does not know its number at home: only where nobody else can be meant. */
import { isGone, type KnownGuest, type KnownNode, type KnownProcess } from './known.ts';

/**
 * The guests by their processes at home: the one of a name that a host has from a home, for the one process of that name
 * which that home has there. Several of a name stay without a pair.
 */
export function pairsOf(nodes: Iterable<KnownNode>): ReadonlyMap<KnownProcess, KnownGuest> {
  const guests = new Map<string, KnownGuest[]>();
  const processes = new Map<string, KnownProcess[]>();
  for (const node of nodes) {
    for (const guest of node.guestRows) {
      if (guest.homePid === 0) put(guests, `${guest.home} ${node.id} ${guest.command}`, guest);
    }
    for (const process of node.processes.values()) {
      const { at, command } = process;
      if (at !== node.id && command !== '' && !isGone(process))
        put(processes, `${node.id} ${at} ${command}`, process);
    }
  }
  const pairs = new Map<KnownProcess, KnownGuest>();
  for (const [key, [process, other]] of processes) {
    const [guest, another] = guests.get(key) ?? [];
    if (process && guest && !other && !another) pairs.set(process, guest);
  }
  return pairs;
}

function put<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
