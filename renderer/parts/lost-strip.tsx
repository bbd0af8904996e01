/** Says that the way to main is lost, and how old what is shown has become. */
import { Show, type JSX } from 'solid-js';
import { timeOfDay } from '../words/format.ts';

export function LostStrip(props: {
  readonly connected: boolean;
  /** Time of the newest numbers, 0 where there are none. */
  readonly time: number;
}): JSX.Element {
  return (
    <div role="alert">
      <Show when={!props.connected}>
        <p class="lost-strip">
          The connection to mosview is lost and is tried again by itself.
          <Show when={props.time > 0}> What you see is of {timeOfDay(props.time)}.</Show>
        </p>
      </Show>
    </div>
  );
}
