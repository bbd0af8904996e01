/** The commands on openMosix' port to 2.6, as scripts use them: real sshd, an emulated kernel, JSON and exit codes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PrintedOrder } from '../../main/headless/outcome.ts';
import type { PrintedProcesses } from '../../main/headless/ps.ts';
import { newKernelFolder } from '../harness/kernel.ts';
import { Om26Kernel } from '../harness/om26-kernel.ts';
import { mosview, temporaryFolder } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';

/** Each command is a program that connects: several of them take their time on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });

const IDS = [1, 2, 3] as const;
let folder: ReturnType<typeof temporaryFolder>;
let sshd: Sshd;
let kernel: Om26Kernel;
let at: readonly string[];

beforeEach(async () => {
  folder = temporaryFolder('om26-command');
  sshd = await startSshd();
  kernel = new Om26Kernel({ folder: newKernelFolder(), ids: [...IDS, 9] });
  const nodes = IDS.map((id) => ({ name: `n${id}`, host: `n${id}`, root: kernel.node(id).proc }));
  const settings = join(folder.path, 'settings.json');
  writeFileSync(settings, JSON.stringify({ sshConfigFile: sshd.configFile, nodes }));
  at = ['--config', settings, '--data', join(folder.path, 'data')];
});

afterEach(async () => {
  kernel.close();
  await sshd.close();
  folder.remove();
});

async function json(...args: readonly string[]): Promise<unknown> {
  const finished = await mosview(...args, '--json', ...at);
  if (finished.stdout === '') throw new Error(`mosview ${args.join(' ')}: ${finished.stderr}`);
  return JSON.parse(finished.stdout);
}

const order = (...args: readonly string[]): Promise<PrintedOrder> => json(...args) as Promise<PrintedOrder>;
const ps = (...args: readonly string[]): Promise<PrintedProcesses> =>
  json('ps', ...args) as Promise<PrintedProcesses>;
/** Resolves when a process is there by the word of its home's kernel. */
const isAt = (id: number, pid: number, where: string): Promise<void> =>
  vi.waitFor(
    () =>
      expect(readFileSync(join(kernel.node(id).proc, String(pid), 'om/where'), 'latin1')).toBe(`${where}\n`),
    { timeout: 5000, interval: 20 },
  );

test('a process is sent by name or number, home again, and undo sends it back to the same node', async () => {
  const { pid } = kernel.start(3, { command: '$(reboot)\u001B[2J' });
  const out = await order('migrate', 'n3', String(pid), 'n2');
  expect(out).toMatchObject({
    state: 'done',
    nodes: [{ verified: true, steps: [{ after: '2', now: '2' }] }],
  });
  await isAt(3, pid, '10.77.0.2');
  const home = await order('migrate', 'n3', String(pid), 'home');
  expect(home).toMatchObject({ state: 'done', nodes: [{ steps: [{ before: '2', now: '0' }] }] });
  expect(await order('undo', String(home.action))).toMatchObject({ state: 'done' });
  await isAt(3, pid, '10.77.0.2');
  await order('migrate', 'n3', String(pid), 'home');
  expect(await order('migrate', '3', String(pid), '1')).toMatchObject({ state: 'done' });
  await isAt(3, pid, '10.77.0.1');
});

test('a list shows where each process is, in words where nobody has the address', async () => {
  const { pid } = kernel.start(1, { command: 'fft', stay: ['(null)'] });
  const away = kernel.start(1, { command: 'gauss' });
  kernel.write(away.pid, '10.77.0.9\n');
  const known = kernel.start(1, { command: 'known' });
  kernel.write(known.pid, '10.77.0.3\n');
  await isAt(1, away.pid, '10.77.0.9');
  await isAt(1, known.pid, '10.77.0.3');
  const { processes } = await ps('n1');
  expect(processes.find((process) => process.pid === pid)).toMatchObject({
    place: { kind: 'home' },
    movable: false,
    why: ['its kernel has a reason without a name'],
  });
  const { processes: migrated } = await ps('n1', '--migrated');
  expect(migrated).toMatchObject([
    { pid: away.pid, place: { kind: 'elsewhere', address: '10.77.0.9', guest: false } },
    { pid: known.pid, place: { kind: 'away', id: 3 } },
  ]);
  expect((await mosview('ps', 'n1', ...at)).stdout).toContain('at 10.77.0.9');
});

test('what the port cannot do is said', async () => {
  const set = await order('set', 'n1', 'block', 'on');
  expect(set.nodes[0]?.steps[0]).toMatchObject({
    verdict: 'impossible',
    why: 'openMosix for 2.6 has no such setting',
  });
  const drain = await order('set', 'n1', 'drain', '--dry-run');
  expect(drain.nodes[0]?.steps.map(({ why }) => why)).toContain(
    'openMosix for 2.6 only logs it and does nothing',
  );
});
