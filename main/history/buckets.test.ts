import { describe, expect, test } from 'vitest';
import { Buckets } from './buckets.ts';
import { MISSING } from './format.ts';

/** A minute in which the n-th value is given by `value`. */
function minute(value: (place: number) => number): Int32Array {
  return Int32Array.from({ length: 60 }, (_, place) => value(place));
}

function bucket({ count, min, max, mean }: Buckets): readonly number[] {
  return [count[0] ?? NaN, min[0] ?? NaN, max[0] ?? NaN, mean[0] ?? NaN];
}

/** The minute rolled from its seconds, and from its roll-ups of 10 s. */
function bothWays(series: Int32Array, bits = false): readonly (readonly number[])[] {
  const direct = new Buckets(1);
  direct.rollSeconds(series, 0, 60, bits, 0, 1);
  const tens = new Buckets(6);
  tens.rollSeconds(series, 0, 10, bits, 0, 6);
  const rolled = new Buckets(1);
  rolled.rollBuckets(tens, 0, 6, bits, 0);
  return [bucket(direct), bucket(rolled)];
}

describe('a roll-up', () => {
  test('holds the number of values, the lowest, the highest and the mean', () => {
    const [direct] = bothWays(minute((place) => (place < 30 ? MISSING : place)));
    expect(direct).toEqual([30, 30, 59, 44.5]);
  });

  test('of roll-ups is exactly that of the seconds, whatever is missing', () => {
    for (let hole = 1; hole < 60; hole += 1) {
      const series = minute((place) => (place % hole === 1 ? MISSING : (place * 7919) % 1013));
      const [direct, rolled] = bothWays(series);
      expect(rolled).toEqual(direct);
    }
  });

  test('of status bits holds those always set, those ever set, and the last', () => {
    const series = minute((place) => (place === 40 ? 0b0111 : place > 40 ? MISSING : 0b0101));
    for (const way of bothWays(series, true)) expect(way).toEqual([41, 0b0101, 0b0111, 0b0111]);
  });

  test('of nothing is empty', () => {
    for (const way of bothWays(minute(() => MISSING))) expect(way).toEqual([0, 0, 0, 0]);
  });
});
