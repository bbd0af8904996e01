import { beforeEach, describe, expect, test } from 'vitest';
import { MattxCluster, type MattxMigration } from './cluster.ts';
import { UNHEARD, plainNodes } from './node.ts';

const HOME = 785;
const AWAY = 786;
const OTHER = 787;

let cluster: MattxCluster;

beforeEach(() => {
  cluster = new MattxCluster({ nodes: plainNodes([HOME, AWAY, OTHER]) });
});

/** A process that nobody's balancer moves. */
function pinned(command = 'fft'): number {
  for (const { id } of cluster.nodes) cluster.write(id, 'balancer 0\n');
  return cluster.start(HOME, { command }).pid;
}

function remote(id = HOME): readonly string[] {
  return cluster.node(id).remote.map(({ pid, target }) => `${pid}:${target}`);
}

function guests(id = AWAY): readonly number[] {
  return cluster.node(id).guests.map(({ guest }) => guest.pid);
}

/** Sends a process away and waits until it is there; its number there. */
function sent(pid: number, target = AWAY): number {
  cluster.write(HOME, `migrate ${pid} ${target}\n`);
  cluster.advance(300);
  return guests(target).at(-1) ?? 0;
}

function busyHere(id: number): number {
  return [...cluster.node(id).entries.values()].filter(
    (entry) => !entry.stopped && (entry.guest ? entry.process : entry).program.duty > 0,
  ).length;
}

describe('a migration', () => {
  test('stops the process at once and lists it after 150 to 280 ms', () => {
    const pid = pinned();
    cluster.write(HOME, `migrate ${pid} ${AWAY}\n`);
    expect(cluster.node(HOME).process(pid)?.stopped).toBe(true);
    cluster.advance(149);
    expect(remote()).toEqual([]);
    cluster.advance(132);
    expect(remote()).toEqual([`${pid}:${AWAY}`]);
    expect(cluster.node(AWAY).entries.get(guests()[0] ?? 0)).toMatchObject({ guest: true, home: HOME });
  });

  test('freezes the CPU time at home, and the guest counts its own', () => {
    const pid = pinned();
    cluster.advance(3000);
    const guest = sent(pid);
    const before = cluster.node(HOME).process(pid)?.cpuSeconds;
    cluster.advance(2000);
    expect(cluster.node(HOME).process(pid)?.cpuSeconds).toBe(before);
    expect(cluster.node(AWAY).entries.get(guest)?.cpuSeconds).toBeLessThan(2.5);
  });

  test('home leaves a line in guests for up to 2 s on a number that is gone', () => {
    const pid = pinned();
    const guest = sent(pid);
    cluster.write(HOME, `migrate ${pid} home\n`);
    cluster.advance(250);
    expect(remote()).toEqual([]);
    expect(cluster.node(HOME).process(pid)?.stopped).toBe(false);
    expect(cluster.node(AWAY).entries.has(guest)).toBe(false);
    expect(guests()).toEqual([guest]);
    cluster.advance(2000);
    expect(guests()).toEqual([]);
    expect(cluster.node(HOME).process(pid)).toBeDefined();
    expect(cluster.harm).toEqual([]);
  });

  test('freezes the numbers of both nodes for each other while it lasts', () => {
    for (const { id } of cluster.nodes) cluster.write(id, 'balancer 0\n');
    const { pid } = cluster.start(HOME, { command: 'fft', megabytes: 300 });
    cluster.write(HOME, `migrate ${pid} ${AWAY}\n`);
    cluster.start(AWAY, { command: 'busy' });
    cluster.advance(4000);
    expect(cluster.node(HOME).beliefs.get(AWAY)?.load).toBe(0);
    expect(cluster.node(OTHER).beliefs.get(AWAY)?.load).toBe(1000);
    cluster.advance(5000);
    expect(cluster.node(HOME).beliefs.get(AWAY)?.load).toBe(2000);
  });

  test('is told of when it is done, with its times', () => {
    const told: MattxMigration[] = [];
    cluster.onMigration = (migration) => told.push(migration);
    const pid = pinned();
    sent(pid);
    cluster.write(HOME, `migrate ${pid} home\n`);
    cluster.advance(300);
    expect(told).toMatchObject([
      { home: HOME, pid, from: HOME, to: AWAY, errand: 'order' },
      { home: HOME, pid, from: AWAY, to: HOME, errand: 'order' },
    ]);
    expect((told[0]?.ended ?? 0) - (told[0]?.began ?? 0)).toBeGreaterThanOrEqual(150);
  });

  test.each([
    ['an unknown number', 'migrate 99999 786\n'],
    ['an unknown node', 'migrate PID 4711\n'],
    ['the node itself', 'migrate PID 785\n'],
    ['home of what is at home', 'migrate PID home\n'],
  ])('of %s is accepted and does nothing', (_, command) => {
    const pid = pinned();
    cluster.write(HOME, command.replace('PID', String(pid)));
    cluster.advance(500);
    expect(cluster.node(HOME).process(pid)?.stopped).toBe(false);
    expect(remote()).toEqual([]);
    expect(cluster.harm).toEqual([]);
  });
});

