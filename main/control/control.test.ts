/** The way of an order from plan to undo, on scripted nodes and with the clock in hand. */
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { orderSchema, type Action, type OrderInput } from '../../common/model/control.ts';
import { ScriptedControl } from '../../test/harness/scripted-control.ts';
import { someProcess, type ScriptedNodes } from '../../test/harness/scripted-nodes.ts';
import { valueOf } from '../../test/harness/value-of.ts';
import { STATUS } from '../../common/model/status.ts';
import { auditFile, AuditLog } from './audit.ts';

// Hours of the clock in hand, and a write to the disk for every line of the audit log.
vi.setConfig({ testTimeout: 30_000 });

let bench: ScriptedControl;
let nodes: ScriptedNodes;

beforeEach(async () => {
  bench = await ScriptedControl.start(4);
  ({ nodes } = bench);
  await bench.control.unlock(60);
});

afterEach(() => bench.close());

const block = (...ids: readonly number[]): OrderInput => ({
  kind: 'nodes',
  nodes: ids.map((id) => `id:${id}`),
  changes: [{ kind: 'setting', setting: 'block', on: true }],
});

const states = ({ steps }: Action): readonly string[] => steps.map(({ state }) => state);

test('a setting is written once, read back, recorded, and written back by undo', async () => {
  const action = await bench.carryOut(block(1));
  expect(action).toMatchObject({ state: 'done', title: 'Block node1', who: 'anna@desk', undoable: true });
  expect(action.steps[0]).toMatchObject({ file: '/proc/hpc/admin/block', before: '0', after: '1', now: '1' });
  const undo = await bench.carryOut({ kind: 'undo', action: action.number });
  expect(undo).toMatchObject({ state: 'done', title: 'Undo: Block node1', undoes: action.number });
  expect(nodes.node(1).writes).toEqual(['admin/block 1', 'admin/block 0']);
  const [, first] = valueOf(bench.control.actions({ limit: 2 }));
  expect(first).toMatchObject({ number: action.number, undoneBy: undo.number, undoable: false });
});

test('an action knows when its end was recorded', async () => {
  const before = Date.now();
  await bench.carryOut(block(1));
  const [action] = valueOf(bench.control.actions({ limit: 1 }));
  expect(action?.ended).toBeGreaterThanOrEqual(action?.time ?? Infinity);
  expect(action?.ended).toBeGreaterThanOrEqual(before);
});

test('an undo can be undone, and the first action counts again', async () => {
  const action = await bench.carryOut(block(1));
  const undo = await bench.carryOut({ kind: 'undo', action: action.number });
  const redo = await bench.carryOut({ kind: 'undo', action: undo.number });
  expect(redo.state).toBe('done');
  expect(nodes.node(1).writes).toEqual(['admin/block 1', 'admin/block 0', 'admin/block 1']);
  expect(bench.seen.findLast(({ number }) => number === action.number)).toMatchObject({
    undoneBy: null,
    undoable: true,
  });
});

test('each node has its own result: down, refusing, ignoring, well', async () => {
  nodes.node(1).reachable = false;
  nodes.node(2).refused.set('admin/block', 'Permission denied');
  nodes.node(3).ignored.add('admin/block');
  const action = await bench.carryOut(block(1, 2, 3, 4));
  expect(action.state).toBe('partly');
  expect(action.steps.map(({ state, outcome }) => [state, outcome])).toEqual([
    ['impossible', 'it does not answer'],
    ['refused', 'Permission denied'],
    ['no-effect', 'accepted, no effect: it is 0'],
    ['verified', ''],
  ]);
});

test('a kernel that takes a setting back within the second is caught', async () => {
  let looks = 0;
  nodes.node(1).onBatch = (operations) => {
    if (operations.some(({ kind }) => kind === 'write')) looks = 1;
    else if (looks > 0 && (looks += 1) > 3) nodes.node(1).status = 3;
  };
  const action = await bench.carryOut(block(1));
  expect(action.steps[0]).toMatchObject({
    state: 'no-effect',
    outcome: 'accepted, then taken back: it is 0',
  });
});

test('the value that stood there right before the write is the one undo writes back', async () => {
  const { id } = await bench.plan({
    kind: 'nodes',
    nodes: ['id:1'],
    changes: [{ kind: 'speed', speed: 7000 }],
  });
  nodes.node(1).numbers['speed'] = 9000;
  const { number } = valueOf(await bench.control.apply(id));
  await vi.advanceTimersByTimeAsync(3000);
  expect((await bench.control.finished(number, 0)).steps[0]).toMatchObject({ before: '9000', undo: '9000' });
});

