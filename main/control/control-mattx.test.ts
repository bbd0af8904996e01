/** Orders on MattX from plan to undo: what counts is what is read back, and moves of a node wait for each other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { orderSchema, type Action, type OrderInput } from '../../common/model/control.ts';
import type { Result } from '../../common/model/result.ts';
import { ScriptedNodes, someProcess } from '../../test/harness/scripted-nodes.ts';
import { openControl } from './index.ts';
import type { Control, MoveRequest } from './types.ts';

vi.setConfig({ testTimeout: 30_000 });

let folder: string;
let nodes: ScriptedNodes;
let control: Control;
let requests: MoveRequest[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  folder = mkdtempSync(join(tmpdir(), 'mosview-control-'));
  nodes = new ScriptedNodes(3);
  for (const node of nodes.nodes) node.dialect = 'mattx';
  requests = [];
  control = value(
    await openControl({
      dataFolder: folder,
      nodes,
      who: 'anna@desk',
      unlocked: true,
      onState: () => undefined,
      onAction: () => undefined,
      onMoveRequest: (request) => void requests.push(request),
      onRun: () => undefined,
    }),
  );
});

afterEach(async () => {
  await control.close();
  rmSync(folder, { recursive: true, force: true });
  vi.useRealTimers();
});

function value<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

async function carryOut(order: OrderInput): Promise<Action> {
  const plan = value(await control.plan(orderSchema.parse(order)));
  const action = value(await control.apply(plan.id));
  const finished = control.finished(action.number, 70_000);
  await vi.advanceTimersByTimeAsync(70_000);
  return finished;
}

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
  const action = await carryOut(
    change({ kind: 'speed', speed: 5000 }, { kind: 'setting', setting: 'stay', on: true }),
  );
  expect(states(action)).toEqual(['verified', 'verified']);
  await carryOut({ kind: 'undo', action: action.number });
  expect(nodes.node(1).writes).toEqual(['affinity 500', 'balancer 0', 'balancer 1', 'affinity 0']);
});

test('a write that says yes and does nothing is called so', async () => {
  nodes.node(1).ignored.add('balancer').add('exclude').add('send');
  nodes.node(1).list = [someProcess({ pid: 7 })];
  const settings = await carryOut(
    change({ kind: 'setting', setting: 'stay', on: true }, { kind: 'pins', list: 'exclude', names: ['fft'] }),
  );
  expect(states(settings)).toEqual(['no-effect', 'no-effect']);
  expect(states(await carryOut(move(3, 7)))).toEqual(['no-effect']);
});

test('a list is written, read back and put back', async () => {
  const action = await carryOut(
    change({ kind: 'pins', list: 'exclude', names: ['bash', 'fft'], seen: 'bash,cat' }),
  );
  expect(action.steps).toMatchObject([{ state: 'verified', now: 'bash,fft', undo: 'bash,cat' }]);
  await carryOut({ kind: 'undo', action: action.number });
  expect(nodes.node(1).mattx.exclude).toBe('bash,cat');
});

test('a list that is changed between plan and write stays as it is', async () => {
  const plan = value(
    await control.plan(orderSchema.parse(change({ kind: 'pins', list: 'exclude', names: ['fft'] }))),
  );
  nodes.node(1).mattx.exclude = 'bash,cat,other';
  const action = value(await control.apply(plan.id));
  const finished = control.finished(action.number, 10_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states(await finished)).toEqual(['refused']);
  expect(nodes.node(1).mattx.exclude).toBe('bash,cat,other');
});

test('one that is away goes on only after it has come home', async () => {
  nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'away', id: 2 }, state: 'T' })];
  const action = await carryOut(move(3, 7));
  expect(states(action)).toEqual(['verified', 'verified']);
  expect(nodes.node(1).writes).toEqual(['send 7 0', 'send 7 3']);
  expect(requests).toMatchObject([
    { home: 1, pid: 7, from: 2, to: 1 },
    { home: 1, pid: 7, to: 3 },
  ]);
});

test('one that does not come home is not sent on', async () => {
  nodes.node(1).list = [someProcess({ pid: 7, place: { kind: 'away', id: 2 }, state: 'T' })];
  nodes.node(1).ignored.add('send');
  const action = await carryOut(move(3, 7));
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
  const first = value(await control.plan(orderSchema.parse(move(3, 7, 8))));
  const second = value(await control.plan(orderSchema.parse(move(2, 9))));
  await control.apply(first.id);
  await control.apply(second.id);
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
  const action = await carryOut({ kind: 'drain', nodes: ['id:1'], bring: false });
  expect(action.state).toBe('done');
  expect(nodes.node(1).writes).toEqual(['balancer 0', 'affinity 1']);
  expect(nodes.node(2).writes).toEqual(['send 20 0']);
  await carryOut({ kind: 'undo', action: action.number });
  expect(nodes.node(1).mattx).toMatchObject({ balancer: 1, affinity: 0 });
  expect(nodes.node(2).writes).toEqual(['send 20 0']);
});
