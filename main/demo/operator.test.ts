import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ProcessInfo } from '../../common/model/process.ts';
import { operatorInput, type Operation, type OperationReply } from '../../common/wire/operations.ts';
import { DemoClients, run } from '../../test/harness/demo-client.ts';
import { ReplyReader } from '../nodes/operator-replies.ts';
import { processesFrom } from '../nodes/processes.ts';
import { startDemoCluster, type DemoCluster } from './index.ts';

const NONCE = 'abc123';
const TEXT = await readFile(new URL('../../resources/operator.sh', import.meta.url), 'utf8');

let folder: string;
let demo: DemoCluster;
let clients: DemoClients;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-demo-'));
  demo = await startDemoCluster({ nodes: [2, 5, 300], folder });
  clients = new DemoClients(demo);
});

afterEach(async () => {
  clients.close();
  await demo.close();
  await rm(folder, { recursive: true });
});

/** Does operations on a node as main does. */
async function operate(id: number, ...operations: readonly Operation[]): Promise<readonly OperationReply[]> {
  const client = await clients.connect({ user: `node${id}` });
  const input = operatorInput(NONCE, '/proc', TEXT, operations);
  const { output, status } = await run(client, 'exec /bin/sh -s', input);
  expect(status).toBe(0);
  const replies = new ReplyReader(NONCE, operations);
  replies.feed(output);
  replies.end();
  return replies.result();
}

async function processes(id: number): Promise<readonly ProcessInfo[]> {
  const [list] = await operate(id, { kind: 'list' });
  if (list?.kind !== 'list') throw new Error('There is no list');
  return processesFrom(list, undefined, id);
}

/** A process that neither ends nor leaves by itself. */
function someProcess(id: number): { pid: number; started: number } {
  const { pid, started } = demo.simulation.startProcess(id, { command: 'fft', locked: true });
  return { pid, started };
}

