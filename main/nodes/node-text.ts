/** Texts that a node's processes and users choose themselves, made fit to be shown: nothing in them acts on a screen. */
import { plainText } from '../ssh/failure.ts';

const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * A text given as bytes of Latin-1, read as UTF-8, at most `longest` characters, control characters as blanks; `?` where
 * nothing is left of it.
 */
export function shownText(bytes: string, longest: number): string {
  const cut = bytes.slice(0, 4 * longest);
  if (bytes === '' || (cut.length <= longest && PLAIN.test(cut))) return cut;
  return plainText(Buffer.from(cut, 'latin1').toString('utf8'), longest - 1) || '?';
}
