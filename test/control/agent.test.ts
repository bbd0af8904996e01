/** Control over real SSH of nodes whose agent keeps the tree: all of openMosix' controls, and what it refuses in its words. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Action, OrderInput } from '../../common/model/control.ts';
import type { ProcessRef } from '../../common/model/process.ts';
import { ControlBench } from '../harness/control-bench.ts';
import { valueOf } from '../harness/value-of.ts';

let bench: ControlBench;

beforeAll(async () => {
  bench = await ControlBench.start([1, 2, 3], [], 'agent');
});
afterAll(() => bench?.close());

const outcomes = ({ steps }: Action) =>
  steps.map(({ nodeName, what, state, outcome }) => `${nodeName} ${what}: ${state} ${outcome}`.trim());

const move = (ref: ProcessRef, to: number | 'home'): OrderInput => ({
  kind: 'processes',
  processes: [ref],
  change: { kind: 'move', to },
});

function startJob(command: string, cantMove = ''): ProcessRef {
  const { pid, started } = bench.kernel.startProcess(1, { command, cantMove });
  return { node: 'id:1', pid, started };
}

/** The only guest of a node as its list has it. */
async function guestOf(id: number): Promise<ProcessRef> {
  const list = valueOf((await bench.ofId(id)?.processes()) ?? { ok: true, value: [] });
  const guest = list.find(({ place }) => place.kind === 'guest');
  if (guest === undefined) throw new Error(`Node ${id} has no guest`);
  return { node: `id:${id}`, pid: guest.pid, started: guest.started };
}

test('settings take effect and are undone', async () => {
  const action = await bench.carryOut({
    kind: 'nodes',
    nodes: ['id:2'],
    changes: [
      { kind: 'setting', setting: 'quiet', on: true },
      { kind: 'speed', speed: 7609 },
    ],
  });
  expect(outcomes(action)).toEqual(['node2 quiet on: verified', 'node2 speed 7609: verified']);
  expect([bench.admin(2, 'quiet'), bench.admin(2, 'speed')]).toEqual(['1', '7609']);
  expect((await bench.undo(action)).state).toBe('done');
  expect(bench.admin(2, 'quiet')).toBe('0');
});

test('what the agent refuses is said in its own words, and the file is as before', async () => {
  bench.kernel.refuse(3, 'admin/speed', 'the speed is fixed in /etc/mosview');
  const action = await bench.carryOut({
    kind: 'nodes',
    nodes: ['id:3'],
    changes: [
      { kind: 'speed', speed: 5000 },
      { kind: 'setting', setting: 'nomfs', on: true },
    ],
  });
  expect(outcomes(action)).toEqual([
    'node3 speed 5000: refused admin/speed: "5000" was written and is refused: the speed is fixed in /etc/mosview.',
    expect.stringMatching(/^node3 nomfs on: impossible .*no file system of the cluster/),
  ]);
  expect(bench.admin(3, 'speed')).not.toBe('5000');
});

test('a job is sent, and as a guest sent on and home by its home node', async () => {
  const job = startJob('dig');
  const sent = await bench.carryOut(move(job, 2));
  expect(outcomes(sent)).toEqual(['node1 send to node 2: verified']);
  expect(sent.steps[0]?.file).toBe(join(bench.kernel.node(1).tree, `${job.pid}/goto`));
  expect(outcomes(await bench.carryOut(move(await guestOf(2), 3)))).toEqual([
    'node1 send to node 3: verified',
  ]);
  expect(outcomes(await bench.carryOut(move(await guestOf(3), 'home')))).toEqual([
    'node1 bring home: verified',
  ]);
  const { tree } = bench.kernel.node(1);
  expect(readFileSync(join(tree, `${job.pid}/where`), 'latin1')).toBe('0\n');
});

test('a move that the agent refuses ends at once with its sentence', async () => {
  const job = startJob('heavy');
  bench.kernel.refuse(1, `${job.pid}/goto`, 'node 2 has not enough free memory');
  expect(outcomes(await bench.carryOut(move(job, 2)))).toEqual([
    `node1 send to node 2: refused ${job.pid}/goto: "2" was written and is refused: node 2 has not enough free memory.`,
  ]);
});

test('what can never move is not tried, with the sentence and the word of the agent', async () => {
  const { steps } = await bench.plan(move(startJob('held', 'mmap_dev'), 2));
  expect(steps.map(({ verdict, why }) => `${verdict} ${why}`)).toEqual([
    'impossible it cannot move: an emulated reason (mmap_dev)',
  ]);
});

test('a drain empties a node and keeps it empty', async () => {
  await bench.carryOut(move(startJob('visitor'), 3));
  const action = await bench.carryOut({ kind: 'drain', nodes: ['id:3'], bring: true });
  expect(action.steps.map(({ state }) => state === 'verified' || state === 'same')).toEqual(
    Array.from({ length: 4 }, () => true),
  );
  expect([bench.admin(3, 'block'), bench.admin(3, 'lstay')]).toEqual(['1', '1']);
});
