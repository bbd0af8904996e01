/**
 * The near side of the SSH bench: one way of sampling many nodes, alone in its process so that its CPU and memory can be
 * measured. It does what it is asked over the channel to its parent.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { tickLine } from '../../common/wire/protocol.ts';
import { WireReader } from '../../common/wire/reader.ts';
import { createSshService, type SshSession } from '../../main/ssh/index.ts';
import type { FarSide } from './far-side.ts';

/** How nodes are sampled: a stream from each, the same without SSH, a command per sample, one observer for all. */
export type Way = 'stream' | 'tcp' | 'exec' | 'observer';

/** What the parent asks: to connect, or to sample once a second for so many seconds. */
export type Request =
  | { readonly kind: 'connect'; readonly way: Way; readonly farSide: FarSide; readonly folder: string }
  | { readonly kind: 'run'; readonly seconds: number };

/** Times in seconds until the last node was connected and until it was ready to be sampled; memory in bytes. */
export interface Connection {
  readonly connectedSeconds: number;
  readonly readySeconds: number;
  readonly cpuMs: number;
  readonly memoryBefore: number;
}

/** What sampling cost. */
export interface Cost {
  readonly cpuMs: number;
  /** Frames that were answered, and bytes in them. */
  readonly frames: number;
  readonly bytes: number;
  readonly memory: number;
}

/** A sampled node: asks for a frame. */
type Ask = (sequence: number) => void;

const NONCE = 'bench';
const SAMPLER_TEXT = readFileSync(new URL('../../resources/sampler.sh', import.meta.url), 'latin1');

const received = { frames: 0, bytes: 0 };
let asks: readonly Ask[] = [];
let sequence = 0;

process.on('message', (request: Request) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));

function answer(request: Request): Promise<Connection | Cost> {
  return request.kind === 'connect' ? connectAll(request) : run(request.seconds);
}

async function connectAll({ way, farSide, folder }: Request & { kind: 'connect' }): Promise<Connection> {
  const memoryBefore = process.memoryUsage.rss();
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  let connectedSeconds = 0;
  const connected = (): void => {
    connectedSeconds = (performance.now() - start) / 1000;
  };
  if (way === 'tcp') {
    asks = await Promise.all(
      farSide.entries.map((_, index) => connectTcp(index + 1, farSide.tcpPort, connected)),
    );
  } else {
    const ssh = createSshService({
      dataFolder: folder,
      configFile: 'none',
      knownHostsFiles: [farSide.knownHostsFile],
      prompter: { ask: () => Promise.resolve(null) },
    });
    const entries = way === 'observer' ? farSide.entries.slice(0, 1) : farSide.entries;
    asks = await Promise.all(
      entries.map(async (entry) => {
        const session = ssh.open(entry);
        await untilConnected(session, entry);
        connected();
        if (way === 'exec') return execPerSample(session, farSide.sampleCommand);
        return startStream(session, way === 'observer' ? 'all' : 'own');
      }),
    );
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const readySeconds = (performance.now() - start) / 1000;
  return { connectedSeconds, readySeconds, cpuMs: (user + system) / 1000, memoryBefore };
}

/** Samples all nodes in every second, all at once as the program does, and waits for the last answers. */
async function run(seconds: number): Promise<Cost> {
  const before = { ...received };
  const cpuBefore = process.cpuUsage();
  const finished = Promise.withResolvers<void>();
  let left = seconds;
  const timer = setInterval(() => {
    if (left === 0) {
      clearInterval(timer);
      finished.resolve();
      return;
    }
    left -= 1;
    sequence += 1;
    for (const ask of asks) ask(sequence);
  }, 1000);
  await finished.promise;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    cpuMs: (user + system) / 1000,
    frames: received.frames - before.frames,
    bytes: received.bytes - before.bytes,
    memory: process.memoryUsage.rss(),
  };
}

function untilConnected(session: SshSession, entry: NodeEntry): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const { state } = session;
      if (state.kind === 'connected') resolve();
      else if (state.kind === 'failed' || state.kind === 'waiting') {
        reject(new Error(`${entry.name}: ${state.problem.message} ${state.problem.detail}`));
      }
    };
    session.onState(look);
    look();
  });
}

function newReader(onReady: () => void): WireReader {
  return new WireReader(NONCE, 'node', {
    onReady,
    onFrame: () => {
      received.frames += 1;
    },
    onProblem: (problem) => {
      throw new Error(`${problem.message}: ${problem.detail}`);
    },
  });
}

function feed(reader: WireReader, chunk: Buffer): void {
  received.bytes += chunk.length;
  reader.feed(chunk.toString('latin1'), performance.now());
}

async function startStream(session: SshSession, mode: 'own' | 'all'): Promise<Ask> {
  const ready = Promise.withResolvers<void>();
  const reader = newReader(ready.resolve);
  const opened = await session.openChannel('exec /bin/sh -s', {
    onData: (chunk) => feed(reader, chunk),
    onErrorData: () => undefined,
    onClose: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.problem.message);
  opened.value.write(`nonce=${NONCE} root=/proc\n${SAMPLER_TEXT}`);
  await ready.promise;
  return (number) => opened.value.write(tickLine(mode, number, true));
}

/** The reader is told the tables beforehand, so that only the frames are compared. */
async function execPerSample(session: SshSession, command: string): Promise<Ask> {
  const ready = Promise.withResolvers<void>();
  const reader = newReader(ready.resolve);
  const opened = await session.openChannel('exec /bin/sh -s', {
    onData: (chunk) => feed(reader, chunk),
    onErrorData: () => undefined,
    onClose: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.problem.message);
  opened.value.write(`nonce=${NONCE} root=/proc\n${SAMPLER_TEXT}`);
  await ready.promise;
  opened.value.close();
  return () => {
    void session.exec(command, { timeoutMilliseconds: 10_000, maxBytes: 65_536 }).then((output) => {
      if (!output.ok) throw new Error(output.problem.message);
      feed(reader, output.value.stdout);
      return undefined;
    });
  };
}

function connectTcp(node: number, port: number, onConnect: () => void): Promise<Ask> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
      onConnect();
      socket.write(`${node} ${NONCE}\n`);
    });
    const reader = newReader(() => resolve((number) => socket.write(tickLine('own', number, true))));
    socket.on('data', (chunk: Buffer) => feed(reader, chunk));
    socket.on('error', reject);
  });
}
