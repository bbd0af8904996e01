/** Sets a checkpoint: marks the present moment, with a text to find it again by. */
import { createSignal, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import { Dialog } from '../parts/dialog.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';

const LONGEST_TEXT = 500;

export function CheckpointDialog(props: { readonly onClose: () => void }): JSX.Element {
  const [problem, setProblem] = createSignal<Problem>();
  const [waiting, setWaiting] = createSignal(false);
  let box: HTMLInputElement | undefined;

  async function add(): Promise<void> {
    if (waiting()) return;
    setWaiting(true);
    const result = await call('addCheckpoint', { text: box?.value.trim() ?? '' });
    setWaiting(false);
    if (result.ok) props.onClose();
    else setProblem(result.problem);
  }

  return (
    <Dialog title="Set a checkpoint" onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <div class="dialog-body form">
          <p>It marks this moment on every time line, for everybody who looks at this history.</p>
          <label class="field">
            <span>What is to be found again</span>
            <input
              ref={(element) => (box = element)}
              type="text"
              maxLength={LONGEST_TEXT}
              placeholder="before the upgrade"
              autocomplete="off"
              autofocus
            />
          </label>
          <InlineProblem problem={problem()} />
        </div>
        <div class="dialog-buttons">
          <button type="button" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={waiting()}>
            Set it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
