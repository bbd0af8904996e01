/** A MattX cluster of three behind a real sshd: from the files of its nodes to what is shown and logged of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STATUS } from '../../common/model/status.ts';
import { clusterKey } from '../../main/cluster/roster.ts';
import type { Recording } from '../../main/recording/index.ts';
import type { SshService } from '../../main/ssh/index.ts';
import { newKernelFolder } from '../harness/kernel.ts';
import { MattxKernel } from '../harness/mattx-kernel.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';
import { WatchedCluster } from '../harness/watched-cluster.ts';

const HOME = 785;
const AWAY = 786;
const THIRD = 787;

let kernel: MattxKernel;
let sshd: Sshd;
let ssh: SshService;
let cluster: WatchedCluster;
let recording: Recording;

beforeEach(async () => {
  kernel = new MattxKernel({ folder: newKernelFolder(), nodes: [HOME, AWAY, THIRD], live: true });
  for (const id of [HOME, AWAY, THIRD]) kernel.write(id, 'balancer 0\n');
  sshd = await startSshd();
  cluster = await WatchedCluster.start('mattx', clusterKey);
  recording = await cluster.record();
  ssh = cluster.monitor.openSsh({ configFile: sshd.configFile });
});

afterEach(async () => {
  const shells = sshd.shells();
  await cluster.close();
  await sshd.close();
  kernel.close();
  for (const pid of shells) kill(pid, 'SIGKILL');
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
  cluster.monitor.add(
    ids.map((id) => ({ name: `node${id}`, host: `node${id}`, root: kernel.node(id).proc })),
    ssh,
  );
}

const areUp = (): boolean => [HOME, AWAY, THIRD].every((id) => cluster.state(id) === 'up');

test('all three are up by their own connections, with what their files say', async () => {
  watch(HOME, AWAY, THIRD);
  kernel.start(AWAY, { command: 'fft' });
  await cluster.until(
    () => areUp() && cluster.value(AWAY, 'load') === 100 && cluster.value(HOME, 'cpuBusy') >= 0,
  );
  expect(cluster.info(HOME)).toMatchObject({ id: HOME, name: 'node785', dialect: 'mattx', reason: '' });
  expect(cluster.value(HOME, 'load')).toBe(0);
  expect(cluster.value(HOME, 'speed')).toBe(10_000);
  expect(cluster.value(HOME, 'cpus')).toBe(1);
  expect(cluster.value(HOME, 'status')).toBe(STATUS.configured | STATUS.up | STATUS.stay);
  kernel.write(HOME, 'balancer 1\n');
  await cluster.until(() => cluster.value(HOME, 'status') === (STATUS.configured | STATUS.up));
});

test('nodes that only another one tells of are stale with their figures, dead or not', async () => {
  watch(HOME);
  kernel.setDown(THIRD, true);
  await cluster.until(
    () => cluster.state(HOME) === 'up' && cluster.state(AWAY) === 'stale' && cluster.state(THIRD) === 'stale',
  );
  expect(cluster.info(THIRD)?.reason).toContain('known only from the table of node785');
  expect(cluster.info(THIRD)?.reason).toContain(`(${kernel.cluster.node(THIRD).address})`);
  expect(cluster.value(AWAY, 'memoryFree')).toBeGreaterThan(0);
});

test('a migration is logged once out and once home, with its process, and the map shows where it is', async () => {
  watch(HOME, AWAY, THIRD);
  const { pid } = kernel.start(HOME, { command: 'fft' });
  await cluster.until(areUp);
  recording.request({ kind: 'process', home: HOME, pid, from: HOME, to: AWAY, action: 7, time: Date.now() });
  kernel.write(HOME, `migrate ${pid} ${AWAY}\n`);
  await cluster.until(() => recording.placements().some(({ guestPid }) => guestPid !== 0));
  expect(recording.placements()).toMatchObject([{ home: HOME, pid, at: AWAY, command: 'fft' }]);
  kernel.write(HOME, `migrate ${pid} home\n`);
  await cluster.until(() => cluster.migrations.length > 1 && recording.placements().length === 0);
  expect(cluster.migrations).toMatchObject([
    { home: HOME, pid, command: 'fft', from: HOME, to: AWAY, cause: 'operator', action: 7 },
    { home: HOME, pid, command: 'fft', from: AWAY, to: HOME, cause: 'unknown' },
  ]);
  expect(cluster.migrations[0]?.duration).toBeGreaterThan(0);
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
  await cluster.until(() => areUp() && recording.placements().length === 1);
  // Its number is another program's now.
  kernel.setFault(HOME, `${pid}/stat`, {
    kind: 'text',
    text: `${pid} (other) S 1 ${'0 '.repeat(17)}999999 0 0\n`,
  });
  await cluster.until(() => cluster.info(HOME)?.reason === `left over in its remote and no deputy: ${pid}`);
  expect(cluster.state(HOME)).toBe('up');
  expect(recording.placements()).toEqual([]);
  expect(cluster.migrations).toEqual([]);
});

test('a node that joins the cluster later is followed', async () => {
  kernel.setDown(THIRD, true);
  kernel.setDown(THIRD, false, false);
  watch(THIRD);
  await cluster.until(() => cluster.monitor.cluster.infos().some(({ key }) => key === 'host:node787'));
  kernel.cluster.join(THIRD);
  await cluster.until(() => cluster.state(THIRD) === 'up');
  expect(cluster.monitor.cluster.infos().some(({ key }) => key === 'host:node787')).toBe(false);
});

test('a sampler that stands still has a successor within 10 seconds, and the log says so', async () => {
  watch(HOME);
  await cluster.until(() => cluster.state(HOME) === 'up' && sshd.shells().length === 1);
  const stopped = sshd.shells();
  const since = performance.now();
  for (const pid of stopped) kill(pid, 'SIGSTOP');
  const [link] = cluster.monitor.cluster.links;
  const before = link?.events.length ?? 0;
  await cluster.until(() => (link?.events.length ?? 0) > before + 1 && cluster.state(HOME) === 'up');
  expect(performance.now() - since).toBeLessThan(10_000);
  expect(link?.events.slice(before).map(({ text }) => text)).toEqual([
    'node785 has not answered for 6 s; again in 1 s',
    'sampling as mattx node 785',
  ]);
  for (const pid of stopped) kill(pid, 'SIGKILL');
});

test('a sampler that was taken away and ended has a successor at once, and the log says so', async () => {
  watch(HOME);
  await cluster.until(() => cluster.state(HOME) === 'up' && sshd.shells().length === 1);
  const since = performance.now();
  const [link] = cluster.monitor.cluster.links;
  const before = link?.events.length ?? 0;
  for (const pid of sshd.shells()) kill(pid, 'SIGKILL');
  await cluster.until(() => (link?.events.length ?? 0) > before + 1 && cluster.state(HOME) === 'up');
  expect(performance.now() - since).toBeLessThan(10_000);
  expect(link?.events.slice(before).map(({ text }) => text)).toEqual([
    'node785: the sampler ended; again in 1 s',
    'sampling as mattx node 785',
  ]);
});
