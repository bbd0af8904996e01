import { expect, test } from 'vitest';
import { milliseconds, moment, typedMoment } from './duration.ts';

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

test('a moment is so long ago, a day, or a time of a day that there is', () => {
  const now = Date.UTC(2026, 10, 29);
  expect(typedMoment('7d', now)).toBe(now - 7 * 86_400_000);
  expect(typedMoment('2026-02-28', now)).toBe(new Date(2026, 1, 28).getTime());
  expect(typedMoment('2026-11-24T06:00Z', now)).toBe(Date.UTC(2026, 10, 24, 6));
  for (const text of ['2026-02-31', '2026-13-01', '2026-11-24T25:00', 'yesterday']) {
    expect(typedMoment(text, now)).toBeUndefined();
  }
});

test('a moment is shown in UTC to the second', () => {
  expect(moment(1_700_000_000_999)).toBe('2023-11-14T22:13:20Z');
});
