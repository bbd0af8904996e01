/** Texts that a node's processes and users choose themselves, made fit to be shown: nothing in them acts on a screen. */
import { plainText } from '../ssh/failure.ts';

const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * A text given as bytes of Latin-1, read as UTF-8, at most `longest` characters, control characters as blanks; `?` where
 * nothing is left of it.
 */
export function shownText(bytes: string, longest: number): string {
  if (bytes.length <= longest && PRINTABLE.test(bytes)) return bytes.trim();
  const text = Buffer.from(bytes.slice(0, 4 * longest), 'latin1').toString('utf8');
  return plainText(text, longest - 1) || '?';
}
