import { expect, test } from 'vitest';
import { randomFrom, wholeBetween } from '../../common/model/random.ts';
import { Evenness } from './evenness.ts';

/** The ratio of one state of a cluster. */
function ratio(speeds: readonly number[], processes: readonly number[]): number {
  const evenness = new Evenness(Float64Array.from(speeds));
  evenness.sample(Int32Array.from(processes));
  return evenness.ratio;
}

test('the best spread of whole processes has ratio 1', () => {
  expect(ratio([1, 1.5, 2], [2, 3, 4])).toBe(1);
  expect(ratio([1, 2], [1, 3])).toBeCloseTo(1);
  expect(ratio([1, 1, 1, 1], [1, 0, 1, 0])).toBeCloseTo(1);
  expect(ratio([1, 1], [0, 0])).toBe(1);
});

test('no spread has less than the optimum that is computed, and the best one has exactly it', () => {
  const random = randomFrom(4);
  for (let trial = 0; trial < 30; trial += 1) {
    const speeds = Array.from({ length: 3 }, () => wholeBetween(random, 2, 4) / 2);
    const total = wholeBetween(random, 1, 9);
    const ratios: number[] = [];
    for (let first = 0; first <= total; first += 1)
      for (let second = 0; first + second <= total; second += 1)
        ratios.push(ratio(speeds, [first, second, total - first - second]));
    expect(Math.min(...ratios)).toBeCloseTo(1, 6);
  }
});

test('over time it is the mean imbalance by the mean optimum', () => {
  const evenness = new Evenness(Float64Array.of(1, 1));
  evenness.sample(Int32Array.of(1, 0));
  evenness.sample(Int32Array.of(3, 0));
  expect(evenness.ratios).toEqual([1, 3]);
  expect(evenness.ratio).toBe(2);
});
