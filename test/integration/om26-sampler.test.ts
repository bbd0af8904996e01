/** resources/sampler.sh on the files of openMosix' port to 2.6, in the shells that nodes have. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProcFolder } from '../harness/proc-folder.ts';
import { runAlone, SamplerBench, SHELLS, type ShellSampler } from '../harness/shell-sampler.ts';

const ROUTES = `Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 10.77.0.0/24 2 0 2
        |-- 10.77.0.1
           /32 host LOCAL
        |-- 10.77.0.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
`;

let tree: ProcFolder;
const samplers = new SamplerBench();

beforeEach(() => {
  tree = new ProcFolder(mkdtempSync(join(tmpdir(), 'mosview-om26-')));
  tree.write('stat', 'cpu  10 0 5 100 0 0 0 0\ncpu0 10 0 5 100 0 0 0 0\nintr 1\n');
  tree.write('loadavg', '0.10 0.20 0.30 2/90 700\n');
  tree.write('meminfo', 'MemTotal: 500000 kB\nMemFree: 300000 kB\nBuffers: 1 kB\nCached: 2 kB\n');
  tree.write('sys/kernel/osrelease', '2.6.17-om\n');
  tree.write('net/fib_trie', ROUTES);
  tree.write('hpc/admin/version', 'openMosix version: 0.0.0\n');
  // The kernel answers EINVAL to who reads these; here a reader would wait for ever.
  for (const name of ['bring', 'expel']) execFileSync('mkfifo', [join(tree.proc, 'hpc/admin', name)]);
  tree.write('self/om/where', 'home\n');
  process(300, { where: 'home\n' });
});

afterEach(async () => {
  await samplers.close();
  rmSync(tree.proc, { recursive: true, force: true });
});

/** A process' files. */
function process(
  pid: number,
  of: { where?: string; flags?: string; name?: string; started?: number; port?: string },
): void {
  const { where = '10.77.0.2\n', flags = '00000001', name = 'fft', started = 4711, port = 'om' } = of;
  tree.writeStat(pid, { name, state: 'S', parent: 1, started });
  tree.write(`${pid}/${port}/where`, where);
  tree.write(`${pid}/${port}/stay`, '');
  tree.write(`${pid}/${port}/debug`, `debug: dflags: 0x${flags}\n`);
}

