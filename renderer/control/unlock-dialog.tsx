/** The one visible action that allows changes: for how long, and that it is recorded. */
import { createSignal, For, Show, type JSX } from 'solid-js';
import { Dialog, FormButtons } from '../parts/dialog.tsx';

/** Choices of minutes, and the one that is offered. */
const MINUTES = [5, 15, 60] as const;
const USUAL = 15;

export function UnlockDialog(props: {
  /** What waits for it, in words; empty where nothing does. */
  readonly waiting: string;
  readonly onUnlock: (minutes: number) => void;
  /** Shows what would be done, with changes still locked; left out where there is nothing to show. */
  readonly onLook?: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [minutes, setMinutes] = createSignal<number>(USUAL);
  return (
    <Dialog title="Allow changes?" onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onUnlock(minutes());
        }}
      >
        <div class="dialog-body">
          <Show when={props.waiting !== ''}>
            <p>
              Waiting for it: <strong>{props.waiting}</strong>
            </p>
          </Show>
          <p>
            mosview is read-only until you allow changes. That is written to the audit log, and ends by
            itself.
          </p>
          <fieldset class="choices">
            <legend>For how long</legend>
            <For each={MINUTES}>
              {(each) => (
                <label>
                  <input
                    type="radio"
                    name="unlock-minutes"
                    checked={minutes() === each}
                    autofocus={each === USUAL}
                    onChange={() => setMinutes(each)}
                  />
                  {each} minutes
                </label>
              )}
            </For>
          </fieldset>
        </div>
        <FormButtons submit="Allow changes" onCancel={props.onCancel}>
          <Show when={props.onLook}>
            {(onLook) => (
              <button type="button" class="quiet more" onClick={() => onLook()()}>
                Only show what it would do
              </button>
            )}
          </Show>
        </FormButtons>
      </form>
    </Dialog>
  );
}
