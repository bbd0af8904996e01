/** Discovery on real shells and through OpenSSH's server: from one node's files to entries in the settings. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clusterFrom } from '../../main/discovery/cluster.ts';
import { discoveryScript, readSections } from '../../main/discovery/script.ts';
import type { PrintedDiscovery } from '../../main/headless/discover.ts';
import { NodeTree } from '../harness/node-tree.ts';
import { mosview, Program, temporaryFolder } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';
import { WindowClient } from '../harness/window-client.ts';

const SHELLS = [
  ['dash', ['dash']],
  ['bash', ['bash', '--posix']],
  ['busybox', ['busybox', 'ash']],
] as const;
const MATTX_TABLE = `MattX Cluster Nodes:
------------------------------------------------------------------------
Node ID\t\tIP Address\tCPU Load\tAffinity\tMem Free (MB)
------------------------------------------------------------------------
785 (Local)\t192.168.77.1\t0\t\t1000\t\t429
786\t\t192.168.77.2\t0\t\t1000\t\t428

Balancer Enabled: YES
`;

const temporary = temporaryFolder('discovery');
let sshd: Sshd;
let folder: string;
let count = 0;

beforeAll(async () => {
  sshd = await startSshd();
});
beforeEach(() => {
  count += 1;
  folder = join(temporary.path, String(count));
});
afterAll(async () => {
  await sshd?.close();
  temporary.remove();
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, 'latin1');
}

describe.each(SHELLS)('under %s', (_name, [program, ...args]) => {
  function sectionsOf(path = process.env['PATH'] ?? '') {
    const { stdout, status } = spawnSync(program, args, {
      input: discoveryScript('n0nce', join(folder, 'proc'), join(folder, 'etc')),
      encoding: 'latin1',
      env: { PATH: path, SSH_CONNECTION: '10.0.0.9 40000 10.0.0.1 22' },
    });
    expect(status).toBe(0);
    return readSections('n0nce', stdout);
  }

  test('the first map there is, setpe, openMosix and the own addresses are shown', () => {
    write('etc/mosix.map', '1 10.0.0.1 2\n# no line feed at the end: \\n %s $HOME\n3 node3 1');
    write('etc/hpc.map', '9 10.0.0.9 1\n');
    write('proc/hpc/admin/mospe', '1\n');
    for (const id of [1, 2, 3, 2780]) write(`proc/hpc/nodes/${id}/load`, '0\n');
    write('bin/setpe', '#!/bin/sh\n[ "$*" = -r ] && printf "openMosix range 1-2 begins at 10.0.0.1"\n');
    chmodSync(join(folder, 'bin/setpe'), 0o755);
    const sections = sectionsOf(`${join(folder, 'bin')}:${process.env['PATH']}`);
    expect(sections?.get('map')?.file).toBe(join(folder, 'etc/mosix.map'));
    expect(sections?.get('local')?.text.split('\n')).toContain('127.0.0.1');
    const { nodes, self, behind } = clusterFrom(sections ?? new Map());
    expect({ self, behind }).toEqual({ self: 1, behind: false });
    expect(nodes.map((node) => `${node.id} ${node.addresses.join(' ')}`)).toEqual([
      '1 10.0.0.1',
      '2 10.0.0.2',
      '3 node3',
      '2780 ',
    ]);
  });

  test("the agent's cluster is what mos says of it, or the map where that may be read", () => {
    const nodes = [1, 2].map((id) => ({ id, name: `n${id}`, address: `10.0.0.${id}` }));
    write('run/mosview/hpc/admin/mospe', '2\n');
    write('run/mosview/hpc/nodes/2/load', '0\n');
    write('etc/mosview/cluster.map', `${JSON.stringify({ map: { nodes: nodes.slice(1) } }, undefined, 1)}\n`);
    const shown = (path?: string) => {
      const cluster = clusterFrom(sectionsOf(path) ?? new Map());
      return [cluster.self, ...cluster.nodes.map(({ id, addresses }) => `${id} ${addresses.join(' ')}`)];
    };
    expect(shown()).toEqual([2, '2 10.0.0.2']);
    write('bin/mos', `#!/bin/sh\n[ "$*" = "status --json" ] && echo '${JSON.stringify({ id: 2, nodes })}'\n`);
    chmodSync(join(folder, 'bin/mos'), 0o755);
    expect(shown(`${join(folder, 'bin')}:${process.env['PATH']}`)).toEqual([2, '1 10.0.0.1', '2 10.0.0.2']);
  });

  test("MattX' table is shown as it is", () => {
    write('proc/mattx/nodes', MATTX_TABLE);
    expect(sectionsOf()?.get('mattx')?.text).toBe(MATTX_TABLE.trimEnd());
  });

  test('a table of 100,000 rows is cut, and the end still comes', () => {
    write('proc/mattx/nodes', '1 10.0.0.1\n'.repeat(100_000));
    expect(sectionsOf()?.get('mattx')?.text.split('\n')).toHaveLength(20_000);
  });

  test('a file cannot pretend to be a section of its own', () => {
    write('etc/openmosix.map', 'nonce setpe\nopenMosix range 1-1 begins at 6.6.6.6\n');
    expect(sectionsOf()?.has('setpe')).toBe(false);
  });
});

test('what did not come to its end is nothing', () => {
  expect(readSections('n0nce', 'n0nce map /etc/openmosix.map\n1 10.0.0.1 2\n')).toBeUndefined();
});

/** Options for settings with these nodes. */
function settings(nodes: readonly object[]): readonly string[] {
  write('settings.json', JSON.stringify({ sshConfigFile: sshd.configFile, nodes }));
  return ['--config', join(folder, 'settings.json'), '--data', join(folder, 'data')];
}

