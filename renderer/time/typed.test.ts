/** Times as people type them. */
import { describe, expect, it } from 'vitest';
import { LONGEST } from './range.ts';
import { timeText, typedSpan, typedTime } from './typed.ts';

const NOW = new Date(2026, 10, 24, 13, 36, 5).getTime();
const HOUR = 3_600_000;

describe('a typed time', () => {
  it.each([
    ['2026-11-24T13:36:00Z', Date.UTC(2026, 10, 24, 13, 36)],
    ['2026-11-24T13:36:00.250Z', Date.UTC(2026, 10, 24, 13, 36, 0, 250)],
    ['2026-11-24T13:36+02:00', Date.UTC(2026, 10, 24, 11, 36)],
    ['2026-11-24 13:36:07-0530', Date.UTC(2026, 10, 24, 19, 6, 7)],
  ])('with a zone is of that zone: %s', (text, time) => {
    expect(typedTime(text, NOW)).toEqual({ time });
  });

  it.each([
    ['2026-11-23 09:05', new Date(2026, 10, 23, 9, 5)],
    ['2026-11-23T09:05:06', new Date(2026, 10, 23, 9, 5, 6)],
    ['2026-11-23', new Date(2026, 10, 23)],
    [' 9:05 ', new Date(2026, 10, 24, 9, 5)],
  ])('without one is of this machine: %s', (text, date) => {
    expect(typedTime(text, NOW)).toEqual({ time: date.getTime() });
  });

  it.each([
    ['now', NOW],
    ['-2h', NOW - 2 * HOUR],
    ['- 90 min', NOW - 1.5 * HOUR],
    ['-0.5d', NOW - 12 * HOUR],
  ])('may be told from now: %s', (text, time) => {
    expect(typedTime(text, NOW)).toEqual({ time });
  });

  it.each([
    ['', 'A time is missing'],
    ['yesterday', '"yesterday" is no time. Write'],
    ['2026-02-30', 'no day of the calendar'],
    ['2026-13-01 10:00', 'no day of the calendar'],
    ['25:00', 'no time of day'],
    ['2026-11-24 10:60', 'no time of day'],
    ['1969-01-01T00:00Z', 'before 1970'],
    ['2026-11-24T10:00+99:00', 'no zone'],
  ])('that is wrong gets a sentence: %s', (text, words) => {
    expect(typedTime(text, NOW)).toEqual({ wrong: expect.stringContaining(words) as string });
  });

  it('is written as it can be typed', () => {
    expect(typedTime(timeText(NOW), 0)).toEqual({ time: NOW });
  });
});

describe('a typed span', () => {
  it('is its two ends', () => {
    expect(typedSpan('-2h', 'now', NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW });
  });

  it('that is longer than anything is kept has its newest part, which ends where it was told', () => {
    const to = new Date(2026, 10, 1).getTime();
    expect(typedSpan('1970-01-02', '2026-11-01', NOW)).toEqual({ from: to - LONGEST, to });
  });

  it('that ends in the future ends now', () => {
    expect(typedSpan('-2h', '9999-12-31', NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW });
  });

  it.each([
    ['x', 'now', 'from', 'is no time'],
    ['-2h', 'x', 'to', 'is no time'],
    ['now', '-2h', 'to', 'must be later'],
    ['-2s', 'now', 'to', 'at least 10 seconds'],
    ['2027-01-01', '2027-01-02', 'from', 'has not come yet'],
  ])('from %s to %s is wrong at %s', (from, to, end, words) => {
    expect(typedSpan(from, to, NOW)).toEqual({
      end,
      wrong: expect.stringContaining(words) as string,
    });
  });
});
