/** Control over real SSH and an emulated kernel that refuses, ignores, hangs and vanishes: what is said is what is so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Action, NodeChange, OrderInput, ProcessChange } from '../../common/model/control.ts';
import type { ProcessRef } from '../../common/model/process.ts';
import { ControlBench } from '../harness/control-bench.ts';
import { valueOf } from '../harness/value-of.ts';

const outcomes = ({ steps }: Action): readonly string[] =>
  steps.map(({ nodeName, what, state }) => `${nodeName} ${what}: ${state}`);

const nodes = (ids: readonly number[], ...changes: NodeChange[]): OrderInput => ({
  kind: 'nodes',
  nodes: ids.map((id) => `id:${id}`),
  changes,
});

const on = (setting: 'block' | 'stay' | 'lstay' | 'quiet' | 'nomfs'): NodeChange => ({
  kind: 'setting',
  setting,
  on: true,
});

const CHANGES: readonly NodeChange[] = [
  on('block'),
  on('stay'),
  on('lstay'),
  on('quiet'),
  on('nomfs'),
  { kind: 'speed', speed: 7609 },
  { kind: 'decay', which: 'decayinterval', value: 3 },
  { kind: 'decay', which: 'slowdecay', value: 900 },
  { kind: 'decay', which: 'fastdecay', value: 800 },
];
const FILES = [
  'block',
  'stay',
  'lstay',
  'quiet',
  'nomfs',
  'speed',
  'decayinterval',
  'slowdecay',
  'fastdecay',
];

describe('fifty nodes, one of them down, one refusing, one ignoring', () => {
  const IDS = Array.from({ length: 50 }, (_, index) => index * 7 + 1);
  const [DOWN = 0, REFUSING = 0, IGNORING = 0] = IDS.slice(10);
  const well = IDS.filter((id) => ![DOWN, REFUSING, IGNORING].includes(id));
  let bench: ControlBench;

  beforeAll(async () => {
    bench = await ControlBench.start(IDS, [DOWN]);
  });
  afterAll(() => bench?.close());

  test('every setting has its own result on every node, and undo restores what stood there', async () => {
    const found = IDS.map((id) => FILES.map((file) => bench.admin(id, file)));
    for (const file of FILES) {
      bench.kernel.setFault(REFUSING, `hpc/admin/${file}`, { kind: 'refuse' });
      bench.kernel.setFault(IGNORING, `hpc/admin/${file}`, { kind: 'ignore' });
    }
    const action = await bench.carryOut(nodes(IDS, ...CHANGES));
    const wanted = (id: number): string => {
      if (id === DOWN) return 'impossible';
      if (id === REFUSING) return 'refused';
      return id === IGNORING ? 'no-effect' : 'verified';
    };
    const expected = IDS.flatMap((id) =>
      action.steps.slice(0, 9).map(({ what }) => `node${id} ${what}: ${wanted(id)}`),
    );
    expect(outcomes(action)).toEqual(expected);
    expect(action.state).toBe('partly');
    for (const id of well)
      expect(FILES.map((file) => bench.admin(id, file))).toEqual([
        '1',
        '1',
        '1',
        '1',
        '1',
        '7609',
        '3',
        '900',
        '800',
      ]);

    const undo = await bench.undo(action);
    expect(undo.steps).toHaveLength(well.length * CHANGES.length);
    expect(undo.state).toBe('done');
    for (const file of FILES) {
      bench.kernel.setFault(REFUSING, `hpc/admin/${file}`, { kind: 'none' });
      bench.kernel.setFault(IGNORING, `hpc/admin/${file}`, { kind: 'none' });
    }
    expect(IDS.map((id) => FILES.map((file) => bench.admin(id, file)))).toEqual(found);
    expect(valueOf(bench.control.audit({ limit: 1 })).broken).toBe('');
  });

  test('a drain empties all that can be, each with its guests counted', async () => {
    const [home = 0, ...hosts] = well;
    for (const host of hosts.slice(0, 5)) {
      const { pid } = bench.kernel.startProcess(home, { command: 'guest' });
      await move(bench, home, pid, host);
    }
    const drained = [...hosts.slice(0, 5), DOWN];
    const order = { kind: 'drain', nodes: drained.map((id) => `id:${id}`), bring: true } as const;
    const action = await bench.carryOut(order);
    const states = action.steps.map(({ state }) => state);
    expect(states.slice(0, 20).every((state) => state === 'verified' || state === 'same')).toBe(true);
    expect(states.slice(20)).toEqual(['impossible', 'impossible', 'impossible', 'impossible']);
    const left = drained.filter((id) =>
      bench.kernel.simulation
        .machine(id)
        .list()
        .some(({ guest }) => guest),
    );
    expect(left).toEqual([]);
    const undo = await bench.undo(action);
    expect(undo.state).toBe('done');
    for (const id of hosts.slice(0, 5))
      expect([bench.admin(id, 'block'), bench.admin(id, 'lstay')]).toEqual(['0', '0']);
  });
});

/** Moves a process in the simulation and waits until it has arrived. */
async function move(bench: ControlBench, home: number, pid: number, host: number): Promise<void> {
  bench.kernel.simulation.migrate(home, pid, host);
  while (bench.kernel.simulation.processOf(home, pid)?.place.id !== host) bench.kernel.step(1);
}

