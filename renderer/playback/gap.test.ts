import { expect, it } from 'vitest';
import { gapAround, liesIn } from './gap.ts';

const RECORDED = [
  { from: 100, to: 200 },
  { from: 500, to: 600 },
  { from: 900, to: 1000 },
];

it('finds the nearest recording on both sides', () => {
  expect(gapAround(RECORDED, 300)).toEqual({ from: 200, to: 500 });
  expect(gapAround(RECORDED, 200)).toEqual({ from: 200, to: 500 });
});

it('is open where nothing was recorded before or after', () => {
  expect(gapAround(RECORDED, 50)).toEqual({ from: undefined, to: 100 });
  expect(gapAround(RECORDED, 1000)).toEqual({ from: 1000, to: undefined });
  expect(gapAround([], 5)).toEqual({ from: undefined, to: undefined });
});

it('knows which seconds it holds', () => {
  expect(liesIn({ from: 200, to: 500 }, 499)).toBe(true);
  expect(liesIn({ from: 200, to: 500 }, 500)).toBe(false);
  expect(liesIn({ from: undefined, to: 100 }, 0)).toBe(true);
});
