/**
 * Datagrams between agents, sealed with the cluster's key (AES-256-GCM): nobody outside can read, make, alter or replay
 * one. A sealed datagram is
 *
 *     1 byte    version, 1
 *     2 bytes   sender's node id        big-endian, as the counter
 *     8 bytes   counter: milliseconds since 1970 in its upper 44 bits, 20 bits below to tell those of a millisecond apart
 *     n bytes   encrypted content
 *     16 bytes  tag over all before it
 *
 * The nonce is id and counter behind two zero bytes. A counter only grows, and begins at a random place in its
 * millisecond, so that a sender that starts again, even with its clock set back, does not use one twice.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomInt,
  type KeyObject,
} from 'node:crypto';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { ClusterMap } from '../../common/trust/map.ts';
import type { Identity } from './identity.ts';

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const HEADER_BYTES = 11;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const COUNTERS_PER_MILLISECOND = 2 ** 20;
const COUNTER_BITS = 20n;
/** How far clocks of nodes may be apart. */
const APART_MILLISECONDS = 30_000;
/** How many of a sender's datagrams may come out of their order. */
const WINDOW = 64;

/** What sealing adds to a content, in bytes. */
export const SEAL_BYTES = HEADER_BYTES + TAG_BYTES;

/** The most a sealed datagram may have, in bytes: the most that UDP over IPv4 carries. */
export const DATAGRAM_BYTES = 65_507;

/** A datagram that was opened. */
export interface Opened {
  /** The sender's node id. */
  readonly from: number;
  readonly plain: Buffer;
}

/** Seals what this node sends. One for each identity and program: two would not know of each other's counters. */
export class Sealer {
  readonly #key: KeyObject;
  readonly #node: number;
  #last = 0n;

  constructor({ clusterKey, node }: Pick<Identity, 'clusterKey' | 'node'>) {
    this.#key = datagramKey(clusterKey);
    this.#node = node;
  }

  /** Seals a content of at most DATAGRAM_BYTES - SEAL_BYTES. `now` is in milliseconds since 1970. */
  seal(plain: Buffer, now = Date.now()): Buffer {
    const sealed = Buffer.allocUnsafe(HEADER_BYTES + plain.length + TAG_BYTES);
    sealed[0] = VERSION;
    sealed.writeUInt16BE(this.#node, 1);
    sealed.writeBigUInt64BE(this.#next(now), 3);
    const header = sealed.subarray(0, HEADER_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(header), { authTagLength: TAG_BYTES });
    cipher.setAAD(header);
    cipher.update(plain).copy(sealed, HEADER_BYTES);
    cipher.final();
    cipher.getAuthTag().copy(sealed, HEADER_BYTES + plain.length);
    return sealed;
  }

  #next(now: number): bigint {
    const first = BigInt(Math.floor(now)) << COUNTER_BITS;
    // Half of a millisecond's counters are left for those that follow in it.
    this.#last =
      first > this.#last ? first + BigInt(randomInt(COUNTERS_PER_MILLISECOND / 2)) : this.#last + 1n;
    return this.#last;
  }
}

/** Opens what other nodes sent, each datagram once. What it keeps is bounded by the nodes of the map. */
export class Opener {
  readonly #key: KeyObject;
  readonly #own: number;
  readonly #started: number;
  /** By node: counters that were seen, ascending. */
  #seen = new Map<number, bigint[]>();

  /**
   * `started` in milliseconds since 1970: what was sent before is not taken, because nobody knows any more whether it was
   * taken already. A node whose clock is behind this one's is therefore heard later, by at most 30 s.
   */
  constructor({ clusterKey, node, map }: Identity, started = Date.now()) {
    this.#key = datagramKey(clusterKey);
    this.#own = node;
    this.#started = started;
    this.learn(map);
  }

  /** Takes a newer map: its nodes are heard, others not any more. */
  learn({ nodes }: ClusterMap): void {
    this.#seen = new Map(
      nodes.flatMap(({ id }) => (id === this.#own ? [] : [[id, this.#seen.get(id) ?? []]])),
    );
  }

  /**
   * Opens a datagram that came at `now` (milliseconds since 1970). Problems: bad-input (not ours, altered),
   * permission-denied (a node that is not in the map), not-available (replayed, or its time is too far from ours).
   */
  open(datagram: Buffer, now: number): Result<Opened> {
    if (datagram.length < SEAL_BYTES || datagram.length > DATAGRAM_BYTES || datagram[0] !== VERSION) {
      return failure(problem('bad-input', 'The datagram is not one of an agent of this version.'));
    }
    const from = datagram.readUInt16BE(1);
    const seen = this.#seen.get(from);
    if (seen === undefined) {
      return failure(problem('permission-denied', `Node ${from} is no other node of the cluster's map.`));
    }
    const counter = datagram.readBigUInt64BE(3);
    const sent = Number(counter >> COUNTER_BITS);
    if (Math.abs(sent - now) > APART_MILLISECONDS) {
      const seconds = Math.round((sent - now) / 1000);
      return failure(
        problem(
          'not-available',
          `The clock of node ${from} is ${seconds} s from this one's, or somebody replays.`,
        ),
      );
    }
    if (sent < this.#started || isKnown(seen, counter)) {
      return failure(problem('not-available', `The datagram of node ${from} was taken before.`));
    }
    const plain = this.#decrypt(datagram);
    if (plain === undefined) {
      return failure(problem('bad-input', `The datagram in the name of node ${from} was altered or forged.`));
    }
    remember(seen, counter);
    return success({ from, plain });
  }

  #decrypt(datagram: Buffer): Buffer | undefined {
    const header = datagram.subarray(0, HEADER_BYTES);
    const end = datagram.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, this.#key, nonceOf(header), { authTagLength: TAG_BYTES });
    decipher.setAAD(header);
    decipher.setAuthTag(datagram.subarray(end));
    const plain = decipher.update(datagram.subarray(HEADER_BYTES, end));
    try {
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }
}

function datagramKey(clusterKey: Buffer): KeyObject {
  // As bytes it would cost 20 to 40 microseconds more each time.
  return createSecretKey(Buffer.from(hkdfSync('sha256', clusterKey, '', 'mosview datagram 1', 32)));
}

function nonceOf(header: Buffer): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  header.copy(nonce, NONCE_BYTES - HEADER_BYTES + 1, 1);
  return nonce;
}

/** Whether a counter was seen, or is below all that are remembered. */
function isKnown(seen: readonly bigint[], counter: bigint): boolean {
  const [lowest] = seen;
  if (lowest === undefined) return false;
  return (seen.length === WINDOW && counter < lowest) || seen.includes(counter);
}

function remember(seen: bigint[], counter: bigint): void {
  let place = seen.length;
  while (place > 0 && (seen[place - 1] ?? 0n) > counter) place -= 1;
  seen.splice(place, 0, counter);
  if (seen.length > WINDOW) seen.shift();
}
