import { describe, expect, test } from 'vitest';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { candidatesOf, type CandidateFacts, type Candidates } from './candidates.ts';
import type { FoundCluster } from './cluster.ts';

const ASKED: NodeEntry = { name: 'head', host: 'head' };
const WAY: NodeEntry = { name: 'head', host: '172.16.0.1', user: 'root', port: 22, jump: 'admin@gate:22' };

/** Three nodes, of which the first was asked. */
function candidates(
  facts: Partial<Omit<CandidateFacts, 'config'>> & {
    /** Names of the SSH configuration with where they lead. */
    readonly hosts?: Readonly<Record<string, string>>;
    readonly patternOf?: (host: string) => string | undefined;
    readonly behind?: boolean;
  } = {},
): Candidates {
  const { hosts = {}, patternOf = () => undefined, behind = false, ...rest } = facts;
  const addresses = new Map(
    Object.entries(hosts).map(([name, address]) => [
      { entry: { name, host: name }, about: `root@${address}:22`, known: false },
      address,
    ]),
  );
  const cluster: FoundCluster = {
    nodes: [1, 2, 3].map((id) => ({ id, addresses: [`10.0.0.${id}`], sources: ['map'] })),
    self: 1,
    behind,
    notes: [],
  };
  const config = { candidates: [...addresses.keys()], addresses, patternOf };
  return candidatesOf(cluster, { asked: ASKED, way: WAY, known: [], ...rest, config });
}

test('a node is reached with the login and through the jump hosts of the one that was asked', () => {
  expect(candidates().nodes[1]).toEqual({
    entry: { name: '10.0.0.2', host: '10.0.0.2', id: 2, user: 'root', jump: 'admin@gate:22' },
    about: 'node 2, through admin@gate:22, from the map',
    known: false,
  });
});

test('the node that was asked keeps its own entry', () => {
  expect(candidates().nodes[0]).toMatchObject({
    entry: { name: 'head', host: 'head', id: 1 },
    about: /at 10\.0\.0\.1, the node that was asked/,
  });
});

test('nodes behind its other network card are reached through it', () => {
  expect(candidates({ behind: true }).nodes[1]?.entry.jump).toBe('admin@gate:22,root@172.16.0.1:22');
});

test('a node that the SSH configuration names is reached by that name', () => {
  const { nodes, beside } = candidates({ hosts: { worker: '10.0.0.2', other: '10.9.0.1' } });
  expect(nodes[1]?.entry).toEqual({ name: 'worker', host: 'worker', id: 2 });
  expect(beside).toEqual([]);
});

test('a pattern of a Host line says how its addresses are reached', () => {
  const { nodes } = candidates({ patternOf: (host) => (host === '10.0.0.3' ? '10.0.*' : undefined) });
  expect(nodes[2]).toMatchObject({
    entry: { name: '10.0.0.3', host: '10.0.0.3', id: 3 },
    about: 'node 3, by Host 10.0.*, from the map',
  });
});

test('rights and the folder of the files are those of the node that was asked', () => {
  const asked = { ...ASKED, writePrefix: 'sudo -n', root: '/mnt/proc' };
  expect(candidates({ asked }).nodes[1]?.entry).toMatchObject({ writePrefix: 'sudo -n', root: '/mnt/proc' });
});

describe('a node is there already', () => {
  test.each<[string, CandidateFacts['known'][number]]>([
    ['by its address', { entry: { name: 'x', host: '10.0.0.2' }, id: undefined }],
    ['by its id', { entry: { name: 'x', host: 'elsewhere' }, id: 2 }],
    ['by a name that leads to its address', { entry: { name: 'x', host: 'worker' }, id: undefined }],
  ])('%s', (_case, known) => {
    const { nodes } = candidates({ known: [known], hosts: { worker: '10.0.0.2' } });
    expect(nodes.map((node) => node.known)).toEqual([false, true, false]);
  });
});

describe('hosts of the SSH configuration beside the one that was asked', () => {
  test('are those whose name differs in the number only', () => {
    const asked = { name: 'node1', host: 'node1' };
    const { beside } = candidates({ asked, hosts: { node1: 'a', node22: 'b', mode2: 'c', node1b: 'd' } });
    expect(beside.map(({ entry }) => entry.name)).toEqual(['node22']);
  });

  test('are those for which the same pattern is', () => {
    const patternOf = (host: string): string | undefined => (host.endsWith('.lab') ? '*.lab' : undefined);
    const asked = { name: 'head.lab', host: 'head.lab' };
    const { beside } = candidates({ asked, hosts: { 'tail.lab': 'a', 'tail.org': 'b' }, patternOf });
    expect(beside.map(({ entry }) => entry.name)).toEqual(['tail.lab']);
  });

  test('are none where an address was asked', () => {
    const asked = { name: '10.0.0.1', host: '10.0.0.1' };
    expect(candidates({ asked, hosts: { '10.7.0.9': '10.7.0.9' } }).beside).toEqual([]);
  });
});
