/** One connection to every other agent, made anew by itself: calls both ways over TLS, and connections for images beside it. */
import type { Duplex } from 'node:stream';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { ClusterMember } from '../../common/trust/map.ts';
import { jobIdSchema, type JobId } from '../job-id.ts';
import { clientOptions, ownMember, peerNode, serverOptions, type Identity } from '../trust/index.ts';
import { encodeFrame, FrameReader, type Frame } from '../wire/frames.ts';
import { Peer, type Answer, type Handlers, type Params } from '../wire/peer.ts';
import type { CallOptions, Cluster } from './cluster.ts';
import { NODE_METHODS, type NodeMethods } from './protocol.ts';

const CONNECT_MILLISECONDS = 5000;
const FIRST_FRAME_MILLISECONDS = 5000;
/** A connection over which nothing comes for this long is dead, whatever is written; each side says something more often. */
const SILENCE_MILLISECONDS = 6000;
const BEAT_MILLISECONDS = 2000;
const KEEP_MILLISECONDS = 1000;
/** Longest frame that tells what a new connection is for. */
const PURPOSE_BYTES = 1000;

/** The first frame of a connection. */
const purposeSchema = z.discriminatedUnion('purpose', [
  z.object({ purpose: z.literal('calls') }),
  z.object({ purpose: z.literal('images'), job: jobIdSchema, epoch: z.int().min(0) }),
]);

type NodePeer = Peer<NodeMethods, NodeMethods>;

export interface LinksOptions {
  readonly identity: () => Identity;
  /** Answers what a node asks; `from` is the node of its certificate. */
  readonly handlers: (from: number) => Handlers<NodeMethods>;
  readonly onImages: (from: number, job: JobId, epoch: number, stream: Duplex) => void;
  /** There is a connection to the node, the first or a new one. */
  readonly onLink: (node: number) => void;
  /** Nodes to which there must be a connection: it is made again whenever it is lost, by both sides. */
  readonly wanted: () => readonly number[];
  /** There is none any more. */
  readonly onUnlink: (node: number) => void;
  readonly log: (sentence: string) => void;
}

