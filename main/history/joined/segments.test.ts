import { describe, expect, test } from 'vitest';
import { divide, joinSpans } from './segments.ts';

const minutes = (from: number, to: number) => ({ from: from * 60_000, to: to * 60_000 });
const segment = (reader: number, from: number, to: number) => ({ reader, ...minutes(from, to) });

describe('who answers for which time', () => {
  test('one history answers for all of it, whatever it recorded', () => {
    expect(divide([[minutes(3, 4)]], minutes(0, 10))).toEqual([segment(0, 0, 10)]);
  });

  test('what was recorded before the preferred one began is the other one’s', () => {
    expect(divide([[minutes(5, 10)], [minutes(0, 7)]], minutes(0, 10))).toEqual([
      segment(1, 0, 5),
      segment(0, 5, 10),
    ]);
  });

  test('a hole of the preferred one is the other one’s as far as it goes', () => {
    const segments = divide([[minutes(0, 3), minutes(8, 10)], [minutes(4, 6)]], minutes(0, 10));
    expect(segments).toEqual([segment(0, 0, 4), segment(1, 4, 6), segment(0, 6, 10)]);
  });

  test('the third one gets what neither of the first two has', () => {
    const segments = divide([[minutes(6, 9)], [minutes(3, 7)], [minutes(0, 20)]], minutes(0, 9));
    expect(segments).toEqual([segment(2, 0, 3), segment(1, 3, 6), segment(0, 6, 9)]);
  });

  test('a start of the preferred one in a few seconds is no seam', () => {
    const preferred = [
      { from: 0, to: 300_000 },
      { from: 304_000, to: 600_000 },
    ];
    expect(divide([preferred, [minutes(0, 10)]], minutes(0, 10))).toEqual([segment(0, 0, 10)]);
  });

  test('the seconds after the last recorded one go with it: more is on its way', () => {
    const preferred = [{ from: 300_000, to: 595_000 }];
    expect(divide([preferred, [minutes(0, 6)]], minutes(0, 10)).at(-1)).toEqual(segment(0, 5, 10));
  });

  test('what nobody recorded is the preferred one’s to say', () => {
    expect(divide([[], []], minutes(0, 10))).toEqual([segment(0, 0, 10)]);
  });

  test('an empty range has no segments', () => {
    expect(divide([[minutes(0, 3)]], minutes(2, 2))).toEqual([]);
  });
});

describe('spans', () => {
  test('that touch or overlap become one, in whatever order they come', () => {
    expect(joinSpans([minutes(4, 6), minutes(0, 2), minutes(2, 3), minutes(5, 5)])).toEqual([
      minutes(0, 3),
      minutes(4, 6),
    ]);
  });
});