test('what somebody else changed since is left by undo, and said', async () => {
  const action = await bench.carryOut({
    kind: 'nodes',
    nodes: ['id:1'],
    changes: [{ kind: 'speed', speed: 7000 }],
  });
  nodes.node(1).numbers['speed'] = 8000;
  const { steps } = await bench.plan({ kind: 'undo', action: action.number });
  expect(steps[0]).toMatchObject({
    verdict: 'impossible',
    why: `it is 8000 now, not 7000 as action ${action.number} left it`,
  });
});

test('nothing is applied while changes are locked, and unlocking ends by itself', async () => {
  const { id } = await bench.plan(block(1));
  await vi.advanceTimersByTimeAsync(60 * 60_000);
  expect(bench.control.state().unlockedUntil).toBeNull();
  expect(await bench.control.apply(id)).toMatchObject({ ok: false, problem: { code: 'locked' } });
  expect(valueOf(bench.control.audit({ limit: 10 })).entries.map(({ kind }) => kind)).toEqual([
    'locked',
    'unlocked',
  ]);
});

test('a plan lives five minutes, and once', async () => {
  const { id } = await bench.plan(block(1));
  valueOf(await bench.control.apply(id));
  expect(await bench.control.apply(id)).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  const old = await bench.plan(block(2));
  await vi.advanceTimersByTimeAsync(5 * 60_000 + 1);
  expect(await bench.control.apply(old.id)).toMatchObject({ ok: false, problem: { code: 'not-found' } });
});

test('the beginning is in the audit log, with the values before, when the first write comes', async () => {
  let recorded: readonly string[] = [];
  nodes.node(1).onBatch = (operations) => {
    if (operations.some(({ kind }) => kind === 'write'))
      recorded = valueOf(bench.control.audit({ limit: 1 })).entries.map(
        ({ kind, body }) => `${kind} ${/"before":"0"/.test(body)}`,
      );
  };
  await bench.carryOut(block(1));
  expect(recorded).toEqual(['begun true']);
});

test('a drain blocks, expels, and is over when the last guest has left; undo takes the block back', async () => {
  const node = nodes.node(1);
  node.guests = 3;
  node.ignored.add('admin/expel');
  const { id, confirm } = await bench.plan({ kind: 'drain', nodes: ['id:1'], bring: false });
  expect(confirm).toBe(true);
  const { number } = valueOf(await bench.control.apply(id));
  await vi.advanceTimersByTimeAsync(10_000);
  const under = valueOf(bench.control.actions({ limit: 1 }))[0];
  expect(under).toMatchObject({
    state: 'running',
    steps: [{ state: 'verified' }, { outcome: '3 guests left' }],
  });
  expect(bench.control.state().running).toEqual([number]);
  node.guests = 0;
  await vi.advanceTimersByTimeAsync(2000);
  expect((await bench.control.finished(number, 0)).state).toBe('done');
  expect(bench.requests).toMatchObject([{ kind: 'expel', id: 1, action: number }]);
  await bench.carryOut({ kind: 'undo', action: number });
  expect(node.writes).toEqual(['admin/block 1', 'admin/expel 1', 'admin/block 0']);
});

test('guests that do not leave are counted at the end', async () => {
  nodes.node(1).guests = 3;
  nodes.node(1).ignored.add('admin/expel');
  const action = await bench.carryOut({ kind: 'drain', nodes: ['id:1'], bring: false });
  expect(action.steps[1]).toMatchObject({
    state: 'no-effect',
    outcome: 'accepted, no effect: 3 guests left',
  });
});

test('a cut connection leaves open what was written; back again, it is looked at and never written again', async () => {
  nodes.node(1).cut = { replies: 0, done: 2 };
  const action = await bench.carryOut(block(1), 5);
  expect(action).toMatchObject({ state: 'partly', steps: [{ state: 'unknown' }] });
  nodes.node(1).reachable = true;
  await vi.advanceTimersByTimeAsync(5000);
  expect(await bench.control.finished(action.number, 0)).toMatchObject({
    state: 'done',
    steps: [{ state: 'verified' }],
  });
  expect(nodes.node(1).writes).toEqual(['admin/block 1']);
  const kinds = valueOf(bench.control.audit({ limit: 3 })).entries.map(({ kind }) => kind);
  expect(kinds).toEqual(['step', 'ended', 'begun']);
});