describe('one node', () => {
  const IDS = [2, 5, 700];
  let bench: ControlBench;

  beforeAll(async () => {
    bench = await ControlBench.start(IDS);
  });
  afterAll(() => bench?.close());
  afterEach(() => {
    for (const file of [...FILES, 'expel', 'bring'])
      bench.kernel.setFault(5, `hpc/admin/${file}`, { kind: 'none' });
  });

  const start = (command: string, id = 2): ProcessRef => ({
    node: `id:${id}`,
    ...bench.kernel.startProcess(id, { command }),
  });
  const change = (ref: ProcessRef, what: ProcessChange): OrderInput => ({
    kind: 'processes',
    processes: [ref],
    change: what,
  });
  const placeOf = ({ pid }: ProcessRef): number | undefined =>
    bench.kernel.simulation.processOf(2, pid)?.place.id;

  test.each(CHANGES)('%o is verified, and taken back', async (what) => {
    const action = await bench.carryOut(nodes([5], what));
    expect(action.steps).toMatchObject([{ state: 'verified', now: action.steps[0]?.after }]);
    const undo = await bench.undo(action);
    expect(undo.steps).toMatchObject([{ state: 'verified', now: action.steps[0]?.before }]);
  });

  test('an expel is told to the migration log, and over when no guest is left', async () => {
    const ref = start('guest');
    await move(bench, 2, ref.pid, 5);
    const action = await bench.carryOut(nodes([5], { kind: 'expel' }));
    expect(action.steps).toMatchObject([{ state: 'verified', before: '1 guest', now: 'no guests' }]);
    expect(bench.requests.at(-1)).toMatchObject({ kind: 'expel', id: 5, action: action.number });
  });

  test.each(['$(reboot)', 'x'.repeat(10) + '\u001b[2J\n\u0007', ') R 1 ('])(
    'a process that calls itself %o is sent, locked and brought home',
    async (name) => {
      const ref = start(name);
      const sent = await bench.carryOut(change(ref, { kind: 'move', to: 700 }));
      expect(sent).toMatchObject({ state: 'done', steps: [{ before: '0', now: '700' }] });
      expect(placeOf(ref)).toBe(700);
      const locked = await bench.carryOut(change(ref, { kind: 'lock', on: true }));
      expect(locked.state).toBe('done');
      expect((await bench.undo(sent)).state).toBe('done');
      expect(placeOf(ref)).toBe(2);
    },
  );

  test('a command line of 4 kB of control characters is moved like any other', async () => {
    const cmdline = String.fromCharCode(...Array.from({ length: 4096 }, (_, index) => (index % 31) + 1));
    const ref = { node: 'id:2', ...bench.kernel.startProcess(2, { command: '\u0001', cmdline }) };
    expect((await bench.carryOut(change(ref, { kind: 'move', to: 5 }))).state).toBe('done');
  });

  test('a guest is sent on from its host by migrate, and undo fetches it back there', async () => {
    const ref = start('traveller');
    await move(bench, 2, ref.pid, 5);
    const listed = valueOf((await bench.ofId(5)?.processes()) ?? failed());
    const guest = listed.find(({ place }) => place.kind === 'guest' && place.pid === ref.pid);
    const { pid = 0, started = 0 } = guest ?? {};
    const action = await bench.carryOut(change({ node: 'id:5', pid, started }, { kind: 'move', to: 700 }));
    expect(action).toMatchObject({ state: 'done', steps: [{ before: '5', now: '700' }] });
    expect((await bench.undo(action)).state).toBe('done');
    expect(placeOf(ref)).toBe(5);
  });

  test('a number that was given to another process between plan and apply is not touched', async () => {
    const ref = start('victim');
    const plan = await bench.plan(change(ref, { kind: 'move', to: 5 }));
    bench.kernel.reuseNumber(2, ref.pid);
    const action = await bench.apply(plan);
    expect(action.steps).toMatchObject([
      { state: 'impossible', outcome: 'its number belongs to another process now' },
    ]);
    expect(placeOf(ref)).toBe(2);
  });

  test('a process that ended between plan and apply is said to have', async () => {
    const ref = start('short');
    const plan = await bench.plan(change(ref, { kind: 'lock', on: true }));
    bench.kernel.endProcess(2, ref.pid);
    expect((await bench.apply(plan)).steps).toMatchObject([
      { state: 'impossible', outcome: 'it has ended, or left this node' },
    ]);
  });

  test('a real process on plain Linux is stopped, continued, made nicer and ended', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const pid = child.pid ?? 0;
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const ref = { node: 'host:here', pid, started };
    const stop = await bench.carryOut(change(ref, { kind: 'signal', signal: 'STOP' }));
    expect(stop.steps).toMatchObject([{ state: 'verified', now: 'T' }]);
    expect((await bench.undo(stop)).state).toBe('done');
    const nicer = await bench.carryOut(change(ref, { kind: 'renice', nice: 7 }));
    expect(nicer.steps).toMatchObject([{ state: 'verified', before: '0', now: '7' }]);
    const term = await bench.carryOut(change(ref, { kind: 'signal', signal: 'TERM' }));
    expect(term.steps).toMatchObject([{ state: 'verified' }]);
    expect(await ended).toEqual([null, 'SIGTERM']);
    const move = await bench.plan(change(ref, { kind: 'move', to: 5 }));
    expect(move.steps[0]?.why).toBe('it is plain Linux, whose kernel does not migrate processes');
  });

  test('cut in the middle of an apply: what is known is recorded, the rest looked at again and never repeated', async () => {
    const plan = await bench.plan(nodes([5], on('quiet'), { kind: 'speed', speed: 4321 }, on('stay')));
    const speed = bench.admin(5, 'speed');
    bench.kernel.setFault(5, 'hpc/admin/speed', { kind: 'slow' });
    const { number } = valueOf(await bench.control.apply(plan.id));
    while (bench.admin(5, 'quiet') !== '1') await new Promise((resolve) => setImmediate(resolve));
    bench.sshd.killConnections();
    // Connected again or not: until the file gives in, nobody can say whether it was written.
    await vi.waitFor(() => {
      const [cut] = valueOf(bench.control.actions({ limit: 1 }));
      expect(cut?.steps.slice(1).map(({ state }) => state)).toEqual(['unknown', 'unknown']);
    });
    bench.kernel.setFault(5, 'hpc/admin/speed', { kind: 'none' });
    const known = await bench.control.finished(number, 40_000);
    expect(outcomes(known)).toEqual([
      'node5 quiet on: verified',
      'node5 speed 4321: no-effect',
      'node5 stay on: no-effect',
    ]);
    expect([bench.admin(5, 'speed'), bench.admin(5, 'stay')]).toEqual([speed, '0']);
    const kinds = valueOf(bench.control.audit({ limit: 10 })).entries.filter(
      ({ action }) => action === number,
    );
    expect(kinds.map(({ kind }) => kind).at(-1)).toBe('begun');
    expect(kinds.filter(({ kind }) => kind === 'step').length).toBeGreaterThanOrEqual(2);
    expect((await bench.undo(known)).state).toBe('done');
    expect(bench.admin(5, 'quiet')).toBe('0');
  });
});

function failed(): never {
  throw new Error('there is no such node');
}
