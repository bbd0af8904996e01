/** Some of many: all of them, or those marked in a list. */
import { For, Show, type JSX } from 'solid-js';
import { count, plainText } from '../words/format.ts';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export function ChooseMany(props: {
  readonly title: string;
  /** What choosing none means: `all nodes`. */
  readonly all: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChosen: (values: readonly string[]) => void;
}): JSX.Element {
  return (
    <details class="choose-many">
      <summary>
        {props.title}:{' '}
        <span class="muted">
          {props.chosen.length === 0 ? props.all : `${count(props.chosen.length)} chosen`}
        </span>
      </summary>
      <select
        multiple
        size={Math.min(8, Math.max(3, props.choices.length))}
        aria-label={props.title}
        onChange={(event) =>
          props.onChosen([...event.currentTarget.selectedOptions].map((option) => option.value))
        }
      >
        <For each={props.choices}>
          {(choice) => (
            <option value={choice.value} selected={props.chosen.includes(choice.value)}>
              {plainText(choice.label)}
            </option>
          )}
        </For>
      </select>
      <p class="hint">
        Ctrl and a click marks several.{' '}
        <Show when={props.chosen.length > 0}>
          <button type="button" class="link" onClick={() => props.onChosen([])}>
            Choose {props.all}
          </button>
        </Show>
      </p>
    </details>
  );
}
