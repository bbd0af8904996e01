import { describe, expect, test } from 'vitest';
import { MISSING } from './format.ts';
import { PixelReducer, pixelGrid } from './reduce.ts';

/** The points of a load series that starts at second 1000. */
function points(values: readonly number[], pixels: number, from = 1000, to = from + values.length) {
  const reducer = new PixelReducer('load', pixelGrid(from * 1000, to * 1000, pixels));
  reducer.take(Int32Array.from(values), from, 0, values.length);
  const { times, min, max, mean } = reducer.series();
  return { times: [...times].map((time) => time / 1000), min: [...min], max: [...max], mean: [...mean] };
}

describe('a series', () => {
  test('has every second where there are pixels enough', () => {
    expect(points([5, 6, 7], 10)).toEqual({
      times: [1000, 1001, 1002],
      min: [5, 6, 7],
      max: [5, 6, 7],
      mean: [5, 6, 7],
    });
  });

  test('has room for a gap beside every value', () => {
    const values = Array.from({ length: 40 }, (_, second) => (second % 2 === 0 ? second : MISSING));
    const { times, mean } = points(values, 40);
    expect(times).toEqual(values.map((_, second) => 1000 + second).slice(0, 39));
    expect(mean).toEqual(values.slice(0, 39).map((value) => (value === MISSING ? NaN : value)));
  });

  test('has lowest, highest and mean per pixel where there are not', () => {
    expect(points([1, 2, 9, 4, 4, 4], 2, 1002)).toEqual({
      times: [1002, 1005],
      min: [1, 4],
      max: [9, 4],
      mean: [4, 4],
    });
  });

  test('shows a gap as one point without a value', () => {
    const { times, mean } = points([5, MISSING, MISSING, MISSING, 6], 10);
    expect(times).toEqual([1000, 1001, 1004]);
    expect(mean).toEqual([5, NaN, 6]);
  });

  test('does not show a gap that is narrower than a pixel', () => {
    expect(points([5, MISSING, 6, 7], 2).mean).toEqual([5, 6.5]);
  });

  test('is the same whatever is taken at a time, and wherever values are missing', () => {
    let random = 7;
    const next = () => (random = (random * 16_807) % 2_147_483_647);
    const values = Int32Array.from({ length: 900 }, () => (next() % 5 === 0 ? MISSING : next() % 100));
    values.fill(MISSING, 100, 180);
    for (const pixels of [40, 90, 130, 300, 900]) {
      const grid = pixelGrid(0, 900_000, pixels);
      const taken = [1, 7, 300, 900].map((step) => {
        const reducer = new PixelReducer('load', grid);
        for (let from = 0; from < 900; from += step)
          reducer.take(values, 0, from, Math.min(900, from + step));
        return reducer.series();
      });
      for (const series of taken) expect(series).toEqual(taken[0]);
    }
  });

  test('has no points before the first and after the last value', () => {
    expect(points([MISSING, 5, MISSING], 10).times).toEqual([1001]);
  });

  test('goes on across windows as if there were one', () => {
    const reducer = new PixelReducer('load', pixelGrid(0, 600_000, 60));
    reducer.take(new Int32Array(300).fill(1), 0, 0, 295);
    reducer.take(new Int32Array(300).fill(3), 300, 5, 300);
    const { times, mean } = reducer.series();
    expect(times[29]).toBe(290_000);
    expect(mean.slice(28, 32)).toEqual(Float64Array.of(1, 1, 3, 3));
  });

  test.each([
    [1, 1, 1],
    [7, 100, 3],
    [999, 5000, 10],
    [3, 604_800, 1000],
    [5, 86_401, 1],
    [12_345, 3600, 1800],
  ])('from second %d over %d s has at most two points per pixel for %d pixels', (from, length, pixels) => {
    const everyThird = Array.from({ length }, (_, second) => (second % 3 === 0 ? second : MISSING));
    const { times } = points(everyThird, pixels, from);
    expect(times.length).toBeLessThanOrEqual(2 * pixels);
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] as number))).toBe(true);
    expect(times.every((time) => time >= from && time < from + length)).toBe(true);
  });

  test('is empty for an empty range', () => {
    expect(points([], 10).times).toEqual([]);
  });
});
