import { expect, test } from 'vitest';
import { milliseconds, moment } from './duration.ts';

test.each([
  ['90s', 90_000],
  ['1.5h', 5_400_000],
  ['24h', 86_400_000],
  ['10', undefined],
  ['-5m', undefined],
  ['5 m', undefined],
  ['m', undefined],
  ['5w', undefined],
])('a duration of %s is %s ms', (text, expected) => expect(milliseconds(text)).toBe(expected));

test('a moment is shown in UTC to the second', () => {
  expect(moment(1_700_000_000_999)).toBe('2023-11-14T22:13:20Z');
});
