import { expect, test } from 'vitest';
import { chooseObservers } from './observers.ts';

const NOBODY: ReadonlySet<number> = new Set();

function chosen(candidates: readonly number[], present: ReadonlySet<number>, count = 3): readonly number[] {
  return [...chooseObservers(candidates, present, count)].sort((a, b) => a - b);
}

test('are spread over the ids', () => {
  const ids = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(chosen(ids, NOBODY)).toEqual([1, 50, 100]);
});

test('are spread over sparse ids by distance, not by place', () => {
  expect(chosen([65_535, 2, 1, 3, 30_000], NOBODY)).toEqual([1, 30_000, 65_535]);
});

test('are all candidates where there are few', () => {
  expect(chosen([7, 4], NOBODY)).toEqual([4, 7]);
  expect(chosen([], NOBODY)).toEqual([]);
});

test('stay while they answer, so that the source of the figures does not hop', () => {
  expect(chosen([1, 2, 3, 4, 100], new Set([2, 3, 4]))).toEqual([2, 3, 4]);
});

test('that no longer answer are replaced by those farthest from the others', () => {
  expect(chosen([1, 2, 3, 90, 100], new Set([1, 50, 100]))).toEqual([1, 90, 100].sort((a, b) => a - b));
});

test('that are too many are fewer', () => {
  expect(chosen([1, 2, 3], new Set([1, 2, 3]), 1)).toEqual([1]);
});

test('are told apart by id: two nodes with one id are one observer', () => {
  expect(chosen([5, 5, 9], NOBODY, 2)).toEqual([5, 9]);
});
