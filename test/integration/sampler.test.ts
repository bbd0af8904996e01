import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NODE_DOWN } from '../../common/model/status.ts';
import { ROW_COLUMNS } from '../../main/demo/news.ts';
import { EmulatedKernel, type KernelNode, type KernelOptions } from '../harness/kernel.ts';
import { SAMPLER_TEXT, SHELLS, ShellSampler } from '../harness/shell-sampler.ts';

/** A process namespace of its own; without root rights it needs a user namespace, too. */
const NAMESPACE = [
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  '--pid',
  '--fork',
  '--mount-proc',
];
const IDS = [2, 5, 700, 65_535];

let kernel: EmulatedKernel | undefined;
let folder: string;
const samplers: ShellSampler[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-sampler-'));
});

afterEach(async () => {
  for (const sampler of samplers.splice(0)) {
    sampler.process.kill('SIGKILL');
    await sampler.exit();
  }
  kernel?.close();
  kernel = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function startKernel(options: Partial<KernelOptions> = {}): EmulatedKernel {
  kernel = new EmulatedKernel({ folder, ids: IDS, ...options });
  return kernel;
}

/** A file of a node's view of another, as a number. */
function fileNumber(node: KernelNode, path: string): number {
  return Number(readFileSync(join(node.tree, path), 'latin1'));
}

function treeRow(node: KernelNode, id: number): Readonly<Record<string, number>> {
  return Object.fromEntries(ROW_COLUMNS.map((column) => [column, fileNumber(node, `nodes/${id}/${column}`)]));
}

describe.each(SHELLS)('the sampler in $name', (shell) => {
  function start(root: string): Promise<ShellSampler> {
    const sampler = new ShellSampler(shell);
    samplers.push(sampler);
    return sampler.start(root);
  }

  test('says what it found', async () => {
    const node = startKernel().node(5);
    const { meta, tables } = (await start(node.tree)).reader;
    expect(meta.get('dialect')).toBe('openmosix');
    expect(meta.get('root')).toBe(node.tree);
    expect(meta.get('self')).toBe('5');
    expect(meta.get('system')).toBe('Linux 2.4.26-om1');
    expect([...tables.keys()]).toEqual(['nodes', 'cpu', 'load', 'memory', 'machine']);
  });

  test('reads the whole cluster as the tree has it, sparse ids and all', async () => {
    const node = startKernel().node(5);
    const sampler = await start(node.tree);
    await sampler.tick('all');
    expect(sampler.keys('nodes')).toEqual(IDS);
    for (const id of IDS) expect(sampler.row('nodes', id)).toEqual(treeRow(node, id));
    expect(sampler.reader.badValues).toBe(0);
  });

  test('reads the node itself when it is asked for its own figures', async () => {
    const node = startKernel().node(700);
    const sampler = await start(node.tree);
    await sampler.tick('own');
    expect(sampler.keys('nodes')).toEqual([700]);
    expect(sampler.row('nodes', 700)).toEqual(treeRow(node, 700));
  });

  test("reads the machine's own figures beside the tree", async () => {
    const { simulation } = startKernel();
    const sampler = await start(kernel?.node(5).tree ?? '');
    await sampler.tick('own');
    const { cpu, load, memory } = simulation.own(5);
    const [user = 0, , system = 0, idle = 0, iowait = 0] = cpu;
    expect(sampler.row('cpu')).toMatchObject({ user, system, idle: idle + iowait, iowait: NaN, steal: NaN });
    expect(Object.values(sampler.row('load') ?? {})).toEqual(load);
    expect(sampler.row('memory')).toMatchObject({ total: memory[0], free: memory[1], available: NaN });
    expect(sampler.row('machine')).toEqual({ cpus: simulation.machine(5).hardware.cpus });
  });

  test('follows the tree from second to second', async () => {
    const node = startKernel().node(5);
    const sampler = await start(node.tree);
    for (let second = 0; second < 12; second += 1) {
      await sampler.tick('all');
      for (const id of IDS) expect(sampler.row('nodes', id)).toEqual(treeRow(node, id));
      expect(sampler.row('load')?.['one']).toBeCloseTo(kernel?.simulation.own(5).load[0] ?? NaN, 2);
      kernel?.step();
    }
  });

  test('leaves out what did not change', async () => {
    const node = startKernel({ demand: 0 }).node(5);
    kernel?.setFault(5, 'hpc/nodes/2/load', { kind: 'text', text: '40\n' });
    const sampler = await start(node.tree);
    await sampler.tick('all');
    await sampler.tick('all');
    expect(sampler.text).toBe('end 2\n');
    kernel?.setFault(5, 'hpc/nodes/2/load', { kind: 'text', text: '41\n' });
    await sampler.tick('all');
    expect(sampler.text).toBe('nodes 2 41 = = = = = = =\nend 3\n');
  });

  test('sees a changed speed within four samples', async () => {
    const node = startKernel({ demand: 0 }).node(5);
    const sampler = await start(node.tree);
    await sampler.tick('all');
    writeFileSync(join(node.tree, 'admin/speed'), '7609\n');
    kernel?.step();
    for (let tick = 0; tick < 4; tick += 1) await sampler.tick('all');
    expect(sampler.row('nodes', 5)?.['speed']).toBe(7609);
  });

  test('sees a node leave and come', async () => {
    const node = startKernel().node(5);
    const sampler = await start(node.tree);
    await sampler.tick('all');
    kernel?.setConfigured(700, false);
    for (let tick = 0; tick < 4; tick += 1) await sampler.tick('all');
    expect(sampler.keys('nodes')).toEqual([2, 5, 65_535]);
    kernel?.setConfigured(700, true);
    for (let tick = 0; tick < 4; tick += 1) await sampler.tick('all');
    expect(sampler.keys('nodes')).toEqual(IDS);
    expect(sampler.row('nodes', 700)).toEqual(treeRow(node, 700));
  });

  test('tells -101 of a node that is down', async () => {
    const node = startKernel().node(5);
    const sampler = await start(node.tree);
    await sampler.tick('all');
    kernel?.simulation.setDown(2, true);
    for (let second = 0; second < 4; second += 1) kernel?.step();
    for (let tick = 0; tick < 4; tick += 1) await sampler.tick('all');
    expect(sampler.row('nodes', 2)).toMatchObject({
      load: NODE_DOWN,
      speed: NODE_DOWN,
      cpus: NODE_DOWN,
      rmem: NODE_DOWN,
      status: 1,
    });
  });

  test.each([
    ['empty', ''],
    ['a word', 'busy\n'],
    ['two numbers', '40 50\n'],
    ['a line feed only', '\n'],
    ['signs only', '--\n'],
    ['a minus in the middle', '1-2\n'],
    ['a number too long for any counter', `${'9'.repeat(30)}\n`],
    ['a million digits', `${'1'.repeat(1_000_000)}\n`],
    ['a long text without a line feed', 'x'.repeat(50_000)],
    ['quotes', "'; touch /tmp/mosview-was-here; '\n"],
    ['a command', '$(touch /tmp/mosview-was-here)\n'],
    ['backquotes', '`touch /tmp/mosview-was-here`\n'],
    ['backslashes', '\\c\\n\\0101\n'],
    ['a pattern', '/*\n'],
    ['bytes of every kind', String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index))],
  ])('reads a file that holds %s as not to be had, and goes on', async (_name, text) => {
    rmSync('/tmp/mosview-was-here', { force: true });
    const node = startKernel({ demand: 0 }).node(5);
    kernel?.setFault(5, 'hpc/nodes/2/load', { kind: 'text', text });
    kernel?.setFault(5, 'hpc/nodes/700/tmem', { kind: 'text', text });
    const sampler = await start(node.tree);
    await sampler.tick('all');
    expect(sampler.row('nodes', 2)).toEqual({ ...treeRow(node, 2), load: NaN });
    expect(sampler.row('nodes', 700)).toEqual({ ...treeRow(node, 700), tmem: NaN });
    expect(sampler.reader.badValues).toBe(0);
    kernel?.setFault(5, 'hpc/nodes/2/load', { kind: 'none' });
    await sampler.tick('all');
    expect(sampler.row('nodes', 2)).toEqual(treeRow(node, 2));
    expect(spawnSync('test', ['-e', '/tmp/mosview-was-here']).status).toBe(1);
  });

  test.each([
    ['empty', ''],
    ['a line feed only', '\n'],
    ['a command', '$(touch /tmp/mosview-was-here) `id` ; "\' \\c\n'],
    ['a very long number', `${'9'.repeat(50_000)}\n`],
  ])('survives own files that hold %s', async (_name, text) => {
    rmSync('/tmp/mosview-was-here', { force: true });
    const node = startKernel({ demand: 0 }).node(5);
    const files = ['stat', 'loadavg', 'meminfo', 'sys/kernel/osrelease'];
    for (const file of files) kernel?.setFault(5, file, { kind: 'text', text });
    const sampler = await start(node.tree);
    await sampler.tick('all');
    await sampler.tick('own');
    for (const file of files) kernel?.setFault(5, file, { kind: 'none' });
    await sampler.tick('own');
    expect(sampler.row('load')?.['one']).toBeGreaterThanOrEqual(0);
    expect(sampler.row('nodes', 5)).toEqual(treeRow(node, 5));
    expect(spawnSync('test', ['-e', '/tmp/mosview-was-here']).status).toBe(1);
  });

  test('waits at a file that does not answer, and goes on when it does', async () => {
    const node = startKernel().node(5);
    const sampler = await start(node.tree);
    kernel?.setFault(5, 'hpc/nodes/700/load', { kind: 'slow' });
    const answer = sampler.tick('all');
    kernel?.setFault(5, 'hpc/nodes/700/load', { kind: 'none' });
    await answer;
    await sampler.tick('all');
    expect(sampler.row('nodes', 700)).toEqual(treeRow(node, 700));
  });

  test.each([
    ['the tree', (node: KernelNode) => node.tree],
    ['the folder that holds it', (node: KernelNode) => node.proc],
  ])('finds its files when it is given %s', async (_name, root) => {
    const node = startKernel().node(5);
    const sampler = await start(root(node));
    await sampler.tick('all');
    expect(sampler.reader.meta.get('root')).toBe(node.tree);
    expect(sampler.row('load')?.['one']).toBeCloseTo(kernel?.simulation.own(5).load[0] ?? NaN, 2);
  });

  test('finds the tree of older kernels, /proc/mosix', async () => {
    const node = startKernel({ rootName: 'mosix' }).node(5);
    const sampler = await start(node.proc);
    await sampler.tick('all');
    expect(sampler.reader.meta.get('root')).toBe(node.tree);
    expect(sampler.keys('nodes')).toEqual(IDS);
  });

  test('does not take the empty tree of the 2.6 port for a 2.4 one', async () => {
    for (const file of [
      'hpc/admin/version',
      'hpc/admin/bring',
      'hpc/admin/expel',
      'loadavg',
      'stat',
      'meminfo',
    ]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), '0 0 0 1/2 3\n');
    }
    mkdirSync(join(folder, 'hpc/nodes/1'), { recursive: true });
    const sampler = await start(folder);
    expect(sampler.reader.meta.get('dialect')).toBe('linux');
    expect(sampler.reader.tables.has('nodes')).toBe(false);
  });

  test('tells that openMosix is switched off, and still sees the others', async () => {
    const node = startKernel().node(5);
    kernel?.setFault(5, 'hpc/admin/mospe', { kind: 'text', text: '-1\n' });
    const sampler = await start(node.tree);
    expect(sampler.reader.meta.get('self')).toBe('-1');
    await sampler.tick('own');
    expect(sampler.keys('nodes')).toEqual([]);
    expect(sampler.row('machine')).toBeDefined();
    await sampler.tick('all');
    expect(sampler.keys('nodes')).toEqual(IDS);
  });

  test.each([
    ['nothing', ''],
    ['a command', 'x; id'],
    ['a very long number', '7'.repeat(5000)],
  ])('has no id of its own where its id is %s', async (_name, text) => {
    const node = startKernel().node(5);
    kernel?.setFault(5, 'hpc/admin/mospe', { kind: 'text', text: `${text}\n` });
    const sampler = await start(node.tree);
    expect(sampler.reader.meta.get('self')).toBe('?');
    await sampler.tick('own');
    expect(sampler.keys('nodes')).toEqual([]);
  });

  test('samples the real /proc of a plain Linux machine', async () => {
    const sampler = await start('/proc');
    expect(sampler.reader.meta.get('dialect')).toBe('linux');
    expect(sampler.reader.meta.get('system')).toBe(`Linux ${release()}`);
    await sampler.tick('own');
    expect(sampler.row('machine')).toEqual({ cpus: cpus().length });
    const memory = sampler.row('memory');
    const total = /MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1];
    expect(memory?.['total']).toBe(Number(total));
    expect(memory?.['available']).toBeGreaterThan(0);
    for (const table of ['cpu', 'load', 'memory']) {
      expect(Object.values(sampler.row(table) ?? {}).some(Number.isNaN)).toBe(false);
    }
  });

  test('says so where there is nothing to sample', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const sampler = await start(empty);
    // The machine's own /proc is not what was asked for.
    expect(sampler.reader.meta.get('dialect')).toBe('none');
  });

  test('runs nothing before its text has come whole, so that no tick is taken for program text', async () => {
    const node = startKernel().node(5);
    const sampler = new ShellSampler(shell);
    samplers.push(sampler);
    const text = `nonce=f00d root=${node.tree}\n${SAMPLER_TEXT}`;
    sampler.process.stdin.end(text.slice(0, text.trimEnd().lastIndexOf('\n') + 1));
    await sampler.exit();
    expect(sampler.text).toBe('');
  });

  test('ignores ticks it does not know', async () => {
    const node = startKernel().node(5);
    const sampler = await start(node.tree);
    sampler.process.stdin.write('\nweather 5\n$(touch /tmp/mosview-was-here)\n../../x y z\n');
    await sampler.tick('own');
    expect(sampler.text.endsWith('end 1\n')).toBe(true);
  });

  test('prints nothing on standard error and ends with its input', async () => {
    const node = startKernel().node(5);
    const sampler = await start(node.tree);
    await sampler.tick('all');
    await sampler.close();
    expect(sampler.process.exitCode).toBe(0);
    expect(sampler.errors).toBe('');
  });

  test('starts no process', () => {
    const node = startKernel().node(5);
    const ticks = Array.from({ length: 20 }, (_, index) => `${index % 2 ? 'own' : 'all'} ${index}\n`).join(
      '',
    );
    const script = `nonce=f00d root=${node.tree}\n${SAMPLER_TEXT}\nread -r last < /proc/sys/kernel/ns_last_pid; echo "last $last"`;
    // In a process namespace of its own the shell is process 1, and the number given last grows with every fork.
    const output = execFileSync(
      'unshare',
      [...NAMESPACE, shell.program, ...shell.arguments.slice(0, -1), '-c', script],
      { input: ticks, encoding: 'latin1' },
    );
    expect(output).toContain('end 19\n');
    expect(output.endsWith('last 1\n')).toBe(true);
  });
});