describe('operations on a node of the demo cluster', () => {
  test.each(['block', 'stay', 'lstay', 'quiet', 'nomfs'] as const)(
    '%s is written and read back',
    async (name) => {
      const file = `admin/${name}` as const;
      expect(
        await operate(
          5,
          { kind: 'read', file },
          { kind: 'write', file, value: 1 },
          { kind: 'read', file },
          { kind: 'write', file, value: 2 },
        ),
      ).toEqual([
        { kind: 'text', texts: ['0'] },
        { kind: 'done' },
        { kind: 'text', texts: ['1'] },
        { kind: 'refused', words: 'write error: Invalid argument' },
      ]);
      expect(demo.simulation.machine(5).has(name)).toBe(true);
    },
  );

  test('speed and decay are kept', async () => {
    const written = await operate(
      5,
      { kind: 'write', file: 'admin/speed', value: 7609 },
      { kind: 'write', file: 'admin/slowdecay', value: 900 },
      { kind: 'write', file: 'admin/speed', value: 0 },
      { kind: 'read', file: 'admin/speed' },
      { kind: 'read', file: 'admin/slowdecay' },
    );
    expect(written.map((reply) => reply.kind)).toEqual(['done', 'done', 'refused', 'text', 'text']);
    expect(written.slice(3)).toEqual([
      { kind: 'text', texts: ['7609'] },
      { kind: 'text', texts: ['900'] },
    ]);
  });

  test('the status of any node can be read, one that is not configured is missing', async () => {
    const [status, missing] = await operate(
      5,
      { kind: 'read', file: 'nodes/300/status' },
      { kind: 'read', file: 'nodes/4/status' },
    );
    expect(status).toEqual({ kind: 'text', texts: ['3'] });
    expect(missing).toEqual({ kind: 'missing' });
  });

  test('a process is sent, found there, counted, and brought home', async () => {
    const ref = someProcess(5);
    await operate(5, { kind: 'write', file: 'admin/stay', value: 1 });
    expect(await operate(5, { kind: 'move', ...ref, value: 300 })).toEqual([{ kind: 'done' }]);
    await vi.waitFor(async () => {
      expect(await operate(5, { kind: 'place', ...ref })).toEqual([
        { kind: 'text', texts: ['300', '1', '1', ''] },
      ]);
    });
    const [away] = await operate(5, { kind: 'count', what: 'away' });
    expect(away).toEqual({ kind: 'done', value: demo.simulation.machine(5).away.size });
    await operate(5, { kind: 'write', file: 'admin/bring', value: 1 });
    await vi.waitFor(async () => {
      expect(await operate(5, { kind: 'count', what: 'away' })).toEqual([{ kind: 'done', value: 0 }]);
    });
  });

  test('a guest is sent on through migrate, and does not heed goto', async () => {
    const ref = someProcess(5);
    demo.simulation.migrate(5, ref.pid, 300);
    const process = demo.simulation.processOf(5, ref.pid);
    await vi.waitFor(() => expect(process?.place.id).toBe(300));
    const guest = { pid: process?.guestPid ?? 0, started: process?.guestStarted ?? 0 };
    await operate(300, { kind: 'move', ...guest, value: 2 });
    expect(process?.journey).toBeUndefined();
    await operate(300, { kind: 'migrate', ...guest, value: 2 });
    await vi.waitFor(() => expect(process?.place.id).toBe(2));
  });

  test('a process that ended is gone, and its number in use again is another', async () => {
    const ref = someProcess(5);
    const again = demo.simulation.reuseNumber(5, ref.pid);
    const gone = { pid: 32_767, started: 1 };
    expect(
      await operate(5, { kind: 'lock', ...ref, value: 0 }, { kind: 'signal', ...gone, signal: 'KILL' }),
    ).toEqual([{ kind: 'other', started: again.started }, { kind: 'gone' }]);
  });

  test('signals stop, continue and end a process, and its priority is kept', async () => {
    const ref = someProcess(5);
    const state = async () => (await processes(5)).find(({ pid }) => pid === ref.pid);
    await operate(5, { kind: 'signal', ...ref, signal: 'STOP' }, { kind: 'renice', ...ref, nice: 19 });
    expect(await state()).toMatchObject({ state: 'T', nice: 19 });
    await operate(5, { kind: 'signal', ...ref, signal: 'CONT' });
    expect(await state()).toMatchObject({ state: 'R' });
    await operate(5, { kind: 'signal', ...ref, signal: 'TERM' });
    expect(await state()).toBeUndefined();
  });

  test('a list has every process of the node, with its user, place and reasons', async () => {
    const hostile = demo.simulation.startProcess(5, {
      command: '$(reboot)',
      cmdline: '$(reboot)\0\u001b[2J\n',
      cantMove: 'clone_vm',
      locked: true,
      uid: 1000,
    });
    const { pid } = demo.simulation.startProcess(2, { command: 'fft', locked: true });
    demo.simulation.migrate(2, pid, 5);
    const guest = demo.simulation.processOf(2, pid);
    await vi.waitFor(() => expect(guest?.place.id).toBe(5));
    const listed = await processes(5);
    expect(listed.map((process) => process.pid)).toEqual(
      expect.arrayContaining(
        demo.simulation
          .machine(5)
          .list()
          .map((process) => process.pid),
      ),
    );
    expect(listed.find((process) => process.pid === hostile.pid)).toMatchObject({
      started: hostile.started,
      name: '$(reboot)',
      user: 'anna',
      place: { kind: 'home' },
      locked: true,
      reasons: ['clone_vm'],
    });
    expect(listed.find((process) => process.pid === guest?.guestPid)).toMatchObject({
      place: { kind: 'guest', id: 2, pid },
      command: 'fft',
    });
    expect((await processes(2)).find((process) => process.pid === pid)).toMatchObject({
      place: { kind: 'away', id: 5 },
      migrations: 1,
    });
  });

  test('a node that refuses changes nothing and says so', async () => {
    const ref = someProcess(5);
    demo.setFault(5, 'refuses');
    expect(
      await operate(
        5,
        { kind: 'write', file: 'admin/block', value: 1 },
        { kind: 'lock', ...ref, value: 0 },
        { kind: 'signal', ...ref, signal: 'KILL' },
        { kind: 'read', file: 'admin/block' },
      ),
    ).toEqual([
      { kind: 'refused', words: 'cannot create /proc/hpc/admin/block: Permission denied' },
      { kind: 'refused', words: `cannot create /proc/${ref.pid}/lock: Permission denied` },
      { kind: 'refused', words: `${ref.pid}: Operation not permitted` },
      { kind: 'text', texts: ['0'] },
    ]);
  });

  test('a node that ignores accepts and does nothing', async () => {
    demo.setFault(5, 'ignores');
    expect(
      await operate(
        5,
        { kind: 'write', file: 'admin/block', value: 1 },
        { kind: 'read', file: 'admin/block' },
      ),
    ).toEqual([{ kind: 'done' }, { kind: 'text', texts: ['0'] }]);
  });

  test('another program than the two of mosview is not run', async () => {
    const client = await clients.connect({ user: 'node5' });
    expect(await run(client, 'exec /bin/sh -s', 'touch /tmp/x\n')).toEqual({
      output: 'A node of the demo cluster runs no programs\n',
      status: 127,
    });
  });
});
