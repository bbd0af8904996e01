import { expect, test } from 'vitest';
import { countWords } from './count-words.ts';

test('one is one, none and many are many', () => {
  expect([0, 1, 2].map((count) => countWords(count, 'node'))).toEqual(['0 nodes', '1 node', '2 nodes']);
  expect(countWords(1, 'entry', 'entries')).toBe('1 entry');
  expect(countWords(12_345, 'entry', 'entries')).toBe('12,345 entries');
});
