/**
 * A cluster of openMosix' port to 2.6 behind a real sshd: from the files of its nodes to what is shown, ordered and logged of
 * them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  orderSchema,
  type Action,
  type OrderInput,
  type Plan,
  type Target,
} from '../../common/model/control.ts';
import type { ProcessInfo, ProcessRef } from '../../common/model/process.ts';
import { hostKey } from '../../main/cluster/roster.ts';
import { controlNodes } from '../../main/control-nodes.ts';
import { openControl } from '../../main/control/index.ts';
import type { Control } from '../../main/control/types.ts';
import type { Recording } from '../../main/recording/index.ts';
import { newKernelFolder } from '../harness/kernel.ts';
import { Om26Kernel, type Om26Options } from '../harness/om26-kernel.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';
import { valueOf } from '../harness/value-of.ts';
import { WatchedCluster } from '../harness/watched-cluster.ts';

const [HOME, AWAY] = [1, 2] as const;

let kernel: Om26Kernel;
let sshd: Sshd;
let cluster: WatchedCluster;
let recording: Recording;
let control: Control;

beforeEach(async () => {
  sshd = await startSshd();
  cluster = await WatchedCluster.start('om26', (id) => hostKey(`node${id}`));
  recording = await cluster.record();
  control = valueOf(
    await openControl({
      dataFolder: cluster.dataFolder,
      nodes: controlNodes(cluster.monitor),
      who: 'anna@desk',
      unlocked: true,
      onState: () => undefined,
      onAction: () => undefined,
      onMoveRequest: (request) => recording.request(request),
      onRun: () => undefined,
    }),
  );
});

afterEach(async () => {
  await control.close();
  await cluster.close();
  await sshd.close();
  kernel.close();
});

/** Starts a cluster of the first two of the given nodes and watches it until both are up. */
async function watch(options: Partial<Om26Options> = {}): Promise<void> {
  kernel = new Om26Kernel({ folder: newKernelFolder(), ids: [HOME, AWAY, 3], ...options });
  const { monitor } = cluster;
  monitor.add(
    [HOME, AWAY].map((id) => ({ name: `node${id}`, host: `node${id}`, root: kernel.node(id).proc })),
    monitor.openSsh({ configFile: sshd.configFile }),
  );
  await cluster.until(() => [HOME, AWAY].every((id) => cluster.state(id) === 'up'));
}

async function processes(id: number): Promise<readonly ProcessInfo[]> {
  const node = controlNodes(cluster.monitor).ofId(id);
  if (node === undefined) throw new Error(`There is no node ${id}`);
  return valueOf(await node.processes());
}

async function place(process: ProcessRef): Promise<ProcessInfo['place'] | undefined> {
  return (await processes(HOME)).find(({ pid }) => pid === process.pid)?.place;
}

async function plan(order: OrderInput): Promise<Plan> {
  return valueOf(await control.plan(orderSchema.parse(order)));
}

async function carryOut(order: OrderInput): Promise<Action> {
  const action = valueOf(await control.apply((await plan(order)).id));
  return control.finished(action.number, 50_000);
}

const move = (to: Target, process: ProcessRef): OrderInput => ({
  kind: 'processes',
  processes: [process],
  change: { kind: 'move', to },
});
const states = ({ steps }: Action): readonly string[] => steps.map((step) => `${step.what}: ${step.state}`);
const fileOf = ({ pid }: ProcessRef, name: string): string =>
  readFileSync(join(kernel.node(HOME).proc, String(pid), kernel.port, name), 'latin1');
const whereOf = (process: ProcessRef): string => fileOf(process, 'where');

/** A process at home on the first node, and its name for an order. */
function started(command = 'fft', stay: readonly string[] = []): ProcessRef {
  return { node: 'host:node1', ...kernel.start(HOME, { command, stay }) };
}

test('a node is up with the figures of its own /proc, and has its address', async () => {
  await watch();
  expect(cluster.info(HOME)).toMatchObject({
    id: HOME,
    key: 'host:node1',
    dialect: 'openmosix26',
    reason: '',
  });
  expect(cluster.value(HOME, 'memoryTotal')).toBe(250_000 * 1024);
  expect(cluster.value(HOME, 'cpus')).toBe(1);
  expect(cluster.value(HOME, 'load')).toBe(100);
  expect(cluster.value(HOME, 'status')).toBeNaN();
  expect(cluster.monitor.cluster.whoseAddress()('10.77.0.2')).toBe(AWAY);
});

