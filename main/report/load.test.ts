/** When nothing was recorded, from the times in which something was. */
import { expect, test } from 'vitest';
import { gapsBetween } from './load.ts';

const RANGE = { from: 1000, to: 100_000 };

test('what lies before, between and after recordings is a gap', () => {
  const recordings = [
    { from: 10_000, to: 20_000 },
    { from: 50_000, to: 60_000 },
  ];
  expect(gapsBetween(RANGE, recordings)).toEqual([
    { from: 1000, to: 10_000 },
    { from: 20_000, to: 50_000 },
    { from: 60_000, to: 100_000 },
  ]);
});

test('the present second, which is not recorded yet, is none', () => {
  expect(gapsBetween(RANGE, [{ from: 0, to: 98_500 }])).toEqual([]);
});
