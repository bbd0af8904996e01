/**
 * What the agent says of a write that it did not take. Its files take any write, which is looked at some milliseconds later:
 * then the file reads as before, and admin/last_error says when, what was refused and why. Pure.
 */
import { assertNever } from '../../common/model/result.ts';
import type { Operation, OperationReply } from '../../common/wire/operations.ts';
import type { Deed } from './deed.ts';
import type { ControlNode } from './types.ts';

/** Reads what the agent refused last; nothing for other nodes. It is read before a write, and with every look. */
export function lastRefusal({ dialect }: ControlNode): readonly Operation[] {
  return dialect === 'agent' ? [{ kind: 'read', file: 'admin/last_error' }] : [];
}

/** The line in the reply to `lastRefusal`, empty where nothing was refused yet; undefined where it could not be read. */
export function refusalLine(reply: OperationReply | undefined): string | undefined {
  return reply?.kind === 'text' ? (reply.texts[0] ?? '') : undefined;
}

/** What the agent says of a deed, in its own words, and whether that is its answer to this very write. */
export interface Refusal {
  readonly words: string;
  readonly isAnswer: boolean;
}

/**
 * Why a deed does not show its effect, by the line that is there now and the one before the write, undefined where that is
 * not known; undefined where the agent speaks of something else. Every line has its own time.
 */
export function refusalOf(
  deed: Deed,
  line: string | undefined,
  before: string | undefined,
): Refusal | undefined {
  const subject = subjectOf(deed);
  if (subject === undefined || line === undefined) return undefined;
  if (!new RegExp(`(?<![A-Za-z0-9])${subject}(?![A-Za-z0-9])`).test(line)) return undefined;
  const words = line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '');
  return { words, isAnswer: before !== undefined && line !== before };
}

/** By what the agent names what a deed writes: the file below admin/, or the number of the job. */
function subjectOf(deed: Deed): string | undefined {
  switch (deed.kind) {
    case 'switch':
      return deed.setting;
    case 'number':
      return deed.file;
    case 'clear':
      return deed.what;
    case 'move':
    case 'lock':
      return String(deed.pid);
    case 'mattx':
    case 'pins':
    case 'send':
    case 'where':
    case 'signal':
    case 'renice':
      return undefined;
    default:
      return assertNever(deed);
  }
}
