/** The order of names everywhere in the windows: numbers in them by their value, capitals like small letters. */
import { atFirstUse } from './at-first-use.ts';

const collator = atFirstUse(() => new Intl.Collator('en', { numeric: true, sensitivity: 'base' }));

/** Below zero where `a` comes first: `n2` before `n10`. */
export function compareNames(a: string, b: string): number {
  return collator().compare(a, b);
}