describe.each(['2.6.7', '2.6.17', '2.6.28'] as const)('on %s', (version) => {
  test('a process goes by address, is logged once each way, comes home, and undo sends it out again', async () => {
    await watch({ version });
    const process = started();
    const { pid } = process;
    const out = await carryOut(move(AWAY, process));
    expect(states(out)).toEqual(['send to node 2: verified']);
    expect(whereOf(process)).toBe('10.77.0.2\n');
    expect(await place(process)).toEqual({ kind: 'away', id: AWAY });
    const guests = (await processes(AWAY)).filter((guest) => guest.place.kind === 'guest');
    expect(guests).toMatchObject([{ name: 'fft', place: { kind: 'guest', id: HOME, pid: 0 } }]);
    await cluster.until(() => recording.placements()[0]?.guestPid === guests[0]?.pid);
    expect(recording.placements()).toMatchObject([{ home: HOME, pid, at: AWAY, command: 'fft' }]);

    const home = await carryOut({ kind: 'undo', action: out.number });
    expect(states(home)).toEqual(['bring home: verified']);
    await cluster.until(() => cluster.migrations.length === 2);
    expect(states(await carryOut({ kind: 'undo', action: home.number }))).toEqual([
      'send to node 2: verified',
    ]);
    await cluster.until(() => cluster.migrations.length === 3);
    expect(cluster.migrations).toMatchObject([
      { home: HOME, pid, from: HOME, to: AWAY, cause: 'operator', action: out.number },
      { home: HOME, pid, from: AWAY, to: HOME, cause: 'operator', action: home.number },
      { home: HOME, pid, from: HOME, to: AWAY, cause: 'operator' },
    ]);
    expect(kernel.answers.map(({ text, answer }) => `${JSON.stringify(text)} ${answer}`)).toEqual([
      '"10.77.0.2\\n" ok',
      '"home\\n" ok',
      '"10.77.0.2\\n" ok',
    ]);
  });
});

test('what must stay is not sent; what must since the plan shows no effect, and why', async () => {
  await watch();
  const stay: string[] = [];
  const process = started('fft', stay);
  const early = await plan(move(AWAY, process));
  stay.push('mem_lock');
  await cluster.until(() => fileOf(process, 'stay') === 'mem_lock\n');
  expect((await plan(move(AWAY, process))).steps).toMatchObject([
    { verdict: 'impossible', why: 'it cannot move: it has locked memory' },
  ]);
  const action = valueOf(await control.apply(early.id));
  expect(await control.finished(action.number, 50_000)).toMatchObject({
    steps: [{ state: 'no-effect', outcome: 'accepted, no effect: it has locked memory' }],
  });
});

test('an address that no node of ours has is shown as it is, and the process is brought home from there', async () => {
  await watch();
  const process = started();
  kernel.write(process.pid, '10.77.0.3\n');
  await cluster.until(() => whereOf(process) === '10.77.0.3\n');
  expect(await place(process)).toEqual({ kind: 'elsewhere', address: '10.77.0.3', guest: false });
  await cluster.until(() => cluster.migrations.length === 1);
  expect(recording.placements()).toEqual([]);
  const action = await carryOut(move('home', process));
  expect(action).toMatchObject({ state: 'done', undoable: false });
  await cluster.until(() => cluster.migrations.length === 2);
  expect(cluster.migrations).toMatchObject([
    { from: HOME, to: 0, cause: 'unknown', result: 'seen' },
    { from: 0, to: HOME, cause: 'operator', action: action.number },
  ]);
});

test('what is queued for long is waited for, and is no migration before it has arrived', async () => {
  await watch({ queued: 1500, migrating: 1500 });
  const process = started();
  const action = carryOut(move(AWAY, process));
  await cluster.until(() => whereOf(process) === 'migrating\n');
  expect(await place(process)).toEqual({ kind: 'moving' });
  expect(cluster.migrations).toEqual([]);
  expect(states(await action)).toEqual(['send to node 2: verified']);
  await cluster.until(() => cluster.migrations.length === 1);
});

test('what is on its way when it is ordered elsewhere is not ordered twice', async () => {
  await watch({ migrating: 10_000 });
  const process = started();
  const late = await plan(move(AWAY, process));
  kernel.write(process.pid, '10.77.0.3\n');
  await cluster.until(() => whereOf(process) === 'migrating\n');
  const action = valueOf(await control.apply(late.id));
  expect(await control.finished(action.number, 20_000)).toMatchObject({
    steps: [{ state: 'refused', outcome: expect.stringContaining('EAGAIN') as string }],
  });
  expect(kernel.answers).toHaveLength(1);
});

test('a write that is dropped silently has no effect, and that is said', async () => {
  await watch({ version: '2.6.7' });
  const process = started();
  kernel.setFault(HOME, `${process.pid}/om/where`, { kind: 'ignore' });
  const action = await carryOut(move(AWAY, process));
  expect(action.steps).toMatchObject([
    { state: 'no-effect', outcome: 'accepted, no effect: it is at home', now: '0' },
  ]);
});

test('a process that ends while it is away is no migration', async () => {
  await watch();
  const process = started();
  await carryOut(move(AWAY, process));
  await cluster.until(() => cluster.migrations.length === 1);
  kernel.end(process.pid);
  await cluster.until(() => recording.placements().length === 0);
  expect(cluster.migrations).toHaveLength(1);
  expect((await processes(AWAY)).some(({ place: { kind } }) => kind === 'guest')).toBe(false);
});
