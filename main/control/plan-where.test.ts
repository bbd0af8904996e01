/** What a plan says of openMosix for 2.6 before anything is written, and what becomes of it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NodeChange, OrderInput, ProcessChange, Target } from '../../common/model/control.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { ScriptedControl } from '../../test/harness/scripted-control.ts';
import { someProcess, type ScriptedNodes } from '../../test/harness/scripted-nodes.ts';

vi.setConfig({ testTimeout: 30_000 });

let bench: ScriptedControl;
let nodes: ScriptedNodes;

beforeEach(async () => {
  bench = await ScriptedControl.start(3, { unlocked: true });
  ({ nodes } = bench);
  for (const node of nodes.nodes) {
    node.dialect = 'openmosix26';
    node.root = '/proc/self/om';
  }
});

afterEach(() => bench.close());

/** Puts process 7 on node 1. */
function process(given: Partial<ProcessInfo> = {}): void {
  nodes.node(1).list = [someProcess({ pid: 7, ...given })];
}

const ordered = (change: ProcessChange): OrderInput => ({
  kind: 'processes',
  processes: [{ node: 'id:1', pid: 7, started: 1007 }],
  change,
});
const move = (to: Target): OrderInput => ordered({ kind: 'move', to });

/** The verdict of the only step, and why. */
async function verdict(order: OrderInput): Promise<string> {
  const { steps } = await bench.plan(order);
  expect(steps).toHaveLength(1);
  return `${steps[0]?.verdict}: ${steps[0]?.why}`;
}

test('a move names the file, where it is and where it is to go', async () => {
  process();
  expect((await bench.plan(move(2))).steps).toMatchObject([
    {
      what: 'send to node 2',
      file: '/proc/7/om/where',
      before: '0',
      after: '2',
      undo: '0',
      verdict: 'change',
    },
  ]);
  nodes.node(1).root = '/proc/self/pms';
  expect((await bench.plan(move(2))).steps[0]?.file).toBe('/proc/7/pms/where');
});

test('a process goes by address, is seen there, and undo brings it home and that sends it out again', async () => {
  process();
  const out = await bench.carryOut(move(2));
  expect(out.steps).toMatchObject([{ state: 'verified', now: '2' }]);
  const home = await bench.carryOut({ kind: 'undo', action: out.number });
  expect(home.steps).toMatchObject([{ what: 'bring home', state: 'verified', now: '0', undo: '2' }]);
  await bench.carryOut({ kind: 'undo', action: home.number });
  expect(nodes.node(1).writes).toEqual(['where 7 10.0.0.2', 'where 7 home', 'where 7 10.0.0.2']);
  expect(bench.requests).toMatchObject([
    { home: 1, pid: 7, from: 1, to: 2 },
    { home: 1, pid: 7, from: 2, to: 1 },
    { home: 1, pid: 7, from: 1, to: 2 },
  ]);
});

test('undo leaves what somebody else moved since', async () => {
  process();
  const { number } = await bench.carryOut(move(2));
  nodes.node(1).change(7, { place: { kind: 'away', id: 3 } });
  expect(await verdict({ kind: 'undo', action: number })).toBe(
    `impossible: it is 3 now, not 2 as action ${number} left it`,
  );
});

test('a write that the kernel takes and drops is found out', async () => {
  process({ reasons: [] });
  nodes.node(1).ignored.add('where');
  const { steps } = await bench.carryOut(move(2));
  expect(steps).toMatchObject([{ state: 'no-effect', outcome: 'accepted, no effect: it is at home' }]);
});

test('a refusal is told in the words of the node', async () => {
  process();
  nodes.node(1).refused.set('where', 'the kernel does not take this address (EINVAL)');
  expect((await bench.carryOut(move(2))).steps).toMatchObject([
    { state: 'refused', outcome: 'the kernel does not take this address (EINVAL)' },
  ]);
});

test('one that is at an address of nobody is brought home, without undo', async () => {
  process({ place: { kind: 'elsewhere', address: '10.9.9.9', guest: false } });
  const { steps } = await bench.plan(move('home'));
  expect(steps).toMatchObject([
    { verdict: 'change', before: '10.9.9.9', undo: null, why: expect.stringContaining('undone') as string },
  ]);
  const action = await bench.carryOut(move('home'));
  expect(action).toMatchObject({ state: 'done', undoable: false });
  expect(bench.requests).toMatchObject([{ from: 0, to: 1 }]);
});

