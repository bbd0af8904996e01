/** Control over real SSH and an emulated MattX cluster, whose kernel says yes to everything and notes what harm is done. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import { orderSchema, type Action, type OrderInput, type Plan } from '../../common/model/control.ts';
import type { ProcessRef } from '../../common/model/process.ts';
import { failure } from '../../common/model/result.ts';
import { openControl } from '../../main/control/index.ts';
import type { Control, ControlNode, ControlNodes } from '../../main/control/types.ts';
import type { SshSession } from '../../main/ssh/index.ts';
import { deedsOver } from '../harness/control-bench.ts';
import { newKernelFolder } from '../harness/kernel.ts';
import { MattxKernel } from '../harness/mattx-kernel.ts';
import { AnsweringPrompter, reached, SshBench } from '../harness/ssh-fixture.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';
import { valueOf } from '../harness/value-of.ts';

const [HOME, AWAY, THIRD] = [785, 786, 787] as const;

let sshd: Sshd;
let ssh: SshBench;
let kernel: MattxKernel;
let control: Control;
let nodes: readonly ControlNode[];
/** Nodes whose own connection does not answer. */
let down: Set<number>;

beforeEach(async () => {
  sshd = await startSshd();
  ssh = new SshBench();
  kernel = new MattxKernel({ folder: newKernelFolder(), nodes: [HOME, AWAY, THIRD], live: true });
  for (const { id } of kernel.nodes) kernel.write(id, 'balancer 0');
  down = new Set();
  const service = ssh.service({ prompter: new AnsweringPrompter(), configFile: sshd.configFile });
  nodes = await Promise.all(
    kernel.nodes.map(async ({ id, proc }) => {
      const session = service.open({ name: `node${id}`, host: `node${id}` });
      await reached(session, 'connected');
      return nodeOf(id, proc, session);
    }),
  );
  const all: ControlNodes = {
    find: (key) => nodes.find((node) => node.key === key),
    ofId: (id) => nodes.find((node) => node.id === id),
    all: () => nodes,
  };
  control = valueOf(
    await openControl({
      dataFolder: join(ssh.folder, 'data'),
      nodes: all,
      who: 'anna@desk',
      unlocked: true,
      onState: () => undefined,
      onAction: () => undefined,
      onMoveRequest: () => undefined,
      onRun: () => undefined,
    }),
  );
});

afterEach(async () => {
  await control.close();
  kernel.close();
  await ssh.close();
  await sshd.close();
});

function nodeOf(id: number, proc: string, session: SshSession): ControlNode {
  const name = `node${id}`;
  const entry = { name, host: name, root: proc };
  return {
    key: `id:${id}`,
    id,
    name,
    dialect: 'mattx',
    get reachable() {
      return !down.has(id);
    },
    get why() {
      return down.has(id) ? 'it does not answer' : '';
    },
    root: join(proc, 'mattx'),
    load: id === THIRD ? 0 : 200,
    speed: 10_000,
    cpus: 1,
    status: NaN,
    ...deedsOver(session, entry, id),
    run: async () => failure(problem('not-available', 'MattX places no programs.')),
  };
}

async function plan(order: OrderInput): Promise<Plan> {
  return valueOf(await control.plan(orderSchema.parse(order)));
}

async function carryOut(order: OrderInput): Promise<Action> {
  const action = valueOf(await control.apply((await plan(order)).id));
  return control.finished(action.number, 50_000);
}

const read = (id: number, file: string): string => readFileSync(join(kernel.node(id).tree, file), 'latin1');
const states = ({ steps }: Action): readonly string[] =>
  steps.map(({ nodeName, what, state }) => `${nodeName} ${what}: ${state}`);
const move = (to: number | 'home' | 'best', ...processes: readonly ProcessRef[]): OrderInput => ({
  kind: 'processes',
  processes: [...processes],
  change: { kind: 'move', to },
});

/** A process at home on a node, and its name for an order. */
function started(id: number, command = 'fft'): ProcessRef {
  const { pid, started: start } = kernel.start(id, { command });
  return { node: `id:${id}`, pid, started: start };
}

