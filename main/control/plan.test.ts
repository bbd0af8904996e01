/** What a plan says before anything is written: every verdict, and why. */
import { expect, test } from 'vitest';
import type { NodeChange, ProcessChange } from '../../common/model/control.ts';
import { STATUS } from '../../common/model/status.ts';
import { ScriptedNodes, someProcess } from '../../test/harness/scripted-nodes.ts';
import { gatherFacts } from './facts.ts';
import { drainChanges, processIntents, type Intent } from './intent.ts';
import { Limiter } from './limiter.ts';
import { makePlan, type PlanWithDeeds } from './plan.ts';

async function planOf(nodes: ScriptedNodes, intents: readonly Intent[]): Promise<PlanWithDeeds> {
  const facts = await gatherFacts(nodes, intents, new Limiter(16));
  const order = { kind: 'undo', action: 1, reason: '' } as const;
  return makePlan('id', order, intents, facts, nodes, '');
}

const onNode = (id: number, change: NodeChange): Intent => ({
  kind: 'node',
  node: `id:${id}`,
  change,
  left: null,
});

const on = (setting: 'block' | 'stay' | 'lstay' | 'quiet' | 'nomfs'): NodeChange => ({
  kind: 'setting',
  setting,
  on: true,
});

/** Plans a change to process 7 of node 1. */
async function stepFor(nodes: ScriptedNodes, change: ProcessChange): Promise<PlanWithDeeds['steps'][number]> {
  const { steps } = await planOf(nodes, processIntents([{ node: 'id:1', pid: 7, started: 1007 }], change));
  const [step] = steps;
  if (step === undefined) throw new Error('no step');
  return step;
}

test.each([
  [on('stay'), 'stay on', '/proc/hpc/admin/stay', '0', '1', '0'],
  [{ kind: 'speed', speed: 7609 }, 'speed 7609', '/proc/hpc/admin/speed', '10000', '7609', '10000'],
  [
    { kind: 'decay', which: 'slowdecay', value: 900 },
    'slowdecay 900',
    '/proc/hpc/admin/slowdecay',
    '975',
    '900',
    '975',
  ],
  [{ kind: 'expel' }, 'expel', '/proc/hpc/admin/expel', '2 guests', 'no guests', null],
  [{ kind: 'bring' }, 'bring', '/proc/hpc/admin/bring', 'none away', 'none away', null],
] as const)('%o is planned with its file and its values', async (change, what, file, before, after, undo) => {
  const nodes = new ScriptedNodes(1);
  nodes.node(1).guests = 2;
  const { steps } = await planOf(nodes, [onNode(1, change)]);
  expect(steps).toMatchObject([{ what, file, before, after, undo, verdict: 'change', why: '' }]);
});

test('what is so already is not written', async () => {
  const nodes = new ScriptedNodes(1);
  nodes.node(1).status |= STATUS.block;
  const { steps, notes } = await planOf(
    nodes,
    drainChanges(false).map((change) => onNode(1, change)),
  );
  expect(steps.map(({ verdict }) => verdict)).toEqual(['same', 'same']);
  expect(notes).toContain('Everything is so already.');
});

test('without block, guests are expelled even if none is there: one may be on its way', async () => {
  const { steps } = await planOf(new ScriptedNodes(1), [onNode(1, { kind: 'expel' })]);
  expect(steps[0]).toMatchObject({ verdict: 'change', before: 'no guests' });
});

test.each<[string, (nodes: ScriptedNodes) => void]>([
  ['it does not answer', (nodes) => (nodes.node(1).reachable = false)],
  [
    'it is plain Linux, whose kernel does not migrate processes',
    (nodes) => (nodes.node(1).dialect = 'linux'),
  ],
  ['it has not said yet what it speaks', (nodes) => (nodes.node(1).dialect = null)],
  ['the node has no such file', (nodes) => nodes.node(1).missing.add('admin/block')],
])('a setting is impossible, and why: %s', async (why, make) => {
  const nodes = new ScriptedNodes(1);
  make(nodes);
  const { steps } = await planOf(nodes, [onNode(1, on('block'))]);
  expect(steps).toMatchObject([{ verdict: 'impossible', why, undo: null, deed: null }]);
});

test.each<[string, string, (nodes: ScriptedNodes) => void]>([
  ['a number that ended', 'it has ended, or left this node', (nodes) => (nodes.node(1).list = [])],
  [
    'a number that is given again',
    'its number belongs to another process now',
    (nodes) => nodes.node(1).change(7, { started: 5 }),
  ],
  [
    'locked memory and threads',
    'it cannot move: it has locked memory, it shares its memory with other processes (threads)',
    (nodes) => nodes.node(1).change(7, { reasons: ['mem_lock', 'clone_vm'] }),
  ],
  [
    'a word nobody knows',
    'it cannot move: odd_reason',
    (nodes) => nodes.node(1).change(7, { reasons: ['odd_reason'] }),
  ],
  ['a node of MattX', 'node3 is no openMosix node', (nodes) => (nodes.node(3).dialect = 'mattx')],
  ['plain Linux', 'node3 is no openMosix node', (nodes) => (nodes.node(3).dialect = 'linux')],
  ['a node that is down', 'node3 is down', (nodes) => (nodes.node(3).status = STATUS.configured)],
  [
    'a node that is blocked',
    'node3 refuses guests (block)',
    (nodes) => (nodes.node(3).status |= STATUS.block),
  ],
  [
    'a place nobody knows',
    'the node does not say where it is; its kernel may not move it',
    (nodes) => nodes.node(1).change(7, { place: { kind: 'unknown' } }),
  ],
])('a move is impossible for %s', async (_what, why, make) => {
  const nodes = new ScriptedNodes(3);
  nodes.node(1).list = [someProcess({ pid: 7 })];
  make(nodes);
  expect(await stepFor(nodes, { kind: 'move', to: 3 })).toMatchObject({ verdict: 'impossible', why });
});

