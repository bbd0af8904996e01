/** resources/sampler.sh and operator.sh on the agent's tree, in the shells that nodes have. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FlatFiles } from '../../agent/files/flat-files.ts';
import { success } from '../../common/model/result.ts';
import { processesFrom } from '../../main/nodes/processes.ts';
import { EmulatedKernel, type KernelNode } from '../harness/kernel.ts';
import { repliesIn, SHELL_COMMANDS } from '../harness/operator-bench.ts';
import { SamplerBench, SHELLS } from '../harness/shell-sampler.ts';

let folder: string;
let kernel: EmulatedKernel;
const samplers = new SamplerBench();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-agent-'));
  kernel = new EmulatedKernel({ folder, ids: [1, 2], demand: 0, layout: 'agent' });
});

afterEach(async () => {
  await samplers.close();
  kernel.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Lets a job of node 1 move to node 2, and gives its numbers at home and there. */
function sentJob(): { readonly home: number; readonly guest: number } {
  const { pid } = kernel.startProcess(1, { command: 'dig' });
  writeFileSync(join(kernel.node(1).tree, `${pid}/goto`), '2\n');
  for (let second = 0; second < 20; second += 1) kernel.step();
  const guest = kernel.simulation
    .machine(2)
    .list()
    .find((entry) => entry.guest);
  if (guest === undefined) throw new Error('The job has not arrived');
  return { home: pid, guest: guest.pid };
}

describe.each(SHELLS)('the sampler in $name', (shell) => {
  const start = (node: KernelNode, root = node.proc) => samplers.start(shell, root);

  test.each([
    ['beside the folder for /proc', (node: KernelNode) => node.proc],
    ['where it was given', (node: KernelNode) => node.tree],
  ])("finds the agent's tree %s", async (_where, root) => {
    const node = kernel.node(2);
    const { meta, tables } = (await start(node, root(node))).reader;
    expect(meta.get('dialect')).toBe('agent');
    expect(meta.get('version')).toBe('0.1.0');
    expect(meta.get('limit')).toBe('');
    expect(meta.get('root')).toBe(node.tree);
    expect(meta.get('self')).toBe('2');
    expect([...tables.keys()]).toContain('nodes');
  });

  test("takes a kernel's tree before it", async () => {
    const { proc } = kernel.node(2);
    mkdirSync(join(proc, 'hpc/nodes'), { recursive: true });
    mkdirSync(join(proc, 'hpc/admin'));
    writeFileSync(join(proc, 'hpc/admin/mospe'), '7\n');
    expect((await start(kernel.node(2))).reader.meta.get('dialect')).toBe('openmosix');
  });

  test('tells jobs that are away, and guests by their own names with their numbers at home', async () => {
    const job = sentJob();
    const home = await start(kernel.node(1));
    await home.tick('all', true);
    expect(home.row('away', job.home)).toMatchObject({ where: 2, migrations: 1 });
    expect(home.keys('nodes')).toEqual([1, 2]);
    const host = await start(kernel.node(2));
    await host.tick('own', true);
    expect(host.row('guests', job.guest)).toMatchObject({ home: 1, homepid: job.home });
    expect(host.reader.texts.get('commands')?.get(job.guest)).toBe('dig');
    expect(host.keys('away')).toEqual([]);
  });

  test('says why a node moves nothing, and ends when the agent does', async () => {
    kernel.setLimit(2, 'its kernel is too new for criu 3.17.1');
    const sampler = await start(kernel.node(2));
    expect(sampler.reader.meta.get('version')).toBe('0.1.0');
    expect(sampler.reader.meta.get('limit')).toBe(
      'criu does not work here: its kernel is too new for criu 3.17.1',
    );
    rmSync(join(kernel.node(2).tree, 'admin/mospe'));
    sampler.process.stdin.write('own 1\n');
    expect(await sampler.exit()).toBe(0);
  });

  test("reads the agent's own files as they are meant", async () => {
    const root = join(folder, 'real/run/mosview/hpc');
    const done = () => success(undefined);
    const files = new FlatFiles(root, {
      onSwitch: done,
      onSpeed: done,
      onExpel: done,
      onBring: done,
      onGoto: done,
      onLock: done,
      onGroup: done,
      log: () => undefined,
    });
    expect(files.start()).toEqual(success(undefined));
    const flags = { block: true, stay: true, lstay: false, quiet: false, expel: false, bring: false };
    const version = 'mosview agent 0.1.0 criu does not work here: its kernel is too new';
    files.setAdmin({ mospe: 3, ...flags, speed: 9000, version });
    const memory = { memoryTotal: 8_388_608, memoryFree: 4_194_304, memoryAvailable: 4_198_400 };
    files.setNode(3, { load: 47, speed: 9000, cpus: 2, util: 30, ...memory, status: 23 });
    files.setJob(process.pid, { where: 5, nmigs: 2, lock: false, cantmove: [], group: 0 });
    const figures = { statm: [1], utime: 0, cutime: 0, nice: 0, state: 'R', vsize: 0, rss: 0 };
    files.setGuest(process.ppid, {
      home: 5,
      address: '10.0.0.5',
      homePid: 812,
      command: 'dig deep',
      ...figures,
    });
    const sampler = await samplers.start(shell, root);
    await sampler.tick('all', true);
    files.stop();
    const { meta, texts } = sampler.reader;
    expect([...meta]).toEqual(
      expect.arrayContaining([
        ['dialect', 'agent'],
        ['version', '0.1.0'],
        ['limit', 'criu does not work here: its kernel is too new'],
        ['self', '3'],
      ]),
    );
    expect(sampler.row('nodes', 3)).toMatchObject({
      load: 47,
      speed: 9000,
      tmem: 2048,
      mem: 1025,
      status: 23,
    });
    expect(sampler.row('away', process.pid)).toMatchObject({ where: 5, migrations: 2 });
    expect(sampler.row('guests', process.ppid)).toMatchObject({ home: 5, homepid: 812 });
    expect(texts.get('commands')?.get(process.ppid)).toBe('dig deep');
  });

  test('ends for another to begin where an agent was started meanwhile', async () => {
    const { proc, tree } = kernel.node(2);
    rmSync(join(tree, 'admin/mospe'));
    const sampler = await start(kernel.node(2), proc);
    expect(sampler.reader.meta.get('dialect')).toBe('linux');
    writeFileSync(join(tree, 'admin/mospe'), '2\n');
    sampler.process.stdin.write('own 1\n');
    expect(await sampler.exit()).toBe(0);
  });
});

