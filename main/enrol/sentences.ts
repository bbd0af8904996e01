/** Words of nodes and of problems, which may end with a full stop or not, as sentences behind each other. */
import type { Problem } from '../../common/contract/problem.ts';

/** What a plan and its outcome hold at most of one node's words. */
const LENGTH = 2000;

/** Each begins where the one before has ended; empty ones are left out. */
export function sentences(...words: readonly string[]): string {
  return words
    .map((each) => each.trim())
    .filter(Boolean)
    .map((each) => (/[.!?)]$/.test(each) ? each : `${each}.`))
    .join(' ')
    .slice(0, LENGTH);
}

/** A problem's message and what is behind it. */
export function wordsOf({ message, detail }: Problem): string {
  return sentences(message, detail);
}