export class Links implements Cluster {
  readonly #options: LinksOptions;
  readonly #peers = new Map<number, NodePeer>();
  readonly #connecting = new Map<number, Promise<Result<NodePeer>>>();
  #server: Server | undefined;
  #own: Handlers<NodeMethods> | undefined;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  get self(): number {
    return this.#options.identity().node;
  }

  /** Listens at the port that the map names for this node. */
  async listen(): Promise<void> {
    const identity = this.#options.identity();
    const server = createServer(serverOptions(identity), (socket) => this.#accept(socket));
    // Whoever is not of the cluster is not worth a word in the log.
    server.on('tlsClientError', () => undefined);
    const { port } = ownMember(identity);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, resolve);
    });
    this.#server = server;
    setInterval(() => {
      for (const node of new Set(this.#options.wanted())) if (node !== this.self) void this.#peer(node);
    }, KEEP_MILLISECONDS);
  }

  /** The identity was renewed: new connections use it. */
  renew(): void {
    this.#server?.setSecureContext(serverOptions(this.#options.identity()));
  }

  async call<Name extends keyof NodeMethods>(
    node: number,
    name: Name,
    params: Params<NodeMethods, Name>,
    options: CallOptions = {},
  ): Promise<Result<Answer<NodeMethods, Name>>> {
    if (node === this.self) return this.#ask(name, params, options.body ?? Buffer.alloc(0));
    const peer = await this.#peer(node);
    return peer.ok ? peer.value.call(name, params, options) : peer;
  }

  notify<Name extends keyof NodeMethods>(
    node: number,
    name: Name,
    params: Params<NodeMethods, Name>,
    body?: Buffer,
  ): void {
    if (node === this.self) void this.#ask(name, params, body ?? Buffer.alloc(0));
    else this.#peers.get(node)?.notify(name, params, body);
  }

  async openImages(node: number, job: JobId, epoch: number): Promise<Result<Duplex>> {
    const socket = await this.#connect(node);
    if (socket.ok) write(socket.value, { purpose: 'images', job, epoch });
    return socket;
  }

  async #ask<Name extends keyof NodeMethods>(
    name: Name,
    params: Params<NodeMethods, Name>,
    body: Buffer,
  ): Promise<Result<Answer<NodeMethods, Name>>> {
    this.#own ??= this.#options.handlers(this.self);
    return this.#own[name](params, body);
  }

  async #peer(node: number): Promise<Result<NodePeer>> {
    const open = this.#peers.get(node);
    if (open?.isOpen) return success(open);
    const connecting = this.#connecting.get(node) ?? this.#makePeer(node);
    this.#connecting.set(node, connecting);
    const peer = await connecting;
    this.#connecting.delete(node);
    return peer;
  }

  async #makePeer(node: number): Promise<Result<NodePeer>> {
    const socket = await this.#connect(node);
    if (!socket.ok) return socket;
    write(socket.value, { purpose: 'calls' });
    return success(this.#adopt(node, socket.value));
  }

  /** A connection of ours over which both sides ask. Of two that cross, both serve; the newer one is asked over. */
  #adopt(node: number, socket: TLSSocket): NodePeer {
    const peer = new Peer(`node ${node}`, socket, NODE_METHODS, this.#options.handlers(node), NODE_METHODS);
    this.#peers.set(node, peer);
    void this.#serve(node, peer, socket);
    this.#options.onLink(node);
    return peer;
  }

  async #serve(node: number, peer: NodePeer, socket: TLSSocket): Promise<void> {
    let heard = performance.now();
    socket.on('data', () => (heard = performance.now()));
    let beaten = heard;
    const beat = setInterval(() => {
      const now = performance.now();
      // Whoever was held up itself has not listened, and what came meanwhile is heard now.
      if (now - beaten > 2 * BEAT_MILLISECONDS) heard = now;
      beaten = now;
      if (now - heard > SILENCE_MILLISECONDS) peer.close();
      else peer.notify('beat', {});
    }, BEAT_MILLISECONDS);
    await peer.end;
    clearInterval(beat);
    if (this.#peers.get(node) !== peer) return;
    this.#peers.delete(node);
    this.#options.onUnlink(node);
  }

  async #connect(node: number): Promise<Result<TLSSocket>> {
    const identity = this.#options.identity();
    const member = identity.map.nodes.find(({ id }) => id === node);
    if (member === undefined) return failure(problem('not-found', `No node ${node} is in this cluster.`));
    const socket = connect({ ...clientOptions(identity, node), host: member.address, port: member.port });
    this.#watch(socket);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => resolve('no answer'), CONNECT_MILLISECONDS);
    socket.once('secureConnect', () => resolve(undefined));
    socket.once('error', ({ message }: Error) => resolve(message));
    const wrong = await promise;
    clearTimeout(timer);
    if (wrong === undefined) return success(socket);
    socket.destroy();
    return failure(unreachable(member, wrong));
  }

  #watch(socket: TLSSocket): void {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
  }

  #accept(socket: TLSSocket): void {
    this.#watch(socket);
    const from = peerNode(socket, this.#options.identity().map);
    if (!from.ok) {
      this.#options.log(
        `A connection from ${socket.remoteAddress ?? '?'} was refused: ${from.problem.message}`,
      );
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), FIRST_FRAME_MILLISECONDS);
    void firstFrame(socket).then((frame) => {
      clearTimeout(timer);
      const purpose = purposeSchema.safeParse(frame?.header);
      if (!purpose.success) return socket.destroy();
      if (purpose.data.purpose === 'calls') return this.#adopt(from.value, socket);
      const { job, epoch } = purpose.data;
      return this.#options.onImages(from.value, job, epoch, socket);
    });
  }
}

function write(socket: Duplex, header: unknown): void {
  for (const part of encodeFrame(header)) socket.write(part);
}

/** The first frame; what came behind it goes back into the stream. Undefined when it is none. */
function firstFrame(socket: TLSSocket): Promise<Frame | undefined> {
  return new Promise((resolve) => {
    let held = Buffer.alloc(0);
    const end = (frame: Frame | undefined, rest?: Buffer): void => {
      socket.off('data', take);
      socket.off('close', lost);
      socket.pause();
      if (rest !== undefined && rest.length > 0) socket.unshift(rest);
      resolve(frame);
      // Whoever takes the stream over listens by now.
      queueMicrotask(() => socket.resume());
    };
    const lost = (): void => end(undefined);
    const take = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      if (held.length < 8) return;
      const length = 8 + held.readUInt32BE(0);
      if (length > PURPOSE_BYTES || held.readUInt32BE(4) !== 0) return end(undefined);
      if (held.length < length) return;
      end(new FrameReader().read(held.subarray(0, length))?.[0], held.subarray(length));
    };
    socket.on('data', take);
    socket.once('close', lost);
  });
}

function unreachable({ id, name, address, port }: ClusterMember, why: string): ReturnType<typeof problem> {
  return problem('host-unreachable', `Node ${id} (${name}) at ${address}:${port} cannot be reached: ${why}.`);
}