describe('a command that should not have been given', () => {
  test('sends a process that is away already once more: two copies run', () => {
    const pid = pinned();
    sent(pid);
    sent(pid, OTHER);
    expect(remote()).toEqual([`${pid}:${AWAY}`, `${pid}:${OTHER}`]);
    expect([busyHere(AWAY), busyHere(OTHER)]).toEqual([1, 1]);
    expect(cluster.harm).toEqual([{ kind: 'second-copy', node: HOME, pid }]);
  });

  test('loses the first of two migrations back to back, until SIGCONT', () => {
    const first = pinned();
    const second = pinned();
    cluster.write(HOME, `migrate ${first} ${AWAY}\n`);
    cluster.write(HOME, `migrate ${second} ${OTHER}\n`);
    cluster.advance(500);
    expect(remote()).toEqual([`${second}:${OTHER}`]);
    expect(cluster.node(HOME).process(first)?.stopped).toBe(true);
    cluster.signal(HOME, first, 'CONT');
    expect(cluster.node(HOME).process(first)?.stopped).toBe(false);
    expect(cluster.harm).toEqual([{ kind: 'lost', node: HOME, pid: first }]);
  });

  test('sends to a dead node: the process stands still and is listed nowhere', () => {
    const pid = pinned();
    cluster.setDown(AWAY, true);
    cluster.write(HOME, `migrate ${pid} ${AWAY}\n`);
    cluster.advance(5000);
    expect(cluster.node(HOME).process(pid)?.stopped).toBe(true);
    expect(remote()).toEqual([]);
    expect(cluster.harm).toEqual([{ kind: 'dead-target', node: HOME, pid }]);
  });

  test('continues a deputy: it runs at home and away', () => {
    const pid = pinned();
    sent(pid);
    cluster.signal(HOME, pid, 'CONT');
    expect([busyHere(HOME), busyHere(AWAY)]).toEqual([1, 1]);
    expect(cluster.harm).toEqual([{ kind: 'runs-twice', node: HOME, pid }]);
  });

  test.each([
    ['hung-write', { command: 'kworker/0:2', kind: 'kernel-thread' }],
    ['oops', { command: 'defunct', kind: 'zombie' }],
    ['deadlock', { command: 'node', threads: 10 }],
    ['namespace', { command: 'sh', innerPid: 7 }],
  ] as const)('does harm of kind %s', (kind, options) => {
    const { pid } = cluster.start(HOME, options);
    cluster.write(HOME, `migrate ${pid} ${AWAY}\n`);
    expect(cluster.harm).toEqual([{ kind, node: HOME, pid }]);
  });

  test('sends PID 1', () => {
    cluster.write(HOME, `migrate 1 ${AWAY}\n`);
    expect(cluster.harm).toEqual([{ kind: 'init', node: HOME, pid: 1 }]);
  });

  test('sends a guest on from where it is one', () => {
    const guest = sent(pinned());
    cluster.write(AWAY, `migrate ${guest} ${OTHER}\n`);
    expect(cluster.harm).toEqual([{ kind: 'wrong-end', node: AWAY, pid: guest }]);
  });

  test('looks a number of another namespace up otherwise on the way home', () => {
    const { pid } = cluster.start(HOME, { command: 'sh', innerPid: 7, duty: 0 });
    sent(pid);
    cluster.write(HOME, `migrate ${pid} home\n`);
    cluster.advance(1000);
    expect(remote()).toEqual([`${pid}:${AWAY}`]);
  });
});

