/** Choosing rows by click, Ctrl, Shift and keys. */
import { describe, expect, it } from 'vitest';
import { chooseAll, chooseOnly, goTo, NOTHING_CHOSEN, retain, stretch, toggle } from './selection.ts';

const order = ['a', 'b', 'c', 'd'];

describe('a selection', () => {
  it('is one row after a plain choice', () => {
    expect([...chooseOnly('b').chosen]).toEqual(['b']);
  });

  it('gains and loses a row with Ctrl', () => {
    const two = toggle(chooseOnly('b'), 'd');
    expect([...two.chosen]).toEqual(['b', 'd']);
    expect([...toggle(two, 'b').chosen]).toEqual(['d']);
  });

  it('stretches from where it began, in both directions', () => {
    const down = stretch(chooseOnly('b'), order, 'd');
    expect([...down.chosen]).toEqual(['b', 'c', 'd']);
    expect([...stretch(down, order, 'a').chosen]).toEqual(['a', 'b']);
  });

  it('keeps what is chosen when the keyboard only goes elsewhere', () => {
    const moved = goTo(chooseOnly('a'), 'c');
    expect([[...moved.chosen], moved.active]).toEqual([['a'], 'c']);
  });

  it('can be everything', () => {
    expect(chooseAll(NOTHING_CHOSEN, order).chosen.size).toBe(4);
  });

  it('loses rows that are gone, and is the same where none is', () => {
    const two = toggle(chooseOnly('a'), 'd');
    expect(retain(two, new Set(order))).toBe(two);
    const left = retain(two, new Set(['a', 'b']));
    expect([[...left.chosen], left.active, left.anchor]).toEqual([['a'], undefined, undefined]);
  });
});
