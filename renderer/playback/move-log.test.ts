import { describe, expect, it } from 'vitest';
import type { Migration } from '../../common/model/migration.ts';
import { extended, lastMove, movesBetween, NO_MOVES, recentMoves, type MoveLog } from './move-log.ts';

function moved(number: number, time: number, pid = 1): Migration {
  return {
    number,
    time,
    home: 1,
    pid,
    started: 1,
    command: 'cc1',
    from: 1,
    to: 2,
    cause: 'balancer',
    action: null,
    duration: null,
    result: 'seen',
    count: 1,
  };
}

function numbers(moves: readonly Migration[]): number[] {
  return moves.map(({ number }) => number);
}

const LOG: MoveLog = {
  from: 0,
  to: 60_000,
  seen: 60_000,
  moves: [moved(1, 1500), moved(2, 5000, 7), moved(3, 5999), moved(4, 6000, 7), moved(5, 20_000)],
};

describe('the migrations of a stretch that is played', () => {
  it('are those after the second shown before, up to and with the one shown now', () => {
    expect(numbers(movesBetween(LOG, 1000, 5000))).toEqual([2, 3]);
    expect(numbers(movesBetween(LOG, 5000, 6000))).toEqual([4]);
    expect(numbers(movesBetween(LOG, 6000, 6000))).toEqual([]);
  });

  it('are none on the way back', () => {
    expect(movesBetween(LOG, 20_000, 5000)).toEqual([]);
  });

  it('each come exactly once, however the time is cut', () => {
    const cuts = [0, 1000, 1000, 4000, 5000, 6000, 19_000, 20_000, 30_000];
    const seen = cuts.slice(1).flatMap((cut, index) => movesBetween(LOG, cuts[index] ?? 0, cut));
    expect(numbers(seen)).toEqual([1, 2, 3, 4, 5]);
  });
});

it('tells the newest up to a second, newest first', () => {
  expect(numbers(recentMoves(LOG, 6000, 3))).toEqual([4, 3, 2]);
  expect(numbers(recentMoves(LOG, 0, 3))).toEqual([]);
});

it('tells since when a process is where it is, not what happens later', () => {
  expect(lastMove(LOG, 5000, { home: 1, pid: 7 })?.number).toBe(2);
  expect(lastMove(LOG, 9000, { home: 1, pid: 7 })?.number).toBe(4);
  expect(lastMove(LOG, 1000, { home: 1, pid: 7 })).toBeUndefined();
});

it('reads what was not settled again when it goes on', () => {
  const first = extended(NO_MOVES, 5000, 8000, [moved(1, 4000), moved(2, 6000)]);
  const second = extended(first, 9000, 9000, [moved(2, 6000), moved(3, 7000)]);
  expect(numbers(second.moves)).toEqual([1, 2, 3]);
  expect(second).toMatchObject({ to: 9000, seen: 9000 });
});

it('forgets the oldest of very many, and says from when on it is complete', () => {
  const many = Array.from({ length: 20_010 }, (_unused, index) => moved(index, index));
  const log = extended(NO_MOVES, 30_000, 30_000, many);
  expect(log.moves.length).toBe(20_000);
  expect(log.from).toBe(10);
});