test('what was cut before it was written stays unwritten, and is said', async () => {
  nodes.node(1).cut = { replies: 0, done: 0 };
  const action = await bench.carryOut(block(1), 5);
  nodes.node(1).reachable = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await bench.control.finished(action.number, 0)).steps[0]).toMatchObject({
    state: 'no-effect',
    outcome: 'not written, or no effect: it is 0',
  });
  expect(nodes.node(1).writes).toEqual([]);
});

test('a refused sudo refuses all steps of the node in its own words', async () => {
  nodes.node(1).fails = {
    problem: problem('permission-denied', 'sudo: a password is required'),
    done: false,
  };
  const action = await bench.carryOut({ kind: 'drain', nodes: ['id:1'], bring: false });
  expect(states(action)).toEqual(['refused', 'refused']);
  expect(action.steps[0]?.outcome).toBe('sudo: a password is required');
});

test('a process is sent, where it was is told, and undo fetches it back', async () => {
  nodes.node(1).list = [someProcess({ pid: 7 })];
  const ref = { node: 'id:1', pid: 7, started: 1007 };
  const action = await bench.carryOut({
    kind: 'processes',
    processes: [ref],
    change: { kind: 'move', to: 3 },
  });
  expect(action).toMatchObject({
    state: 'done',
    title: 'Send process 7 of node1 to node3',
    steps: [{ now: '3' }],
  });
  expect(bench.requests).toMatchObject([
    { kind: 'process', home: 1, pid: 7, from: 1, to: 3, action: action.number },
  ]);
  expect((await bench.carryOut({ kind: 'undo', action: action.number })).state).toBe('done');
  expect(nodes.node(1).writes).toEqual(['move 7 3', 'move 7 0']);
});

test('a process whose number was given to another one after the plan is not touched', async () => {
  nodes.node(1).list = [someProcess({ pid: 7 })];
  const processes = [{ node: 'id:1', pid: 7, started: 1007 }];
  const { id } = await bench.plan({
    kind: 'processes',
    processes,
    change: { kind: 'signal', signal: 'KILL' },
  });
  nodes.node(1).list = [someProcess({ pid: 7, started: 2000 })];
  const { number } = valueOf(await bench.control.apply(id));
  expect((await bench.control.finished(number, 1000)).steps[0]).toMatchObject({
    state: 'impossible',
    outcome: 'its number belongs to another process now',
  });
  expect(nodes.node(1).writes).toEqual([]);
});

test('a guest is sent on at its host, followed to its home, and fetched back from there', async () => {
  const guest = { kind: 'guest', id: 2, pid: 20 } as const;
  nodes.node(1).list = [someProcess({ pid: 7, place: guest })];
  nodes.node(2).list = [someProcess({ pid: 20, place: { kind: 'away', id: 1 } })];
  nodes.node(1).onBatch = (operations) => {
    if (operations.some(({ kind }) => kind === 'migrate'))
      nodes.node(2).change(20, { place: { kind: 'away', id: 3 } });
  };
  const processes = [{ node: 'id:1', pid: 7, started: 1007 }];
  const action = await bench.carryOut({ kind: 'processes', processes, change: { kind: 'move', to: 3 } });
  expect(action.steps[0]).toMatchObject({
    file: '/proc/7/migrate',
    before: '1',
    state: 'verified',
    now: '3',
  });
  await bench.carryOut({ kind: 'undo', action: action.number });
  expect(nodes.node(2).writes).toEqual(['move 20 1']);
});

test('a process that does not go is told with every reason that holds it', async () => {
  nodes.node(1).list = [someProcess({ pid: 7 })];
  nodes.node(1).ignored.add('move');
  const processes = [{ node: 'id:1', pid: 7, started: 1007 }];
  const { id } = await bench.plan({ kind: 'processes', processes, change: { kind: 'move', to: 3 } });
  nodes.node(1).change(7, { reasons: ['mem_lock'], locked: true });
  const { number } = valueOf(await bench.control.apply(id));
  await vi.advanceTimersByTimeAsync(22_000);
  const [step] = (await bench.control.finished(number, 0)).steps;
  expect(step?.state).toBe('no-effect');
  expect(step?.outcome).toMatch(/^accepted, no effect: it has locked memory; it is locked/);
});

