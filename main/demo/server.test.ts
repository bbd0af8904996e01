import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, ClientChannel } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import { tickLine, type TickMode } from '../../common/wire/protocol.ts';
import { WireReader } from '../../common/wire/reader.ts';
import { DemoClients, exec, run } from '../../test/harness/demo-client.ts';
import { startDemoCluster, type DemoCluster } from './index.ts';
import { newKeyPair } from './key-pair.ts';

const COMMAND = 'exec /bin/sh -s';

let folder: string;
let demo: DemoCluster;
let clients: DemoClients;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-demo-'));
  demo = await startDemoCluster({
    nodes: [2, 5, 300],
    folder,
    command: (node, command) => (command === 'hostname' ? `node${node}\n` : undefined),
  });
  clients = new DemoClients(demo);
});

afterEach(async () => {
  clients.close();
  await demo.close();
  await rm(folder, { recursive: true });
});

function connect(options: { user?: string; privateKey?: string } = {}): Promise<Client> {
  return clients.connect({ user: 'node5', ...options });
}

interface Sampler {
  readonly reader: WireReader;
  readonly channel: ClientChannel;
  readonly problem: Promise<Problem>;
  readonly closed: Promise<void>;
  /** Numbers of the ticks that were answered. */
  readonly answered: readonly number[];
  tick(mode: TickMode, sequence: number, places?: boolean): Promise<void>;
}

/** Starts a sampler as main does: the assignments, the program's text, then ticks. */
async function startSampler(client: Client): Promise<Sampler> {
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
    tick: (mode, sequence, places = false) =>
      new Promise((resolve) => {
        frames.set(sequence, resolve);
        channel.write(tickLine(mode, sequence, places));
      }),
  };
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

  test('tells of the processes that migrate when it is asked, and of their end', async () => {
    const { simulation } = demo;
    const { pid, started } = simulation.startProcess(5, { command: 'fft', locked: true });
    const sampler = await startSampler(await connect());
    const host = await startSampler(await connect({ user: 'node300' }));
    simulation.migrate(5, pid, 300);
    await vi.waitFor(() => expect(simulation.processOf(5, pid)?.place.id).toBe(300));
    const guestPid = simulation.processOf(5, pid)?.guestPid ?? 0;
    const guestStarted = simulation.processOf(5, pid)?.guestStarted ?? 0;
    await sampler.tick('own', 1, true);
    await host.tick('own', 1, true);
    expect(Array.from(sampler.reader.tables.get('away')?.rows.get(pid) ?? [])).toEqual([300, 1, started]);
    expect(Array.from(host.reader.tables.get('guests')?.rows.get(guestPid) ?? [])).toEqual([
      5,
      pid,
      guestStarted,
    ]);
    expect(host.reader.texts.get('commands')?.get(guestPid)).toBe('fft');
    simulation.migrate(5, pid, 0);
    await vi.waitFor(() => expect(simulation.processOf(5, pid)?.place.id).toBe(5));
    await sampler.tick('own', 2, true);
    await host.tick('own', 2, true);
    expect(Array.from(sampler.reader.tables.get('away')?.rows.get(pid) ?? [])).toEqual([0, 2, started]);
    expect(host.reader.tables.get('guests')?.rows.has(guestPid)).toBe(false);
    simulation.endProcess(5, pid);
    await sampler.tick('own', 3, true);
    expect(sampler.reader.tables.get('away')?.rows.has(pid)).toBe(false);
    expect(sampler.reader.texts.get('commands')?.has(pid)).toBe(false);
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
