/**
 * The commands for chosen processes as buttons and as a context menu. One that is not possible is greyed and says why,
 * on hover and when it is tried; it can be reached by keyboard all the same.
 */
import { Index, onCleanup, onMount, Show, type JSX } from 'solid-js';
import type { Offer, ProcessCommand } from './process-commands.ts';

interface Offers {
  readonly offers: readonly Offer[];
  readonly onCommand: (command: ProcessCommand) => void;
  /** A command that is not possible was tried: the reason as a sentence. */
  readonly onRefused: (reason: string) => void;
}

function choose(props: Offers, offer: Offer): void {
  if (offer.refusal === '') props.onCommand(offer.command);
  else props.onRefused(offer.refusal);
}

function aboutOf({ command, refusal }: Offer): string {
  const key = command.keyWords === '' ? '' : ` (${command.keyWords})`;
  return `${refusal === '' ? command.about : refusal}${key}`;
}

/** The offers in their groups, which a narrow window puts below each other. */
function parted(offers: readonly Offer[]): readonly (readonly Offer[])[] {
  const groups: Offer[][] = [];
  for (const offer of offers) {
    const last = groups.at(-1);
    if (last === undefined || offer.command.begins === true) groups.push([offer]);
    else last.push(offer);
  }
  return groups;
}

export function ActionBar(props: Offers & { readonly label: string }): JSX.Element {
  return (
    <div class="action-bar" role="toolbar" aria-label={props.label}>
      <Index each={parted(props.offers)}>
        {(offers) => (
          <span class="action-group">
            <Index each={offers()}>
              {(offer) => (
                <button
                  type="button"
                  classList={{ danger: offer().command.danger ?? false }}
                  aria-disabled={offer().refusal !== ''}
                  title={aboutOf(offer())}
                  onClick={() => choose(props, offer())}
                >
                  {offer().command.title}
                </button>
              )}
            </Index>
          </span>
        )}
      </Index>
    </div>
  );
}

/** The same as a menu at a place of the window, in CSS pixels; it is open as long as it is rendered. */
export function ActionMenu(
  props: Offers & { readonly x: number; readonly y: number; readonly onClose: () => void },
): JSX.Element {
  let menu: HTMLDivElement | undefined;
  onMount(() => {
    if (menu === undefined) return;
    const before = document.activeElement;
    menu.showPopover();
    menu.style.left = `${Math.max(0, Math.min(props.x, window.innerWidth - menu.offsetWidth - 8))}px`;
    menu.style.top = `${Math.max(0, Math.min(props.y, window.innerHeight - menu.offsetHeight - 8))}px`;
    menu.querySelector('button')?.focus();
    onCleanup(() => {
      if (before instanceof HTMLElement && document.querySelector('dialog[open]') === null) before.focus();
    });
  });

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
    <div
      ref={(element) => (menu = element)}
      class="menu at-pointer"
      popover="auto"
      role="menu"
      aria-label="Chosen processes"
      onKeyDown={onKeyDown}
      onToggle={(event) => {
        if (event.newState === 'closed') props.onClose();
      }}
    >
      <Index each={props.offers}>
        {(offer) => (
          <>
            <Show when={offer().command.begins}>
              <hr />
            </Show>
            <button
              type="button"
              role="menuitem"
              aria-disabled={offer().refusal !== ''}
              title={offer().refusal === '' ? offer().command.about : offer().refusal}
              onClick={() => {
                const chosen = offer();
                props.onClose();
                choose(props, chosen);
              }}
            >
              {offer().command.title}
              <kbd>{offer().command.keyWords}</kbd>
            </button>
          </>
        )}
      </Index>
    </div>
  );
}