test('SIGSTOP shows in the state and is undone by SIGCONT; SIGKILL cannot be undone', async () => {
  nodes.node(1).list = [someProcess({ pid: 7 }), someProcess({ pid: 8 })];
  const signal = (pid: number, name: 'STOP' | 'KILL'): OrderInput => ({
    kind: 'processes',
    processes: [{ node: 'id:1', pid, started: 1000 + pid }],
    change: { kind: 'signal', signal: name },
  });
  const stop = await bench.carryOut(signal(7, 'STOP'));
  await bench.carryOut({ kind: 'undo', action: stop.number });
  const kill = await bench.carryOut(signal(8, 'KILL'));
  expect(nodes.node(1).writes).toEqual(['signal 7 STOP', 'signal 7 CONT', 'signal 8 KILL']);
  expect([stop.state, kill.state, kill.undoable]).toEqual(['done', 'done', false]);
});

test('a drain with an end is taken back at that time though changes are locked, by the timer', async () => {
  const until = Date.now() + 5 * 60_000;
  await bench.carryOut({ kind: 'drain', nodes: ['id:1', 'id:2'], bring: false, until });
  await bench.control.lock();
  nodes.node(2).reachable = false;
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(bench.control.state().unlockedUntil).toBeNull();
  expect(nodes.node(1).writes.at(-1)).toBe('admin/block 0');
  expect(valueOf(bench.control.actions({ limit: 1 }))[0]).toMatchObject({ who: 'timer', state: 'done' });
  // The node that was away follows when it is back.
  nodes.node(2).reachable = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(nodes.node(2).writes.at(-1)).toBe('admin/block 0');
});

test('the end of a drain is kept over a restart', async () => {
  const until = Date.now() + 60 * 60_000;
  await bench.carryOut({ kind: 'drain', nodes: ['id:1'], bring: false, until });
  await bench.control.close();
  vi.setSystemTime(until + 60_000);
  await bench.reopen();
  await vi.advanceTimersByTimeAsync(5000);
  expect(nodes.node(1).writes.at(-1)).toBe('admin/block 0');
});

test('a drain that was undone by hand is not undone again by its end', async () => {
  const until = Date.now() + 10 * 60_000;
  const { number } = await bench.carryOut({ kind: 'drain', nodes: ['id:1'], bring: false, until });
  await bench.carryOut({ kind: 'undo', action: number });
  const before = valueOf(bench.control.actions({ limit: 10 })).length;
  await vi.advanceTimersByTimeAsync(11 * 60_000);
  expect(valueOf(bench.control.actions({ limit: 10 }))).toHaveLength(before);
});

test('closing in the middle records what is known; the next start looks again, and writes nothing', async () => {
  const [node] = nodes.nodes;
  const order: OrderInput = { kind: 'nodes', nodes: ['id:1'], changes: [{ kind: 'speed', speed: 7000 }] };
  const { number } = valueOf(await bench.control.apply((await bench.plan(order)).id));
  await vi.advanceTimersByTimeAsync(500);
  await bench.control.close();
  await bench.reopen();
  const [closed] = valueOf(bench.control.actions({ limit: 1 }));
  expect(closed).toMatchObject({ number, state: 'partly', steps: [{ state: 'unknown' }] });
  await vi.advanceTimersByTimeAsync(5000);
  expect(valueOf(bench.control.actions({ limit: 1 }))[0]).toMatchObject({ number, state: 'done' });
  expect(node?.writes).toEqual(['admin/speed 7000']);
});

test('a program that died in the middle leaves its steps unknown, until the next start has looked', async () => {
  const order: OrderInput = {
    kind: 'nodes',
    nodes: ['id:1', 'id:2'],
    changes: [{ kind: 'speed', speed: 7000 }],
  };
  const { number } = valueOf(await bench.control.apply((await bench.plan(order)).id));
  const begun = valueOf(bench.control.audit({ limit: 1 })).entries;
  await bench.control.close();
  // As if it had ended right after its first line, with only one of its two writes done.
  rmSync(auditFile(bench.folder));
  nodes.node(1).numbers['speed'] = 7000;
  nodes.node(2).numbers['speed'] = 10_000;
  const log = valueOf(AuditLog.open(bench.folder, 'anna@desk', () => undefined));
  for (const entry of begun) {
    valueOf(
      log.append(() => ({
        ...entry,
        action: 1,
        body: entry.body.replace(`"number":${number}`, '"number":1'),
      })),
    );
  }
  log.close();
  await bench.reopen();
  expect(valueOf(bench.control.actions({ limit: 1 }))[0]).toMatchObject({ number: 1, state: 'partly' });
  const finished = bench.control.finished(1, 20_000);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(states(await finished)).toEqual(['verified', 'no-effect']);
  const kinds = valueOf(bench.control.audit({ limit: 10 })).entries.map(({ kind }) => kind);
  expect(kinds).toEqual(['step', 'step', 'ended', 'begun']);
});

