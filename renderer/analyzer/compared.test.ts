/** The nodes chosen for comparing. */
import { describe, expect, it } from 'vitest';
import { keysOf, NONE_COMPARED, toggled, type Compared } from './compared.ts';

const chosen = (...keys: string[]): Compared => keys.reduce(toggled, NONE_COMPARED);

describe('the compared nodes', () => {
  it('keep their places when another one is taken out', () => {
    const two = toggled(chosen('a', 'b', 'c'), 'a');
    expect(two.indexOf('b')).toBe(1);
    expect(keysOf(two)).toEqual(['b', 'c']);
  });

  it('take the first free place', () => {
    expect(keysOf(toggled(toggled(chosen('a', 'b'), 'a'), 'd'))).toEqual(['d', 'b']);
  });

  it('are eight at most', () => {
    const nine = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    expect(keysOf(chosen(...nine))).toEqual(nine.slice(0, 8));
  });
});
