/** resources/sampler.sh on openMosix' files, on plain /proc and on nothing, in the shells that nodes have. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NODE_DOWN } from '../../common/model/status.ts';
import { ROW_COLUMNS } from '../../main/demo/news.ts';
import { EmulatedKernel, type KernelNode, type KernelOptions } from '../harness/kernel.ts';
import { AT_HOME, NodeTree } from '../harness/node-tree.ts';
import { runAlone, SAMPLER_TEXT, SamplerBench, SHELLS, type ShellSampler } from '../harness/shell-sampler.ts';

const IDS = [2, 5, 700, 65_535];

let kernel: EmulatedKernel | undefined;
let folder: string;
const samplers = new SamplerBench();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-sampler-'));
});

afterEach(async () => {
  await samplers.close();
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
    return samplers.start(shell, root);
  }

  test('says what it found', async () => {
    const node = startKernel().node(5);
    const sampler = await start(node.tree);
    const { meta, tables } = sampler.reader;
    expect(meta.get('dialect')).toBe('openmosix');
    expect(meta.get('root')).toBe(node.tree);
    expect(meta.get('self')).toBe('5');
    expect(meta.get('system')).toBe('Linux 2.4.26-om1');
    expect([...tables.keys()]).toEqual(['nodes', 'away', 'guests', 'cpu', 'load', 'memory', 'machine']);
    expect(sampler.reader.texts.has('commands')).toBe(true);
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

  describe('asked for the processes that migrate', () => {
    let tree: NodeTree;
    let sampler: ShellSampler;

    beforeEach(async () => {
      tree = new NodeTree(folder);
      tree.process(1, { name: 'init' });
      tree.process(2, { name: 'kswapd', files: {} });
      sampler = await start(tree.proc);
    });

    /** Four ticks, in which even a process that never left is looked at whole. */
    async function look(): Promise<void> {
      for (let tick = 0; tick < 4; tick += 1) await sampler.tick('own', true);
    }
    const away = (pid: number) => sampler.row('away', pid);
    const guest = (pid: number) => sampler.row('guests', pid);
    const called = (pid: number) => sampler.reader.texts.get('commands')?.get(pid);

    test('tells nothing of those that never left, nor of the kernel itself', async () => {
      await look();
      expect(sampler.keys('away')).toEqual([]);
      expect(sampler.keys('guests')).toEqual([]);
    });

    test('tells nothing at all where it is not asked', async () => {
      tree.process(100, { files: { ...AT_HOME, where: '5\n', nmigs: '1\n' } });
      await sampler.tick('own');
      expect(sampler.keys('away')).toEqual([]);
    });

    test('tells where its own processes are at once, and follows them home', async () => {
      await look();
      tree.process(100, { name: 'povray', started: 4711, files: { ...AT_HOME, where: '5\n', nmigs: '1\n' } });
      await sampler.tick('own', true);
      expect(away(100)).toEqual({ where: 5, migrations: 1, started: 4711 });
      expect(called(100)).toBe('povray');
      tree.write('100/where', '700\n');
      tree.write('100/nmigs', '2\n');
      await sampler.tick('own', true);
      expect(sampler.text).toContain('away 100 700 2 =\n');
      expect(sampler.text).not.toContain('commands');
      tree.write('100/where', '0\n');
      tree.write('100/nmigs', '3\n');
      await sampler.tick('own', true);
      expect(away(100)).toEqual({ where: 0, migrations: 3, started: 4711 });
    });

    test('tells of one that was away and back between two samples within four', async () => {
      await look();
      tree.process(100, { files: { ...AT_HOME, nmigs: '2\n' } });
      await look();
      expect(away(100)).toEqual({ where: 0, migrations: 2, started: 1000 });
    });

    test('says farewell to what ended, name and all', async () => {
      tree.process(100, { files: { ...AT_HOME, where: '5\n', nmigs: '1\n' } });
      await look();
      tree.remove('100');
      await sampler.tick('own', true);
      expect(sampler.text).toContain('away 100 -\ncommands 100\n');
      expect(away(100)).toBeUndefined();
      expect(called(100)).toBeUndefined();
    });

    test('keeps a row while its files cannot be read for a moment', async () => {
      tree.process(100, { files: { ...AT_HOME, where: '5\n', nmigs: '1\n' } });
      tree.guest(77, 5, 1234);
      await look();
      for (const file of ['100/where', '100/nmigs', 'hpc/remote/77/from']) {
        const text = tree.read(file);
        for (const wrong of [
          '',
          'busy\n',
          '5 6\n$(touch /tmp/mosview-was-here)\n',
          `${'9'.repeat(5000)}\n`,
        ]) {
          tree.write(file, wrong);
          await sampler.tick('own', true);
          expect(away(100)).toMatchObject({ where: 5, migrations: 1 });
          expect(guest(77)).toBeDefined();
        }
        tree.write(file, text);
      }
      expect(sampler.reader.badValues).toBe(0);
      expect(spawnSync('test', ['-e', '/tmp/mosview-was-here']).status).toBe(1);
    });

    test('notices another process under the same number: at once by its count, otherwise within ten samples', async () => {
      tree.process(100, { name: 'old', files: { ...AT_HOME, where: '5\n', nmigs: '4\n' } });
      await look();
      tree.process(100, { name: 'new', started: 2000, files: { ...AT_HOME, where: '7\n', nmigs: '1\n' } });
      await sampler.tick('own', true);
      expect(away(100)).toEqual({ where: 7, migrations: 1, started: 2000 });
      expect(called(100)).toBe('new');
      tree.process(100, { name: 'next', started: 3000, files: { ...AT_HOME, where: '7\n', nmigs: '1\n' } });
      for (let tick = 0; tick < 10; tick += 1) await sampler.tick('own', true);
      expect(away(100)?.['started']).toBe(3000);
      expect(called(100)).toBe('next');
    });

    test('tells of guests: home, number there and the real command, and when they leave', async () => {
      tree.guest(77, 5, 1234, { started: 99, command: ['./crunch', '-n', '5'] });
      tree.guest(78, 700, 9, { name: 'kworker' });
      tree.write('hpc/remote/78/identity', 'povray (pid 9 at node 700)\n');
      await sampler.tick('own', true);
      expect(guest(77)).toEqual({ home: 5, homepid: 1234, started: 99 });
      // The shells' own read leaves out the NULs between the words.
      expect(called(77)).toBe('./crunch-n5');
      expect(guest(78)).toEqual({ home: 700, homepid: 0, started: 1000 });
      expect(called(78)).toBe('povray (pid 9 at node 700)');
      expect(sampler.keys('away')).toEqual([]);
      tree.remove('hpc/remote/77');
      tree.remove('77');
      await sampler.tick('own', true);
      expect(sampler.keys('guests')).toEqual([78]);
      expect(called(77)).toBeUndefined();
    });

    test('takes a guest for no process of its own, even where it has the files of one', async () => {
      tree.guest(77, 5, 1234, { files: { ...AT_HOME, where: '5\n', nmigs: '1\n' } });
      await look();
      expect(sampler.keys('away')).toEqual([]);
      expect(sampler.keys('guests')).toEqual([77]);
    });

    test.each([
      ['a command', '$(touch /tmp/mosview-was-here)'],
      ['backquotes and quotes', '`touch /tmp/mosview-was-here`\'"; touch /tmp/mosview-was-here'],
      ['backslashes and formats', '\\c\\n\\0101 %s%n'],
      ['parentheses and blanks', 'a) R (b ) 1 2 3 ( ) '],
      ['a pattern', '/* ? [a-z]'],
      ['a line of the protocol', 'x\nend 4\naway 9 9 9 9'],
      [
        '4 kB of control characters',
        Array.from({ length: 4096 }, (_, at) => String.fromCharCode(1 + (at % 31))).join(''),
      ],
      ['bytes of every kind', String.fromCharCode(...Array.from({ length: 255 }, (_, index) => index + 1))],
    ])('takes a name that is %s for bytes', async (_name, name) => {
      rmSync('/tmp/mosview-was-here', { force: true });
      tree.process(100, { name, started: 4711, files: { ...AT_HOME, where: '5\n', nmigs: '1\n' } });
      tree.guest(77, 5, 1234, { command: [name] });
      await sampler.tick('own', true);
      expect(away(100)).toEqual({ where: 5, migrations: 1, started: 4711 });
      expect(guest(77)).toEqual({ home: 5, homepid: 1234, started: 1000 });
      expect(called(100)?.slice(0, 2)).toBe(name.slice(0, 2).replace('\n', ' '));
      expect(called(100)?.length).toBeLessThanOrEqual(60);
      expect(sampler.text.split('\n').filter((line) => line.startsWith('end'))).toEqual(['end 1']);
      expect(sampler.reader.badValues).toBe(0);
      expect(spawnSync('test', ['-e', '/tmp/mosview-was-here']).status).toBe(1);
    });

    test('holds hundreds, and each comes and goes once', async () => {
      const pids = Array.from({ length: 300 }, (_, index) => 1000 + index);
      for (const pid of pids) tree.process(pid, { files: { ...AT_HOME, where: '5\n', nmigs: '1\n' } });
      await sampler.tick('own', true);
      expect(sampler.keys('away')).toEqual(pids);
      await sampler.tick('own', true);
      expect(sampler.text).not.toContain('away');
      for (const pid of pids.filter((pid) => pid % 2 === 0)) tree.remove(String(pid));
      await sampler.tick('own', true);
      expect(sampler.keys('away')).toEqual(pids.filter((pid) => pid % 2 === 1));
    });
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
    const sampler = samplers.open(shell);
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
    const ticks = Array.from({ length: 20 }, (_, index) => `${index % 2 ? 'own' : 'all'} ${index} places\n`);
    const output = runAlone(shell, node.tree, ticks);
    expect(output).toContain('end 19\n');
    expect(output.endsWith('last 1\n')).toBe(true);
  });
});
