import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { STATUS } from '../../common/model/status.ts';
import type { SimulatedMigration } from '../../main/demo/simulation.ts';
import { EmulatedKernel, newKernelFolder } from '../harness/kernel.ts';

const IDS = [2, 5, 700];

let folder: string;
let kernel: EmulatedKernel;

beforeEach(() => {
  folder = newKernelFolder();
  kernel = new EmulatedKernel({ folder, ids: IDS });
});

afterEach(() => {
  kernel.close();
  rmSync(folder, { recursive: true, force: true });
});

function read(id: number, path: string): string {
  return readFileSync(join(kernel.node(id).proc, path), 'latin1');
}

/** The first line as an operator's shell reads it. */
function line(id: number, path: string): string {
  const file = join(kernel.node(id).proc, path);
  return execFileSync('/bin/sh', ['-c', 'read -r line < "$1"; echo "$line"', 'sh', file], {
    encoding: 'latin1',
  }).trimEnd();
}

/** Writes as an operator's shell does; the exit status. */
function echo(id: number, text: string, path: string): number | null {
  const file = join(kernel.node(id).proc, path);
  return spawnSync('/bin/sh', ['-c', 'echo "$1" > "$2"', 'sh', text, file]).status;
}

function stepUntil(condition: () => boolean): void {
  for (let second = 0; second < 300; second += 1) {
    if (condition()) return;
    kernel.step();
  }
  throw new Error('It did not happen within five simulated minutes');
}

/** A process at home at node 2 that can move. */
function traveller(): number {
  const find = () =>
    kernel.simulation
      .machine(2)
      .processes.find(
        (process) => process.home.id === 2 && process.program.cantMove === '' && process.workLeft > 20,
      );
  stepUntil(() => find() !== undefined);
  return find()?.pid ?? 0;
}

