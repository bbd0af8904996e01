import { describe, expect, test } from 'vitest';
import { historyQueries, type HistoryInput } from '../../../common/contract/history-queries.ts';
import { joinedNumber } from '../../../common/model/log-number.ts';
import type { Migration } from '../../../common/model/migration.ts';
import { success } from '../../../common/model/result.ts';
import { joinMigrations } from './migrations.ts';

const SEAM = 100_000;
const SEGMENTS = [
  { reader: 1, from: 0, to: SEAM },
  { reader: 0, from: SEAM, to: 200_000 },
];

function move(number: number, time: number, pid = number): Migration {
  return {
    number,
    time,
    home: 1,
    pid,
    started: 0,
    command: 'job',
    from: 1,
    to: 2,
    cause: 'balancer',
    action: null,
    duration: null,
    result: 'seen',
    count: 1,
  };
}

/** A log as the store answers from it: by time, and by number in one millisecond. */
function log(
  all: readonly Migration[],
  { from, to, before, after, limit }: HistoryInput<'migrations'>,
): Migration[] {
  const place = (number: number): number => all.findIndex((each) => each.number === number);
  const wanted = all.filter(
    ({ number, time }) =>
      (from === undefined || time >= from) &&
      (to === undefined || time < to) &&
      (before === undefined || place(before) < 0 || place(number) < place(before)) &&
      (after === undefined || after === 0 || place(number) > place(after)),
  );
  return after === undefined ? wanted.toReversed().slice(0, limit) : wanted.slice(0, limit);
}

function ask(
  logs: readonly (readonly Migration[])[],
  query: Parameters<typeof historyQueries.migrations.input.parse>[0],
) {
  return joinMigrations(historyQueries.migrations.input.parse(query), SEGMENTS, (reader, own) =>
    Promise.resolve(success({ migrations: log(logs[reader] ?? [], own) })),
  );
}

async function numbers(...args: Parameters<typeof ask>): Promise<readonly number[]> {
  const answer = await ask(...args);
  return answer.ok ? answer.value.migrations.map(({ number }) => number) : [];
}

const OTHER = [move(1, 10_000, 11), move(2, 50_000, 12), move(3, 150_000, 13)];
const PREFERRED = [move(1, 90_000, 20), move(2, 110_000, 21), move(3, 150_000, 13)];
const LOGS = [PREFERRED, OTHER];

describe('the migration log of two histories', () => {
  test('is newest first, each history’s of its own time', async () => {
    expect(await numbers(LOGS, {})).toEqual([3, 2, joinedNumber(1, 2), joinedNumber(1, 1)]);
  });

  test('goes on with the next page where the last ended, on either side of the seam', async () => {
    expect(await numbers(LOGS, { limit: 1, before: 3 })).toEqual([2]);
    expect(await numbers(LOGS, { limit: 1, before: 2 })).toEqual([joinedNumber(1, 2)]);
    expect(await numbers(LOGS, { limit: 5, before: joinedNumber(1, 2) })).toEqual([joinedNumber(1, 1)]);
  });

  test('goes forward the same way, oldest first', async () => {
    expect(await numbers(LOGS, { after: 0, limit: 3 })).toEqual([joinedNumber(1, 1), joinedNumber(1, 2), 2]);
    expect(await numbers(LOGS, { after: joinedNumber(1, 1), limit: 2 })).toEqual([joinedNumber(1, 2), 2]);
    expect(await numbers(LOGS, { after: 2 })).toEqual([3]);
  });

  test('has a move at the seam that both saw once', async () => {
    const seen = [[move(1, SEAM + 500, 5)], [move(1, SEAM - 400, 5), move(2, SEAM - 300, 6)]];
    expect(await numbers(seen, {})).toEqual([1, joinedNumber(1, 2)]);
    expect(await numbers(seen, { before: 1 })).toEqual([joinedNumber(1, 2)]);
  });

  test('has what was seen since the last second that is known to be recorded', async () => {
    expect(await numbers([[move(1, 300_000)], []], {})).toEqual([1]);
  });

  test('keeps to the range it was asked for', async () => {
    expect(await numbers(LOGS, { from: 40_000, to: 120_000 })).toEqual([2, joinedNumber(1, 2)]);
  });
});
