/**
 * Who is who: gives every node its slot, its stable key and its shown id, and joins what the settings, the node itself
 * and the observers call it. Slots are never reused, so that history and windows can hold on to them.
 */
import { MAX_NODE_ID } from '../../common/model/node.ts';
import type { NodeLink } from '../nodes/link.ts';

/** A node's place in the columns. */
export interface Seat {
  readonly slot: number;
  readonly key: string;
  id: number;
  name: string;
  /** The connection of its own, if the settings have it. */
  link: NodeLink | undefined;
  /** True when the node is known by another key now; its slot stays empty. */
  removed: boolean;
}

/** Key of a node that its cluster gave an id. */
export function clusterKey(id: number): string {
  return `id:${id}`;
}

/** Key of a node that has none. */
export function hostKey(name: string): string {
  return `host:${name}`;
}

/** All seats. */
export class Roster {
  readonly #seats: Seat[] = [];
  readonly #byKey = new Map<string, Seat>();

  /** Every seat in slot order, removed ones too. */
  get seats(): readonly Seat[] {
    return this.#seats;
  }

  find(key: string): Seat | undefined {
    return this.#byKey.get(key);
  }

  /**
   * Seats a node of the settings. Where its cluster's id is known it takes that id's seat; the seat it had under its
   * former key is then given up. Returns what went wrong in words, empty when nothing did.
   */
  seatLink(link: NodeLink, clusterId: number | undefined): string {
    const name = link.entry.name;
    const rival = clusterId === undefined ? undefined : this.#byKey.get(clusterKey(clusterId))?.link;
    const taken = rival !== undefined && rival !== link && rival.selfId === clusterId;
    const seat =
      clusterId === undefined || taken
        ? (this.#byKey.get(hostKey(name)) ?? this.#add(hostKey(name), this.#freeId(link.entry.id), name))
        : this.seatId(clusterId);
    if (seat.link !== link) {
      this.unseat(link);
      seat.link = link;
      seat.name = name;
    }
    return taken
      ? `${name} says it is node ${clusterId}, and so does ${rival.entry.name}: two nodes have one id`
      : '';
  }

  /** The seat of a cluster's node, made when it is new. A plain host that was shown under this id gets another. */
  seatId(id: number): Seat {
    const seat = this.#byKey.get(clusterKey(id));
    if (seat !== undefined) return seat;
    const squatter = this.#seats.find((other) => other.id === id && !other.removed);
    const made = this.#add(clusterKey(id), id, `node ${id}`);
    if (squatter !== undefined) squatter.id = this.#freeId(undefined);
    return made;
  }

  /** Gives up a link's seat; where observers keep seeing the node it gets a new one. */
  unseat(link: NodeLink): void {
    const seat = this.#seats.find((candidate) => candidate.link === link);
    if (seat === undefined) return;
    seat.link = undefined;
    seat.removed = true;
    this.#byKey.delete(seat.key);
  }

  #add(key: string, id: number, name: string): Seat {
    const seat: Seat = { slot: this.#seats.length, key, id, name, link: undefined, removed: false };
    this.#seats.push(seat);
    this.#byKey.set(key, seat);
    return seat;
  }

  #freeId(wish: number | undefined): number {
    const used = new Set(this.#seats.filter((seat) => !seat.removed).map((seat) => seat.id));
    if (wish !== undefined && !used.has(wish)) return wish;
    for (let id = 1; id <= MAX_NODE_ID; id += 1) if (!used.has(id)) return id;
    return MAX_NODE_ID;
  }
}
