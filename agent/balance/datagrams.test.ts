import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type StateEntry } from './datagrams.ts';

const ENTRY: StateEntry = {
  node: {
    id: 3,
    load: 123.4,
    speed: 15_000,
    cpus: 8,
    status: 3,
    util: 97,
    memoryTotal: 64 * 2 ** 30,
    memoryFree: 40 * 2 ** 30,
    memoryAvailable: 48 * 2 ** 30,
  },
  sequence: 1_795_000_000_000,
  age: 2.25,
};

describe('a datagram of loads', () => {
  test('tells what was said', () => {
    const message = { entries: [ENTRY, { ...ENTRY, node: { ...ENTRY.node, id: 9 } }], mapVersion: 4 };
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  test('of eight nodes fits into one packet of a network', () => {
    const entries = Array.from({ length: 8 }, () => ENTRY);
    expect(encodeMessage({ entries, mapVersion: 1_000_000 }).length).toBeLessThan(1200);
  });

  test.each([
    ['no JSON', 'hello'],
    ['another version', '[2,[]]'],
    ['a node without an id', '[1,[[0,1,1,1,3,0,0,0,0,1,0]]]'],
    ['a negative load', '[1,[[1,-5,1,1,3,0,0,0,0,1,0]]]'],
    ['a row that is cut', '[1,[[1,5,1]]]'],
    [
      'more nodes than it may have',
      JSON.stringify([1, Array.from({ length: 65 }, () => [1, 1, 1, 1, 3, 0, 0, 0, 0, 1, 0])]),
    ],
  ])('that is %s is not taken', (_case, text) => {
    expect(decodeMessage(Buffer.from(text))).toBeUndefined();
  });
});
