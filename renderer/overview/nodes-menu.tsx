/** The menu that brings nodes in, as a native popover below its button. */
import type { JSX } from 'solid-js';
import type { AddWay } from '../welcome/add-dialogs.tsx';

export function NodesMenu(props: {
  readonly onAdd: (way: AddWay) => void;
  readonly onStartDemo: () => void;
}): JSX.Element {
  let menu: HTMLDivElement | undefined;

  function choose(action: () => void): void {
    menu?.hidePopover();
    action();
  }

  /** The arrow keys walk through the entries; the browser itself closes the menu at Escape. */
  function onKeyDown(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
    const entries = [...event.currentTarget.querySelectorAll('button')];
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    entries[(at + step + entries.length) % entries.length]?.focus();
  }

  return (
    <>
      <button type="button" class="menu-button" popovertarget="nodes-menu" aria-haspopup="menu">
        Nodes
      </button>
      <div
        ref={(node) => (menu = node)}
        id="nodes-menu"
        class="menu"
        popover="auto"
        role="menu"
        aria-label="Nodes"
        onKeyDown={onKeyDown}
        onToggle={(event) => {
          if (event.newState === 'open') event.currentTarget.querySelector('button')?.focus();
        }}
      >
        <button type="button" role="menuitem" onClick={() => choose(() => props.onAdd('hand'))}>
          Add a node …
        </button>
        <button type="button" role="menuitem" onClick={() => choose(() => props.onAdd('ssh-config'))}>
          Import from ~/.ssh/config …
        </button>
        <button type="button" role="menuitem" onClick={() => choose(() => props.onAdd('map'))}>
          Import an openMosix map …
        </button>
        <hr />
        <button type="button" role="menuitem" onClick={() => choose(props.onStartDemo)}>
          Start the demo
        </button>
      </div>
    </>
  );
}
