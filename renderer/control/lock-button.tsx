/** Whether changes are allowed, as a button: quiet while they are not, plain to see while they are. */
import { createEffect, createSignal, onCleanup, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { span } from '../words/format.ts';
import type { Control } from './control.ts';
import { UnlockDialog } from './unlock-dialog.tsx';

export function LockButton(props: {
  readonly control: Control;
  readonly onProblem: (problem: Problem) => void;
}): JSX.Element {
  const [now, setNow] = createSignal(Date.now());
  const [asking, setAsking] = createSignal(false);
  const until = () => props.control.state().unlockedUntil;
  const left = () => span(Math.max(0, ((until() ?? 0) - now()) / 1000));

  createEffect(() => {
    if (until() === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    onCleanup(() => clearInterval(timer));
  });

  async function unlock(minutes: number): Promise<void> {
    setAsking(false);
    const result = await props.control.unlock(minutes);
    if (!result.ok) props.onProblem(result.problem);
  }

  return (
    <>
      <Show
        when={until() !== null}
        fallback={
          <button
            type="button"
            class="lock quiet"
            title="Nothing can be changed until you allow it"
            onClick={() => setAsking(true)}
          >
            Read-only
          </button>
        }
      >
        <button
          type="button"
          class="lock open"
          title="Forbid changes again now"
          onClick={() => void props.control.lock()}
        >
          Changes allowed, {left()} left
        </button>
      </Show>
      <Show when={asking()}>
        <UnlockDialog
          waiting=""
          onUnlock={(minutes) => void unlock(minutes)}
          onCancel={() => setAsking(false)}
        />
      </Show>
    </>
  );
}
