/** The box that filters a list; `/` anywhere in the window goes to it, Escape empties it, Down goes on to the list. */
import { onCleanup, onMount, type JSX } from 'solid-js';
import { takesText } from '../keys.ts';
import { count } from '../words/format.ts';

export function FilterBox(props: {
  /** What it looks at, for screen readers. */
  readonly about: string;
  readonly text: string;
  readonly shown: number;
  readonly all: number;
  readonly onText: (text: string) => void;
  readonly onLeave: () => void;
}): JSX.Element {
  let box: HTMLInputElement | undefined;

  function onSlash(event: KeyboardEvent): void {
    if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey) return;
    if (takesText(event.target)) return;
    if (document.querySelector('dialog[open]') !== null) return;
    event.preventDefault();
    box?.focus();
    box?.select();
  }
  onMount(() => document.addEventListener('keydown', onSlash));
  onCleanup(() => document.removeEventListener('keydown', onSlash));

  return (
    <div class="filter" role="search">
      <input
        ref={(element) => (box = element)}
        type="search"
        aria-label={props.about}
        placeholder="Filter  ( / )"
        spellcheck={false}
        autocomplete="off"
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') props.onText('');
          else if (event.key === 'ArrowDown' || event.key === 'Enter') props.onLeave();
          else return;
          event.preventDefault();
        }}
      />
      <span class="filter-count muted" role="status">
        {props.text.trim() === '' ? '' : `${count(props.shown)} of ${count(props.all)}`}
      </span>
    </div>
  );
}
