/** Why the times that only a server has are missing: a line that is empty for lack of an answer looks like one of a quiet time. */
import { createEffect, createSignal, onCleanup, type Accessor } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';

/** Looks once `settled` is true, when the program notices something, and until it is over whenever `answered` changes. */
export function createOlder(
  settled: Accessor<boolean>,
  answered: Accessor<unknown>,
): Accessor<Problem | undefined> {
  const [trouble, setTrouble] = createSignal<Problem>();

  async function look(): Promise<void> {
    const outlets = await call('outlets', {});
    const found = outlets.ok ? outlets.value.read?.problem : undefined;
    setTrouble(found ? { ...found, message: `Older times are missing. ${found.message}` } : undefined);
  }
  createEffect(() => settled() && void look());
  createEffect<unknown>((before) => {
    const now = answered();
    if (now !== before && trouble() !== undefined) void look();
    return now;
  });
  onCleanup(window.mosview.on('notice', () => void look()));
  return trouble;
}
