/** What the pointer and the keyboard choose. */
import { describe, expect, it } from 'vitest';
import { chooseAll, chooseOne, chooseRange, NONE_CHOSEN, toggleOne } from './selection.ts';

const ORDER = ['a', 'b', 'c', 'd', 'e'];

describe('choosing rows', () => {
  it('leaves one row alone where it is pointed at', () => {
    expect([...chooseOne('b').keys]).toEqual(['b']);
  });

  it('adds a row, and takes it away at the second time', () => {
    const two = toggleOne(chooseOne('b'), 'd');
    expect([...two.keys]).toEqual(['b', 'd']);
    expect([...toggleOne(two, 'b').keys]).toEqual(['d']);
  });

  it('takes all rows between the anchor and the one pointed at, in either direction', () => {
    expect([...chooseRange(chooseOne('b'), ORDER, 'd').keys]).toEqual(['b', 'c', 'd']);
    expect([...chooseRange(chooseOne('d'), ORDER, 'b').keys]).toEqual(['b', 'c', 'd']);
  });

  it('keeps the anchor, so that a range can become smaller again', () => {
    const range = chooseRange(chooseOne('b'), ORDER, 'e');
    expect([...chooseRange(range, ORDER, 'c').keys]).toEqual(['b', 'c']);
  });

  it('begins anew where the anchor is not shown any more', () => {
    expect([...chooseRange(chooseOne('gone'), ORDER, 'c').keys]).toEqual(['c']);
  });

  it('takes all that are shown', () => {
    const all = chooseAll(NONE_CHOSEN, ORDER);
    expect(all.keys.size).toBe(5);
    expect(all.lead).toBe('a');
  });
});
