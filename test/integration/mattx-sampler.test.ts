/** resources/sampler.sh on the files of a MattX node, in the shells that nodes have. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProcFolder } from '../harness/proc-folder.ts';
import { runAlone, SamplerBench, SHELLS, type ShellSampler } from '../harness/shell-sampler.ts';

const RULE = '-'.repeat(72);
const HEADER = `MattX Cluster Nodes:\n${RULE}\nNode ID\t\tIP Address\tCPU Load\tAffinity\tMem Free (MB)\n${RULE}\n`;
const LOCAL = '785 (Local)\t192.168.77.1\t0\t\t1000\t\t429\n';
const OTHER = '786\t\t192.168.77.2\t2000\t\t4000\t\t428\n';
const SETTINGS =
  'Balancer Enabled: YES\nMattXFS Enabled: NO\nDebug Mode: ON\nNode Affinity: 0 (0 = Auto)\n' +
  'Migration Excludes: cat,watch,cron,top,bash\nMigration Includes: \n';
const TABLE = `${HEADER}${LOCAL}${OTHER}\n${SETTINGS}`;

let tree: ProcFolder;
const samplers = new SamplerBench();

beforeEach(() => {
  tree = new ProcFolder(mkdtempSync(join(tmpdir(), 'mosview-mattx-')));
  tree.write('stat', 'cpu  10 0 5 100 0 0 0 0 0 0\ncpu0 10 0 5 100 0 0 0 0 0 0\nintr 1\n');
  tree.write('loadavg', '0.10 0.20 0.30 2/90 700\n');
  tree.write(
    'meminfo',
    'MemTotal: 500000 kB\nMemFree: 300000 kB\nMemAvailable: 400000 kB\nBuffers: 1 kB\nCached: 2 kB\n',
  );
  tree.write('sys/kernel/osrelease', '6.12.48+deb13-amd64\n');
  tree.write(
    'mattx/version',
    'MattX Version: 1.7\nMattX License: GPLv2\nCopyright (c) 2026 by Matthias Rechenburg\n',
  );
  tree.write('mattx/nodes', TABLE);
  tree.write('mattx/remote', '');
  tree.write('mattx/guests', '');
  tree.write('mattx/admin', '');
});

afterEach(async () => {
  await samplers.close();
  rmSync(tree.proc, { recursive: true, force: true });
});

/** A process' files. */
function process(
  pid: number,
  of: { name?: string; state?: string; parent?: number; started?: number; wchan?: string; cmdline?: string },
): void {
  const { name = 'fft', state = 'S', parent = 1, started = 4711, wchan = '0', cmdline = 'fft\0-n\0' } = of;
  tree.writeStat(pid, { name, state, parent, started });
  tree.write(`${pid}/wchan`, wchan);
  tree.write(`${pid}/cmdline`, cmdline);
}

const DEPUTY = { state: 'T', wchan: 'task_work_run' };
const GUEST = { parent: 2, started: 99 };

const NO_ODDITY = { lines: 0, high: 0, beyond: 0, twice: 0, columns: 0, cut: 0, pairs: 0 };