test('settings are written as one command each, read back and put back', async () => {
  const action = await carryOut({
    kind: 'nodes',
    nodes: [`id:${HOME}`],
    changes: [
      { kind: 'setting', setting: 'stay', on: false },
      { kind: 'speed', speed: 5000 },
      { kind: 'mattx', which: 'debug', on: false },
      { kind: 'mattx', which: 'mattxfs', on: true },
      { kind: 'pins', list: 'exclude', names: ['bash', 'fft'] },
      { kind: 'pins', list: 'include', names: [] },
    ],
  });
  expect(states(action).filter((words) => words.endsWith('verified'))).toHaveLength(5);
  expect(read(HOME, 'nodes')).toMatch(
    /Balancer Enabled: YES\nMattXFS Enabled: YES\nDebug Mode: OFF\nNode Affinity: 500 .*\nMigration Excludes: bash,fft\n/,
  );
  await carryOut({ kind: 'undo', action: action.number });
  expect(read(HOME, 'nodes')).toMatch(
    /Balancer Enabled: NO\nMattXFS Enabled: NO\n.*\nNode Affinity: 0 .*\nMigration Excludes: cat,watch,/,
  );
});

test('an admin file that says yes and does nothing is found out', async () => {
  kernel.setDeaf(HOME, true);
  const action = await carryOut({
    kind: 'nodes',
    nodes: [`id:${HOME}`],
    changes: [{ kind: 'affinity', affinity: 7 }],
  });
  expect(states(action)).toEqual([`node${HOME} affinity 7: no-effect`]);
});

test('a process goes away, by home to another node, to the best and home, and no harm is done', async () => {
  const process = started(HOME);
  expect((await carryOut(move(AWAY, process))).state).toBe('done');
  expect(read(HOME, 'remote')).toContain(`${process.pid}:${AWAY}`);
  expect(states(await carryOut(move('best', process)))).toEqual([
    `node${HOME} bring home: verified`,
    `node${HOME} send to the best node: verified`,
  ]);
  expect(read(HOME, 'remote')).toContain(`${process.pid}:${THIRD}`);
  expect((await carryOut(move('home', process))).state).toBe('done');
  expect(read(HOME, 'remote')).toBe('');
  expect(kernel.harm).toEqual([]);
});

test('several processes of a node go one after the other', async () => {
  const processes = ['a', 'b', 'c'].map((name) => started(HOME, name));
  const action = await carryOut(move(AWAY, ...processes));
  expect(action.state).toBe('done');
  expect(read(HOME, 'remote').trim().split('\n')).toHaveLength(3);
  expect(kernel.harm).toEqual([]);
});

test('nothing is sent to a node that does not answer itself, and a deputy is not continued', async () => {
  const process = started(HOME);
  down.add(AWAY);
  expect((await plan(move(AWAY, process))).steps).toMatchObject([{ verdict: 'impossible' }]);
  await carryOut(move(THIRD, process));
  const order = await plan({
    kind: 'processes',
    processes: [process],
    change: { kind: 'signal', signal: 'CONT' },
  });
  expect(order.steps).toMatchObject([
    { verdict: 'impossible', why: expect.stringContaining('at home and away') as string },
  ]);
  expect(kernel.harm).toEqual([]);
});

test('kernel threads and threaded programs are not sent', async () => {
  const threaded = kernel.start(HOME, { command: 'server', threads: 3 });
  const [node] = nodes;
  const listed = valueOf((await node?.processes()) ?? failure(problem('not-found', 'There is no node.')));
  const kernelThread = listed.find(({ reasons }) => reasons.includes('kernel_thread'));
  const wanted = [threaded, kernelThread].flatMap((found) =>
    found === undefined ? [] : [{ node: `id:${HOME}`, pid: found.pid, started: found.started }],
  );
  const { steps } = await plan(move(AWAY, ...wanted));
  expect(steps.map(({ verdict }) => verdict)).toEqual(['impossible', 'impossible']);
  expect(steps[0]?.why).toContain('threads');
  expect(kernel.harm).toEqual([]);
});

test('a drain sends guests home from their homes and own processes too', async () => {
  const guest = started(AWAY, 'guest');
  const own = started(HOME, 'own');
  for (const [process, to] of [
    [guest, HOME],
    [own, THIRD],
  ] as const) {
    expect((await carryOut(move(to, process))).state).toBe('done');
  }
  const action = await carryOut({ kind: 'drain', nodes: [`id:${HOME}`], bring: true });
  expect(states(action)).toEqual([
    `node${HOME} stay on: same`,
    `node${HOME} affinity 1: verified`,
    `node${HOME} bring home: verified`,
    `node${AWAY} bring home: verified`,
  ]);
  expect([read(HOME, 'remote'), read(AWAY, 'remote')]).toEqual(['', '']);
  expect(kernel.harm).toEqual([]);
});
