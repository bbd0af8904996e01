import { expect, test } from 'vitest';
import { printable } from './terminal-prompter.ts';

test('ordinary text of any language is printed as it is, with its line feeds', () => {
  expect(printable('Grüße aus Köln\nこんにちは 🖥')).toBe('Grüße aus Köln\nこんにちは 🖥');
});

test.each([
  ['an escape sequence', '\u001B[2J', '\u{FFFD}[2J'],
  ['the one-byte form of it', '\u009B2J', '\u{FFFD}2J'],
  ['a carriage return that overwrites a line', 'safe\rfake', 'safe\u{FFFD}fake'],
  ['a bell, a backspace and a delete', '\u0007\b\u007F', '\u{FFFD}\u{FFFD}\u{FFFD}'],
  ['a change of writing direction', 'abc\u202Etxt', 'abc\u{FFFD}txt'],
  ['an invisible character', 'ro\u200Bot', 'ro\u{FFFD}ot'],
])('%s is not', (_case, text, shown) => expect(printable(text)).toBe(shown));
