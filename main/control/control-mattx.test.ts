/** Orders on MattX from plan to undo: what counts is what is read back, and moves of a node wait for each other. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Action, OrderInput } from '../../common/model/control.ts';
import { ScriptedControl } from '../../test/harness/scripted-control.ts';
import { someProcess, type ScriptedNodes } from '../../test/harness/scripted-nodes.ts';
import { valueOf } from '../../test/harness/value-of.ts';

vi.setConfig({ testTimeout: 30_000 });

let bench: ScriptedControl;
let nodes: ScriptedNodes;

beforeEach(async () => {
  bench = await ScriptedControl.start(3, { unlocked: true });
  ({ nodes } = bench);
  for (const node of nodes.nodes) node.dialect = 'mattx';
});

afterEach(() => bench.close());

const change = (...changes: Extract<OrderInput, { kind: 'nodes' }>['changes']): OrderInput => ({
  kind: 'nodes',
  nodes: ['id:1'],
  changes,
});
const move = (to: number | 'home' | 'best', ...pids: readonly number[]): OrderInput => ({
  kind: 'processes',
  processes: pids.map((pid) => ({ node: 'id:1', pid, started: 1000 + pid })),
  change: { kind: 'move', to },
});
const states = ({ steps }: Action): readonly string[] => steps.map(({ state }) => state);

test('a setting is read back, and undo puts back the automatic affinity', async () => {
  const action = await bench.carryOut(
    change({ kind: 'speed', speed: 5000 }, { kind: 'setting', setting: 'stay', on: true }),
  );
  expect(states(action)).toEqual(['verified', 'verified']);
  await bench.carryOut({ kind: 'undo', action: action.number });
  expect(nodes.node(1).writes).toEqual(['affinity 500', 'balancer 0', 'balancer 1', 'affinity 0']);
});

test('a write that says yes and does nothing is called so', async () => {
  nodes.node(1).ignored.add('balancer').add('exclude').add('send');
  nodes.node(1).list = [someProcess({ pid: 7 })];
  const settings = await bench.carryOut(
    change({ kind: 'setting', setting: 'stay', on: true }, { kind: 'pins', list: 'exclude', names: ['fft'] }),
  );
  expect(states(settings)).toEqual(['no-effect', 'no-effect']);
  expect(states(await bench.carryOut(move(3, 7)))).toEqual(['no-effect']);
});

test('a list is written, read back and put back', async () => {
  const action = await bench.carryOut(
    change({ kind: 'pins', list: 'exclude', names: ['bash', 'fft'], seen: 'bash,cat' }),
  );
  expect(action.steps).toMatchObject([{ state: 'verified', now: 'bash,fft', undo: 'bash,cat' }]);
  await bench.carryOut({ kind: 'undo', action: action.number });
  expect(nodes.node(1).mattx.exclude).toBe('bash,cat');
});

test('a list that is changed between plan and write stays as it is', async () => {
  const plan = await bench.plan(change({ kind: 'pins', list: 'exclude', names: ['fft'] }));
  nodes.node(1).mattx.exclude = 'bash,cat,other';
  const action = valueOf(await bench.control.apply(plan.id));
  const finished = bench.control.finished(action.number, 10_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states(await finished)).toEqual(['refused']);
  expect(nodes.node(1).mattx.exclude).toBe('bash,cat,other');
});

test('one that is away goes on only after it has come home', async () => {
  nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'away', id: 2 }, state: 'T' })];
  const action = await bench.carryOut(move(3, 7));
  expect(states(action)).toEqual(['verified', 'verified']);
  expect(nodes.node(1).writes).toEqual(['send 7 0', 'send 7 3']);
  expect(bench.requests).toMatchObject([
    { home: 1, pid: 7, from: 2, to: 1 },
    { home: 1, pid: 7, to: 3 },
  ]);
});

test('one that does not come home is not sent on', async () => {
  nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'away', id: 2 }, state: 'T' })];
  nodes.node(1).ignored.add('send');
  const action = await bench.carryOut(move(3, 7));
  expect(states(action)).toEqual(['no-effect', 'impossible']);
  expect(nodes.node(1).writes).toEqual(['send 7 0']);
});

test('a node moves one process at a time, also for two orders at once', async () => {
  nodes.node(1).list = [7, 8, 9].map((pid) => someProcess({ pid }));
  nodes.node(1).ignored.add('send');
  const batches: number[] = [];
  nodes.node(1).onBatch = (operations) => {
    const sends = operations.filter(({ kind }) => kind === 'send').length;
    if (sends > 0) batches.push(sends);
  };
  const first = await bench.plan(move(3, 7, 8));
  const second = await bench.plan(move(2, 9));
  await bench.control.apply(first.id);
  await bench.control.apply(second.id);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(batches).toEqual([1]);
  await vi.advanceTimersByTimeAsync(70_000);
  expect(batches).toEqual([1, 1, 1]);
});

test('a drain sets the node first and sends its guests home from their homes', async () => {
  nodes.node(1).list = [someProcess({ pid: 8, parent: 2, place: { kind: 'guest', id: 2, pid: 0 } })];
  nodes.node(2).list = [
    someProcess({ pid: 20, place: { kind: 'away', id: 1 }, state: 'T' }),
    someProcess({ pid: 21, place: { kind: 'away', id: 3 }, state: 'T' }),
  ];
  const action = await bench.carryOut({ kind: 'drain', nodes: ['id:1'], bring: false });
  expect(action.state).toBe('done');
  expect(nodes.node(1).writes).toEqual(['balancer 0', 'affinity 1']);
  expect(nodes.node(2).writes).toEqual(['send 20 0']);
  await bench.carryOut({ kind: 'undo', action: action.number });
  expect(nodes.node(1).mattx).toMatchObject({ balancer: 1, affinity: 0 });
  expect(nodes.node(2).writes).toEqual(['send 20 0']);
});
