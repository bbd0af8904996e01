/** A process of a node of the port to 2.6 in a list: where it is, and why it must not be moved. Pure. */
import type { ProcessPlace } from '../../../common/model/process.ts';
import { assertNever } from '../../../common/model/result.ts';
import { sideOf, whereabouts } from './place.ts';

/** The id of the node that has an address; undefined where none has. */
export type IdOfAddress = (address: string) => number | undefined;

/** Where a process is, by its files `where` and `debug`. `selfId`: the node's own id, under which nothing is away. */
export function portPlace(
  where: string,
  debug: string,
  selfId: number | undefined,
  idOf: IdOfAddress,
): ProcessPlace {
  const at = whereabouts(where);
  switch (at?.kind) {
    case undefined:
      return { kind: 'unknown' };
    case 'home':
      return { kind: 'home' };
    case 'queued':
    case 'migrating':
      return { kind: 'moving' };
    case 'at':
      break;
    default:
      return assertNever(at);
  }
  const side = sideOf(debug);
  if (side !== 'deputy' && side !== 'guest') return { kind: 'unknown' };
  const { address } = at;
  const id = idOf(address);
  if (id === undefined || id === selfId) return { kind: 'elsewhere', address, guest: side === 'guest' };
  return side === 'guest' ? { kind: 'guest', id, pid: 0 } : { kind: 'away', id };
}

/** A kernel has less than 32 words, and what is ours comes first where a node says more. */
const MOST_REASONS = 32;

/** What the rule needs of a process. */
export interface Movable {
  readonly pid: number;
  readonly state: string;
  /** Pages of its memory, and its command line; a thread of the kernel has none of both. */
  readonly pages: number;
  readonly cmdline: string;
  /** The words of `stay`. */
  readonly stay: readonly string[];
}

/**
 * The reasons for one process: the kernel's own, which it looks at only after a move was accepted, and those that it does
 * not have (from 2.6.11 on none for its threads). `own`: numbers of mosview's own processes there.
 */
export function portReasons(
  { pid, state, pages, cmdline, stay }: Movable,
  own: ReadonlySet<number>,
): readonly string[] {
  const reasons = new Set<string>();
  if (pid === 1) reasons.add('init_proc');
  else if (state === 'Z') reasons.add('zombie');
  else if (pages === 0 && cmdline === '' && !stay.includes('daemon')) reasons.add('kernel_thread');
  if (own.has(pid) && pid !== 1) reasons.add('mosview');
  for (const word of stay) reasons.add(word);
  return [...reasons].slice(0, MOST_REASONS);
}
