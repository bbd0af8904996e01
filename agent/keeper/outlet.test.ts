import { describe, expect, test } from 'vitest';
import { Outlet } from './outlet.ts';

/** Everything that is sent from now on, as `PLACE:TEXT`, in pieces of at most `most` bytes. */
function sent(outlet: Outlet, most = 100): readonly string[] {
  const pieces: string[] = [];
  for (let piece = outlet.next(most); piece !== undefined; piece = outlet.next(most))
    pieces.push(`${piece.place}:${piece.bytes.toString()}`);
  return pieces;
}

function outletOf(...texts: readonly string[]): Outlet {
  const outlet = new Outlet(0);
  for (const text of texts) outlet.push(Buffer.from(text));
  return outlet;
}

describe('an outlet', () => {
  test('sends each byte once, with its place', () => {
    const outlet = outletOf('one ', 'two');
    expect(sent(outlet)).toEqual(['0:one ', '4:two']);
    outlet.push(Buffer.from(' three'));
    expect(sent(outlet)).toEqual(['7: three']);
  });

  test('cuts what is larger than a piece', () => {
    expect(sent(outletOf('abcdefg'), 3)).toEqual(['0:abc', '3:def', '6:g']);
  });

  test('keeps what is not confirmed, and sends it again from where the reader is', () => {
    const outlet = outletOf('one ', 'two ', 'three');
    sent(outlet);
    outlet.confirm(5);
    expect([outlet.base, outlet.end, outlet.length]).toEqual([5, 13, 8]);
    outlet.rewind(6);
    expect(sent(outlet)).toEqual(['6:o ', '8:three']);
  });

  test('is not moved by a confirmation that is old, or of what was never written', () => {
    const outlet = outletOf('one');
    outlet.confirm(2);
    outlet.confirm(1);
    expect(outlet.base).toBe(2);
    outlet.confirm(99);
    expect([outlet.base, outlet.end, outlet.length]).toEqual([3, 3, 0]);
  });

  test('goes on on another node with what travelled there', () => {
    const here = outletOf('one ', 'two');
    here.confirm(2);
    const there = new Outlet(here.base, here.kept());
    there.push(Buffer.from('!'));
    there.rewind(3);
    expect(sent(there)).toEqual(['3: two', '7:!']);
  });
});
