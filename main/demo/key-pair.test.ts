import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { newKeyPair } from './key-pair.ts';

test('every key pair can be read again', () => {
  const pairs = Array.from({ length: 600 }, () => newKeyPair('test'));
  expect(pairs.filter((pair) => ssh2.utils.parseKey(pair.private) instanceof Error)).toEqual([]);
});
