/** A MattX cluster of three behind a real sshd: from the files of its nodes to what is shown and logged of them. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BlockView, type NodeState } from '../../common/contract/block.ts';
import type { MetricName } from '../../common/model/metric.ts';
import type { Migration } from '../../common/model/migration.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { STATUS } from '../../common/model/status.ts';
import type { Second } from '../../main/cluster/cluster.ts';
import { openHistory, type History } from '../../main/history/index.ts';
import { Monitor } from '../../main/monitor.ts';
import { Recording } from '../../main/recording/index.ts';
import { Learned } from '../../main/settings/learned.ts';
import type { SshService } from '../../main/ssh/index.ts';
import { newKernelFolder } from '../harness/kernel.ts';
import { MattxKernel } from '../harness/mattx-kernel.ts';
import { temporaryFolder } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';

const HOME = 785;
const AWAY = 786;
const THIRD = 787;

let folder: ReturnType<typeof temporaryFolder>;
let kernel: MattxKernel;
let sshd: Sshd;
let ssh: SshService;
let monitor: Monitor;
let history: History;
let recording: Recording | undefined;
let migrations: Migration[];
let onSecond: () => void;

beforeEach(async () => {
  folder = temporaryFolder('mattx');
  kernel = new MattxKernel({ folder: newKernelFolder(), nodes: [HOME, AWAY, THIRD], live: true });
  for (const id of [HOME, AWAY, THIRD]) kernel.write(id, 'balancer 0\n');
  sshd = await startSshd();
  migrations = [];
  onSecond = () => undefined;
  monitor = await Monitor.start({
    dataFolder: folder.path,
    resourcesFolder: resolve(import.meta.dirname, '../../resources'),
    prompter: { ask: () => Promise.resolve(null) },
    observers: 1,
    learned: await Learned.open(folder.path),
    onSecond: (second) => {
      recording?.take(second);
      onSecond();
    },
    onNotice: () => undefined,
  });
  const opened = await openHistory({ folder: join(folder.path, 'history'), onProblem: () => undefined });
  if (!opened.ok) throw new Error(opened.problem.message);
  history = opened.value;
  recording = new Recording({
    history,
    monitor,
    snapshotSeconds: () => 0,
    onMigrations: (found) => migrations.push(...found),
    onProblem: () => undefined,
  });
  ssh = monitor.openSsh({ configFile: sshd.configFile });
});

afterEach(async () => {
  const shells = sshd.shells();
  await monitor.dispose();
  recording = undefined;
  await history.close();
  await sshd.close();
  kernel.close();
  for (const pid of shells) kill(pid, 'SIGKILL');
  folder.remove();
});

/** Sends a signal to a shell that may have ended. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

function watch(...ids: readonly number[]): void {
  monitor.add(
    ids.map((id) => ({ name: `node${id}`, host: `node${id}`, root: kernel.node(id).proc })),
    ssh,
  );
}

/** Resolves at the first second in which it is so. */
function until(condition: () => boolean): Promise<void> {
  return new Promise((done) => {
    onSecond = () => {
      if (condition()) done();
    };
  });
}

function info(id: number): NodeInfo | undefined {
  return monitor.cluster.infos().find((one) => one.key === `id:${id}`);
}

function block(): { readonly view: BlockView; readonly second: Second } | undefined {
  const second = monitor.cluster.latest;
  return second && { second, view: new BlockView(second.columns) };
}

function state(id: number): NodeState | undefined {
  const slot = info(id)?.slot;
  return slot === undefined ? undefined : block()?.view.state(slot);
}

function value(id: number, metric: MetricName): number {
  return block()?.view.value(metric, info(id)?.slot ?? -1) ?? NaN;
}

function placements(): ReturnType<Recording['placements']> {
  return recording?.placements() ?? [];
}

const areUp = (): boolean => [HOME, AWAY, THIRD].every((id) => state(id) === 'up');

test('all three are up by their own connections, with what their files say', async () => {
  watch(HOME, AWAY, THIRD);
  kernel.start(AWAY, { command: 'fft' });
  await until(() => areUp() && value(AWAY, 'load') === 100 && value(HOME, 'cpuBusy') >= 0);
  expect(info(HOME)).toMatchObject({ id: HOME, name: 'node785', dialect: 'mattx', reason: '' });
  expect(value(HOME, 'load')).toBe(0);
  expect(value(HOME, 'speed')).toBe(10_000);
  expect(value(HOME, 'cpus')).toBe(1);
  expect(value(HOME, 'status')).toBe(STATUS.configured | STATUS.up | STATUS.stay);
  kernel.write(HOME, 'balancer 1\n');
  await until(() => value(HOME, 'status') === (STATUS.configured | STATUS.up));
});

