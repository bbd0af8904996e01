/** How ranges of time are zoomed, moved, written down and visited. */
import { describe, expect, it } from 'vitest';
import {
  between,
  firstVisit,
  fitting,
  last,
  lengthOf,
  moved,
  parseRange,
  rangeText,
  SHORTEST,
  shown,
  spanOf,
  step,
  visit,
  zoomed,
} from './range.ts';

const HOUR = 3_600_000;
const NOW = 1000 * HOUR;

describe('a range', () => {
  it('that is live ends now', () => {
    expect(spanOf(last(HOUR), NOW)).toEqual({ from: NOW - HOUR, to: NOW });
  });

  it('is never shorter than ten seconds', () => {
    expect(lengthOf(between(5000, 5001))).toBe(SHORTEST);
    expect(lengthOf(last(1))).toBe(SHORTEST);
  });
});

describe('the first range', () => {
  it.each([
    ['two minutes', HOUR / 30, HOUR / 6],
    ['half an hour', HOUR / 2, HOUR],
    ['a day and more', 40 * HOUR, 24 * HOUR],
  ])('of a record of %s is no longer than it needs to be', (_words, recorded, length) => {
    expect(fitting(recorded)).toEqual(last(length));
  });
});

describe('zooming', () => {
  it('keeps the time under the cursor at its place', () => {
    const range = zoomed(between(0, 4 * HOUR), 0.5, NOW, HOUR);
    expect(spanOf(range, NOW)).toEqual({ from: HOUR / 2, to: HOUR / 2 + 2 * HOUR });
  });

  it('without a cursor keeps the middle, and live what is live', () => {
    expect(spanOf(zoomed(between(0, 4 * HOUR), 0.5, NOW), NOW)).toEqual({ from: HOUR, to: 3 * HOUR });
    expect(zoomed(last(HOUR), 2, NOW)).toEqual(last(2 * HOUR));
  });

  it('out does not go beyond now', () => {
    const range = zoomed(between(NOW - 2 * HOUR, NOW), 2, NOW, NOW - HOUR);
    expect(spanOf(range, NOW)).toEqual({ from: NOW - 4 * HOUR, to: NOW });
  });

  it('in ends at ten seconds', () => {
    expect(lengthOf(zoomed(between(0, HOUR), 1e-9, NOW, HOUR / 2))).toBe(SHORTEST);
  });
});

describe('moving', () => {
  it('keeps the length', () => {
    expect(spanOf(moved(between(4 * HOUR, 6 * HOUR), -HOUR, NOW), NOW)).toEqual({
      from: 3 * HOUR,
      to: 5 * HOUR,
    });
  });

  it('ends at now and at the beginning', () => {
    expect(spanOf(moved(last(HOUR), HOUR, NOW), NOW).to).toBe(NOW);
    expect(spanOf(moved(between(0, HOUR), -HOUR, NOW), NOW).from).toBe(0);
  });
});

describe('the address', () => {
  it.each([last(HOUR), between(5 * HOUR, 6 * HOUR)])('keeps a range', (range) => {
    expect(parseRange(rangeText(range))).toEqual(range);
  });

  it.each([null, '', 'last', '5-', '7-5', 'last--5', '1e3-5', '5-6-7'])('takes no nonsense: %s', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

describe('the ranges visited', () => {
  const day = firstVisit(last(24 * HOUR));

  it('are gone back and forward through', () => {
    const there = visit(day, last(HOUR), false);
    expect(shown(step(there, -1))).toEqual(last(24 * HOUR));
    expect(shown(step(step(there, -1), 1))).toEqual(last(HOUR));
  });

  it('end at both sides', () => {
    expect(shown(step(day, -1))).toEqual(last(24 * HOUR));
    expect(shown(step(day, 1))).toEqual(last(24 * HOUR));
  });

  it('forget what was ahead when another one is chosen', () => {
    const back = step(visit(day, last(HOUR), false), -1);
    expect(shown(step(visit(back, last(2 * HOUR), false), 1))).toEqual(last(2 * HOUR));
  });

  it('count the steps of one gesture once', () => {
    const zooming = visit(visit(day, last(2 * HOUR), false), last(HOUR), true);
    expect(shown(step(zooming, -1))).toEqual(last(24 * HOUR));
  });

  it('do not count staying', () => {
    expect(visit(day, last(24 * HOUR), false)).toBe(day);
  });
});
