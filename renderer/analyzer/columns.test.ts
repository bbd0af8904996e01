import { describe, expect, it } from 'vitest';
import { runsOf } from './columns.ts';

const line = (...values: readonly number[]): Float64Array<ArrayBuffer> => Float64Array.from(values);
/** A curve with a point every half pixel of the scale below. */
const curve = (...mean: readonly number[]) => ({
  times: line(...mean.map((_value, index) => index * 500)),
  min: line(...mean.map((value) => value - 1)),
  max: line(...mean.map((value) => value + 1)),
  mean: line(...mean),
});
const scale = { from: 0, to: 10_000, pixels: 10 };

describe('the runs of a curve', () => {
  it('have one point for each pixel, with the lowest, the highest and the mean of what falls on it', () => {
    expect(runsOf(curve(10, 20, 30, 50), scale, 1)).toEqual([
      { x: [0.25, 1.25], min: [9, 29], max: [21, 51], mean: [15, 40] },
    ]);
  });

  it('have every point where a CSS pixel is two of the screen', () => {
    expect(runsOf(curve(10, 20, 30), scale, 2)).toEqual([
      { x: [0, 0.5, 1], min: [9, 19, 29], max: [11, 21, 31], mean: [10, 20, 30] },
    ]);
  });

  it('end where there is no value and begin again after it', () => {
    const runs = runsOf(curve(10, NaN, NaN, 50, 70), scale, 1);
    expect(runs.map(({ x, mean }) => ({ x, mean }))).toEqual([
      { x: [0], mean: [10] },
      { x: [1.5, 2], mean: [50, 70] },
    ]);
  });

  it('are none without a value', () => {
    expect(runsOf(curve(NaN, NaN), scale, 1)).toEqual([]);
    expect(runsOf(curve(), scale, 1)).toEqual([]);
  });
});
