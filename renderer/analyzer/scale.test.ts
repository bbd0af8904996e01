/** Times on pixels, values on heights. */
import { describe, expect, it } from 'vitest';
import { heightOf, livePeriod, pixelOf, pixelsAsked, reachOf, roundTop, timeAt } from './scale.ts';

const scale = { from: 1000, to: 2000, pixels: 500 };

describe('the time scale', () => {
  it('goes both ways', () => {
    expect(pixelOf(scale, 1500)).toBe(250);
    expect(timeAt(scale, 250)).toBe(1500);
  });

  it('holds the pointer within itself', () => {
    expect([timeAt(scale, -5), timeAt(scale, 900)]).toEqual([1000, 2000]);
  });

  it('asks for one point for each pixel of the screen, and never for more than two for a CSS pixel', () => {
    expect([1, 2, 3].map((ratio) => 2 * pixelsAsked(500, ratio))).toEqual([500, 1000, 1000]);
  });

  it('is read again when it has moved by a pixel, between a second and a minute', () => {
    const over = (milliseconds: number): number => livePeriod({ from: 0, to: milliseconds, pixels: 1000 });
    expect([over(600_000), over(3_600_000), over(1e12)]).toEqual([1000, 3600, 60_000]);
  });
});

describe('the time a value counts', () => {
  it('is what it stands for, however fine the pixels are', () => {
    expect(reachOf({ from: 0, to: 600_000, pixels: 1000 }, 60)).toBe(90_000);
  });

  it('is what is seen of it where pixels are coarser', () => {
    expect(reachOf({ from: 0, to: 1000 * 600_000, pixels: 1000 }, 1)).toBe(1_500_000);
  });
});

describe('the height of a value', () => {
  it.each([
    [0, 26],
    [100, 0],
    [75, 6.5],
    [400, 0],
    [-1, 26],
  ])('%d is %d pixels down', (value, down) => {
    expect(heightOf(value, 100, 26)).toBe(down);
  });
});

it.each([
  [0, 100],
  [NaN, 100],
  [100, 100],
  [101, 150],
  [312, 400],
  [940, 1000],
])('the top over %d is %d', (value, top) => {
  expect(roundTop(value)).toBe(top);
});
