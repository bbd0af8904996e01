/**
 * Tells a random node every second what this one knows, and learns what others tell: sealed datagrams, randomised
 * partial knowledge, no node that asks or knows all.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { LoadVector } from '../../common/balance/index.ts';
import { Opener, ownMember, Sealer, type Identity } from '../trust/index.ts';
import { decodeMessage, encodeMessage, type NodeState, type StateEntry } from './datagrams.ts';

/** Seconds of a clock that never goes back. */
function seconds(): number {
  return performance.now() / 1000;
}

export interface GossipListener {
  /** Figures came. */
  readonly onFigures: () => void;
  /** That node goes by a newer map of the cluster. */
  readonly onNewerMap: (node: number) => void;
}

/** A refused datagram is worth a line in the log this often. */
const SAY_AGAIN_SECONDS = 60;

export class Gossip {
  readonly #vector: LoadVector<NodeState>;
  readonly #socket: Socket;
  readonly #log: (sentence: string) => void;
  #identity: Identity;
  #sealer: Sealer;
  #opener: Opener;
  #saidAt = -SAY_AGAIN_SECONDS;
  #listener: GossipListener | undefined;

  constructor(identity: Identity, log: (sentence: string) => void) {
    this.#identity = identity;
    this.#log = log;
    this.#vector = new LoadVector(identity.node);
    this.#sealer = new Sealer(identity);
    this.#opener = new Opener(identity);
    this.#socket = createSocket(isIPv6(ownMember(identity).address) ? 'udp6' : 'udp4');
    this.#socket.on('error', ({ message }) => log(`Load information: ${message}.`));
    this.#socket.on('message', (datagram) => this.#take(datagram));
  }

  /** Listens at the port that the map names for this node. */
  listen(listener: GossipListener): Promise<void> {
    this.#listener = listener;
    return new Promise((resolve) => {
      this.#socket.bind(ownMember(this.#identity).port, resolve);
    });
  }

  renew(identity: Identity): void {
    const isSame = identity.clusterKey.equals(this.#identity.clusterKey);
    this.#identity = identity;
    if (isSame) this.#opener.learn(identity.map);
    else {
      this.#sealer = new Sealer(identity);
      this.#opener = new Opener(identity);
    }
  }

  /** Once a second. */
  tell(own: NodeState): void {
    const { nodes } = this.#identity.map;
    const now = seconds();
    const ids = nodes.map(({ id }) => id);
    const partner = this.#vector.partner(ids, now, Math.random);
    const member = nodes.find(({ id }) => id === partner);
    if (member === undefined) return;
    const entries = this.#vector.message(own, Date.now(), now);
    const message = encodeMessage({ entries, mapVersion: this.#identity.map.version });
    const datagram = this.#sealer.seal(message);
    // A node that cannot be reached is a node that is not heard: no error to tell.
    this.#socket.send(datagram, member.port, member.address, () => undefined);
  }

  /** The nodes whose figures are young enough to act on. */
  known(): readonly NodeState[] {
    return this.#vector.knownNodes(seconds());
  }

  /** Everything heard, each with its age. */
  heard(): readonly StateEntry[] {
    return this.#vector.entries(seconds());
  }

  #take(datagram: Buffer): void {
    const opened = this.#opener.open(datagram, Date.now());
    const message = opened.ok ? decodeMessage(opened.value.plain) : undefined;
    if (opened.ok && message !== undefined) {
      const { version, nodes } = this.#identity.map;
      const members = new Set(nodes.map(({ id }) => id));
      this.#vector.merge(
        message.entries.filter(({ node }) => members.has(node.id)),
        seconds(),
      );
      this.#listener?.onFigures();
      if (message.mapVersion > version) this.#listener?.onNewerMap(opened.value.from);
    } else if (!opened.ok && seconds() - this.#saidAt >= SAY_AGAIN_SECONDS) {
      this.#saidAt = seconds();
      this.#log(`Load information was refused: ${opened.problem.message}`);
    }
  }
}
