/** One of a few things, side by side: radio buttons that look like one control. The arrow keys walk through them. */
import { For, type JSX } from 'solid-js';

/** What can be chosen. */
export interface ChoiceOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** More words, on hover. */
  readonly about?: string;
}

let choices = 0;

export function Choice<Value extends string>(props: {
  readonly label: string;
  readonly options: readonly ChoiceOption<Value>[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}): JSX.Element {
  const name = `choice-${(choices += 1)}`;
  return (
    <div class="ranges" role="radiogroup" aria-label={props.label}>
      <For each={props.options}>
        {(option) => (
          <label title={option.about}>
            <input
              type="radio"
              name={name}
              checked={props.value === option.value}
              onChange={() => props.onChoose(option.value)}
            />
            {option.label}
          </label>
        )}
      </For>
    </div>
  );
}
