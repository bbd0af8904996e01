/** Empties nodes as one action: who may come back, why, and until when. */
import { createSignal, For, Show, type JSX } from 'solid-js';
import { Dialog, FormButtons } from '../parts/dialog.tsx';

const HOUR = 3_600_000;

const ENDS = [
  { name: 'until I end it', hours: undefined },
  { name: 'for 1 hour', hours: 1 },
  { name: 'for 4 hours', hours: 4 },
  { name: 'until a time', hours: 'time' },
] as const;

/** What the operator wants of a drain. */
export interface DrainWish {
  readonly bring: boolean;
  readonly reason: string;
  /** Milliseconds since 1970; null for no end of its own. */
  readonly until: number | null;
}

export function DrainDialog(props: {
  /** Which nodes, in words. */
  readonly nodes: string;
  /** Whether all of them are MattX nodes, which refuse no guest. */
  readonly mattx: boolean;
  readonly onOrder: (wish: DrainWish) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [bring, setBring] = createSignal(false);
  const [reason, setReason] = createSignal('');
  const [end, setEnd] = createSignal<(typeof ENDS)[number]>(ENDS[0]);
  const [time, setTime] = createSignal(localTime(Date.now() + HOUR));
  const [late, setLate] = createSignal(false);

  function submit(): void {
    const { hours } = end();
    const until =
      hours === undefined ? null : hours === 'time' ? Date.parse(time()) : Date.now() + hours * HOUR;
    const past = until !== null && !(until > Date.now());
    setLate(past);
    if (!past) props.onOrder({ bring: bring(), reason: reason().trim(), until });
  }

  return (
    <Dialog title={`Drain ${props.nodes}`} onClose={props.onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div class="dialog-body form">
          <Show
            when={props.mattx}
            fallback={<p>Guests are sent away and no new ones are taken (expel, block).</p>}
          >
            <p>
              The balancer is switched off there, the affinity goes down to 1, and guests are sent home by
              their home nodes, one after the other. MattX cannot refuse guests: while the node is idle it may
              still be given one.
            </p>
          </Show>
          <label class="choice">
            <input
              type="checkbox"
              checked={bring()}
              onChange={(event) => setBring(event.currentTarget.checked)}
            />
            <span>
              {props.mattx
                ? 'Also bring its own processes home'
                : 'Also bring its own processes home and keep them there (bring, lstay)'}
            </span>
          </label>
          <label class="field">
            <span>Reason</span>
            <input
              type="text"
              maxLength={500}
              autofocus
              autocomplete="off"
              placeholder="Kept in the audit log; may be left out"
              value={reason()}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
          <fieldset class="choices">
            <legend>How long</legend>
            <For each={ENDS}>
              {(each) => (
                <label>
                  <input
                    type="radio"
                    name="drain-end"
                    checked={end() === each}
                    onChange={() => setEnd(each)}
                  />
                  {each.name}
                </label>
              )}
            </For>
            <Show when={end().hours === 'time'}>
              <input
                type="datetime-local"
                aria-label="End of the drain"
                required
                value={time()}
                onInput={(event) => setTime(event.currentTarget.value)}
              />
            </Show>
          </fieldset>
          <p class="hint">
            <Show
              when={late()}
              fallback="At the end the switches are put back as they were; what came home stays."
            >
              <span role="alert" class="wrong">
                That time is past already. Choose a later one.
              </span>
            </Show>
          </p>
        </div>
        <FormButtons submit="Drain" onCancel={props.onCancel} />
      </form>
    </Dialog>
  );
}

/** A time as a field for local times wants it: `2026-07-03T14:00`. */
function localTime(time: number): string {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
