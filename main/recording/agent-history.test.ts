import { describe, expect, test } from 'vitest';
import type { Migration } from '../../common/model/migration.ts';
import { newMigrations, readRecorded } from './agent-history.ts';

const TOLD: Migration = {
  number: 0,
  time: 1_000_000,
  home: 1,
  pid: 7,
  started: 500,
  command: '',
  from: 1,
  to: 2,
  cause: 'balancer',
  action: null,
  duration: null,
  result: 'seen',
  count: 1,
};

describe('a move is logged once', () => {
  test.each<[string, Partial<Migration>, number]>([
    ['seen a moment later', { time: 1_002_000 }, 0],
    ['seen where the start was not known', { started: 0 }, 0],
    ['counted and not seen', { result: 'unseen', from: 0, to: 0, count: 3 }, 0],
    ['of another process', { pid: 8 }, 1],
    ['of an earlier process of its number', { started: 400 }, 1],
    ['to another node', { to: 3 }, 1],
    ['much later', { time: 1_100_000 }, 1],
  ])('where the log has one %s', (_what, logged, news) => {
    expect(newMigrations([TOLD], [{ ...TOLD, ...logged, number: 4 }])).toHaveLength(news);
  });

  test('and two of them where the log has one', () => {
    expect(newMigrations([TOLD, { ...TOLD, time: 1_030_000 }], [TOLD])).toHaveLength(1);
  });
});

test('what is no line of the recorder is left out', () => {
  const torn = { t: 5, kind: 'torn', bytes: 3 };
  expect(readRecorded(['', 'mos: hello', '{"t":1', JSON.stringify(torn), '{"t":-1,"kind":"load"}'])).toEqual([
    torn,
  ]);
});