describe.each(SHELL_COMMANDS)('the operator in %s', (_name, command) => {
  test("writes a job's files in the tree, counts, and lists jobs and guests", () => {
    const job = sentJob();
    const { proc } = kernel.node(1);
    const [list, count, place] = repliesIn(command, proc, [
      { kind: 'list' },
      { kind: 'count', what: 'away' },
      { kind: 'place', pid: job.home, started: kernel.simulation.processOf(1, job.home)?.started ?? NaN },
    ]);
    expect(count).toEqual({ kind: 'done', value: 1 });
    expect(place).toEqual({ kind: 'text', texts: ['2', '1', '0', ''] });
    if (list?.kind !== 'list') throw new Error('no list');
    const [away] = processesFrom(list, undefined, 1).filter(({ pid }) => pid === job.home);
    expect(away).toMatchObject({ place: { kind: 'away', id: 2 }, name: 'dig', migrations: 1 });

    const [guests, replies] = repliesIn(command, kernel.node(2).proc, [
      { kind: 'list' },
      { kind: 'count', what: 'guests' },
    ]);
    expect(replies).toEqual({ kind: 'done', value: 1 });
    if (guests?.kind !== 'list') throw new Error('no list');
    const [guest] = processesFrom(guests, undefined, 2).filter(({ pid }) => pid === job.guest);
    expect(guest).toMatchObject({ place: { kind: 'guest', id: 1, pid: job.home }, name: 'dig' });
  });

  test('says of a process that is no job that it is none', () => {
    const { pid } = kernel.startProcess(1, { command: 'sshd' });
    const { proc, tree } = kernel.node(1);
    rmSync(join(tree, String(pid)), { recursive: true });
    const [list] = repliesIn(command, proc, [{ kind: 'list' }]);
    if (list?.kind !== 'list') throw new Error('no list');
    const other = processesFrom(list, undefined, 1).find((process) => process.pid === pid);
    expect(other).toMatchObject({ place: { kind: 'unknown' }, reasons: ['no_job'] });
  });

  test('says in its own sentence why a job cannot move', () => {
    const { pid } = kernel.startProcess(1, { command: 'held', cantMove: 'mmap_dev' });
    const [list] = repliesIn(command, kernel.node(1).proc, [{ kind: 'list' }]);
    if (list?.kind !== 'list') throw new Error('no list');
    const held = processesFrom(list, undefined, 1).find((process) => process.pid === pid);
    expect(held?.reasons).toEqual(['mmap_dev: an emulated reason']);
  });
});
