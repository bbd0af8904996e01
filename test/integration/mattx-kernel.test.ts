import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newKernelFolder } from '../harness/kernel.ts';
import { MattxKernel } from '../harness/mattx-kernel.ts';
import { ODD_TABLES } from '../harness/mattx-tables.ts';

const HOME = 785;
const AWAY = 786;

let folder: string;
let kernel: MattxKernel;

beforeEach(() => {
  folder = newKernelFolder();
  kernel = new MattxKernel({ folder, nodes: [HOME, AWAY] });
});

afterEach(() => {
  kernel.close();
  rmSync(folder, { recursive: true, force: true });
});

function read(id: number, path: string): string {
  return readFileSync(join(kernel.node(id).proc, path), 'latin1');
}

/** A line of a process' status. */
function status(id: number, pid: number, name: string): string | undefined {
  return read(id, `${pid}/status`)
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 2);
}

/** Runs a shell's text with the admin file as $1; its exit status. */
function shell(id: number, text: string): number | null {
  return spawnSync('/bin/sh', ['-c', text, 'sh', join(kernel.node(id).tree, 'admin')]).status;
}

/** Starts a process that no balancer moves. */
function pinned(options: { readonly command: string; readonly uid?: number } = { command: 'fft' }): number {
  for (const { id } of kernel.nodes) kernel.write(id, 'balancer 0');
  return kernel.start(HOME, options).pid;
}

describe("a node's tree", () => {
  test('has the files of /proc/mattx, and their bytes', () => {
    expect(readdirSync(kernel.node(HOME).tree).sort()).toEqual([
      'admin',
      'guests',
      'nodes',
      'remote',
      'version',
    ]);
    expect(read(HOME, 'mattx/version')).toBe(
      'MattX Version: 1.7\nMattX License: GPLv2\nCopyright (c) 2026 by Matthias Rechenburg\n',
    );
    expect(read(HOME, 'mattx/remote')).toBe('');
    expect(read(HOME, 'mattx/guests')).toBe('');
    expect(read(HOME, 'mattx/nodes')).toBe(
      `MattX Cluster Nodes:
------------------------------------------------------------------------
Node ID\t\tIP Address\tCPU Load\tAffinity\tMem Free (MB)
------------------------------------------------------------------------
785 (Local)\t192.168.77.1\t0\t\t1000\t\t412
786\t\t192.168.77.2\t0\t\t1000\t\t412

Balancer Enabled: YES
MattXFS Enabled: NO
Debug Mode: ON
Node Affinity: 0 (0 = Auto)
Migration Excludes: cat,watch,cron,top,bash,pvmd,sshd,sshd-session,mattx-discd,mattx-stub,systemd,systemd-journald,systemd-journal
Migration Includes: 
`,
    );
  });

  test('has 0 for the own id and no address while the discovery daemon does not run', () => {
    kernel.setDown(HOME, true);
    kernel.setDown(HOME, false, false);
    expect(read(HOME, 'mattx/nodes')).toContain('\n0 (Local)\t0.0.0.0\t0\t\t1000\t\t412\n\nBalancer');
  });

  test('has the files of a machine with Linux 6.12', () => {
    kernel.start(HOME, { command: 'fft' });
    kernel.advance(60_000);
    expect(read(HOME, 'stat')).toMatch(/^cpu {2}[1-9]\d* 0 \d+ \d+ 0 0 0 0 0 0\ncpu0 /);
    expect(read(HOME, 'loadavg')).toMatch(/^0\.\d\d 0\.\d\d 0\.\d\d \d\/\d+ \d+\n$/);
    expect(read(HOME, 'meminfo')).toMatch(/^MemTotal: +524288 kB\nMemFree: +\d+ kB\nMemAvailable: +\d+ kB\n/);
    expect(read(HOME, 'uptime')).toMatch(/^6\d\.00 \d+\.\d\d\n$/);
    expect(read(HOME, 'sys/kernel/osrelease')).toMatch(/^6\.12\./);
  });

  test('has threads of the kernel below kthreadd', () => {
    expect(read(HOME, '1/stat')).toMatch(/^1 \(systemd\) S 0 /);
    expect(read(HOME, '15/stat')).toMatch(/^15 \(rcu_preempt\) I 2 /);
    expect(read(HOME, '15/stat').trim().split(' ')).toHaveLength(52);
    expect(read(HOME, '15/cmdline')).toBe('');
    expect(existsSync(join(kernel.node(HOME).proc, '15/exe'))).toBe(false);
  });

  test('has zombies, threads and other namespaces', () => {
    const zombie = kernel.start(HOME, { command: 'defunct', kind: 'zombie' }).pid;
    const pool = kernel.start(HOME, { command: 'pool', threads: 2, duty: 0 }).pid;
    const inside = kernel.start(HOME, { command: 'sh', innerPid: 7 }).pid;
    expect(status(HOME, zombie, 'State')).toBe('Z (zombie)');
    expect(status(HOME, pool, 'Threads')).toBe('3');
    expect(readdirSync(join(kernel.node(HOME).proc, String(pool), 'task'))).toHaveLength(3);
    expect(status(HOME, inside, 'NSpid')).toBe(`${inside}\t7`);
    expect(readlinkSync(join(kernel.node(HOME).proc, `${inside}/ns/pid`))).not.toBe(
      readlinkSync(join(kernel.node(HOME).proc, '1/ns/pid')),
    );
  });

  test('shows a name as it is, whatever is in it', () => {
    const { pid } = kernel.start(HOME, { command: ') R \n\u001b[2J' });
    expect(read(HOME, `${pid}/stat`)).toContain(`${pid} () R \n\u001b[2J) R `);
    expect(read(HOME, `${pid}/status`)).toContain('Name:\t) R \\n\u001b[2J\n');
  });
});

