/** resources/sampler.sh and operator.sh on the agent's tree, in the shells that nodes have. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
    expect(sampler.reader.meta.get('limit')).toBe(
      'criu does not work here: its kernel is too new for criu 3.17.1',
    );
    rmSync(join(kernel.node(2).tree, 'admin/mospe'));
    sampler.process.stdin.write('own 1\n');
    expect(await sampler.exit()).toBe(0);
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

  test('says in its own sentence why a job cannot move', () => {
    const { pid } = kernel.startProcess(1, { command: 'held', cantMove: 'mmap_dev' });
    const [list] = repliesIn(command, kernel.node(1).proc, [{ kind: 'list' }]);
    if (list?.kind !== 'list') throw new Error('no list');
    const held = processesFrom(list, undefined, 1).find((process) => process.pid === pid);
    expect(held?.reasons).toEqual(['mmap_dev: an emulated reason']);
  });
});