test('a node that is not in the cluster is no target', async () => {
  const nodes = new ScriptedNodes(1);
  nodes.node(1).list = [someProcess({ pid: 7 })];
  expect((await stepFor(nodes, { kind: 'move', to: 99 })).why).toBe('there is no node 99 in the cluster');
});

test.each([
  [{ kind: 'home' }, 'home', 'same', '0', '0'],
  [{ kind: 'home' }, 1, 'same', '0', '0'],
  [{ kind: 'home' }, 'best', 'change', '0', '-1'],
  [{ kind: 'away', id: 2 }, 'home', 'change', '2', '0'],
  [{ kind: 'away', id: 2 }, 2, 'same', '2', '2'],
  [{ kind: 'guest', id: 2, pid: 0 }, 1, 'same', '1', '1'],
  [{ kind: 'guest', id: 2, pid: 0 }, 2, 'change', '1', '0'],
] as const)('one that is %o and is to go to %s: %s', async (place, to, verdict, before, after) => {
  const nodes = new ScriptedNodes(2);
  nodes.node(1).list = [someProcess({ pid: 7, place })];
  expect(await stepFor(nodes, { kind: 'move', to })).toMatchObject({ verdict, before, after });
});

test('a locked process can be sent, and a lock is not the kernel’s reason', async () => {
  const nodes = new ScriptedNodes(2);
  nodes.node(1).list = [someProcess({ pid: 7, locked: true, reasons: ['user_lock'] })];
  expect((await stepFor(nodes, { kind: 'move', to: 2 })).verdict).toBe('change');
});

test('a guest goes by migrate at its host; without its home that cannot be undone', async () => {
  const nodes = new ScriptedNodes(3);
  nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'guest', id: 2, pid: 20 } })];
  nodes.node(2).reachable = false;
  expect(await stepFor(nodes, { kind: 'move', to: 3 })).toMatchObject({
    file: '/proc/7/migrate',
    undo: null,
    why: 'its home cannot be asked, so this cannot be undone',
  });
});

test('the lock of a guest is set at its home', async () => {
  const nodes = new ScriptedNodes(2);
  nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'guest', id: 2, pid: 20 } })];
  nodes.node(2).list = [someProcess({ pid: 20, place: { kind: 'away', id: 1 } })];
  expect(await stepFor(nodes, { kind: 'lock', on: true })).toMatchObject({
    node: 'id:2',
    process: { pid: 20, started: 1020 },
    file: '/proc/20/lock',
    verdict: 'change',
  });
});

test.each([
  ['STOP', 'R', 'change', 'CONT'],
  ['STOP', 'T', 'same', null],
  ['CONT', 'T', 'change', 'STOP'],
  ['CONT', 'R', 'same', null],
  ['TERM', 'R', 'change', null],
  ['KILL', 'Z', 'same', null],
] as const)('SIG%s to a process in state %s: %s, undone by %s', async (signal, state, verdict, undo) => {
  const nodes = new ScriptedNodes(1);
  nodes.node(1).list = [someProcess({ pid: 7, state })];
  expect(await stepFor(nodes, { kind: 'signal', signal })).toMatchObject({ verdict, undo });
});

test('signals reach plain Linux too; moves do not', async () => {
  const nodes = new ScriptedNodes(1);
  nodes.node(1).dialect = 'linux';
  nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'unknown' }, locked: null })];
  expect((await stepFor(nodes, { kind: 'signal', signal: 'TERM' })).verdict).toBe('change');
  expect((await stepFor(nodes, { kind: 'move', to: 'best' })).verdict).toBe('impossible');
});

test('one node and one setting need no look; several nodes, expel and many moves do', async () => {
  const nodes = new ScriptedNodes(2);
  nodes.node(1).guests = 1;
  nodes.node(1).list = [someProcess({ pid: 7 }), someProcess({ pid: 8 })];
  const confirmed = async (...intents: readonly Intent[]): Promise<boolean> =>
    (await planOf(nodes, intents)).confirm;
  const move = processIntents(
    [7, 8].map((pid) => ({ node: 'id:1', pid, started: 1000 + pid })),
    { kind: 'move', to: 2 },
  );
  expect(await confirmed(onNode(1, on('stay')))).toBe(false);
  expect(await confirmed(onNode(1, on('stay')), onNode(2, on('stay')))).toBe(true);
  expect(await confirmed(onNode(1, { kind: 'expel' }))).toBe(true);
  expect(await confirmed(...move.slice(0, 1))).toBe(false);
  expect(await confirmed(...move)).toBe(true);
});

test('a process is one step, however often it is named', () => {
  const ref = { node: 'id:1', pid: 7, started: 1 };
  expect(processIntents([ref, { ...ref }], { kind: 'lock', on: true })).toHaveLength(1);
});
