/** The command line as scripts use it: JSON on standard output, words and codes on standard error, exit codes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PrintedNode } from '../../main/headless/nodes.ts';
import { EmulatedKernel } from '../harness/kernel.ts';
import { mosview, Program, temporaryFolder } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';

const IDS = [1, 2, 40_000];
const folder = temporaryFolder('command-line');
let sshd: Sshd;
let kernel: EmulatedKernel;

beforeAll(async () => {
  sshd = await startSshd();
  kernel = new EmulatedKernel({ folder: join(folder.path, 'kernel'), ids: IDS, live: true });
});

afterAll(async () => {
  kernel?.close();
  await sshd?.close();
  folder.remove();
});

let count = 0;

/** Writes a settings file; returns it with a data folder of its own. */
function settings(content: unknown): readonly string[] {
  count += 1;
  const file = join(folder.path, `settings-${count}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return ['--config', file, '--data', join(folder.path, `data-${count}`)];
}

function nodesOf(stdout: string): readonly PrintedNode[] {
  return (JSON.parse(stdout) as { nodes: readonly PrintedNode[] }).nodes;
}

describe('mosview nodes', () => {
  test('one connection is enough to see the whole cluster', async () => {
    const args = settings({
      sshConfigFile: sshd.configFile,
      nodes: [{ name: 'gate', host: 'gate', root: kernel.node(2).tree }],
    });
    const { code, stdout, stderr } = await mosview('nodes', '--json', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(nodesOf(stdout).map(({ id, name, state, dialect }) => ({ id, name, state, dialect }))).toEqual([
      { id: 1, name: 'node 1', state: 'up', dialect: 'openmosix' },
      { id: 2, name: 'gate', state: 'up', dialect: 'openmosix' },
      { id: 40_000, name: 'node 40000', state: 'up', dialect: 'openmosix' },
    ]);
  });

  test('a node that the kernel cannot reach is down, with the errno in words', async () => {
    kernel.simulation.setDown(40_000, true);
    kernel.step(5);
    const args = settings({
      sshConfigFile: sshd.configFile,
      nodes: [{ name: 'n1', host: 'n1', root: kernel.node(1).tree }],
    });
    const { stdout } = await mosview('nodes', '--json', ...args);
    kernel.simulation.setDown(40_000, false);
    expect(nodesOf(stdout).find((node) => node.id === 40_000)).toMatchObject({
      state: 'down',
      load: null,
      reason: 'n1 cannot reach it (-101, ENETUNREACH)',
    });
  });

  test('a machine without openMosix is plain Linux with its own figures', async () => {
    const args = settings({ sshConfigFile: sshd.configFile, nodes: ['this-host'] });
    const { code, stdout } = await mosview('nodes', '--json', ...args);
    const [node] = nodesOf(stdout);
    const total = Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
    expect(code).toBe(0);
    expect(node).toMatchObject({
      id: 1,
      name: 'this-host',
      dialect: 'linux',
      state: 'up',
      speed: 10_000,
      memoryTotal: total,
    });
    expect(node?.cpuBusy).toBeGreaterThanOrEqual(0);
  });

  test('a folder that is no cluster and no /proc is said to be none', async () => {
    const empty = join(folder.path, 'empty');
    mkdirSync(empty);
    const args = settings({
      sshConfigFile: sshd.configFile,
      nodes: [{ name: 'odd', host: 'odd', root: join(empty, 'deep', 'er') }],
    });
    const { code, stdout } = await mosview('nodes', '--json', ...args);
    expect(code).toBe(1);
    expect(nodesOf(stdout)[0]).toMatchObject({ state: 'failed', problem: { code: 'not-a-cluster-node' } });
  });

  test('each node that cannot be reached has its own reason, and none reached is exit 1', async () => {
    const args = settings({
      sshConfigFile: sshd.configFile,
      nodes: [
        { name: 'closed', host: '127.0.0.1', port: 9 },
        { name: 'jumpy', host: 'inner', jump: '127.0.0.1:9' },
      ],
    });
    const { code, stdout } = await mosview('nodes', '--json', ...args);
    expect(code).toBe(1);
    expect(nodesOf(stdout).map(({ name, problem }) => ({ name, code: problem?.code }))).toEqual([
      { name: 'closed', code: 'host-unreachable' },
      { name: 'jumpy', code: 'hop-failed' },
    ]);
  });

  test('an unknown host key is not accepted where nobody can be asked', async () => {
    const known = readFileSync(sshd.knownHostsFile);
    writeFileSync(sshd.knownHostsFile, '');
    try {
      const args = settings({ sshConfigFile: sshd.configFile, nodes: ['n1'] });
      const { code, stdout } = await mosview('nodes', '--json', ...args);
      expect(code).toBe(1);
      expect(nodesOf(stdout)[0]?.problem?.code).toBe('unknown-host-key');
    } finally {
      writeFileSync(sshd.knownHostsFile, known);
    }
  });

  test('a settings file that is no JSON is named', async () => {
    const { code, stdout, stderr } = await mosview('nodes', '--json', ...settings('{ nodes: '));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'bad-input',
      message: /settings-\d+\.json is no valid JSON/,
    });
  });

  test('an unknown key and a wrong node are said with their place, and the rest works', async () => {
    const args = settings({
      colour: 'green',
      sshConfigFile: sshd.configFile,
      nodes: [{ name: 'bad', host: 'a b' }, 'n1'],
    });
    const { code, stdout, stderr } = await mosview('nodes', '--json', ...args);
    expect(code).toBe(0);
    expect(nodesOf(stdout)).toHaveLength(1);
    expect(stderr).toContain('the key \\"colour\\" is unknown');
    expect(stderr).toContain('nodes[0].host: is no host name or address');
  });

  test('a demo cluster needs no settings', async () => {
    const { code, stdout } = await mosview('nodes', '--demo', '4', '--json');
    expect(code).toBe(0);
    expect(nodesOf(stdout).map((node) => node.state)).toEqual(['up', 'up', 'up', 'up']);
  });

  test('the table for people has the same nodes', async () => {
    const { stdout } = await mosview('nodes', '--demo', '2');
    expect(stdout).toMatch(/^ID +NAME +STATE +LOAD/);
    expect(stdout).toMatch(/^ *2 +node2 +up/m);
  });
});

describe('mosview history', () => {
  test('records a demo of its own and prints its seconds', async () => {
    const { code, stdout } = await mosview(
      'history',
      '--demo',
      '2',
      '--node',
      '2',
      '--metric',
      'load',
      '--json',
    );
    expect(code).toBe(0);
    const { node, unit, points } = JSON.parse(stdout) as {
      node: { id: number };
      unit: string;
      points: { time: number; mean: number }[];
    };
    expect({ id: node.id, unit }).toEqual({ id: 2, unit: 'load' });
    expect(points.length).toBeGreaterThan(2);
    expect(points.every((point) => Math.abs(point.time - Date.now()) < 60_000)).toBe(true);
  });

  test('a data folder without history is said', async () => {
    const { code, stderr } = await mosview(
      'history',
      '--node',
      '1',
      '--json',
      '--data',
      join(folder.path, 'nothing'),
    );
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toHaveProperty('code');
  });

  test.each([
    [['history'], 'history needs --node'],
    [['history', '--node', '1', '--metric', 'colour'], '"colour" is no metric'],
    [['history', '--node', '1', '--since', 'yesterday'], '--since takes a number'],
    [['nodes', '--demo', '0'], '--demo takes a number of nodes'],
    [['fly'], 'There is no command "fly"'],
  ])('%j is refused in words', async (args, words) => {
    const { code, stderr } = await mosview(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
  });
});

describe('mosview serve', () => {
  test('prints one JSON line, gives nothing without its token, and ends on Ctrl-C', async () => {
    const program = await Program.start(['serve', '--demo', '2', '--json']);
    const { url } = JSON.parse(await program.firstLine()) as { url: string };
    const address = new URL(url);
    expect(address.hostname).toBe('127.0.0.1');
    expect((await fetch(address.origin)).status).toBe(401);
    expect(await program.stop()).toMatchObject({ code: 0, stderr: '' });
  });

  test('a port that is taken is said', async () => {
    const { code, stderr } = await mosview('serve', '--demo', '1', '--json', '--port', String(sshd.port));
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toHaveProperty('code', 'bad-input');
    expect(stderr).toContain(`Port ${sshd.port}`);
  });

  test('where there is no display, the app says why it is served and where', async () => {
    const program = await Program.start(['app', '--demo', '1'], {
      DISPLAY: undefined,
      WAYLAND_DISPLAY: undefined,
    });
    await program.firstLine();
    const { stdout, stderr, code } = await program.stop();
    expect(stderr).toMatch(/^Electron cannot be used, because there is no display here/);
    expect(stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\?token=/);
    expect(code).toBe(0);
  });
});
