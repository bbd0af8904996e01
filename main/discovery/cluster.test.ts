import { describe, expect, test } from 'vitest';
import { clusterFrom, type FoundCluster } from './cluster.ts';
import type { SectionName } from './script.ts';
import { MOST_NODES } from './types.ts';

/** A cluster as a node prints it; every text is a section. */
function cluster(texts: Partial<Record<SectionName, string>>): FoundCluster {
  return clusterFrom(
    new Map(
      Object.entries(texts).map(([name, text]) => [
        name as SectionName,
        { file: name === 'map' ? '/etc/openmosix.map' : '', text },
      ]),
    ),
  );
}

function shown({ nodes }: FoundCluster): readonly string[] {
  return nodes.map(({ id, addresses, sources }) => `${id} ${addresses.join(' ')} ${sources.join('+')}`);
}

const MAP = '1 10.0.0.1 3\n2 10.1.0.2 ALIAS\n';
const MATTX = (own: string): string =>
  `Node ID\t\tIP Address\n---\n785 (Local)\t${own}\t0\t\t1000\t\t429\n786\t\t192.168.77.2\t0\t\t1000\t\t428\n\n`;

describe('what several sources say is joined', () => {
  test('into one node per id, with all its addresses', () => {
    const found = cluster({
      map: MAP,
      setpe: 'This is openMosix node #1\nopenMosix range 1-3 begins at 10.0.0.1\nTotal configured: 3\n',
      nodes: '1\n2\n3\n',
      mospe: '1\n',
    });
    expect(shown(found)).toEqual([
      '1 10.0.0.1 setpe+nodes+map',
      '2 10.0.0.2 10.1.0.2 setpe+nodes+map',
      '3 10.0.0.3 setpe+nodes+map',
    ]);
    expect(found).toMatchObject({ self: 1, notes: [] });
  });

  test('into one node per address, under the id that the kernel has, and the other id is told', () => {
    const found = cluster({
      setpe: 'openMosix range 7-7 begins at 10.0.0.5\n',
      map: '5 10.0.0.5 1\n',
    });
    expect(shown(found)).toEqual(['7 10.0.0.5 setpe']);
    expect(found.notes).toEqual([expect.stringMatching(/Different ids: 10\.0\.0\.5 is node 7.*node 5/)]);
  });

  test('without mixing two nodes that changed their places', () => {
    const found = cluster({
      setpe: 'openMosix range 1-2 begins at 10.0.0.1\n',
      map: '1 10.0.0.2 1\n2 10.0.0.1 1\n',
    });
    expect(shown(found)).toEqual(['1 10.0.0.1 setpe+map', '2 10.0.0.2 setpe+map']);
  });

  test('and a node with another address in the map is told', () => {
    const found = cluster({ setpe: 'openMosix range 1-1 begins at 10.0.0.1\n', map: '1 head 1\n' });
    expect(shown(found)).toEqual(['1 10.0.0.1 head setpe+map']);
    expect(found.notes).toEqual([expect.stringContaining('ALIAS')]);
  });

  test('a row that MattX kept of a node that is gone is told as one', () => {
    const found = cluster({ mattx: MATTX('192.168.77.1').replace('\n\n', '\n790\t\t192.168.77.2\t0\n\n') });
    expect(shown(found)).toEqual(['785 192.168.77.1 mattx', '786 192.168.77.2 mattx']);
    expect(found.notes).toEqual([expect.stringContaining('left over')]);
  });

  test('contradictions beyond ten are counted', () => {
    const found = cluster({
      setpe: 'openMosix range 1-100 begins at 10.0.0.1\n',
      map: '101 10.0.0.1 100\n',
    });
    expect(found.nodes).toHaveLength(100);
    expect(found.notes).toHaveLength(11);
    expect(found.notes.at(-1)).toContain('90 more');
  });
});

