import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ClientChannel } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import { tickLine, type TickMode } from '../../common/wire/protocol.ts';
import { WireReader } from '../../common/wire/reader.ts';
import { startDemoCluster, type DemoCluster } from './index.ts';
import { newKeyPair } from './key-pair.ts';

const COMMAND = 'exec /bin/sh -s';

let folder: string;
let demo: DemoCluster;
const clients: ssh2.Client[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-demo-'));
  demo = await startDemoCluster({
    nodes: [2, 5, 300],
    folder,
    command: (node, command) => (command === 'hostname' ? `node${node}\n` : undefined),
  });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await demo.close();
  await rm(folder, { recursive: true });
});

async function connect(options: { user?: string; privateKey?: string } = {}): Promise<ssh2.Client> {
  const entry = demo.nodes[1]?.entry;
  const knownHosts = await readFile(demo.knownHostsFile, 'utf8');
  const client = new ssh2.Client();
  clients.push(client);
  const privateKey = options.privateKey ?? (await readFile(entry?.identityFiles?.[0] ?? '', 'utf8'));
  return new Promise((resolve, reject) => {
    client.once('connect', () => client.setNoDelay(true));
    client.once('ready', () => resolve(client));
    client.on('error', reject);
    client.on('close', () => reject(new Error('The connection was closed')));
    client.connect({
      host: entry?.host ?? '',
      port: entry?.port ?? 0,
      username: options.user ?? entry?.user ?? '',
      privateKey,
      readyTimeout: 5000,
      hostVerifier: (key: Buffer) => knownHosts.includes(key.toString('base64')),
    });
  });
}

function exec(client: ssh2.Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

interface Sampler {
  readonly reader: WireReader;
  readonly channel: ClientChannel;
  readonly problem: Promise<Problem>;
  readonly closed: Promise<void>;
  /** Numbers of the ticks that were answered. */
  readonly answered: readonly number[];
  tick(mode: TickMode, sequence: number): Promise<void>;
}

/** Starts a sampler as main does: the assignments, the program's text, then ticks. */
async function startSampler(client: ssh2.Client): Promise<Sampler> {
  const channel = await exec(client, COMMAND);
  const ready = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<Problem>();
  const answered: number[] = [];
  const frames = new Map<number, () => void>();
  const reader = new WireReader('abc123', 'node5', {
    onReady: ready.resolve,
    onFrame: (sequence) => {
      answered.push(sequence);
      frames.get(sequence)?.();
    },
    onProblem: failed.resolve,
  });
  channel.on('data', (chunk: Buffer) => reader.feed(chunk.toString('latin1'), performance.now()));
  const text = await readFile(new URL('../../resources/sampler.sh', import.meta.url), 'utf8');
  channel.write(`nonce=abc123 root=/proc\n${text}`);
  await ready.promise;
  return {
    reader,
    channel,
    answered,
    problem: failed.promise,
    closed: new Promise((resolve) => channel.once('close', () => resolve())),
    tick: (mode, sequence) =>
      new Promise((resolve) => {
        frames.set(sequence, resolve);
        channel.write(tickLine(mode, sequence));
      }),
  };
}

/** Output and exit status of a command. */
function run(client: ssh2.Client, command: string): Promise<{ output: string; status: number }> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      let output = '';
      let status = -1;
      for (const stream of [channel, channel.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString('utf8');
        });
      }
      channel.on('exit', (code: number) => {
        status = code;
      });
      channel.on('close', () => resolve({ output, status }));
    });
  });
}

