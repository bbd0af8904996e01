/** The emulated kernel of openMosix' port to 2.6: it takes, refuses and drops what the real one does. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { newKernelFolder } from '../harness/kernel.ts';
import { Om26Kernel, type Om26Options, type Om26Version } from '../harness/om26-kernel.ts';

let kernel: Om26Kernel;

afterEach(() => kernel.close());

function start(version: Om26Version, options: Partial<Om26Options> = {}): number {
  kernel = new Om26Kernel({ folder: newKernelFolder(), ids: [1, 2, 10, 12], version, ...options });
  return kernel.start(1, { command: 'fft' }).pid;
}

const file = (pid: number, name: string): string => join(kernel.node(1).proc, String(pid), kernel.port, name);
const read = (pid: number, name = 'where'): string => readFileSync(file(pid, name), 'latin1');
const arrives = (pid: number, where: string): Promise<void> =>
  vi.waitFor(() => expect(read(pid)).toBe(where), { timeout: 5000, interval: 10 });

test.each<[Om26Version, string, string]>([
  ['2.6.7', '10.77.0.2', 'ok'],
  ['2.6.7', 'nonsense', 'ok'],
  ['2.6.17', '10.77.0.2\n', 'ok'],
  ['2.6.17', 'home\n', 'ok'],
  ['2.6.17', 'home', 'EFAULT'],
  ['2.6.17', '10.77.0\n', 'EFAULT'],
  ['2.6.17', '0.77.0.2\n', 'EFAULT'],
  ['2.6.17', '10.77.0.0\n', 'EFAULT'],
  ['2.6.17', '10.255.0.2\n', 'EFAULT'],
  ['2.6.28', '10.77.0.2', 'ok'],
  ['2.6.28', '0.0.0.0\n', 'ok'],
  ['2.6.28', '10.77.0.255\n', 'EINVAL'],
  ['2.6.28', 'abc\n', 'EINVAL'],
])('%s answers %j with %s', (version, text, answer) => {
  const pid = start(version);
  expect(kernel.write(pid, text)).toBe(answer);
});

test('2.6.17 loses the last byte: without a line feed a process goes elsewhere', async () => {
  const pid = start('2.6.17');
  writeFileSync(file(pid, 'where'), '10.77.0.109');
  await arrives(pid, '10.77.0.10\n');
  expect(kernel.answers).toEqual([{ pid, text: '10.77.0.109', answer: 'ok' }]);
});

test('a move is queued, under way and done, with a guest on the other side', async () => {
  const pid = start('2.6.17', { queued: 200, migrating: 200 });
  writeFileSync(file(pid, 'where'), '10.77.0.2\n');
  await arrives(pid, 'queued\n');
  await arrives(pid, 'migrating\n');
  expect(read(pid, 'debug')).toBe('debug: dflags: 0x00000080\n');
  await arrives(pid, '10.77.0.2\n');
  expect(read(pid, 'debug')).toBe('debug: dflags: 0x00000001\n');
  const guest = join(kernel.node(2).proc, String(pid + 1), 'om');
  expect(existsSync(guest)).toBe(true);
  expect(readFileSync(join(guest, 'where'), 'latin1')).toBe('10.77.0.1\n');
  expect(readFileSync(join(guest, 'debug'), 'latin1')).toBe('debug: dflags: 0x00000002\n');
  expect(kernel.write(pid, '10.77.0.10\n')).toBe('ok');
  await arrives(pid, '10.77.0.2\n');
  kernel.write(pid, 'home\n');
  await arrives(pid, 'home\n');
  expect(existsSync(guest)).toBe(false);
});

test.each<[Om26Version, string]>([
  ['2.6.7', 'ok'],
  ['2.6.17', 'EAGAIN'],
  ['2.6.28', 'EAGAIN'],
])('%s on its way answers %s', (version, answer) => {
  const pid = start(version, { queued: 10_000 });
  kernel.write(pid, '10.77.0.2\n');
  expect(kernel.write(pid, '10.77.0.10\n')).toBe(answer);
});

test('2.6.7 shows no way, and drops what must stay and what nobody answers to', async () => {
  const pid = start('2.6.7');
  const held = kernel.start(1, { command: 'held', stay: ['mem_lock'] }).pid;
  kernel.write(held, '10.77.0.2\n');
  const lost = kernel.start(1, { command: 'lost' }).pid;
  kernel.write(lost, '10.99.0.1\n');
  kernel.write(pid, '10.77.0.2\n');
  expect(read(pid)).toBe('home\n');
  await arrives(pid, '10.77.0.2\n');
  expect([read(held), read(lost)]).toEqual(['home\n', 'home\n']);
});

test('has the files of its version', () => {
  start('2.6.7');
  const has = (path: string): boolean => existsSync(join(kernel.node(1).proc, path));
  expect([has('hpc/nodes/1'), has('self/om'), has('hpc/admin/mospe')]).toEqual([true, true, false]);
  expect(statSync(join(kernel.node(1).proc, 'hpc/admin/bring')).isFIFO()).toBe(true);
  kernel.close();
  start('2.6.28');
  expect([has('hpc'), has('self/pms')]).toEqual([false, true]);
});