describe('the emulated kernel', () => {
  test('has the folders and files of a 2.4 tree in every node', () => {
    for (const { tree } of kernel.nodes) {
      expect(readdirSync(tree).sort()).toEqual(['admin', 'decay', 'nodes', 'remote']);
      expect(readdirSync(join(tree, 'nodes')).sort()).toEqual(['2', '5', '700']);
      expect(readdirSync(join(tree, 'nodes/5')).sort()).toEqual([
        'cpus',
        'load',
        'mem',
        'rmem',
        'speed',
        'status',
        'tmem',
        'util',
      ]);
    }
    expect(read(700, 'hpc/admin/mospe')).toBe('700\n');
  });

  test.each(['stay', 'lstay', 'block', 'quiet', 'nomfs'] as const)(
    'takes %s from its file and shows it to the others',
    (setting) => {
      expect(echo(5, '1', `hpc/admin/${setting}`)).toBe(0);
      for (let second = 0; second < 4; second += 1) kernel.step();
      expect(Number(read(2, 'hpc/nodes/5/status')) & STATUS[setting]).toBe(STATUS[setting]);
      echo(5, '0', `hpc/admin/${setting}`);
      kernel.step();
      expect(kernel.simulation.machine(5).has(setting)).toBe(false);
    },
  );

  test('takes the speed from its file', () => {
    echo(5, '7609', 'hpc/admin/speed');
    kernel.step();
    expect(read(5, 'hpc/nodes/5/speed')).toBe('7609\n');
    expect(read(5, 'hpc/admin/speed')).toBe('7609\n');
  });

  test('puts back what is no number', () => {
    const before = read(5, 'hpc/admin/speed');
    echo(5, 'fast', 'hpc/admin/speed');
    kernel.step();
    expect(read(5, 'hpc/admin/speed')).toBe(before);
  });

  test('shows a process that was sent away at both ends, and brings it home', () => {
    for (const id of IDS) echo(id, '1', 'hpc/admin/stay');
    const pid = traveller();
    echo(2, '700', `${pid}/goto`);
    stepUntil(() => read(2, `${pid}/where`) === '700\n');
    expect(Number(read(2, `${pid}/nmigs`))).toBeGreaterThan(0);
    const guests = readdirSync(join(kernel.node(700).tree, 'remote'));
    const froms = guests.map((guest) => read(700, `hpc/remote/${guest}/from`));
    expect(froms).toContain('2 10.1.0.2\n');
    echo(2, '1', 'hpc/admin/bring');
    stepUntil(() => read(2, `${pid}/where`) === '0\n');
    expect(read(2, 'hpc/admin/bring')).toBe('0\n');
  });

  test('lists a process where it was until its memory has arrived', () => {
    const { pid } = kernel.startProcess(2, { command: 'fft', locked: true, pages: 40_000 });
    echo(2, '700', `${pid}/goto`);
    const whereabouts: string[] = [];
    for (let second = 0; second < 5; second += 1) {
      kernel.step();
      whereabouts.push(read(2, `${pid}/where`).trim());
    }
    expect(whereabouts).toEqual(['0', '0', '0', '700', '700']);
  });

  test.each(['expel', 'bring'] as const)('%s reads 1 while work remains', (file) => {
    const { pid } = kernel.startProcess(2, { command: 'fft', locked: true, pages: 40_000 });
    kernel.simulation.migrate(2, pid, 700);
    stepUntil(() => read(2, `${pid}/where`) === '700\n');
    const id = file === 'expel' ? 700 : 2;
    echo(id, '1', `hpc/admin/${file}`);
    kernel.step();
    expect(read(id, `hpc/admin/${file}`)).toBe('1\n');
    stepUntil(() => read(id, `hpc/admin/${file}`) === '0\n');
    expect(read(2, `${pid}/where`)).toBe('0\n');
  });

  test.each(['decayinterval', 'slowdecay', 'fastdecay'])('keeps %s', (file) => {
    echo(5, '77', `hpc/admin/${file}`);
    kernel.step();
    expect(read(5, `hpc/admin/${file}`)).toBe('77\n');
    expect(read(2, `hpc/admin/${file}`)).not.toBe('77\n');
  });

  test('a guest is sent on through migrate of its local process', () => {
    const { pid } = kernel.startProcess(2, { command: 'fft', locked: true });
    kernel.simulation.migrate(2, pid, 700);
    stepUntil(() => read(2, `${pid}/where`) === '700\n');
    const guest = kernel.simulation.processOf(2, pid)?.guestPid;
    echo(700, '5', `${guest}/goto`);
    kernel.step();
    expect(read(2, `${pid}/where`)).toBe('700\n');
    echo(700, '5', `${guest}/migrate`);
    stepUntil(() => read(2, `${pid}/where`) === '5\n');
    expect(existsSync(join(kernel.node(700).proc, String(guest)))).toBe(false);
    expect(existsSync(join(kernel.node(700).tree, 'remote', String(guest)))).toBe(false);
  });

  test('locks and unlocks a process', () => {
    const pid = traveller();
    echo(2, '1', `${pid}/lock`);
    kernel.step();
    const { processes, away } = kernel.simulation.machine(2);
    const found = [...processes, ...away].find((process) => process.home.id === 2 && process.pid === pid);
    expect(found?.locked).toBe(true);
  });

  test('removes the folder of a process that ended', () => {
    const pid = traveller();
    kernel.simulation.setDown(2, true);
    kernel.step();
    expect(existsSync(join(kernel.node(2).proc, String(pid)))).toBe(false);
  });
});