describe('a window', () => {
  test('finds the cluster of a node over the connection that is there already', async () => {
    mkdirSync(join(folder, 'proc'), { recursive: true });
    const tree = new NodeTree(join(folder, 'proc'), 2);
    tree.write('hpc/nodes/3/load', '0\n');
    const args = settings([{ name: 'n2', host: 'n2', root: tree.proc }]);
    const program = await Program.start(['serve', ...args]);
    try {
      const { url } = JSON.parse(await program.firstLine()) as { url: string };
      const window = await WindowClient.open(url);
      const connected = window.next('nodes', ({ changed }) =>
        changed.some(({ key, connection }) => key === 'id:2' && connection.kind === 'connected'),
      );
      await window.call('watch', { on: true });
      await connected;
      const found = await window.call('discover', { key: 'id:2' });
      expect(found.name).toBe('n2');
      expect(found.nodes.map(({ entry, known }) => [entry.name, known])).toEqual([['n2', true]]);
      expect(found.notes).toEqual([expect.stringContaining('address of node 3.')]);
      await expect(window.call('discover', { key: 'id:9' })).rejects.toThrow('not-found');
      window.close();
    } finally {
      await program.stop();
    }
  });
});

describe('mosview discover', () => {
  const settingsNow = (): { readonly nodes: readonly { readonly host: string; readonly jump?: string }[] } =>
    JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as ReturnType<typeof settingsNow>;

  test('finds the cluster of a node and says what is there already', async () => {
    write('proc/mattx/nodes', MATTX_TABLE);
    const args = settings([{ name: 'n1', host: 'n1', root: join(folder, 'proc') }]);
    const { code, stdout, stderr } = await mosview('discover', 'n1', '--json', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const found = JSON.parse(stdout) as PrintedDiscovery;
    expect(found.nodes.map(({ entry, known }) => [entry.id, entry.host, known])).toEqual([
      [785, 'n1', true],
      [786, '192.168.77.2', false],
    ]);
    expect(found.notes.join('\n')).toContain('Two network cards');
    expect(found.added).toEqual([]);
    expect(settingsNow().nodes).toHaveLength(1);
  });

  test('adds what is new, through the node that was asked where the cluster is on its other card', async () => {
    write('proc/mattx/nodes', MATTX_TABLE);
    const args = settings([{ name: 'n1', host: 'n1', root: join(folder, 'proc') }]);
    const first = await mosview('discover', 'n1', '--add', ...args);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/192\.168\.77\.2 .* added/);
    expect(settingsNow().nodes[1]).toMatchObject({
      host: '192.168.77.2',
      jump: /127\.0\.0\.1/,
    });
    const second = await mosview('discover', 'n1', '--add', ...args);
    expect(second.stdout).toMatch(/192\.168\.77\.2 .* there already/);
    expect(settingsNow().nodes).toHaveLength(2);
  });

  test('a node that cannot be reached has its reason', async () => {
    const { code, stderr } = await mosview('discover', '127.0.0.1:9', '--json', ...settings([]));
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'host-unreachable' });
  });
});