describe('a process that is away', () => {
  let pid: number;
  let guest: number;

  beforeEach(() => {
    pid = pinned({ command: 'fft', uid: 1000 });
    kernel.write(HOME, `migrate ${pid} ${AWAY}`);
    kernel.advance(300);
    guest = Number(read(AWAY, 'mattx/guests').split(':')[0]);
  });

  test('is in both lists', () => {
    expect(read(HOME, 'mattx/remote')).toBe(`${pid}:${AWAY}\n`);
    expect(read(AWAY, 'mattx/guests')).toBe(`${guest}:${HOME}\n`);
  });

  test('is a stopped process at home', () => {
    expect(status(HOME, pid, 'State')).toBe('T (stopped)');
    expect(status(HOME, pid, 'PPid')).toBe('1');
    expect(read(HOME, `${pid}/wchan`)).toBe('task_work_run');
    expect(read(HOME, `${pid}/cmdline`)).toBe('fft\0');
  });

  test('looks there like a thread of the kernel, but for its program', () => {
    expect(status(AWAY, guest, 'PPid')).toBe('2');
    expect(status(AWAY, guest, 'Kthread')).toBe('0');
    expect(status(AWAY, guest, 'Uid')).toBe('1000\t1000\t1000\t1000');
    expect(read(AWAY, `${guest}/comm`)).toBe('fft\n');
    expect(read(AWAY, `${guest}/cmdline`)).toBe('fft\0');
    expect(readlinkSync(join(kernel.node(AWAY).proc, `${guest}/exe`))).toMatch(/mattx-stub$/);
  });

  test('is told from one that SIGSTOP stopped by remote only', () => {
    const other = kernel.start(HOME, { command: 'fft' }).pid;
    kernel.signal(HOME, other, 'STOP');
    expect(status(HOME, other, 'State')).toBe('T (stopped)');
    expect(read(HOME, `${other}/wchan`)).toBe(read(HOME, `${pid}/wchan`));
    expect(read(HOME, 'mattx/remote')).toBe(`${pid}:${AWAY}\n`);
  });

  test('comes home, and its guest is a line without a process for a while', () => {
    kernel.write(HOME, `migrate ${pid} home`);
    kernel.advance(250);
    expect(read(HOME, 'mattx/remote')).toBe('');
    expect(status(HOME, pid, 'State')).toBe('R (running)');
    expect(read(AWAY, 'mattx/guests')).toBe(`${guest}:${HOME}\n`);
    expect(existsSync(join(kernel.node(AWAY).proc, String(guest)))).toBe(false);
    kernel.advance(2000);
    expect(read(AWAY, 'mattx/guests')).toBe('');
  });
});