describe.each(SHELLS)('the sampler in $name on openMosix for 2.6', (shell) => {
  function start(root = tree.proc): Promise<ShellSampler> {
    return samplers.start(shell, root);
  }

  const place = (sampler: ShellSampler, pid: number): string | undefined =>
    sampler.reader.texts.get('places')?.get(pid);

  test.each(['', '/hpc'])('is found below %j of the root, with its version and addresses', async (below) => {
    const { meta } = (await start(`${tree.proc}${below}`)).reader;
    expect(Object.fromEntries(meta)).toEqual({
      system: 'Linux 2.6.17-om',
      dialect: 'openmosix26',
      root: join(tree.proc, 'self/om'),
      version: '0.0.0',
      addresses: expect.stringMatching(/(?:^| )10\.77\.0\.1$/) as string,
    });
  });

  test('of LinuxPMI the folder has another name, and there is no version', async () => {
    tree.remove('hpc');
    tree.remove('self');
    tree.write('self/pms/where', 'home\n');
    process(400, { port: 'pms' });
    const sampler = await start();
    expect(sampler.reader.meta.get('root')).toBe(join(tree.proc, 'self/pms'));
    expect(sampler.reader.meta.get('version')).toBe('?');
    await sampler.tick('own', true);
    expect(place(sampler, 400)).toBe('10.77.0.2');
  });

  test.each([
    ['openmosix', 'hpc/admin/mospe', '2\n'],
    ['mattx', 'mattx/remote', ''],
  ])('%s wins where both are there', async (dialect, path, text) => {
    tree.write(path, text);
    tree.write('hpc/nodes/2/load', '0\n');
    tree.write('mattx/nodes', `Node ID\tIP Address\n1 (Local)\t10.77.0.1\n\n`);
    if (dialect === 'mattx') tree.remove('hpc');
    expect((await start()).reader.meta.get('dialect')).toBe(dialect);
  });

  test('tells where each process is that is not at home, and on which side', async () => {
    process(400, {});
    process(401, { where: 'queued\n', flags: '00000000' });
    process(402, { where: 'migrating\n', flags: '00000080' });
    process(600, { where: 'FE80::1\n', flags: '00000402', name: 'a) (b', started: 99 });
    const sampler = await start();
    await sampler.tick('own', true);
    expect(sampler.keys('away')).toEqual([400, 401, 402, 600]);
    expect(sampler.row('away', 400)).toEqual({ started: 4711, side: 1 });
    expect(sampler.row('away', 600)).toEqual({ started: 99, side: 2 });
    expect(sampler.row('away', 402)?.['side']).toBe(0);
    expect([400, 401, 402, 600].map((pid) => place(sampler, pid))).toEqual([
      '10.77.0.2',
      'queued',
      'migrating',
      'FE80::1',
    ]);
    expect(sampler.reader.texts.get('commands')?.get(600)).toBe('a) (b');
    expect(sampler.row('memory')).toMatchObject({ total: 500_000 });
    expect(sampler.errors).toBe('');
  });

  test('says nothing of what did not change, and keeps a process that came home while it lives', async () => {
    process(400, {});
    const sampler = await start();
    await sampler.tick('own', true);
    await sampler.tick('own', true);
    expect(sampler.text).toBe('end 2\n');
    process(400, { where: 'home\n', flags: '00000000' });
    await sampler.tick('own', true);
    expect(sampler.text).toBe('places 400 home\naway 400 = 0\nend 3\n');
    tree.remove('400');
    await sampler.tick('own', true);
    expect(sampler.keys('away')).toEqual([]);
    expect(place(sampler, 400)).toBeUndefined();
  });

  test('a number that another process has got is told with its start and name', async () => {
    process(400, {});
    const sampler = await start();
    await sampler.tick('own', true);
    process(400, { started: 9000, name: 'other' });
    for (let second = 0; second < 10; second += 1) await sampler.tick('own', true);
    expect(sampler.row('away', 400)?.['started']).toBe(9000);
    expect(sampler.reader.texts.get('commands')?.get(400)).toBe('other');
  });

  test('takes a line without its end, and keeps what cannot be read for a moment', async () => {
    process(400, { where: '10.77.0.2' });
    const sampler = await start();
    await sampler.tick('own', true);
    expect(place(sampler, 400)).toBe('10.77.0.2');
    for (const text of ['', '\n', `${'1'.repeat(5000)}\n`, 'somewhere\n']) {
      tree.write('400/om/where', text);
      await sampler.tick('own', true);
      expect([place(sampler, 400), sampler.keys('away')]).toEqual(['10.77.0.2', [400]]);
    }
    tree.write('400/om/debug', 'no flags\n');
    await sampler.tick('own', true);
    expect(sampler.row('away', 400)?.['side']).toBeNaN();
  });

  test('nothing of a file is code', async () => {
    const mark = join(tree.proc, 'was-here');
    const hostile = `$(touch ${mark})\`touch ${mark}\`';touch ${mark};\u001b[2J`;
    process(400, { where: `${hostile}\n`, name: hostile });
    process(401, { flags: `$(touch ${mark})1`, name: hostile });
    tree.write('net/fib_trie', `|-- ${hostile.replaceAll(' ', '')}\n/32 host LOCAL\n${ROUTES}`);
    tree.write('hpc/admin/version', `openMosix version: ${hostile}\n`);
    const sampler = await start();
    for (let second = 0; second < 3; second += 1) await sampler.tick('own', true);
    expect(sampler.keys('away')).toEqual([401]);
    expect(sampler.reader.meta.get('version')).toBe('?');
    expect(sampler.reader.meta.get('addresses')).toMatch(/(?:^| )10\.77\.0\.1$/);
    expect(existsSync(mark)).toBe(false);
  });

  test('of 3,000 processes tells those that are away', async () => {
    for (let pid = 1000; pid < 4000; pid += 1) tree.write(`${pid}/om/where`, 'home\n');
    process(2500, {});
    const sampler = await start();
    await sampler.tick('own', true);
    expect(sampler.keys('away')).toEqual([2500]);
  });

  test('forks nothing', () => {
    process(400, {});
    const ticks = Array.from({ length: 20 }, (_, index) => `own ${index} places\n`);
    const output = runAlone(shell, tree.proc, ticks);
    expect(output).toContain('end 19\n');
    expect(output.endsWith('last 1\n')).toBe(true);
  });
});
