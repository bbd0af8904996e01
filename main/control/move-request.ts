/** What the migration log is told of a deed that moves processes. */
import { numberIn, type Deed } from './deed.ts';
import type { MoveRequest } from './types.ts';

/**
 * The request that a deed on node `id` is; undefined for one that moves nothing. `before`: where the process was, 0 for
 * home, as the plan found it.
 */
export function moveRequestOf(
  deed: Deed,
  id: number,
  before: string | null,
  { action, time }: Pick<MoveRequest, 'action' | 'time'>,
): MoveRequest | undefined {
  if (deed.kind === 'clear') return { kind: deed.what, id, action, time };
  if (deed.kind !== 'move' && deed.kind !== 'send' && deed.kind !== 'where') return undefined;
  const guest = deed.kind === 'move' ? deed.guest : null;
  const home = guest?.home ?? id;
  // Of an address that nobody has it is not known where that is.
  const at = numberIn(before ?? '0');
  return {
    kind: 'process',
    home,
    pid: guest?.pid ?? deed.pid,
    from: at === '0' ? home : Number(at ?? 0),
    to: deed.to === -1 ? 0 : deed.to === 0 ? home : deed.to,
    action,
    time,
  };
}
