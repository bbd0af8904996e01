/**
 * What the agent says of a write that it did not take. Its files take any write, which is looked at some milliseconds later:
 * then the file reads as before, goto reads 0, and admin/last_error says what was refused and why. Pure.
 */
import { assertNever } from '../../common/model/result.ts';
import type { Operation, OperationReply } from '../../common/wire/operations.ts';
import { adminFileOf, numberIn, type Deed } from './deed.ts';

/** What is read beside a look at a deed; nothing where it writes no file of the agent's. */
export function refusalLook(deed: Deed): readonly Operation[] {
  const file = fileOf(deed);
  if (file === undefined) return [];
  return [
    { kind: 'read', file: file.path },
    { kind: 'read', file: 'admin/last_error' },
  ];
}

/** What the agent says of a deed, in its own words, and whether that is its answer: nothing waits to be done any more. */
export interface Refusal {
  readonly words: string;
  readonly isFinal: boolean;
}

/** Why a deed does not show its effect, by the replies to `refusalLook`; undefined where the agent speaks of something else. */
export function refusalIn(deed: Deed, [written, said]: readonly OperationReply[]): Refusal | undefined {
  const file = fileOf(deed);
  if (file === undefined || said?.kind !== 'text') return undefined;
  const words = said.texts[0] ?? '';
  if (!new RegExp(`(?<![A-Za-z0-9])${file.subject}(?![A-Za-z0-9])`).test(words)) return undefined;
  const present = written?.kind === 'text' ? numberIn(written.texts[0]) : null;
  // A goto of 0 may wait to be done or be gone: home reads like nothing.
  return { words, isFinal: present !== null && present !== String(file.value) };
}

/** The file that a deed writes, with what it reads until the agent has taken it up, and whom the agent then speaks of. */
function fileOf(deed: Deed) {
  switch (deed.kind) {
    case 'switch':
    case 'number':
      return {
        path: adminFileOf(deed),
        value: deed.value,
        subject: adminFileOf(deed).slice('admin/'.length),
      };
    case 'clear':
      return { path: adminFileOf(deed), value: 1, subject: deed.what };
    case 'move':
      return { path: `${deed.pid}/goto`, value: deed.to, subject: String(deed.pid) } as const;
    case 'lock':
      return { path: `${deed.pid}/lock`, value: deed.value, subject: String(deed.pid) } as const;
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