describe.each(SHELLS)('the sampler in $name on MattX', (shell) => {
  function start(root = tree.proc): Promise<ShellSampler> {
    return samplers.start(shell, root);
  }

  test.each(['', '/mattx'])('finds its files below %j of the root', async (below) => {
    const { meta } = (await start(`${tree.proc}${below}`)).reader;
    expect(Object.fromEntries(meta)).toEqual({
      system: 'Linux 6.12.48+deb13-amd64',
      dialect: 'mattx',
      root: join(tree.proc, 'mattx'),
      self: '785',
      version: '1.7',
    });
  });

  test("reads the nodes, the balancer and the machine's own files", async () => {
    const sampler = await start();
    await sampler.tick('all', true);
    expect(sampler.keys('nodes')).toEqual([785, 786]);
    expect(sampler.row('nodes', 786)).toEqual({ load: 2000, affinity: 4000, memory: 428 });
    expect(sampler.reader.texts.get('addresses')?.get(786)).toBe('192.168.77.2');
    expect(sampler.row('mattx')).toEqual({ self: 785, load: 0, affinity: 1000, memory: 429, balancer: 1 });
    expect(sampler.row('memory')).toMatchObject({ total: 500_000, available: 400_000 });
    expect(sampler.row('oddities')).toEqual(NO_ODDITY);
    expect(sampler.reader.badValues).toBe(0);
    expect(sampler.errors).toBe('');
  });

  test('says nothing of what did not change', async () => {
    const sampler = await start();
    await sampler.tick('all', true);
    await sampler.tick('all', true);
    expect(sampler.text).toBe('end 2\n');
    tree.write('mattx/nodes', TABLE.replace('\t2000\t', '\t3000\t').replace('Enabled: YES', 'Enabled: NO'));
    await sampler.tick('all', true);
    expect(sampler.text).toBe('nodes 786 3000 4000 428\nmattx 785 0 1000 429 0\nend 3\n');
  });

  test('reads of the table only its own row when it is asked for its own figures', async () => {
    const sampler = await start();
    await sampler.tick('own', true);
    expect(sampler.keys('nodes')).toEqual([]);
    expect(sampler.row('mattx')).toMatchObject({ self: 785, affinity: 1000 });
  });

  test('without the discovery daemon it is in no cluster, until it joins one', async () => {
    tree.write('mattx/nodes', `${HEADER}0 (Local)\t0.0.0.0\t0\t\t1000\t\t429\n\n${SETTINGS}`);
    const sampler = await start();
    expect(sampler.reader.meta.get('self')).toBe('0');
    await sampler.tick('all');
    expect(sampler.keys('nodes')).toEqual([]);
    tree.write('mattx/nodes', TABLE);
    await sampler.tick('all');
    expect(sampler.row('mattx')?.['self']).toBe(785);
    expect(sampler.keys('nodes')).toEqual([785, 786]);
  });

  test('follows ids that change', async () => {
    const sampler = await start();
    await sampler.tick('all');
    tree.write('mattx/nodes', TABLE.replace('785 (Local)', '901 (Local)').replace('786\t', '902\t'));
    await sampler.tick('all');
    expect(sampler.row('mattx')?.['self']).toBe(901);
    expect(sampler.keys('nodes')).toEqual([901, 902]);
  });

  test.each([
    ['no newline at the end', TABLE.slice(0, -1), {}, [785, 786]],
    ['the end right behind the balancer', TABLE.slice(0, TABLE.indexOf('\nMattXFS')), {}, [785, 786]],
    ['no empty line before the settings', TABLE.replace('\n\n', '\n'), { cut: 1 }, [785, 786]],
    ['only half a row', TABLE.slice(0, TABLE.indexOf('\t429')), { cut: 1, lines: 1 }, []],
    ['nothing in it', '', { cut: 1 }, []],
    ['a row of letters', TABLE.replace('786\t', 'abc\t'), { lines: 1 }, [785]],
    ['an id twice', TABLE.replace('\n\n', `\n${OTHER.replace('2000', '7')}\n`), { twice: 1 }, [785, 786]],
    ['an id above 65535', TABLE.replace('786\t', '65536\t'), { high: 1 }, [785]],
    ['an id of many digits', TABLE.replace('786\t', '99999999999\t'), { high: 1 }, [785]],
    ['rows behind the empty line', `${HEADER}${LOCAL}\n${OTHER}${SETTINGS}`, {}, [785]],
    ['a setting that is not known', TABLE.replace('Balancer', 'MPI Support: NO\nBalancer'), {}, [785, 786]],
    ['two local rows', TABLE.replace('786\t', '786 (Local)'), { lines: 1 }, [785]],
  ])('shows what is sure and counts the rest: %s', async (_case, text, odd, ids) => {
    const sampler = await start();
    tree.write('mattx/nodes', text);
    await sampler.tick('all', true);
    expect(sampler.keys('nodes')).toEqual(ids);
    expect(sampler.row('oddities')).toEqual({ ...NO_ODDITY, ...odd });
    if (sampler.keys('nodes').includes(786))
      expect(sampler.row('nodes', 786)).toMatchObject({ load: 2000, affinity: 4000 });
  });

  test('finds the columns by their names', async () => {
    tree.write(
      'mattx/nodes',
      TABLE.replace('CPU Load', 'Zone\tCPU Load').replace(/(\t[\d.]+\.\d+)\t/g, '$1\teast\t'),
    );
    const sampler = await start();
    await sampler.tick('all');
    expect(sampler.row('nodes', 786)).toEqual({ load: 2000, affinity: 4000, memory: 428 });
    expect(sampler.row('oddities')).toMatchObject({ columns: 1, lines: 0 });
  });

  test('a value that is no number is not to be had, and nothing of a row is code', async () => {
    tree.write(
      'mattx/nodes',
      TABLE.replace('\t2000\t', '\t$(touch x)\t').replace('192.168.77.2', "';exit;'\u001b[2J"),
    );
    const sampler = await start();
    await sampler.tick('all');
    expect(sampler.row('nodes', 786)).toEqual({ load: NaN, affinity: 4000, memory: 428 });
    expect(sampler.reader.texts.get('addresses')?.get(786)).toBeUndefined();
    await sampler.tick('all');
    expect(sampler.text).toBe('end 2\n');
  });

  test('of 5,000 rows shows the first 1,000 and counts the rest', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => `${1000 + index}\t\t10.0.0.1\t0\t\t1000\t\t64\n`);
    tree.write('mattx/nodes', `${HEADER}${LOCAL}${rows.join('')}\n${SETTINGS}`);
    const sampler = await start();
    await sampler.tick('all');
    expect(sampler.keys('nodes')).toHaveLength(1000);
    expect(sampler.row('oddities')).toMatchObject({ beyond: 4001 });
    expect(sampler.row('mattx')?.['balancer']).toBe(1);
  });

  test('tells a deputy and a guest with start and name', async () => {
    process(400, DEPUTY);
    process(600, { ...GUEST, name: 'a) (b' });
    tree.write('mattx/remote', '400:786\n');
    tree.write('mattx/guests', '600:787\n');
    const sampler = await start();
    await sampler.tick('own', true);
    expect(sampler.row('away', 400)).toEqual({ where: 786, started: 4711, evidence: 1 });
    expect(sampler.row('guests', 600)).toEqual({ home: 787, started: 99, evidence: 1 });
    expect(sampler.reader.texts.get('commands')?.get(400)).toBe('fft');
    expect(sampler.reader.texts.get('commands')?.get(600)).toBe('a) (b');
  });

  test('keeps a process that came home while it lives', async () => {
    process(400, DEPUTY);
    tree.write('mattx/remote', '400:786\n');
    const sampler = await start();
    await sampler.tick('own', true);
    tree.write('mattx/remote', '');
    process(400, { state: 'R' });
    await sampler.tick('own', true);
    expect(sampler.row('away', 400)).toMatchObject({ where: 0, started: 4711 });
    tree.remove('400');
    await sampler.tick('own', true);
    expect(sampler.keys('away')).toEqual([]);
  });

  test.each([
    ['away', 'no such process', undefined, 0],
    ['away', 'a process that runs', { state: 'R' }, 2],
    ['away', 'one stopped by a signal', { state: 'T', wchan: 'do_signal_stop' }, 2],
    ['away', 'a stopped one that does not tell where it waits', { state: 'T', wchan: '0' }, 1],
    ['guests', 'no such process', undefined, 0],
    ['guests', 'a process of somebody', { parent: 1 }, 2],
    ['guests', 'a thread of the kernel', { parent: 2, cmdline: '' }, 2],
  ] as const)('says of a line of %s what speaks for it: %s', async (table, _case, of, evidence) => {
    if (of !== undefined) process(400, of);
    tree.write(table === 'away' ? 'mattx/remote' : 'mattx/guests', '400:786\n');
    const sampler = await start();
    await sampler.tick('own', true);
    expect(sampler.row(table, 400)?.['evidence']).toBe(evidence);
  });

  test('counts lines of remote and guests that are none', async () => {
    process(400, DEPUTY);
    tree.write('mattx/remote', '400:786\n400:787\nabc\n0:1\n5:\n:6\n$(x):9\n');
    tree.write('mattx/guests', '99999999:1');
    const sampler = await start();
    await sampler.tick('own', true);
    expect(sampler.row('oddities')?.['pairs']).toBe(7);
    expect(sampler.keys('away')).toEqual([400]);
  });

  test('ends when the module is gone, so that the next one looks anew', async () => {
    const sampler = await start();
    await sampler.tick('own');
    tree.remove('mattx');
    sampler.process.stdin.write('own 2\n');
    expect(await sampler.exit()).toBe(0);
  });

  test('forks nothing', () => {
    process(400, DEPUTY);
    tree.write('mattx/remote', '400:786\n');
    const ticks = Array.from({ length: 20 }, (_, index) => `all ${index} places\n`);
    const output = runAlone(shell, tree.proc, ticks);
    expect(output).toContain('end 19\n');
    expect(output.endsWith('last 1\n')).toBe(true);
  });
});