describe('a signal to a deputy', () => {
  test.each(['TERM', 'KILL'] as const)('SIG%s ends both', (signal) => {
    const pid = pinned();
    const guest = sent(pid);
    cluster.signal(HOME, pid, signal);
    cluster.advance(2000);
    expect(cluster.node(HOME).entries.has(pid)).toBe(false);
    expect(cluster.node(AWAY).entries.has(guest)).toBe(false);
    expect(remote()).toEqual([]);
  });

  test('SIGTERM that is caught waits until it is home', () => {
    for (const { id } of cluster.nodes) cluster.write(id, 'balancer 0\n');
    const { pid } = cluster.start(HOME, { command: 'server', catchesTerm: true });
    sent(pid);
    cluster.signal(HOME, pid, 'TERM');
    cluster.advance(3000);
    expect(cluster.node(HOME).entries.has(pid)).toBe(true);
    cluster.write(HOME, `migrate ${pid} home\n`);
    cluster.advance(300);
    expect(cluster.node(HOME).entries.has(pid)).toBe(false);
  });
});

test('a guest that ends takes its process at home with it', () => {
  for (const { id } of cluster.nodes) cluster.write(id, 'balancer 0\n');
  const { pid } = cluster.start(HOME, { command: 'short', seconds: 3 });
  sent(pid);
  cluster.advance(7000);
  expect(cluster.node(HOME).entries.has(pid)).toBe(false);
  expect([remote(), guests()]).toEqual([[], []]);
  expect(cluster.harm).toEqual([]);
});

describe('the table', () => {
  test('keeps a dead node as it was last heard, for ever', () => {
    cluster.write(AWAY, 'balancer 0\n');
    cluster.start(AWAY, { command: 'busy' });
    cluster.advance(2000);
    const before = cluster.node(HOME).beliefs.get(AWAY);
    expect(before?.load).toBe(1000);
    cluster.setDown(AWAY, true);
    cluster.advance(600_000);
    expect(cluster.node(HOME).beliefs.get(AWAY)).toEqual(before);
  });

  test('shows a node that has just joined without numbers for up to 2 s', () => {
    cluster.setDown(AWAY, true);
    cluster.setDown(AWAY, false);
    expect([...cluster.node(AWAY).beliefs]).toEqual([
      [HOME, UNHEARD],
      [OTHER, UNHEARD],
    ]);
    cluster.advance(2000);
    expect(cluster.node(AWAY).beliefs.get(HOME)?.freeMegabytes).toBeGreaterThan(0);
  });

  test('counts no threads behind a sleeping main one, and no excluded names', () => {
    cluster.write(HOME, 'balancer 0\n');
    cluster.start(HOME, { command: 'pool', duty: 0, threads: 3 });
    cluster.start(HOME, { command: 'bash' });
    expect(cluster.node(HOME).figures(cluster.now).load).toBe(0);
    cluster.start(HOME, { command: 'fft' });
    expect(cluster.node(HOME).figures(cluster.now).load).toBe(1000);
  });

  test('multiplies the CPUs by 1000 for an automatic affinity', () => {
    const big = new MattxCluster({ nodes: plainNodes([1, 2], 4) });
    expect(big.node(1).beliefs.get(2)?.affinity).toBe(4000);
    big.write(2, 'affinity 70\n');
    big.advance(2000);
    expect(big.node(1).beliefs.get(2)?.affinity).toBe(70);
  });
});

