/** How numbers, sizes, ages and foreign text are written. */
import { describe, expect, it } from 'vitest';
import { bytes, bytesOf, count, percent, plainLines, plainText, span } from './format.ts';

describe('numbers', () => {
  it('separates thousands', () => {
    expect(count(1998)).toBe('1,998');
  });

  it('writes a share as whole percent', () => {
    expect(percent(93.6)).toBe('94 %');
  });

  it('writes a dash for every missing value', () => {
    expect([count(NaN), percent(NaN), bytes(NaN), bytesOf(1, NaN), span(NaN)]).toEqual([
      '–',
      '–',
      '–',
      '–',
      '–',
    ]);
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [4096, '4.0 KiB'],
    [1000 * 1024, '1.0 MiB'],
    [8_363_000_000, '7.8 GiB'],
    [128 * 1024 ** 3, '128 GiB'],
  ])('%d bytes are %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it('writes part and whole in the unit of the whole', () => {
    expect(bytesOf(512 * 1024 ** 2, 8 * 1024 ** 3)).toBe('0.5 / 8.0 GiB');
  });

  it('keeps the whole where only the part is missing', () => {
    expect(bytesOf(NaN, 8 * 1024 ** 3)).toBe('– / 8.0 GiB');
  });
});

describe('spans', () => {
  it.each([
    [-1, '0 s'],
    [42.4, '42 s'],
    [150, '3 min'],
    [7200, '2 h'],
    [5 * 86_400, '5 d'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(span(seconds)).toBe(text);
  });
});

describe('foreign text', () => {
  it('shows control characters as a mark', () => {
    expect(plainText('a\u001b[31mb\u0000')).toBe('a\uFFFD[31mb\uFFFD');
  });

  it('shows characters that turn the reading direction as a mark', () => {
    expect(plainText('ed\u202Eon')).toBe('ed\uFFFDon');
  });

  it('leaves letters of any script alone', () => {
    expect(plainText('Knoten-ä-节点')).toBe('Knoten-ä-节点');
  });

  it('keeps line ends where lines are wanted', () => {
    expect(plainLines('one\r\ntwo\u0007')).toBe('one\ntwo\uFFFD');
  });
});
