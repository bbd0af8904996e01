/** The memory behind the sparklines. */
import { describe, expect, it } from 'vitest';
import { LoadRings, RING_SECONDS } from './load-rings.ts';

const SECOND = 1000;

function last(rings: LoadRings, slot: number, seconds: number): number[] {
  return Array.from({ length: seconds }, (_unused, index) => rings.at(slot, seconds - 1 - index));
}

describe('LoadRings', () => {
  it('has nothing before the first second', () => {
    expect(new LoadRings().at(0, 0)).toBeNaN();
  });

  it('gives the values back, newest last', () => {
    const rings = new LoadRings();
    for (const second of [1, 2, 3]) rings.push(second * SECOND, 2, (slot) => second * 10 + slot);
    expect(last(rings, 1, 3)).toEqual([11, 21, 31]);
  });

  it('turns missed seconds into gaps', () => {
    const rings = new LoadRings();
    rings.push(1 * SECOND, 1, () => 1);
    rings.push(4 * SECOND, 1, () => 4);
    expect(last(rings, 0, 4)).toEqual([1, NaN, NaN, 4]);
  });

  it('forgets what is older than it keeps', () => {
    const rings = new LoadRings();
    for (let second = 0; second <= RING_SECONDS; second += 1) rings.push(second * SECOND, 1, () => second);
    expect(rings.at(0, RING_SECONDS - 1)).toBe(1);
  });

  it('is empty but for the newest after an absence longer than it keeps', () => {
    const rings = new LoadRings();
    rings.push(1 * SECOND, 1, () => 1);
    rings.push(1000 * SECOND, 1, () => 2);
    expect(last(rings, 0, RING_SECONDS).filter((value) => !Number.isNaN(value))).toEqual([2]);
  });

  it('takes new slots without losing the old ones', () => {
    const rings = new LoadRings();
    rings.push(1 * SECOND, 1, () => 7);
    rings.push(2 * SECOND, 300, (slot) => slot);
    expect(last(rings, 0, 2)).toEqual([7, 0]);
    expect(last(rings, 299, 2)).toEqual([NaN, 299]);
  });

  it('writes a second that comes twice over', () => {
    const rings = new LoadRings();
    rings.push(1000, 1, () => 1);
    rings.push(1900, 1, () => 2);
    expect(last(rings, 0, 2)).toEqual([NaN, 2]);
  });

  it('starts anew when the clock is set back far', () => {
    const rings = new LoadRings();
    rings.push(10_000 * SECOND, 1, () => 1);
    rings.push(10 * SECOND, 1, () => 2);
    expect(last(rings, 0, 2)).toEqual([NaN, 2]);
  });
});
