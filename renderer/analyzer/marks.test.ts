/** Marks on the time line. */
import { describe, expect, it } from 'vitest';
import { barShare, groupMarks, nearestTime, nextTime } from './marks.ts';

const asIs = (time: number): number => time;
const marks = (...times: number[]): { time: number }[] => times.map((time) => ({ time }));

describe('groups', () => {
  it('hold the marks that would lie on each other', () => {
    const groups = groupMarks(marks(31, 10, 14, 40), asIs, 100, 8);
    expect(groups.map((group) => [group.pixel, group.marks.length])).toEqual([
      [10, 2],
      [31, 1],
      [40, 1],
    ]);
  });

  it('leave out what is not on the line', () => {
    expect(groupMarks(marks(-1, 101), asIs, 100, 8)).toEqual([]);
  });
});

describe('the mark under the pointer', () => {
  const times = Float64Array.of(10, 20, 50);

  it.each([
    [12, 0],
    [16, 1],
    [48, 2],
    [35, -1],
  ])('at %d is number %d', (pixel, index) => {
    expect(nearestTime(times, asIs, pixel, 5)).toBe(index);
  });

  it('is found by keys in both directions', () => {
    expect([nextTime(times, 10, 1), nextTime(times, 50, 1)]).toEqual([1, -1]);
    expect([nextTime(times, 50, -1), nextTime(times, 10, -1)]).toEqual([1, -1]);
  });
});

describe('the bar of a count', () => {
  it('is full for the highest and seen for a single one', () => {
    expect(barShare(5000, 5000)).toBe(1);
    expect(barShare(1, 5000)).toBe(0.2);
    expect(barShare(0, 5000)).toBe(0);
  });
});
