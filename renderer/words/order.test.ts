import { describe, expect, it } from 'vitest';
import { compareNames } from './order.ts';

const sorted = (...names: readonly string[]): readonly string[] => [...names].sort(compareNames);

/** The same numbers each time, so that a failure comes again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

describe('the order of names', () => {
  it('has numbers by their value', () => {
    expect(sorted('n10', 'n2', 'n1')).toEqual(['n1', 'n2', 'n10']);
  });

  it('does not tell capitals from small letters, nor a number from itself with zeros in front', () => {
    expect(compareNames('Node7', 'nODE007')).toBe(0);
  });

  it('has letters with marks beside those without', () => {
    expect(sorted('zebra', 'élan', 'echo', 'fox')).toEqual(['echo', 'élan', 'fox', 'zebra']);
  });

  it('is that of a collator for any names of hosts', () => {
    const { compare } = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
    const roll = dice(7);
    const name = () => Array.from({ length: roll(9) }, () => 'aBbzZ0019.-'[roll(11)]).join('');
    const pairs = Array.from({ length: 20_000 }, () => [name(), name()] as const);
    const wrong = pairs.filter(([a, b]) => Math.sign(compareNames(a, b)) !== Math.sign(compare(a, b)));
    expect(wrong).toEqual([]);
  });
});
