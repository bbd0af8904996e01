import { describe, expect, it } from 'vitest';
import { joinedNumber } from '../../common/model/log-number.ts';
import type { Migration } from '../../common/model/migration.ts';
import { NO_FILTER, passes, withOlder, withPushed } from './entries.ts';
import { durationWords, resultWords, wayWords } from './migration-words.ts';

function entry(given: Partial<Migration> & Pick<Migration, 'number'>): Migration {
  return {
    time: 1000 * given.number,
    home: 1,
    pid: 100,
    started: 1,
    command: 'cc1',
    from: 1,
    to: 2,
    cause: 'balancer',
    action: null,
    duration: null,
    result: 'seen',
    count: 1,
    ...given,
  };
}

function numbers(entries: readonly Migration[]): number[] {
  return entries.map((each) => each.number);
}

describe('what is pushed', () => {
  it('comes first when it is new, in the order of numbers', () => {
    const next = withPushed([entry({ number: 2 })], [entry({ number: 3 }), entry({ number: 4 })], NO_FILTER);
    expect(numbers(next)).toEqual([4, 3, 2]);
  });

  it('replaces an entry of the same number in its place', () => {
    const old = [entry({ number: 2 }), entry({ number: 1 })];
    const next = withPushed(old, [entry({ number: 1, cause: 'operator', action: 7 })], NO_FILTER);
    expect(next.map((each) => each.action)).toEqual([null, 7]);
  });

  it('takes an entry away that does not pass any more', () => {
    const filter = { ...NO_FILTER, cause: 'unknown' } as const;
    const old = [entry({ number: 2, cause: 'unknown' })];
    expect(withPushed(old, [entry({ number: 2, cause: 'operator' })], filter)).toEqual([]);
  });

  it('leaves the list as it is when nothing passes', () => {
    const old = [entry({ number: 2 })];
    expect(withPushed(old, [entry({ number: 3 })], { ...NO_FILTER, node: 9 })).toBe(old);
  });

  it('comes first also where the newest entry is of another log, whose numbers are higher', () => {
    const old = [entry({ number: joinedNumber(1, 9) }), entry({ number: 2 })];
    const next = withPushed(old, [entry({ number: 1 }), entry({ number: 3 })], NO_FILTER);
    expect(numbers(next)).toEqual([3, joinedNumber(1, 9), 2]);
  });

  it('counts once when the same number comes twice at a time', () => {
    const next = withPushed([], [entry({ number: 3 }), entry({ number: 3, duration: 5 })], NO_FILTER);
    expect(next.map((each) => each.duration)).toEqual([5]);
  });

  it('is quick with 100,000 entries', () => {
    const many = Array.from({ length: 100_000 }, (_unused, index) => entry({ number: 100_000 - index }));
    expect(withPushed(many, [entry({ number: 100_001 }), entry({ number: 50 })], NO_FILTER)).toHaveLength(
      100_001,
    );
  });
});

describe('older pages', () => {
  it('go to the end without what is there already', () => {
    const next = withOlder([entry({ number: 5 })], [entry({ number: 5 }), entry({ number: 4 })]);
    expect(numbers(next)).toEqual([5, 4]);
  });
});

describe('the filter', () => {
  it.each([
    [{ node: 1 }, true],
    [{ node: 2 }, true],
    [{ node: 3 }, false],
    [{ cause: 'balancer' }, true],
    [{ cause: 'operator' }, false],
    [{ text: 'C1' }, true],
    [{ text: 'ld' }, false],
    [{ from: 7000, to: 7001 }, true],
    [{ from: 7001 }, false],
    [{ to: 7000 }, false],
  ] as const)('%j: %s', (part, passing) => {
    expect(passes(entry({ number: 7 }), { ...NO_FILTER, ...part })).toBe(passing);
  });
});

describe('words', () => {
  it.each([
    [null, '–'],
    [350, '350 ms'],
    [1240, '1.2 s'],
    [240_000, '4 min'],
  ])('of a duration of %s', (duration, words) => {
    expect(durationWords(duration)).toBe(words);
  });

  it('count unseen moves', () => {
    expect(resultWords(entry({ number: 1, result: 'unseen', count: 3 }))).toBe('3 unseen moves');
    expect(resultWords(entry({ number: 1, result: 'unseen' }))).toBe('1 unseen move');
  });

  it('name nodes, and the id of one that has no name', () => {
    expect(wayWords(entry({ number: 1 }), (id) => (id === 1 ? 'alpha' : ''))).toBe('alpha → node 2');
  });
});