describe('what an operator should know is said', () => {
  test('nodes whose address nobody says are named', () => {
    const found = cluster({ nodes: '1\n2780\n', mospe: '1', map: '1 10.0.0.1 1' });
    expect(found.notes).toEqual([expect.stringContaining('address of node 2780.')]);
  });

  test('two network cards: the cluster knows the node by another address than the one that answers', () => {
    const found = cluster({ map: MAP, mospe: '3', ssh: '172.16.0.9 5555 172.16.0.3 22\n' });
    expect(found.behind).toBe(true);
    expect(found.notes).toEqual([expect.stringMatching(/Two network cards.*10\.0\.0\.3.*172\.16\.0\.3/)]);
  });

  test.each([
    ['the address that answers is in the map', '172.16.0.9 5555 10.0.0.3 22\n', '3'],
    ['the address that answers is an ALIAS', '172.16.0.9 5555 10.1.0.2 22\n', '2'],
    ['the server does not tell it', '\n', '3'],
    ['the node does not tell its id', '172.16.0.9 5555 172.16.0.3 22\n', ''],
  ])('no second card where %s', (_case, ssh, mospe) => {
    expect(cluster({ map: MAP, mospe, ssh })).toMatchObject({ behind: false, notes: [] });
  });

  test('an own name that stands for 127.0.0.1, which setpe stumbles over', () => {
    const hosts = '127.0.0.1 localhost\n127.0.1.1\tnode3.lab Node3 # by the installer\n';
    const found = cluster({ map: MAP, mospe: '3', hostname: 'node3\n', hosts });
    expect(found.notes).toEqual([expect.stringMatching(/node3 stands for 127\.0\.1\.1.*10\.0\.0\.3/)]);
  });

  test('an own name on 127.0.0.1 is no matter where there is no map', () => {
    expect(cluster({ nodes: '', hostname: 'a', hosts: '127.0.0.1 a' }).notes).toEqual([]);
  });

  test('different ids: the node runs under another id than the map gives its address', () => {
    const found = cluster({ map: MAP, mospe: '3', local: '127.0.0.1\n10.0.0.1\n' });
    expect(found.notes).toEqual([expect.stringMatching(/runs as node 3.*10\.0\.0\.1.*node 1/)]);
  });

  test('multicast that leaves by the default route while the cluster is on another card', () => {
    const routes = `Iface
eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000
eth1\t004DA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF
`;
    expect(cluster({ mattx: MATTX('192.168.77.1'), routes }).notes).toEqual([
      expect.stringMatching(/leaves this node by eth0.*192\.168\.77\.1, is on eth1.*dev eth1/),
    ]);
    const right = `${routes}eth1\t010000EF\t00000000\t0005\t0\t0\t0\tFFFFFFFF\n`;
    expect(cluster({ mattx: MATTX('192.168.77.1'), routes: right }).notes).toEqual([]);
  });

  test('a wrong map, with its line, while the other sources still count', () => {
    const found = cluster({ map: '1 10.0.0.1\n', setpe: 'openMosix range 1-1 begins at 10.0.0.1\n' });
    expect(shown(found)).toEqual(['1 10.0.0.1 setpe']);
    expect(found.notes[0]).toContain('/etc/openmosix.map is not used. Line 1');
  });
});

test('that the node itself has no address in the cluster is no matter: it was reached', () => {
  expect(cluster({ nodes: '1\n', mospe: '1' })).toMatchObject({ self: 1, behind: false, notes: [] });
});

describe('hostile text', () => {
  test('has no control characters in what is said', () => {
    const found = cluster({
      map: '1 \u001B]0;x\u0007 1\n',
      hostname: 'a\u009B2J',
      hosts: '127.0.0.1 a\u009B2J',
    });
    expect(found.notes.join('')).not.toMatch(/\p{Cc}/u);
  });

  test('of 70,000 node folders is cut, and that is said', () => {
    const found = cluster({ nodes: Array.from({ length: 70_000 }, (_, index) => index).join('\n') });
    expect(found.nodes).toHaveLength(MOST_NODES);
    expect(found.notes[0]).toContain('65535 nodes');
    expect(found.notes.join('').length).toBeLessThan(1000);
  });
});
