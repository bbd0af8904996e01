import { describe, expect, test } from 'vitest';
import { parseMattxNodes } from './mattx.ts';
import { cardTo, parseRoutes } from './network.ts';
import { parseSetpe } from './setpe.ts';
import { MOST_NODES, type Findings } from './types.ts';

function nodesOf({ findings }: Findings): readonly string[] {
  return findings.map(({ id, addresses }) => `${id} ${addresses.join(' ')}`);
}

describe("setpe -r's text", () => {
  const TEXT = `This is openMosix node #2
Network protocol: 2 (AF_INET)
openMosix range     1-2     begins at 192.168.10.220
openMosix range     40000-40000     begins at 10.0.0.7
Total configured: 3
`;

  test('gives the own id, and each node of a range its own address', () => {
    const setpe = parseSetpe(TEXT);
    expect(setpe.self).toBe(2);
    expect(nodesOf(setpe)).toEqual(['1 192.168.10.220', '2 192.168.10.221', '40000 10.0.0.7']);
    expect(setpe.notes).toEqual([]);
  });

  test('that names more nodes than could be read says so', () => {
    expect(parseSetpe(TEXT.replace('begins at 10.0.0.7', 'begins at fe80::1')).notes).toEqual([
      expect.stringContaining('1 ranges'),
      expect.stringContaining('3 nodes are configured; 2 of them'),
    ]);
  });

  test.each([
    ['ids that count down', 'openMosix range 5-2 begins at 10.0.0.1'],
    ['an id beyond the last', 'openMosix range 65535-65536 begins at 10.0.0.1'],
    ['id 0', 'openMosix range 0-1 begins at 10.0.0.1'],
    ['addresses beyond .255', 'openMosix range 1-10 begins at 10.0.0.250'],
    ['an endless range', 'openMosix range 1-65535 begins at 10.0.0.0'],
  ])('with %s gives no node for it', (_case, line) => {
    const setpe = parseSetpe(line);
    expect(nodesOf(setpe)).toEqual([]);
    expect(setpe.notes).toHaveLength(1);
  });

  test('its complaint about 127.0.0.1 is explained by /etc/hosts', () => {
    const { notes } = parseSetpe(
      'setpe: the supplied table is well-formatted, but my IP address (127.0.0.1) is not there!',
    );
    expect(notes).toEqual([expect.stringContaining('/etc/hosts')]);
  });

  test('its complaint about another address is explained by the map', () => {
    expect(parseSetpe('my IP address (10.9.0.1) is not there!').notes).toEqual([
      expect.stringContaining('ALIAS'),
    ]);
  });

  test('of a node that is no openMosix gives nothing', () => {
    expect(parseSetpe('setpe: This is NOT a openMosix system!\n')).toEqual({
      findings: [],
      notes: [],
      self: undefined,
    });
  });
});

const HEAD = `MattX Cluster Nodes:
------------------------------------------------------------------------
Node ID\t\tIP Address\tCPU Load\tAffinity\tMem Free (MB)
------------------------------------------------------------------------
`;
const ROWS = '785 (Local)\t192.168.77.1\t0\t\t1000\t\t429\n786\t\t192.168.77.2\t0\t\t1000\t\t428\n';
const SETTINGS = 'Balancer Enabled: YES\nMigration Excludes: cat,watch\nMigration Includes: 9 10.0.0.9 1\n';

describe("MattX' table of nodes", () => {
  test('gives ids and addresses as they stand in it', () => {
    const table = parseMattxNodes(`${HEAD}${ROWS}\n${SETTINGS}`);
    expect(table.self).toBe(785);
    expect(nodesOf(table)).toEqual(['785 192.168.77.1', '786 192.168.77.2']);
    expect(table.notes).toEqual([]);
  });

  test('ends where the settings begin, with the blank line or without it', () => {
    expect(nodesOf(parseMattxNodes(`${HEAD}${ROWS}${SETTINGS}`))).toHaveLength(2);
    expect(nodesOf(parseMattxNodes(`${HEAD}${ROWS}\n787 10.0.0.9 0 1 1\n`))).toHaveLength(2);
  });

  test('may have unknown columns, and no line feed at the end', () => {
    const text = `${HEAD}785 (Local)\t192.168.77.1\t0\t\t1000\t\t429\tnew\tnewer`;
    expect(nodesOf(parseMattxNodes(text))).toEqual(['785 192.168.77.1']);
  });

  test('of a module in no cluster says what to start', () => {
    const table = parseMattxNodes(`${HEAD}0 (Local)\t0.0.0.0\t0\t\t1000\t\t429\n\n${SETTINGS}`);
    expect(table).toMatchObject({ self: undefined, findings: [] });
    expect(table.notes).toEqual([expect.stringContaining('mattx-discd')]);
  });

  test('rows that are none are left out and counted', () => {
    const table = parseMattxNodes(`${HEAD}${ROWS}\u001B[2J786\n70000\t10.0.0.1\t0\n787\t10.0.0.300\t0\n\n`);
    expect(nodesOf(table)).toHaveLength(2);
    expect(table.notes).toEqual([expect.stringContaining('3 rows')]);
  });

  test('of more rows than are looked at is cut, and that is said', () => {
    const rows = Array.from(
      { length: MOST_NODES + 1 },
      (_, index) => `${index + 1}\t\t10.0.${index >> 8}.${index & 255}\t0\t\t1000\t\t9\n`,
    );
    const table = parseMattxNodes(`${HEAD}${rows.join('')}\n`);
    expect(table.findings).toHaveLength(MOST_NODES);
    expect(table.notes).toEqual([expect.stringContaining(`${MOST_NODES + 1} rows`)]);
  });
});

describe('the routing table', () => {
  const ROUTES = parseRoutes(`Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth1\t004DA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth2\t0000A8C0\t00000000\t0000\t0\t0\t0\t0000FFFF\t0\t0\t0
rubbish
`);

  test.each([
    ['192.168.77.1', 'eth1'],
    ['10.0.0.3', 'eth0'],
    ['239.0.0.1', 'eth0'],
    ['192.168.1.1', 'eth0'],
  ])('leads to %s by the narrowest route that is up, %s', (address, card) => {
    expect(cardTo(address, ROUTES)).toBe(card);
  });

  test('without a default route leads nowhere else', () => {
    expect(cardTo('239.0.0.1', ROUTES.slice(1))).toBeUndefined();
  });
});
