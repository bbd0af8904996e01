import { describe, expect, test } from 'vitest';
import { expectedBytes, goesOn, type Round } from './rounds.ts';

const MEGABYTE = 1e6;
const GIGABYTE = 1e9;

/** The rounds of a job of so many bytes that changes so many a second, over a link of so many, with room for all. */
function roundsOf(bytes: number, changed: number, link: number, room = Infinity): readonly Round[] {
  const rounds: Round[] = [];
  while (goesOn(rounds, bytes, room)) {
    const last = rounds.at(-1);
    const sent = last === undefined ? bytes : Math.min(bytes, changed * last.seconds);
    rounds.push({ bytes: sent, seconds: sent / link });
  }
  return rounds;
}

describe('a job is sent while it runs', () => {
  test('once and what changed meanwhile, when it is large and mostly quiet', () => {
    const rounds = roundsOf(GIGABYTE, MEGABYTE, 100 * MEGABYTE);
    expect(rounds).toHaveLength(2);
    expect(expectedBytes(rounds, GIGABYTE)).toBe(0.1 * MEGABYTE);
  });

  test('in more rounds, when it changes more', () => {
    const rounds = roundsOf(GIGABYTE, 40 * MEGABYTE, 100 * MEGABYTE);
    expect(rounds.map(({ bytes }) => Math.round(bytes / MEGABYTE))).toEqual([1000, 400, 160, 64, 26, 10]);
  });

  test('no longer than it helps, when it changes its memory as quickly as that is sent', () => {
    expect(roundsOf(GIGABYTE, 90 * MEGABYTE, 100 * MEGABYTE)).toHaveLength(2);
  });

  test('not at all when it is small', () => {
    expect(roundsOf(3 * MEGABYTE, 0, 100 * MEGABYTE)).toEqual([]);
  });

  test('once when what it has is little enough to be left', () => {
    expect(roundsOf(6 * MEGABYTE, 0, 100 * MEGABYTE)).toHaveLength(1);
  });

  test('not at all where there is only room for one copy', () => {
    expect(roundsOf(GIGABYTE, 0, 100 * MEGABYTE, 2 * GIGABYTE)).toEqual([]);
  });
});