describe('the files of a process', () => {
  /** The fields of stat behind the name; field 3 is the first. */
  function fields(id: number, pid: number): readonly string[] {
    const stat = read(id, `${pid}/stat`);
    return stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  }

  test('stat, status and cmdline say what a 2.4 kernel says', () => {
    const options = { command: 'povray', cmdline: 'povray\0+Iroom.pov\0', uid: 1004, pages: 300 };
    const { pid, started } = kernel.startProcess(2, options);
    expect(read(2, `${pid}/stat`)).toMatch(new RegExp(`^${pid} \\(povray\\) R 1 `));
    expect(fields(2, pid)).toHaveLength(37);
    const at = (field: number) => Number(fields(2, pid)[field - 3]);
    expect([at(22), at(23), at(24)]).toEqual([started, 300 * 4096, 300]);
    const status = read(2, `${pid}/status`).split('\n');
    expect(status).toEqual(
      expect.arrayContaining([
        'Name:\tpovray',
        'State:\tR (running)',
        'PPid:\t1',
        'Uid:\t1004\t1004\t1004\t1004',
      ]),
    );
    expect(read(2, `${pid}/cmdline`)).toBe('povray\0+Iroom.pov\0');
  });

  test('start, work and uptime are of the same clock', () => {
    for (let second = 0; second < 5; second += 1) kernel.step();
    const { pid, started } = kernel.startProcess(2, { command: 'fft', locked: true });
    const [uptime = NaN] = read(2, 'uptime').split(' ').map(Number);
    expect(started).toBe(Math.floor(uptime * 100));
    for (let second = 0; second < 3; second += 1) kernel.step();
    const work = Number(fields(2, pid)[11]) + Number(fields(2, pid)[12]);
    expect(work).toBeGreaterThan(0);
    expect(work).toBeLessThanOrEqual(300);
  });

  test('stat of a process that sleeps is not written again', () => {
    const daemon = kernel.simulation.machine(2).processes.find((process) => process.program.daemon);
    const file = join(kernel.node(2).proc, String(daemon?.pid), 'stat');
    const before = statSync(file).ino;
    for (let second = 0; second < 3; second += 1) kernel.step();
    expect(statSync(file).ino).toBe(before);
  });

  test('a guest is called after its number at home and began when it arrived', () => {
    const { pid, started } = kernel.startProcess(2, { command: 'fft', cmdline: 'fft\0-n\0', locked: true });
    kernel.simulation.migrate(2, pid, 700);
    stepUntil(() => read(2, `${pid}/where`) === '700\n');
    const { guestPid = 0, guestStarted = 0 } = kernel.simulation.processOf(2, pid) ?? {};
    expect(read(700, `${guestPid}/stat`)).toMatch(new RegExp(`^${guestPid} \\(remote\\(${pid}\\)\\) `));
    expect(fields(700, guestPid)[19]).toBe(String(guestStarted));
    expect(fields(2, pid)[19]).toBe(String(started));
    expect(read(700, `${guestPid}/cmdline`)).toBe('fft\0-n\0');
    expect(read(700, `${guestPid}/where`)).toBe('0\n');
  });

  test('a child names its parent while that lives', () => {
    const parent = kernel.startProcess(2, { command: 'make', locked: true });
    const child = kernel.startProcess(2, { command: 'cc1', locked: true, parent: parent.pid });
    expect(fields(2, child.pid)[1]).toBe(String(parent.pid));
    kernel.endProcess(2, parent.pid);
    expect(fields(2, child.pid)[1]).toBe('1');
  });

  test.each([
    ['a command', '$(reboot)'],
    ['a parenthesis and a line feed', 'a) R 1\n9 (b'],
    ['control characters', '\u0001\u001b[2J\u007f\u00ff'],
  ])('a name may be %s', (_what, command) => {
    const cmdline = command.repeat(4096 / command.length);
    const { pid, started } = kernel.startProcess(2, { command, cmdline });
    expect(read(2, `${pid}/stat`).startsWith(`${pid} (${command.slice(0, 15)}) R `)).toBe(true);
    expect(fields(2, pid)[19]).toBe(String(started));
    expect(read(2, `${pid}/cmdline`)).toBe(cmdline);
    expect(read(2, `${pid}/status`)).toContain(`\nUid:\t`);
  });

  test('are gone at once when it ends, also where it is a guest', () => {
    const { pid } = kernel.startProcess(2, { command: 'fft', locked: true });
    kernel.simulation.migrate(2, pid, 700);
    stepUntil(() => read(2, `${pid}/where`) === '700\n');
    const guest = String(kernel.simulation.processOf(2, pid)?.guestPid);
    kernel.endProcess(2, pid);
    expect(existsSync(join(kernel.node(2).proc, String(pid)))).toBe(false);
    expect(existsSync(join(kernel.node(700).proc, guest))).toBe(false);
    expect(existsSync(join(kernel.node(700).tree, 'remote', guest))).toBe(false);
  });

  test('a number that is used again has a later start, and what was written before is not for the new one', () => {
    const { pid, started } = kernel.startProcess(2, { command: 'fft' });
    echo(2, '1', `${pid}/lock`);
    const again = kernel.reuseNumber(2, pid);
    expect(again.started).toBeGreaterThan(started);
    expect(fields(2, pid)[19]).toBe(String(again.started));
    kernel.step();
    expect(read(2, `${pid}/lock`)).toBe('0\n');
  });
});

