/** A menu as a native popover below its button; the browser closes it at Escape and at a click beside it. */
import { For, type JSX } from 'solid-js';

/** An entry; `line` draws a line above it. */
export interface MenuEntry {
  readonly label: string;
  readonly line?: boolean;
  readonly choose: () => void;
}

let menus = 0;

export function Menu(props: { readonly label: string; readonly entries: readonly MenuEntry[] }): JSX.Element {
  const id = `menu-${(menus += 1)}`;
  let menu: HTMLDivElement | undefined;

  /** The arrow keys walk through the entries, round and round. */
  function onKeyDown(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
    const entries = [...event.currentTarget.querySelectorAll('button')];
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    entries[(at + step + entries.length) % entries.length]?.focus();
  }

  return (
    <span class="menu-holder">
      <button type="button" class="menu-button" popovertarget={id} aria-haspopup="menu">
        {props.label}
      </button>
      <div
        ref={(node) => (menu = node)}
        id={id}
        class="menu"
        popover="auto"
        role="menu"
        aria-label={props.label}
        onKeyDown={onKeyDown}
        onToggle={(event) => {
          if (event.newState === 'open') event.currentTarget.querySelector('button')?.focus();
        }}
      >
        <For each={props.entries}>
          {(entry) => (
            <>
              {entry.line === true && <hr />}
              <button
                type="button"
                role="menuitem"
                onClick={() => {
                  menu?.hidePopover();
                  entry.choose();
                }}
              >
                {entry.label}
              </button>
            </>
          )}
        </For>
      </div>
    </span>
  );
}
