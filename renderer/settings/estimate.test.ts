import { describe, expect, it } from 'vitest';
import type { PartUse } from '../../common/model/history.ts';
import { DEFAULT_RETENTION, type Keeping, type Retention } from '../../common/model/retention.ts';
import { costOf, deletions, lacking, totalCost } from './estimate.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;

describe('the cost of a part', () => {
  it.each<[string, Keeping, number, ReturnType<typeof costOf>]>([
    [
      'is its days at the present pace',
      { days: 7, megabytes: 8000 },
      100e6,
      { kind: 'known', bytes: 700e6, days: 7, by: 'days' },
    ],
    [
      'is its megabytes where they are reached before',
      { days: 7, megabytes: 500 },
      100e6,
      { kind: 'known', bytes: 500e6, days: 5, by: 'megabytes' },
    ],
    [
      'is its megabytes where there is no other limit',
      { days: null, megabytes: 500 },
      100e6,
      { kind: 'known', bytes: 500e6, days: 5, by: 'megabytes' },
    ],
    [
      'is its days where there is no other limit',
      { days: 3, megabytes: null },
      100e6,
      { kind: 'known', bytes: 300e6, days: 3, by: 'days' },
    ],
    ['has no end without a limit', { days: null, megabytes: null }, 5, { kind: 'growing', bytesPerDay: 5 }],
    ['is not known while its pace is not', { days: 7, megabytes: 2 }, NaN, { kind: 'unknown', most: 2e6 }],
    [
      'is nothing for a part that does not grow',
      { days: 7, megabytes: null },
      0,
      { kind: 'known', bytes: 0, days: 7, by: 'days' },
    ],
  ])('%s', (_name, keeping, pace, cost) => {
    expect(costOf(keeping, pace)).toEqual(cost);
  });
});

describe('the cost of all parts', () => {
  it('is their sum', () => {
    const costs = [costOf({ days: 1, megabytes: null }, 10), costOf({ days: 2, megabytes: null }, 10)];
    expect(totalCost(costs)).toEqual({ bytes: 30, certain: true, growing: 0 });
  });

  it('is the least where one is not known, and grows where one has no limit', () => {
    const costs = [
      costOf({ days: 1, megabytes: null }, 10),
      costOf({ days: 1, megabytes: null }, NaN),
      costOf({ days: null, megabytes: null }, 7),
    ];
    expect(totalCost(costs)).toEqual({ bytes: 10, certain: false, growing: 7 });
  });

  it('does not fit where it needs more than what is free beside what is there', () => {
    const total = { bytes: 1000, certain: true, growing: 0 };
    expect(lacking(total, 300, 700)).toBe(0);
    expect(lacking(total, 300, 600)).toBe(100);
    expect(lacking(total, 2000, 0)).toBe(0);
  });
});

describe('what a choice deletes', () => {
  const use: PartUse = { part: '1s', bytes: 1000e6, from: NOW - 10 * DAY, to: NOW, bytesPerDay: 100e6 };
  const with1s = (keeping: Keeping): Retention => ({ ...DEFAULT_RETENTION, '1s': keeping });
  const all = with1s({ days: null, megabytes: null });

  it('is what is older than its days', () => {
    expect(deletions([use], all, with1s({ days: 4, megabytes: null }), NOW)).toEqual([
      { part: '1s', bytes: 600e6, from: NOW - 10 * DAY, before: NOW - 4 * DAY },
    ]);
  });

  it('is the oldest of what is more than its megabytes', () => {
    expect(deletions([use], all, with1s({ days: null, megabytes: 250 }), NOW)).toEqual([
      { part: '1s', bytes: 750e6, from: NOW - 10 * DAY, before: NOW - 2.5 * DAY },
    ]);
  });

  it('is by the limit that takes more', () => {
    const [deleted] = deletions([use], all, with1s({ days: 8, megabytes: 250 }), NOW);
    expect(deleted?.before).toBe(NOW - 2.5 * DAY);
  });

  it('is nothing where the choice keeps at least what is kept now', () => {
    const stored = with1s({ days: 10, megabytes: null });
    expect(deletions([use], stored, with1s({ days: 11, megabytes: null }), NOW)).toEqual([]);
    expect(deletions([use], stored, stored, NOW)).toEqual([]);
  });

  it('is not what the choice in force deletes anyway', () => {
    const stored = with1s({ days: 5, megabytes: null });
    expect(deletions([use], stored, with1s({ days: 4, megabytes: null }), NOW)).toEqual([
      { part: '1s', bytes: 100e6, from: NOW - 5 * DAY, before: NOW - 4 * DAY },
    ]);
  });

  it('is nothing of a part that is empty', () => {
    const empty = { ...use, bytes: 0, from: null, to: null };
    expect(deletions([empty], all, with1s({ days: 1, megabytes: 1 }), NOW)).toEqual([]);
  });
});