test('what the simulation tells of migrations is what the files show', () => {
  const moves: SimulatedMigration[] = [];
  kernel.simulation.onMigration = (move) => moves.push(move);
  for (let index = 0; index < 10; index += 1) kernel.startProcess(2, { command: 'fft', locked: true });
  kernel.simulation.migrateAtRandom(20);
  for (let second = 0; second < 10; second += 1) kernel.step();
  const asked = moves.filter((move) => move.errand === 'order' && move.home === 2);
  expect(asked.length).toBeGreaterThan(5);
  for (const { pid } of asked) {
    const last = moves.findLast((move) => move.home === 2 && move.pid === pid)?.to;
    if (existsSync(join(kernel.node(2).proc, String(pid)))) {
      expect(read(2, `${pid}/where`)).toBe(`${last === 2 ? 0 : last}\n`);
    }
  }
});

describe('a fault of a file', () => {
  const LOAD = 'hpc/nodes/700/load';

  test('goes when it is taken back, with the present value', () => {
    const before = read(5, LOAD);
    for (const fault of [{ kind: 'empty' }, { kind: 'text', text: 'x' }] as const) {
      kernel.setFault(5, LOAD, fault);
      kernel.step();
      expect(read(5, LOAD)).toBe(fault.kind === 'empty' ? '' : 'x');
      kernel.setFault(5, LOAD, { kind: 'none' });
      expect(Number(read(5, LOAD))).toBeGreaterThanOrEqual(0);
    }
    expect(before).toMatch(/^\d+\n$/);
  });

  test('slow: a read waits until it is taken back', async () => {
    kernel.setFault(5, LOAD, { kind: 'slow' });
    const reading = promisify(execFile)('cat', [join(kernel.node(5).proc, LOAD)]);
    expect(statSync(join(kernel.node(5).proc, LOAD)).isFIFO()).toBe(true);
    kernel.setFault(5, LOAD, { kind: 'none' });
    await reading;
    expect(execFileSync('cat', [join(kernel.node(5).proc, LOAD)], { encoding: 'latin1' })).toMatch(/^\d+\n$/);
  });

  test('refuse: root cannot write either, and it reads as before', () => {
    kernel.setFault(5, 'hpc/admin/block', { kind: 'refuse' });
    expect(line(5, 'hpc/admin/block')).toBe('0');
    expect(echo(5, '1', 'hpc/admin/block')).not.toBe(0);
    kernel.step();
    expect(kernel.simulation.machine(5).has('block')).toBe(false);
    kernel.setFault(5, 'hpc/admin/block', { kind: 'none' });
    expect(read(5, 'hpc/admin/block')).toBe('0\n');
    expect(echo(5, '1', 'hpc/admin/block')).toBe(0);
  });

  test('ignore: a write succeeds, nothing happens, and it soon reads as before without a step', async () => {
    kernel.setFault(5, 'hpc/admin/block', { kind: 'ignore' });
    expect(echo(5, '1', 'hpc/admin/block')).toBe(0);
    await vi.waitFor(() => expect(read(5, 'hpc/admin/block')).toBe('0\n'));
    kernel.step();
    expect(kernel.simulation.machine(5).has('block')).toBe(false);
  });

  test('delay: a write takes effect after so many steps more', () => {
    const { pid } = kernel.startProcess(2, { command: 'fft', locked: true });
    for (const path of ['hpc/admin/block', `${pid}/goto`])
      kernel.setFault(2, path, { kind: 'delay', steps: 2 });
    echo(2, '1', 'hpc/admin/block');
    echo(2, '700', `${pid}/goto`);
    const seen: string[] = [];
    for (let step = 0; step < 4; step += 1) {
      kernel.step();
      seen.push(`${read(2, 'hpc/admin/block')}${read(2, `${pid}/where`)}`.replaceAll('\n', ' ').trim());
    }
    expect(seen).toEqual(['0 0', '0 0', '1 700', '1 700']);
  });

  test('of a process goes with it', () => {
    const { pid } = kernel.startProcess(2, { command: 'fft', locked: true });
    for (const kind of ['refuse', 'ignore'] as const)
      kernel.setFault(2, `${pid}/${kind === 'refuse' ? 'goto' : 'lock'}`, { kind });
    kernel.reuseNumber(2, pid);
    kernel.endProcess(2, pid);
    expect(existsSync(join(kernel.node(2).proc, String(pid)))).toBe(false);
  });
});
