/** The cluster's map as text: what is taken for one. */
import { expect, test } from 'vitest';
import { clusterMapSchema, readMap, writeMap, type ClusterMap } from './map.ts';

const map: ClusterMap = {
  cluster: 'lab',
  version: 3,
  nodes: [
    { id: 1, name: 'n1', address: '10.0.0.1', port: 5428, certificate: 'a'.repeat(64) },
    { id: 7, name: 'n7', address: 'fe80::1%eth0', port: 5428, certificate: 'b'.repeat(64) },
  ],
};
/** Stands for the authority: signs with the words themselves. */
const sign = (words: string): string => btoa(words);
const verify = (words: string, signature: string): boolean => sign(words) === signature;
const reasonOf = (text: string, newest?: number): string => {
  const read = readMap(text, verify, newest);
  return read.ok ? 'read' : read.problem.message;
};

test('a map is read as it was written', () => {
  expect(readMap(writeMap(map, sign), verify)).toEqual({ ok: true, value: map });
});

test('an altered map is refused', () => {
  expect(reasonOf(writeMap(map, sign).replace('10.0.0.1', '10.0.0.2'))).toContain(
    'signature is not that of this cluster',
  );
});

test('an older version than the known one is refused, and the same one taken', () => {
  expect(reasonOf(writeMap(map, sign), 4)).toContain('version 3, and version 4 is known');
  expect(reasonOf(writeMap(map, sign), 3)).toBe('read');
});

test('what is no map is refused', () => {
  for (const text of ['', 'null', '{"map":{}}', '[]', '{"map":{},"signature":"?"}']) {
    expect(reasonOf(text)).toContain('no signed map');
  }
});

test('a later mosview may put more into a map, which is signed with the rest', () => {
  const more = { ...map, mood: 'good' };
  const text = JSON.stringify({
    map: more,
    signature: sign(`mosview cluster map 1\n${JSON.stringify(more)}`),
  });
  expect(readMap(text, verify)).toEqual({ ok: true, value: map });
});

test('a map has each node once, and one node at an address and port', () => {
  const [first] = map.nodes;
  expect(clusterMapSchema.safeParse({ ...map, nodes: [first, { ...first, port: 1 }] }).success).toBe(false);
  expect(clusterMapSchema.safeParse({ ...map, nodes: [first, { ...first, id: 2 }] }).success).toBe(false);
});
