import { describe, expect, test } from 'vitest';
import { joinedNumber } from '../../../common/model/log-number.ts';
import type { StateSpan } from '../../../common/model/history.ts';
import { joinMarks, joinStates } from './marks.ts';

const SEGMENTS = [
  { reader: 1, from: 0, to: 50_000 },
  { reader: 0, from: 50_000, to: 100_000 },
];

function span(from: number, to: number, state: StateSpan['state']): StateSpan {
  return { key: 'id:1', from, to, state, reason: '' };
}

describe('states of nodes', () => {
  const preferred = {
    spans: [span(40_000, 80_000, 'up'), span(80_000, 100_000, 'down')],
    recordings: [{ from: 50_000, to: 100_000 }],
    more: false,
  };
  const other = {
    spans: [span(0, 10_000, 'down'), span(10_000, 60_000, 'up')],
    recordings: [{ from: 0, to: 60_000 }],
    more: false,
  };

  test('each history tells of its own time, and a state that goes on is one span', () => {
    expect(joinStates([preferred, other], SEGMENTS, 10)).toEqual({
      spans: [span(0, 10_000, 'down'), span(10_000, 80_000, 'up'), span(80_000, 100_000, 'down')],
      recordings: [{ from: 0, to: 100_000 }],
      more: false,
    });
  });

  test('the limit holds for the whole, and says when there is more', () => {
    const joined = joinStates([preferred, other], SEGMENTS, 2);
    expect([joined.spans.length, joined.more]).toEqual([2, true]);
  });
});

describe('marks of a time line', () => {
  const checkpoint = (time: number, text: string, number = 1) => ({ number, time, who: 'ops@desk', text });
  const counts = (...pairs: readonly (readonly [number, number])[]) => ({
    migrationTimes: Float64Array.from(pairs, ([time]) => time),
    migrationCounts: Float64Array.from(pairs, ([, count]) => count),
  });

  test('checkpoints are those of all, each once', () => {
    const joined = joinMarks(
      [
        { checkpoints: [checkpoint(60_000, 'b', 7)], ...counts() },
        { checkpoints: [checkpoint(60_000, 'b', 2), checkpoint(1000, 'a')], ...counts() },
      ],
      SEGMENTS,
    );
    expect(joined.checkpoints).toEqual([
      checkpoint(1000, 'a', joinedNumber(1, 1)),
      checkpoint(60_000, 'b', 7),
    ]);
  });

  test('migrations that two histories saw are counted once', () => {
    const joined = joinMarks(
      [
        { checkpoints: [], ...counts([40_000, 9], [60_000, 2]) },
        { checkpoints: [], ...counts([-1000, 1], [40_000, 3], [60_000, 2]) },
      ],
      SEGMENTS,
    );
    expect([...joined.migrationTimes]).toEqual([-1000, 40_000, 60_000]);
    expect([...joined.migrationCounts]).toEqual([1, 3, 2]);
  });
});
