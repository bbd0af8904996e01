import { expect, test } from 'vitest';
import { LineBreaker } from './lines.ts';

const letters = new Set(
  Array.from(' abcdefghijklmnopqrstuvwxyzM[]+U0123456789ABCDEF', (letter) => letter.codePointAt(0) ?? 0),
);
/** A font whose letters are one wide. */
const lines = new LineBreaker(letters, (text) => text.length);

test('a text that fits stays one line', () => {
  expect(lines.break('mprime', 6)).toEqual(['mprime']);
});

test('a longer one is broken between words, and inside a word where it must be', () => {
  expect(lines.break('the kernel was booting', 10)).toEqual(['the kernel', 'was', 'booting']);
  expect(lines.break('anna of abcdefghijklm', 8)).toEqual(['anna of', 'abcdefgh', 'ijklm']);
});

test('a letter that the font lacks is written as its number', () => {
  expect(lines.break('a測b\u{1F600}', 40)).toEqual(['a[U+6E2C]b[U+1F600]']);
});

test('a width of nothing still ends', () => {
  expect(lines.break('abc', 0)).toEqual(['a', 'b', 'c']);
});
