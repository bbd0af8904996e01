/** A row of tabs: the arrow keys choose, and only the chosen one is a stop of the Tab key. */
import { For, type JSX } from 'solid-js';

export function Tabs<Name extends string>(props: {
  readonly names: readonly Name[];
  readonly chosen: Name;
  readonly onChoose: (name: Name) => void;
}): JSX.Element {
  function onKeyDown(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = props.names.at((props.names.indexOf(props.chosen) + step) % props.names.length);
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    props.onChoose(next);
    event.currentTarget.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
  }

  return (
    <div class="tabs" role="tablist" aria-label="What is shown" onKeyDown={onKeyDown}>
      <For each={props.names}>
        {(name) => (
          <button
            type="button"
            role="tab"
            aria-selected={props.chosen === name}
            tabIndex={props.chosen === name ? 0 : -1}
            onClick={() => props.onChoose(name)}
          >
            {name}
          </button>
        )}
      </For>
    </div>
  );
}