describe('the demo cluster', () => {
  test('shows the host key of its known_hosts file and lets its own key in', async () => {
    await expect(connect()).resolves.toBeDefined();
  });

  test('refuses another key', async () => {
    const stranger = newKeyPair('stranger').private;
    await expect(connect({ privateKey: stranger })).rejects.toThrow('authentication');
  });

  test('refuses a name that is no node', async () => {
    await expect(connect({ user: 'node4' })).rejects.toThrow('authentication');
  });

  test('answers a tick with the figures of the node that was named', async () => {
    const sampler = await startSampler(await connect({ user: 'node300' }));
    await sampler.tick('own', 1);
    expect(sampler.reader.meta.get('dialect')).toBe('openmosix');
    expect(sampler.reader.meta.get('self')).toBe('300');
    expect([...(sampler.reader.tables.get('nodes')?.rows.keys() ?? [])]).toEqual([300]);
    for (const name of ['cpu', 'load', 'memory', 'machine']) {
      const row = sampler.reader.tables.get(name)?.rows.get(0);
      expect(row?.some(Number.isNaN)).toBe(false);
    }
    expect(sampler.reader.badValues).toBe(0);
  });

  test('tells of the whole cluster when it is asked for all', async () => {
    const sampler = await startSampler(await connect());
    await sampler.tick('all', 7);
    const rows = sampler.reader.tables.get('nodes')?.rows;
    expect([...(rows?.keys() ?? [])]).toEqual([2, 5, 300]);
    expect(Array.from(rows?.get(5) ?? [])).toEqual(demo.simulation.row(5, 5));
  });

  test('ends the sampler when its standard input ends', async () => {
    const sampler = await startSampler(await connect());
    sampler.channel.end();
    await sampler.closed;
  });

  test('answers no other command, except those it was given', async () => {
    const client = await connect();
    expect(await run(client, 'uptime')).toEqual({
      output: 'A node of the demo cluster runs no programs: uptime\n',
      status: 127,
    });
    expect(await run(client, 'hostname')).toEqual({ output: 'node5\n', status: 0 });
  });

  test('leaves nothing open when it is closed', async () => {
    const sampler = await startSampler(await connect());
    await demo.close();
    await sampler.closed;
    await expect(connect()).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a fault of a node', () => {
  test('a dropped connection ends at once, and the node can be reached again', async () => {
    const sampler = await startSampler(await connect());
    demo.drop(5);
    await sampler.closed;
    await expect(connect()).resolves.toBeDefined();
  });

  test('a node that is switched off loses its connections and lets nobody in', async () => {
    const sampler = await startSampler(await connect());
    demo.simulation.setDown(5, true);
    await sampler.closed;
    await expect(connect()).rejects.toThrow();
  });

  test('a frozen node answers when it is well again', async () => {
    const sampler = await startSampler(await connect());
    demo.setFault(5, 'frozen');
    const answer = sampler.tick('own', 1);
    const other = await startSampler(await connect({ user: 'node2' }));
    await other.tick('own', 1);
    expect(sampler.answered).toEqual([]);
    demo.setFault(5, 'none');
    await answer;
  });

  test('half a frame is followed by the end', async () => {
    const sampler = await startSampler(await connect());
    demo.setFault(5, 'half-frame');
    void sampler.tick('own', 1);
    await sampler.closed;
    expect(sampler.answered).toEqual([]);
  });

  test('ten megabytes without a line feed are a problem of the protocol', async () => {
    const sampler = await startSampler(await connect());
    demo.setFault(5, 'long-line');
    void sampler.tick('own', 1);
    expect(await sampler.problem).toMatchObject({ code: 'protocol-error' });
  });

  test('garbage is survived: the next good frame is read', async () => {
    const sampler = await startSampler(await connect());
    demo.setFault(5, 'garbage');
    void sampler.tick('own', 1);
    await new Promise((resolve) => sampler.channel.once('data', resolve));
    demo.setFault(5, 'none');
    sampler.channel.write('own 2\n');
    await sampler.tick('own', 3);
    expect(sampler.reader.tables.get('cpu')?.rows.get(0)?.some(Number.isNaN)).toBe(false);
  });

  test('a banner before the greeting is passed by and kept', async () => {
    demo.setFault(5, 'banner');
    const sampler = await startSampler(await connect());
    expect(sampler.reader.preamble).toContain('machine room');
    await sampler.tick('own', 1);
  });
});
