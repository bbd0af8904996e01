/**
 * What a node knows of the others, and how old that is: randomised partial knowledge. Every second a node tells one random
 * other its own figures and the newest it has heard; nobody asks all, and nobody knows all at the same time.
 */
import { MAX_NODE_ID } from '../model/node.ts';
import type { BalanceNode } from './node.ts';

/** A node's figures on their way from node to node. */
export interface LoadEntry<Node extends BalanceNode = BalanceNode> {
  readonly node: Node;
  /** The node's own count of its statements. It must grow across its restarts; a time of its clock does. */
  readonly sequence: number;
  /** Seconds since the node stated it, when this was sent. Clocks of different nodes are never compared. */
  readonly age: number;
}

/** Entries in one message, the sender's own among them. */
export const WINDOW = 8;

/** An entry older than this many seconds says nothing of the load now, so that nothing is sent there. */
export const OLDEST_TO_ACT_ON = 5;

/** Only so many of the newest are acted on: with more of them many nodes know of the same light one, and all ask it. */
export const MOST_TO_ACT_ON = 12;

/** Of so many messages (or of as many as others are alive, if that is more) one goes to anybody, dead ones too. */
const LEAST_BETWEEN_TRIALS = 5;

/** Seconds without a word after which a node is taken for dead; more in clusters where words of each are seldom. */
const LEAST_DEAD_AFTER = 30;

/** So often another partner is drawn when the first is not known to be alive. */
const DRAWS = 4;

interface Known<Node> {
  readonly id: number;
  node: Node;
  sequence: number;
  /** When the node stated it, in seconds of the clock here. */
  stated: number;
}

/** The entries of one node. All times are seconds of one clock that never goes back. */
export class LoadVector<Node extends BalanceNode = BalanceNode> {
  readonly #own: number;
  readonly #capacity: number;
  /** The newest first. They are searched from the front: what is looked for is mostly new. */
  readonly #newest: Known<Node>[] = [];

  /** Keeps the `capacity` newest entries of others. */
  constructor(own: number, capacity = MAX_NODE_ID) {
    this.#own = own;
    this.#capacity = capacity;
  }

  /** Takes what was received. Of two entries of a node the one with the higher sequence number stays. */
  merge(entries: readonly LoadEntry<Node>[], now: number): void {
    for (const { node, sequence, age } of entries) {
      if (node.id === this.#own) continue;
      const stated = now - Math.max(0, age);
      const place = this.#placeOf(node.id);
      const known = this.#newest[place];
      if (known === undefined) this.#add({ id: node.id, node, sequence, stated });
      else if (sequence > known.sequence) {
        known.node = node;
        known.sequence = sequence;
        known.stated = Math.max(known.stated, stated);
        this.#bringForward(place, known);
      }
    }
  }

  /** What to send now: the own figures first, then the newest of the others, together at most WINDOW. */
  message(own: Node, sequence: number, now: number): readonly LoadEntry<Node>[] {
    const entries: LoadEntry<Node>[] = [{ node: own, sequence, age: 0 }];
    for (let place = 0; place < this.#newest.length && entries.length < WINDOW; place += 1) {
      const known = this.#newest[place];
      if (known !== undefined)
        entries.push({ node: known.node, sequence: known.sequence, age: now - known.stated });
    }
    return entries;
  }

  /** The nodes whose figures are young enough to act on, the newest first. */
  knownNodes(now: number): readonly Node[] {
    const nodes: Node[] = [];
    for (const { node, stated } of this.#newest) {
      if (now - stated > OLDEST_TO_ACT_ON || nodes.length === MOST_TO_ACT_ON) break;
      nodes.push(node);
    }
    return nodes;
  }

  /** Everything that is known of others, the newest first: what a monitor shows. */
  entries(now: number): readonly LoadEntry<Node>[] {
    return this.#newest.map(({ node, sequence, stated }) => ({ node, sequence, age: now - stated }));
  }

  /** Seconds since the node stated what is known of it; undefined where nothing is. */
  ageOf(id: number, now: number): number | undefined {
    const known = this.#newest[this.#placeOf(id)];
    return known === undefined ? undefined : now - known.stated;
  }

  /**
   * A random member to tell; undefined where none other was drawn. It is mostly one that has been heard of; now and then it is
   * anybody, so that a node that was dead is found again (as infod's `mindead` does).
   */
  partner(members: readonly number[], now: number, random: () => number): number | undefined {
    const alive = Math.max(this.#newest.length, LEAST_BETWEEN_TRIALS);
    const deadAfter = Math.max(LEAST_DEAD_AFTER, (4 * members.length) / (WINDOW - 1));
    const trial = random() * alive < 1;
    let drawn: number | undefined;
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const member = members[Math.floor(random() * members.length)];
      if (member === undefined || member === this.#own) continue;
      drawn = member;
      if (trial || (this.ageOf(member, now) ?? Infinity) <= deadAfter) break;
    }
    return drawn;
  }

  /** -1 where nothing is known of it. */
  #placeOf(id: number): number {
    for (let place = 0; place < this.#newest.length; place += 1)
      if (this.#newest[place]?.id === id) return place;
    return -1;
  }

  #add(known: Known<Node>): void {
    const oldest = this.#newest.at(-1);
    if (oldest !== undefined && this.#newest.length >= this.#capacity) {
      if (oldest.stated >= known.stated) return;
      this.#newest.pop();
    }
    this.#bringForward(this.#newest.length, known);
  }

  /** Puts what belongs at that place or before it where it belongs. */
  #bringForward(from: number, known: Known<Node>): void {
    let place = from;
    for (; place > 0; place -= 1) {
      const before = this.#newest[place - 1];
      if (before === undefined || before.stated > known.stated) break;
      this.#newest[place] = before;
    }
    this.#newest[place] = known;
  }
}
