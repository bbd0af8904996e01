import { describe, expect, test } from 'vitest';
import { parseMap, readMap } from './map.ts';

function nodesOf(text: string): readonly string[] {
  const parsed = parseMap(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.value.map((node) => `${node.id} ${node.host}`);
}

function problemOf(text: string): string {
  const parsed = parseMap(text);
  if (parsed.ok) throw new Error('The map was taken');
  expect(parsed.problem.code).toBe('bad-input');
  return parsed.problem.message;
}

describe('a map', () => {
  test('gives each address of a range its own id, both counting up', () => {
    expect(nodesOf('1 192.168.1.8 3')).toEqual(['1 192.168.1.8', '2 192.168.1.9', '3 192.168.1.10']);
  });

  test('may name a single node', () => {
    expect(nodesOf('11 file-server.example 1')).toEqual(['11 file-server.example']);
  });

  test('may have sparse ids up to 65535, as omdiscd makes them of addresses', () => {
    expect(nodesOf('2780 192.168.10.220 1\n65535 10.0.255.255 1')).toEqual([
      '2780 192.168.10.220',
      '65535 10.0.255.255',
    ]);
  });

  test('may have comments, blank lines, tabs, and lines ended on Windows', () => {
    const text =
      '\uFEFF# id  host  count\r\n\r\n  1\t10.0.0.1\t1   # the first\r\n#2 10.0.0.9 1\r\n2 10.0.0.2 1';
    expect(nodesOf(text)).toEqual(['1 10.0.0.1', '2 10.0.0.2']);
  });

  test.each(['ALIAS', 'alias', '0'])('adds no node for a second address (%s) of one', (word) => {
    expect(nodesOf(`1 10.0.0.1 2\n2 10.1.0.2 ${word}`)).toEqual(['1 10.0.0.1', '2 10.0.0.2']);
    expect(nodesOf(`2 10.1.0.2 ${word}\n1 10.0.0.1 2`)).toHaveLength(2);
  });

  test('keeps the second addresses behind the one a node is reached at', () => {
    const map = readMap('2 10.1.0.2 ALIAS\n1 10.0.0.1 2\n2 node2 0');
    expect(map.ok && map.value).toEqual([
      { id: 1, addresses: ['10.0.0.1'] },
      { id: 2, addresses: ['10.0.0.2', '10.1.0.2', 'node2'] },
    ]);
  });

  test('names nodes by their address or name, which is where they are reached', () => {
    const parsed = parseMap('7 10.0.0.7 1');
    expect(parsed.ok && parsed.value).toEqual([{ name: '10.0.0.7', host: '10.0.0.7', id: 7 }]);
  });

  test('may fill the last byte, no more', () => {
    expect(nodesOf('1 10.0.0.254 2')).toEqual(['1 10.0.0.254', '2 10.0.0.255']);
    expect(problemOf('1 10.0.0.254 3')).toContain('.255');
  });

  test('has at most the 256 entries that setpe takes', () => {
    const lines = Array.from({ length: 257 }, (_, index) => `${index + 1} node${index + 1} 1`);
    expect(nodesOf(lines.slice(0, 256).join('\n'))).toHaveLength(256);
    expect(problemOf(lines.join('\n'))).toContain('Line 257');
  });
});

describe('a wrong line is named with its number and its fault', () => {
  test.each([
    ['too few fields', '# comment\n1 10.0.0.1', 'Line 2', 'not 2'],
    ['too many fields', '1 10.0.0.1 1 extra', 'Line 1', 'not 4'],
    ['id 0, which means home', '0 10.0.0.1 1', 'Line 1', '"0"'],
    ['an id beyond the last', '65536 10.0.0.1 1', 'Line 1', '65535'],
    ['a range beyond the last id', '65535 10.0.0.1 2', 'Line 1', '65535'],
    ['an id that is no decimal number', '0x10 10.0.0.1 1', 'Line 1', '"0x10"'],
    ['a count that is none', '1 10.0.0.1 many', 'Line 1', '"many"'],
    ['a count in another notation', '1 10.0.0.1 1e1', 'Line 1', '"1e1"'],
    ['a negative count', '1 10.0.0.1 -2', 'Line 1', '"-2"'],
    ['a range of names', '1 node 2', 'Line 1', 'IP address'],
    ['an address that is none', '1 10.0.0.300 1', 'Line 1', '"10.0.0.300"'],
    ['a host that ssh would take for an option', '1 -oProxyCommand=x 1', 'Line 1', 'host name'],
    ['an id that is given twice', '1 10.0.0.1 5\n3 10.0.0.9 1', 'Line 2', 'id 3'],
    ['a second address of no node', '1 10.0.0.1 1\n2 10.1.0.2 ALIAS', 'Line 2', 'id 2'],
  ])('%s', (_case, text, line, fault) => {
    expect(problemOf(text)).toContain(line);
    expect(problemOf(text)).toContain(fault);
  });

  test('a map without an entry is no map', () => {
    expect(problemOf('# nothing here\n\n')).toContain('no entry');
  });
});
