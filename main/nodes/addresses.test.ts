import { expect, test } from 'vitest';
import { addressBook, canonicalAddress } from './addresses.ts';

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['FE80:0:0::0001', 'fe80::1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['fe80::1%eth0', undefined],
  ['10.0.0.1.', undefined],
  ['10.0.0', undefined],
  ['node1', undefined],
  ['', undefined],
  [':'.repeat(1000), undefined],
])('%j is the address %j', (text, address) => {
  expect(canonicalAddress(text)).toBe(address);
});

test('an address that two nodes have is nobody’s, however often it is named', () => {
  const book = addressBook([
    { id: 1, addresses: ['10.0.0.1', '10.0.0.1', '172.17.0.1'] },
    { id: 2, addresses: ['::ffff:10.0.0.2', '172.17.0.1', 'node2'] },
    { id: 3, addresses: ['172.17.0.1'] },
  ]);
  expect([...book]).toEqual([
    ['10.0.0.1', 1],
    ['10.0.0.2', 2],
  ]);
});