test('an audit log that was changed from outside is told of at the next start, and used all the same', async () => {
  await bench.carryOut(block(1));
  await bench.control.close();
  const database = new Database(auditFile(bench.folder));
  database.exec("DROP TRIGGER audit_is_not_changed; UPDATE audit SET who = 'eve' WHERE number = 2");
  database.close();
  const problems: Problem[] = [];
  await bench.reopen({ unlocked: true, onProblem: (trouble) => void problems.push(trouble) });
  expect(problems).toMatchObject([{ code: 'audit-broken' }]);
  expect(problems[0]?.message).toMatch(/^Line 2 of the audit log/);
  expect((await bench.carryOut(block(2))).state).toBe('done');
  expect(valueOf(bench.control.audit({ limit: 1 })).broken).toBe(problems[0]?.message);
});

test('what another program does appears here at once', async () => {
  const commandLine = await bench.open({ unlocked: true, who: 'ben@shell' });
  const made = valueOf(await commandLine.plan(orderSchema.parse(block(1))));
  const { number } = valueOf(await commandLine.apply(made.id));
  await vi.advanceTimersByTimeAsync(5000);
  await commandLine.close();
  expect(valueOf(bench.control.actions({ limit: 1 }))[0]).toMatchObject({
    number,
    who: 'ben@shell',
    state: 'done',
  });
  expect(valueOf(bench.control.audit({ limit: 10 })).broken).toBe('');
  expect((await bench.carryOut({ kind: 'undo', action: number })).state).toBe('done');
});

test('a group is moved as one, and spread over the nodes that are lightest', async () => {
  nodes.node(1).list = [7, 8, 9].map((pid) => someProcess({ pid, command: 'crunch' }));
  nodes.node(1).load = 300;
  nodes.node(4).status |= STATUS.block;
  for (const id of [2, 3, 4]) nodes.node(id).load = 0;
  valueOf(await bench.control.saveGroup({ name: 'crunchers', rule: { kind: 'command', pattern: 'crunch' } }));
  const spread = await bench.carryOut({ kind: 'group', group: 'crunchers', change: { kind: 'spread' } });
  expect(spread.state).toBe('done');
  const places = nodes.node(1).list.map(({ place }) => (place.kind === 'away' ? place.id : 1));
  expect(new Set(places)).toEqual(new Set([1, 2, 3]));
  const home = await bench.carryOut({
    kind: 'group',
    group: 'crunchers',
    change: { kind: 'move', to: 'home' },
  });
  expect(home).toMatchObject({ state: 'done', title: 'Bring home the group crunchers' });
});

test('the command line needs no unlock', async () => {
  await bench.control.close();
  await bench.reopen({ unlocked: true });
  expect((await bench.carryOut(block(1))).state).toBe('done');
});

test('a program is run, its newest output kept, and its start recorded', async () => {
  const placement = { where: 'free', job: 'cpu', decay: 'usual' } as const;
  const run = valueOf(await bench.control.run('id:1', 'make -j', placement));
  const [started] = nodes.node(1).runs;
  started?.listener.onOutput('x'.repeat(70_000));
  started?.listener.onOutput('done\n');
  started?.listener.onEnd({ exitCode: 3, signal: undefined, why: '' });
  const [now] = bench.control.runs();
  expect(now).toMatchObject({ number: run.number, state: 'ended', exitCode: 3 });
  expect(now?.output).toHaveLength(65_536);
  expect(now?.output.endsWith('xdone\n')).toBe(true);
  expect(valueOf(bench.control.audit({ limit: 1 })).entries[0]).toMatchObject({
    kind: 'run',
    text: 'Run on node1: make -j',
  });
});
