/** How often the node window reads its history again. */
import { describe, expect, it } from 'vitest';
import { RANGES, readingPeriod } from './ranges.ts';

const [tenMinutes, hour, , week] = RANGES;

describe('readingPeriod', () => {
  it('is never shorter than the pace of the data', () => {
    expect(readingPeriod(tenMinutes, 1000)).toBe(1000);
  });

  it('is the time in which the range moves by a pixel', () => {
    expect(readingPeriod(hour, 600)).toBe(6000);
  });

  it('is a minute at most', () => {
    expect(readingPeriod(week, 600)).toBe(60_000);
  });
});