test('nodes that only another one tells of are stale with their figures, dead or not', async () => {
  watch(HOME);
  kernel.setDown(THIRD, true);
  await until(() => state(HOME) === 'up' && state(AWAY) === 'stale' && state(THIRD) === 'stale');
  expect(info(THIRD)?.reason).toContain('known only from the table of node785');
  expect(info(THIRD)?.reason).toContain(`(${kernel.cluster.node(THIRD).address})`);
  expect(value(AWAY, 'memoryFree')).toBeGreaterThan(0);
});

test('a migration is logged once out and once home, with its process, and the map shows where it is', async () => {
  watch(HOME, AWAY, THIRD);
  const { pid } = kernel.start(HOME, { command: 'fft' });
  await until(areUp);
  recording?.request({ kind: 'process', home: HOME, pid, from: HOME, to: AWAY, action: 7, time: Date.now() });
  kernel.write(HOME, `migrate ${pid} ${AWAY}\n`);
  await until(() => placements().some(({ guestPid }) => guestPid !== 0));
  expect(placements()).toMatchObject([{ home: HOME, pid, at: AWAY, command: 'fft' }]);
  kernel.write(HOME, `migrate ${pid} home\n`);
  await until(() => migrations.length > 1 && placements().length === 0);
  expect(migrations).toMatchObject([
    { home: HOME, pid, command: 'fft', from: HOME, to: AWAY, cause: 'operator', action: 7 },
    { home: HOME, pid, command: 'fft', from: AWAY, to: HOME, cause: 'unknown' },
  ]);
  expect(migrations[0]?.duration).toBeGreaterThan(0);
  expect(kernel.harm).toEqual([]);
});

test('lines that a reboot left over are named, and no migration comes of them', async () => {
  const { pid } = kernel.start(HOME, { command: 'fft' });
  kernel.write(HOME, `migrate ${pid} ${AWAY}\n`);
  // It is away before the first look, which shows a state and no migration.
  await expect
    .poll(() => readFileSync(join(kernel.node(HOME).tree, 'remote'), 'utf8'))
    .toBe(`${pid}:${AWAY}\n`);
  watch(HOME, AWAY, THIRD);
  await until(() => areUp() && placements().length === 1);
  // Its number is another program's now.
  kernel.setFault(HOME, `${pid}/stat`, {
    kind: 'text',
    text: `${pid} (other) S 1 ${'0 '.repeat(17)}999999 0 0\n`,
  });
  await until(() => info(HOME)?.reason === `left over in its remote and no deputy: ${pid}`);
  expect(state(HOME)).toBe('up');
  expect(placements()).toEqual([]);
  expect(migrations).toEqual([]);
});

test('a node that joins the cluster later is followed', async () => {
  kernel.setDown(THIRD, true);
  kernel.setDown(THIRD, false, false);
  watch(THIRD);
  await until(() => monitor.cluster.infos().some(({ key }) => key === 'host:node787'));
  kernel.cluster.join(THIRD);
  await until(() => state(THIRD) === 'up');
  expect(monitor.cluster.infos().some(({ key }) => key === 'host:node787')).toBe(false);
});

test('a sampler that stands still has a successor within 10 seconds, and the log says so', async () => {
  watch(HOME);
  await until(() => state(HOME) === 'up' && sshd.shells().length === 1);
  const stopped = sshd.shells();
  const since = performance.now();
  for (const pid of stopped) kill(pid, 'SIGSTOP');
  const [link] = monitor.cluster.links;
  const before = link?.events.length ?? 0;
  await until(() => (link?.events.length ?? 0) > before + 1 && state(HOME) === 'up');
  expect(performance.now() - since).toBeLessThan(10_000);
  expect(link?.events.slice(before).map(({ text }) => text)).toEqual([
    'node785 has not answered for 6 s; again in 1 s',
    'sampling as mattx node 785',
  ]);
  for (const pid of stopped) kill(pid, 'SIGKILL');
});

test('a sampler that was taken away and ended has a successor at once, and the log says so', async () => {
  watch(HOME);
  await until(() => state(HOME) === 'up' && sshd.shells().length === 1);
  const since = performance.now();
  const [link] = monitor.cluster.links;
  const before = link?.events.length ?? 0;
  for (const pid of sshd.shells()) kill(pid, 'SIGKILL');
  await until(() => (link?.events.length ?? 0) > before + 1 && state(HOME) === 'up');
  expect(performance.now() - since).toBeLessThan(10_000);
  expect(link?.events.slice(before).map(({ text }) => text)).toEqual([
    'node785: the sampler ended; again in 1 s',
    'sampling as mattx node 785',
  ]);
});
