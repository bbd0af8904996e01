import { describe, expect, it } from 'vitest';
import { advance, agoWords, otherSpeed, playFrom, secondOf, SPEEDS } from './clock.ts';

const STRETCH = { from: 1_000_000, to: 2_000_000 };

describe('the clock of playback', () => {
  it.each(SPEEDS)('lets %i times as much of the past go by', (speed) => {
    expect(advance(1_000_000, 100, speed, STRETCH)).toBe(1_000_000 + 100 * speed);
  });

  it('ends where the stretch ends', () => {
    expect(advance(1_999_990, 100, 600, STRETCH)).toBe(2_000_000);
  });

  it('takes at most a second for a frame: what went by while the window was hidden is not played', () => {
    expect(advance(1_000_000, 60_000, 10, STRETCH)).toBe(1_010_000);
  });

  it('never goes back', () => {
    expect(advance(1_500_000, -20, 1, STRETCH)).toBe(1_500_000);
  });

  it('begins again where it stands at the end, and otherwise where it stands', () => {
    expect(playFrom(2_000_000, STRETCH)).toBe(1_000_000);
    expect(playFrom(1_200_000, STRETCH)).toBe(1_200_000);
    expect(playFrom(10, STRETCH)).toBe(1_000_000);
  });

  it('has a fastest and a slowest speed', () => {
    expect(otherSpeed(60, true)).toBe(300);
    expect(otherSpeed(60, false)).toBe(10);
    expect(otherSpeed(600, true)).toBe(600);
    expect(otherSpeed(1, false)).toBe(1);
  });

  it('shows the second a time lies in', () => {
    expect(secondOf(1_999)).toBe(1000);
    expect(secondOf(2000)).toBe(2000);
  });
});

describe('how long ago a time was', () => {
  it.each([
    [0, 'now'],
    [2, '2 seconds ago'],
    [119, '119 seconds ago'],
    [120, '2 minutes ago'],
    [7199, '119 minutes ago'],
    [7200, '2 hours ago'],
    [47 * 3600, '47 hours ago'],
    [12 * 86_400 + 5000, '12 days ago'],
    [59 * 86_400, '59 days ago'],
    [61 * 86_400, '2 months ago'],
    [3 * 365 * 86_400, '3 years ago'],
  ])('%i seconds', (seconds, words) => {
    expect(agoWords(1e12, 1e12 + seconds * 1000)).toBe(words);
  });

  it('says now of a time that is still to come', () => {
    expect(agoWords(2000, 1000)).toBe('now');
  });
});