describe('a reboot', () => {
  test('leaves lines of it behind on the others', () => {
    const pid = pinned();
    const guest = sent(pid);
    cluster.setDown(HOME, true);
    cluster.setDown(HOME, false);
    cluster.advance(10_000);
    expect(guests()).toEqual([guest]);
    expect(remote()).toEqual([]);
  });

  test('leaves a deputy of a guest that was there', () => {
    const pid = pinned();
    sent(pid);
    cluster.setDown(AWAY, true);
    cluster.setDown(AWAY, false);
    cluster.advance(10_000);
    expect(remote()).toEqual([`${pid}:${AWAY}`]);
    expect(guests()).toEqual([]);
    expect(cluster.node(HOME).process(pid)?.stopped).toBe(true);
  });

  test('lets a guest that was left over kill whoever has its number at home now', () => {
    const pid = pinned();
    const guest = sent(pid);
    cluster.setDown(HOME, true);
    cluster.setDown(HOME, false);
    cluster.start(HOME, { command: 'innocent', pid, duty: 0 });
    cluster.signal(AWAY, guest, 'KILL');
    cluster.advance(2000);
    expect(cluster.node(HOME).entries.has(pid)).toBe(false);
    expect(cluster.harm).toEqual([{ kind: 'bystander', node: HOME, pid }]);
  });
});

describe('the balancer', () => {
  test('settles five busy loops on three nodes at 1, 2 and 2', () => {
    for (let loop = 0; loop < 5; loop += 1) cluster.start(HOME, { command: 'loop' });
    cluster.advance(60_000);
    expect([HOME, AWAY, OTHER].map(busyHere)).toEqual([1, 2, 2]);
    expect(cluster.harm).toEqual([]);
  });

  test('moves one process in 5 s', () => {
    const times: number[] = [];
    cluster.onMigration = ({ began }) => times.push(began);
    for (let loop = 0; loop < 5; loop += 1) cluster.start(HOME, { command: 'loop' });
    cluster.advance(60_000);
    expect(times).toHaveLength(4);
    for (const [index, time] of times.entries()) {
      if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(5000);
    }
  });

  test('moves nothing where it is off, excluded or not included', () => {
    cluster.write(HOME, 'balancer 0\n');
    cluster.start(HOME, { command: 'fft' });
    cluster.advance(10_000);
    expect(remote()).toEqual([]);
    cluster.write(HOME, 'balancer 1\n');
    cluster.write(HOME, 'include other\n');
    cluster.advance(10_000);
    expect(remote()).toEqual([]);
    cluster.write(HOME, 'include \n');
    cluster.write(HOME, 'exclude fft\n');
    cluster.advance(10_000);
    expect(remote()).toEqual([]);
    cluster.write(HOME, 'exclude \n');
    cluster.advance(10_000);
    expect(remote()).toHaveLength(1);
  });

  test('never moves a guest on', () => {
    cluster.write(OTHER, 'affinity 1\n');
    for (let loop = 0; loop < 4; loop += 1) cluster.start(HOME, { command: 'loop' });
    cluster.advance(30_000);
    cluster.write(OTHER, 'affinity 100000\n');
    cluster.write(HOME, 'balancer 0\n');
    cluster.advance(30_000);
    expect(busyHere(AWAY)).toBe(2);
  });

  test('weighs the load by the affinity', () => {
    cluster.write(HOME, 'affinity 100000\n');
    cluster.start(HOME, { command: 'fft' });
    cluster.advance(20_000);
    expect(remote()).toEqual([]);
  });

  test('takes a program that is busy for a moment only, such as a monitor', () => {
    const { pid } = cluster.start(HOME, { command: 'node', duty: 0.08, threads: 10 });
    cluster.advance(120_000);
    expect(remote()).toEqual([`${pid}:${AWAY}`]);
    expect(cluster.harm).toEqual([{ kind: 'deadlock', node: HOME, pid }]);
  });
});

test('the module without the discovery daemon knows nobody and balances nothing', () => {
  cluster.setDown(HOME, true);
  cluster.setDown(HOME, false, false);
  cluster.start(HOME, { command: 'fft' });
  cluster.advance(10_000);
  expect(cluster.node(HOME).beliefs.size).toBe(0);
  expect(remote()).toEqual([]);
  cluster.join(HOME);
  cluster.advance(10_000);
  expect(remote()).toHaveLength(1);
});