describe('the admin file', () => {
  test.each(['balancer 0', 'nonsense', 'migrate 99999 785', 'affinity -1'])('takes "%s"', (command) => {
    expect(shell(HOME, `echo "${command}" > "$1"`)).toBe(0);
  });

  test('takes several commands at once in their order', () => {
    const commands = ['affinity 7', 'exclude a', 'exclude a,b', 'balancer 1', 'balancer 0', 'include '];
    const text = commands.map((command) => `echo "${command}" > "$1"`).join(' && ');
    expect(shell(HOME, text)).toBe(0);
    kernel.advance(0);
    expect(read(HOME, 'mattx/nodes')).toMatch(
      /\nBalancer Enabled: NO\n.*\nNode Affinity: 7 .*\nMigration Excludes: a,b\nMigration Includes: \n$/s,
    );
  });

  test('takes a command without a line feed', () => {
    expect(shell(HOME, 'printf "balancer 0" > "$1"')).toBe(0);
    kernel.advance(0);
    expect(read(HOME, 'mattx/nodes')).toContain('Balancer Enabled: NO\n');
  });

  test("concerns its own node's settings only", () => {
    shell(HOME, 'echo "balancer 0" > "$1"');
    kernel.advance(0);
    expect(read(AWAY, 'mattx/nodes')).toContain('Balancer Enabled: YES\n');
  });

  test('cuts a list at 247 bytes', () => {
    execFileSync('/bin/sh', [
      '-c',
      'echo "exclude $2" > "$1"',
      'sh',
      join(kernel.node(HOME).tree, 'admin'),
      'x'.repeat(300),
    ]);
    kernel.advance(0);
    expect(read(HOME, 'mattx/nodes')).toContain(`\nMigration Excludes: ${'x'.repeat(247)}\n`);
  });

  test('may do nothing, and say nothing of it', () => {
    kernel.setDeaf(HOME, true);
    expect(shell(HOME, 'echo "balancer 0" > "$1"')).toBe(0);
    kernel.advance(0);
    kernel.setDeaf(HOME, false);
    kernel.advance(0);
    expect(read(HOME, 'mattx/nodes')).toContain('Balancer Enabled: YES\n');
  });

  test('is for writing only', () => {
    expect(statSync(join(kernel.node(HOME).tree, 'admin')).mode & 0o777).toBe(0o222);
  });
});

test('a node that is off leaves its files as they were, and its row in the others', () => {
  const row = '786\t\t192.168.77.2\t0\t\t1000\t\t412\n';
  kernel.setDown(AWAY, true);
  const before = read(AWAY, 'uptime');
  kernel.advance(60_000);
  expect(read(AWAY, 'uptime')).toBe(before);
  expect(read(HOME, 'mattx/nodes')).toContain(row);
});

test('a number that is used again shows the new process', () => {
  const pid = pinned({ command: 'old' });
  kernel.advance(1000);
  kernel.signal(HOME, pid, 'KILL');
  kernel.start(HOME, { command: 'new', pid, threads: 1 });
  expect(read(HOME, `${pid}/comm`)).toBe('new\n');
  expect(Number(read(HOME, `${pid}/stat`).split(' ')[21])).toBeGreaterThan(0);
});

test('a file may hold what no kernel would say', () => {
  kernel.setFault(HOME, 'mattx/nodes', { kind: 'text', text: '785 (Local)' });
  expect(read(HOME, 'mattx/nodes')).toBe('785 (Local)');
  kernel.setFault(HOME, 'mattx/nodes', { kind: 'none' });
  expect(read(HOME, 'mattx/nodes')).toContain('MattX Cluster Nodes:\n');
});

test.each(Object.entries(ODD_TABLES))('the table may have %s', (_, odd) => {
  const good = read(HOME, 'mattx/nodes');
  expect(odd(good)).not.toBe(good);
  expect(odd(good).split('\n').length).toBeLessThan(5100);
});

test('time runs by itself where that is asked for', async () => {
  const live = new MattxKernel({ folder: newKernelFolder(), nodes: [1, 2], live: true });
  const { tree } = live.node(1);
  live.write(1, 'balancer 0');
  const { pid } = live.start(1, { command: 'fft' });
  execFileSync('/bin/sh', ['-c', `echo "migrate ${pid} 2" > "$1"`, 'sh', join(tree, 'admin')]);
  await vi.waitFor(() => expect(readFileSync(join(tree, 'remote'), 'latin1')).toBe(`${pid}:2\n`), 10_000);
  live.close();
});
