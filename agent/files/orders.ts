/** What an operator wrote into a flat file, and whether it may be taken: pure, the files are read elsewhere. */
import { problem } from '../../common/contract/problem.ts';
import { MOST_SPEED, STANDARD_SPEED } from '../../common/model/metric.ts';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import { failure, success, type Result } from '../../common/model/result.ts';

/** What may be written into a file. */
export interface WriteRule {
  readonly least: number;
  readonly most: number;
  /** What the numbers mean, for the answer to another one. */
  readonly takes: string;
  /** A request reads as before once it is taken up; a setting reads as what was written. */
  readonly kind: 'request' | 'setting';
}

const SWITCH: WriteRule = { least: 0, most: 1, takes: '1 (on) or 0 (off)', kind: 'setting' };
const AT_ONCE: WriteRule = { least: 1, most: 1, takes: '1', kind: 'request' };
const PLACE: WriteRule = {
  least: -1,
  most: MAX_NODE_ID,
  takes: `a node's id (1 to ${MAX_NODE_ID}), 0 (home) or -1 (the best node)`,
  kind: 'request',
};

/** The files of admin/ that take something; the others are only read. */
export const ADMIN_RULES = {
  stay: SWITCH,
  lstay: SWITCH,
  block: SWITCH,
  quiet: SWITCH,
  expel: AT_ONCE,
  bring: AT_ONCE,
  speed: {
    least: 1,
    most: MOST_SPEED,
    takes: `a whole number from 1 to ${MOST_SPEED} (${STANDARD_SPEED} is the standard CPU)`,
    kind: 'setting',
  },
} as const satisfies Readonly<Record<string, WriteRule>>;

/** The same of a job's folder. */
export const JOB_RULES = {
  goto: PLACE,
  migrate: PLACE,
  lock: { ...SWITCH, takes: '1 (stays where it is) or 0 (may move by itself)' },
  miggroup: { least: 0, most: 999_999_999, takes: "a group's number, or 0 (no group)", kind: 'setting' },
} as const satisfies Readonly<Record<string, WriteRule>>;

/**
 * What was written into a file that held `held` and now holds `now`. With `>` the old text is gone; without truncation a
 * shorter one leaves the end of the old one behind it; programs that read first write behind the old text (MOSIX'
 * msx_replace), and so does `>>`. Of several lines in one go the last one counts.
 */
export function writtenText(held: string, now: string): string {
  if (held !== '' && now.length > held.length && now.startsWith(held))
    return lastLine(now.slice(held.length));
  const end = now.indexOf('\n') + 1;
  const isOldEnd = end > 0 && end < now.length && now.length === held.length && held.endsWith(now.slice(end));
  return lastLine(isOldEnd ? now.slice(0, end) : now);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

/** The number that was written, or why it is not taken, in words that follow what was written. */
export function takenNumber(written: string, rule: WriteRule | undefined): Result<number> {
  if (rule === undefined) return failure(problem('bad-input', 'the file is only read'));
  const value = /^[+-]?\d{1,9}$/.test(written) ? Number(written) : NaN;
  return value >= rule.least && value <= rule.most
    ? success(value)
    : failure(problem('bad-input', `it takes ${rule.takes}`));
}
