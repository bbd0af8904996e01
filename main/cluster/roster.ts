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
  /** Ids that are kept for nodes of the settings, by their names. */
  readonly #reserved = new Map<string, number>();

  /** Every seat in slot order, removed ones too. */
  get seats(): readonly Seat[] {
    return this.#seats;
  }

  find(key: string): Seat | undefined {
    return this.#byKey.get(key);
  }

  /**
   * Keeps for the nodes of the settings the ids they get when all of them are watched, so that a few of them get the same.
   * `id`: the cluster's where it is known, or the one that is wished for.
   */
  reserve(nodes: Iterable<{ readonly name: string; readonly id: number | undefined }>): void {
    const all = [...nodes];
    for (const { name, id } of all) if (id !== undefined) this.#reserved.set(name, id);
    for (const { name, id } of all) if (id === undefined) this.#reserved.set(name, this.#freeId(undefined));
  }

  /** The id that is kept for a node of the settings. */
  reservedId(name: string): number | undefined {
    return this.#reserved.get(name);
  }

  /**
   * Seats a node of the settings. Where its cluster's id is known it takes that id's seat; the seat it had under its
   * former key is then given up. A seat goes to the node that says its id, not to one that had it the last time; who has
   * to leave it is seated under its name. Returns what went wrong in words, empty when nothing did.
   */
  seatLink(link: NodeLink, clusterId: number | undefined): string {
    const holder = clusterId === undefined ? undefined : this.#byKey.get(clusterKey(clusterId))?.link;
    const rival = holder === link ? undefined : holder;
    const isSaid = link.selfId === clusterId;
    const yields = rival !== undefined && (rival.selfId === clusterId || !isSaid);
    const seat = clusterId === undefined || yields ? this.#hostSeat(link) : this.seatId(clusterId);
    this.#sit(link, seat);
    if (rival === undefined) return '';
    if (!yields) {
      this.#sit(rival, this.#hostSeat(rival));
      return '';
    }
    const { name } = link.entry;
    return isSaid
      ? `${name} says it is node ${clusterId}, and so does ${rival.entry.name}: two nodes have one id`
      : '';
  }

  /**
   * The seat of a cluster's node, made when it is new. A node of the settings that is given this id there and has not
   * spoken yet sits down on it; a plain host that was shown under this id gets another.
   */
  seatId(id: number): Seat {
    const seat = this.#byKey.get(clusterKey(id));
    if (seat !== undefined) return seat;
    const squatter = this.#seats.find((other) => other.id === id && !other.removed);
    const made = this.#add(clusterKey(id), id, `node ${id}`);
    if (squatter === undefined) return made;
    const { link } = squatter;
    if (link?.dialect === undefined && link?.entry.id === id) this.#sit(link, made);
    else squatter.id = this.#freeId(undefined);
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

  #sit(link: NodeLink, seat: Seat): void {
    if (seat.link === link) return;
    this.unseat(link);
    seat.link = link;
    seat.name = link.entry.name;
  }

  /** The seat under a link's name; where another link has it (the demo beside the settings) the name gets a number. */
  #hostSeat(link: NodeLink): Seat {
    const { name, id } = link.entry;
    for (let number = 1; ; number += 1) {
      const key = hostKey(number === 1 ? name : `${name} (${number})`);
      const seat = this.#byKey.get(key);
      if (seat === undefined) return this.#add(key, this.#freeId(this.#reserved.get(name) ?? id, name), name);
      if (seat.link === link) return seat;
    }
  }

  #add(key: string, id: number, name: string): Seat {
    const seat: Seat = { slot: this.#seats.length, key, id, name, link: undefined, removed: false };
    this.#seats.push(seat);
    this.#byKey.set(key, seat);
    return seat;
  }

  /** The wished id or else the lowest that nobody has and that is kept for nobody but `name`. */
  #freeId(wish: number | undefined, name?: string): number {
    const used = new Set(this.#seats.filter((seat) => !seat.removed).map((seat) => seat.id));
    for (const [other, id] of this.#reserved) if (other !== name) used.add(id);
    if (wish !== undefined && !used.has(wish)) return wish;
    for (let id = 1; id <= MAX_NODE_ID; id += 1) if (!used.has(id)) return id;
    return MAX_NODE_ID;
  }
}