describe('it is not sent', () => {
  test.each<[string, Partial<ProcessInfo>, string]>([
    ['init', { reasons: ['init_proc'] }, 'it cannot move: it is init'],
    ['a kernel thread', { reasons: ['kernel_thread'] }, 'it cannot move: it is a thread of the kernel'],
    ['mosview', { reasons: ['mosview'] }, 'it cannot move: it is mosview itself'],
    [
      'with reasons of its kernel',
      { reasons: ['mem_lock', '(null)', 'new_word'] },
      'it cannot move: it has locked memory, its kernel has a reason without a name, new_word',
    ],
    ['away', { place: { kind: 'away', id: 3 } }, 'it is away, and can only go home from there'],
    [
      'away at nobody known',
      { place: { kind: 'elsewhere', address: '10.9.9.9', guest: false } },
      'it is away, and can only go home from there',
    ],
    [
      'a guest',
      { place: { kind: 'guest', id: 2, pid: 0 } },
      'it is a guest; it is sent from its home, node 2',
    ],
    [
      'a guest of nobody known',
      { place: { kind: 'elsewhere', address: '10.9.9.9', guest: true } },
      'it is a guest; it is sent from its home, which has the address 10.9.9.9',
    ],
    ['on its way', { place: { kind: 'moving' } }, 'it is on its way'],
    ['nowhere', { place: { kind: 'unknown' } }, 'the node does not say where it is'],
  ])('%s', async (_case, given, why) => {
    process(given);
    expect(await verdict(move(2))).toContain(`impossible: ${why}`);
  });

  test.each<[string, readonly string[], string]>([
    ['without an address', [], 'no IPv4 address of node2 is known'],
    ['with IPv6 only', ['fe80::1'], 'no IPv4 address of node2 is known'],
    ['with an address that another has too', ['10.0.0.3'], 'another node has the address of node2, too'],
    ['with 255 in it', ['10.0.255.2'], 'the kernel does not take the address of node2: 10.0.255.2'],
    ['with a last 0', ['10.0.0.0'], 'the kernel does not take the address of node2'],
    ['with a first 0', ['0.0.0.2'], 'the kernel does not take the address of node2'],
  ])('to a node %s', async (_case, addresses, why) => {
    process();
    nodes.node(2).addresses = addresses;
    expect(await verdict(move(2))).toContain(`impossible: ${why}`);
  });

  test('by the first address that will do', async () => {
    process();
    nodes.node(2).addresses = ['fe80::1', '10.0.0.3', '10.0.0.255', '10.5.0.2', '10.6.0.2'];
    await bench.carryOut(move(2));
    expect(nodes.node(1).writes).toEqual(['where 7 10.5.0.2']);
  });

  test('to a node that does not answer itself, has another dialect, or is not there', async () => {
    process();
    nodes.node(2).reachable = false;
    nodes.node(3).dialect = 'openmosix';
    expect(await verdict(move(2))).toContain('node2 does not answer on its own connection');
    expect(await verdict(move(3))).toBe('impossible: node3 has no openMosix for 2.6');
    expect(await verdict(move(9))).toBe('impossible: there is no node 9 in the cluster');
  });

  test('to the best node, for nobody knows it', async () => {
    process();
    expect(await verdict(move('best'))).toContain('chooses no node; name one');
  });
});

test.each<[Target]>([['home'], [1]])('at home it is at %j already', async (to) => {
  process({ reasons: ['mem_lock'] });
  expect(await verdict(move(to))).toBe('same: ');
});

test('what holds it here does not keep it away', async () => {
  process({ place: { kind: 'away', id: 2 }, reasons: ['mem_lock'] });
  expect(await verdict(move('home'))).toBe('change: ');
});

test.each<[NodeChange, string]>([
  [{ kind: 'setting', setting: 'block', on: true }, 'has no such setting'],
  [{ kind: 'speed', speed: 5000 }, 'has no such setting'],
  [{ kind: 'expel' }, 'only logs it and does nothing'],
  [{ kind: 'bring' }, 'only logs it and does nothing'],
  [{ kind: 'affinity', affinity: 7 }, 'has no such setting'],
])('of a node nothing can be set: %j', async (change, why) => {
  expect(await verdict({ kind: 'nodes', nodes: ['id:1'], changes: [change] })).toContain(why);
});

test('signals and priorities are those of plain Linux, locks there are none', async () => {
  process({ locked: null });
  expect(await verdict(ordered({ kind: 'lock', on: true }))).toContain('never says whether');
  expect(await verdict(ordered({ kind: 'renice', nice: 5 }))).toBe('change: ');
  expect((await bench.carryOut(ordered({ kind: 'signal', signal: 'STOP' }))).state).toBe('done');
});

test.each<[string, ProcessInfo['place']]>([
  ['its home is node 2', { kind: 'guest', id: 2, pid: 0 }],
  ['its home is not known', { kind: 'elsewhere', address: '10.9.9.9', guest: true }],
])('a guest gets no signal where it visits: %s', async (_case, place) => {
  process({ place });
  expect(await verdict(ordered({ kind: 'signal', signal: 'KILL' }))).toContain('this is done at its home');
});
