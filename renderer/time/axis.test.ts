/** Ticks of a time axis. */
import { describe, expect, it } from 'vitest';
import { timeTicks } from './axis.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const at = (...parts: [number, number, number, number?, number?, number?]): number =>
  new Date(...parts).getTime();
const ticks = (from: number, to: number, most = 8): readonly number[] =>
  timeTicks(from, to, most).map(({ time }) => time);

describe('ticks', () => {
  it('stand at round times of the clock', () => {
    const from = at(2026, 10, 24, 13, 36);
    expect(ticks(from, from + 60 * MINUTE, 6)).toEqual(
      [40, 50, 60, 70, 80, 90].map((minute) => at(2026, 10, 24, 13, minute)),
    );
  });

  it('go down to seconds', () => {
    const from = at(2026, 10, 24, 13, 36, 3);
    expect(ticks(from, from + 10_000, 6)).toEqual(
      [4, 6, 8, 10, 12].map((second) => at(2026, 10, 24, 13, 36, second)),
    );
  });

  it('stand at midnights for a week', () => {
    const from = at(2026, 10, 20, 9);
    expect(ticks(from, from + 7 * DAY)).toEqual([21, 22, 23, 24, 25, 26, 27].map((day) => at(2026, 10, day)));
  });

  it('stand at the first of a month for a year', () => {
    const from = at(2025, 10, 24);
    expect(ticks(from, from + 365 * DAY, 12)).toEqual(
      Array.from({ length: 12 }, (_unused, index) => at(2025, 11 + index, 1)),
    );
  });

  it('stand at new years for decades', () => {
    expect(ticks(at(2011, 5, 1), at(2031, 5, 1), 5)).toEqual(
      [2015, 2020, 2025, 2030].map((year) => at(year, 0, 1)),
    );
  });

  it.each([10_000, 10 * MINUTE, DAY, 7 * DAY, 30 * DAY, 365 * DAY, 3650 * DAY])(
    'are never more than asked for, give or take one, over %d ms',
    (length) => {
      const from = at(2026, 10, 24, 13, 36, 3);
      for (const most of [2, 5, 8, 12])
        expect(ticks(from, from + length, most).length).toBeLessThanOrEqual(most + 1);
    },
  );

  it('write the date where a day begins', () => {
    const [midnight, morning] = timeTicks(at(2026, 10, 24), at(2026, 10, 25) - 1, 4);
    expect(midnight?.label).toMatch(/24/);
    expect(morning?.label).toMatch(/06:00/);
  });
});
