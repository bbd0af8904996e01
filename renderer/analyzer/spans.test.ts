/** Spans over a strip. */
import { describe, expect, it } from 'vitest';
import type { StateSpan } from '../../common/model/history.ts';
import { lengthWithin, spanAt, troubles, uncovered } from './spans.ts';

describe('what was never recorded', () => {
  const within = { from: 0, to: 100 };

  it('is everything where nothing was', () => {
    expect(uncovered([], within, 1)).toEqual([within]);
  });

  it('lies before, between and after recordings', () => {
    const recordings = [
      { from: 60, to: 90 },
      { from: 10, to: 30 },
    ];
    expect(uncovered(recordings, within, 1)).toEqual([
      { from: 0, to: 10 },
      { from: 30, to: 60 },
      { from: 90, to: 100 },
    ]);
  });

  it('is nothing under recordings that overlap and reach beyond', () => {
    const recordings = [
      { from: -50, to: 60 },
      { from: 20, to: 40 },
      { from: 50, to: 300 },
    ];
    expect(uncovered(recordings, within, 1)).toEqual([]);
  });

  it('leaves out what is too short to be seen', () => {
    const recordings = [
      { from: 0, to: 50 },
      { from: 52, to: 100 },
    ];
    expect(uncovered(recordings, within, 3)).toEqual([]);
  });
});

describe('the troubles of nodes', () => {
  const span = (key: string, state: StateSpan['state'], from: number, to: number): StateSpan => ({
    key,
    state,
    from,
    to,
    reason: '',
  });

  it('are the spans in which they were not up', () => {
    const found = troubles([span('a', 'up', 0, 5), span('a', 'down', 5, 9), span('b', 'connecting', 0, 1)]);
    expect(found).toEqual(new Map([['a', [span('a', 'down', 5, 9)]]]));
  });

  it('are found at a time, and beside one where they are too short to be hit', () => {
    const spans = [span('a', 'down', 50, 51), span('a', 'stale', 60, 70)];
    expect(spanAt(spans, 65, 5)?.state).toBe('stale');
    expect(spanAt(spans, 47, 5)?.state).toBe('down');
    expect(spanAt(spans, 20, 5)).toBeUndefined();
  });
});

it('the length within a span counts only what lies in it', () => {
  const spans = [
    { from: -10, to: 5 },
    { from: 50, to: 60 },
    { from: 200, to: 300 },
  ];
  expect(lengthWithin(spans, { from: 0, to: 100 })).toBe(15);
});
