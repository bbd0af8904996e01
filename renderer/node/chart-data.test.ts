/** What the node window's charts are made from. */
import { describe, expect, it } from 'vitest';
import type { Series } from '../../common/model/history.ts';
import { hasBand, memoryUsed, nearestPoint, points, summarise, sizeAxis, valueAxis } from './chart-data.ts';

const GIB = 1024 ** 3;

function series(times: number[], mean: number[], spread = 0): Series {
  return {
    metric: 'load',
    times: Float64Array.from(times),
    min: Float64Array.from(mean, (value) => value - spread),
    max: Float64Array.from(mean, (value) => value + spread),
    mean: Float64Array.from(mean),
  };
}

describe('points', () => {
  it('keeps a gap as a point without a value', () => {
    expect(points(series([1, 2, 3], [5, NaN, 7]), 'mean')).toEqual([
      { x: 1, y: 5 },
      { x: 2, y: NaN },
      { x: 3, y: 7 },
    ]);
  });

  it('has a band only where samples were reduced and differ', () => {
    expect(hasBand(series([1, 2], [5, NaN]))).toBe(false);
    expect(hasBand(series([1, 2], [5, 6], 1))).toBe(true);
  });
});

describe('used memory', () => {
  it('is total less free, with the extremes changing places', () => {
    const used = memoryUsed(series([1], [100]), series([1], [40], 10));
    expect([used.min[0], used.mean[0], used.max[0]]).toEqual([50, 60, 70]);
  });

  it('takes the newest total up to each point of free memory', () => {
    const used = memoryUsed(series([0, 10], [100, 200]), series([1, 9, 10, 11], [10, 10, 10, 10]));
    expect([...used.mean]).toEqual([90, 90, 190, 190]);
  });

  it('is unknown in a gap and without a total', () => {
    expect(memoryUsed(series([1], [100]), series([1], [NaN])).mean[0]).toBeNaN();
    expect(memoryUsed(series([], []), series([1], [40])).mean[0]).toBeNaN();
  });
});

describe('the summary', () => {
  it('takes the extremes of reduced points, and leaves gaps out', () => {
    expect(summarise(series([1, 2, 3], [10, NaN, 20], 5))).toEqual({ min: 5, mean: 15, max: 25 });
  });

  it('is unknown without values', () => {
    expect(summarise(series([1], [NaN]))).toEqual({ min: NaN, mean: NaN, max: NaN });
  });
});

describe('the nearest point', () => {
  const curve = series([0, 10, 20], [1, NaN, 3]);

  it('skips gaps', () => {
    expect(nearestPoint(curve, 9, 15)).toBe(0);
  });

  it('is none beyond the reach', () => {
    expect(nearestPoint(curve, 100, 15)).toBe(-1);
  });
});

describe('the value axis', () => {
  it.each([
    [100, 100, 6],
    [137, 150, 4],
    [0, 1, 6],
    [NaN, 1, 6],
    [4200, 5000, 6],
  ])('for %d ends at %d with %d ticks', (highest, top, ticks) => {
    const axis = valueAxis(highest);
    expect([axis.top, axis.ticks.length]).toEqual([top, ticks]);
  });

  it.each([
    [7.8 * GIB, [0, 2, 4, 6, 8]],
    [GIB, [0, 0.25, 0.5, 0.75, 1]],
    [0.499 * GIB, [0, 0.125, 0.25, 0.375, 0.5]],
  ])('for %d bytes has round sizes', (highest, ticks) => {
    expect(sizeAxis(highest).ticks.map((tick) => tick / GIB)).toEqual(ticks);
  });
});
