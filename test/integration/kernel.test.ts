import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { STATUS } from '../../common/model/status.ts';
import { EmulatedKernel } from '../harness/kernel.ts';

const IDS = [2, 5, 700];

let folder: string;
let kernel: EmulatedKernel;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-kernel-'));
  kernel = new EmulatedKernel({ folder, ids: IDS });
});

afterEach(() => {
  kernel.close();
  rmSync(folder, { recursive: true, force: true });
});

function read(id: number, path: string): string {
  return readFileSync(join(kernel.node(id).proc, path), 'latin1');
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
    kernel.step();
    expect(read(2, `${pid}/where`)).toBe('700\n');
    expect(Number(read(2, `${pid}/nmigs`))).toBeGreaterThan(0);
    const guests = readdirSync(join(kernel.node(700).tree, 'remote'));
    const froms = guests.map((guest) => read(700, `hpc/remote/${guest}/from`));
    expect(froms).toContain('2 10.1.0.2\n');
    echo(2, '1', 'hpc/admin/bring');
    kernel.step();
    expect(read(2, `${pid}/where`)).toBe('0\n');
    expect(read(2, 'hpc/admin/bring')).toBe('0\n');
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

  test('refuse: root cannot write either', () => {
    kernel.setFault(5, 'hpc/admin/block', { kind: 'refuse' });
    expect(echo(5, '1', 'hpc/admin/block')).not.toBe(0);
    kernel.step();
    kernel.setFault(5, 'hpc/admin/block', { kind: 'none' });
    expect(read(5, 'hpc/admin/block')).toBe('0\n');
    expect(echo(5, '1', 'hpc/admin/block')).toBe(0);
  });

  test('ignore: a write succeeds and nothing happens', () => {
    kernel.setFault(5, 'hpc/admin/block', { kind: 'ignore' });
    expect(echo(5, '1', 'hpc/admin/block')).toBe(0);
    kernel.step();
    expect(read(5, 'hpc/admin/block')).toBe('0\n');
    expect(kernel.simulation.machine(5).has('block')).toBe(false);
  });
});
