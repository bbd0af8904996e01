/** A list to choose some of: a filter, all or none of what it leaves, and a box to tick for each. */
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import { plainText } from '../words/format.ts';

export function ChooseList<Item>(props: {
  /** What the items are: `Nodes found`. */
  readonly label: string;
  readonly items: readonly Item[];
  /** Said where there are none. */
  readonly empty: string;
  readonly nameOf: (item: Item) => string;
  /** What is shown, and found, beside the name. */
  readonly aboutOf: (item: Item) => string;
  readonly isChosen: (item: Item) => boolean;
  /** Whether it is there already, so that it cannot be chosen. */
  readonly isKnown?: (item: Item) => boolean;
  readonly onChoose: (items: readonly Item[], on: boolean) => void;
}): JSX.Element {
  const [filter, setFilter] = createSignal('');
  const shown = createMemo(() => {
    const terms = filter().toLowerCase().split(/\s+/).filter(Boolean);
    return props.items.filter((item) => {
      const text = `${props.nameOf(item)}\n${props.aboutOf(item)}`.toLowerCase();
      return terms.every((term) => text.includes(term));
    });
  });
  const isKnown = (item: Item): boolean => props.isKnown?.(item) ?? false;
  return (
    <>
      <div class="choose-tools">
        <input
          type="search"
          aria-label={`Filter the ${props.label.toLowerCase()}`}
          placeholder="Filter"
          spellcheck={false}
          value={filter()}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <button type="button" onClick={() => props.onChoose(shown(), true)}>
          Select all
        </button>
        <button type="button" onClick={() => props.onChoose(shown(), false)}>
          Select none
        </button>
      </div>
      <ul class="candidates" aria-label={props.label}>
        <For
          each={shown()}
          fallback={<li class="muted">{props.items.length === 0 ? props.empty : 'Nothing here matches.'}</li>}
        >
          {(item) => (
            <li>
              <label classList={{ known: isKnown(item) }}>
                <input
                  type="checkbox"
                  disabled={isKnown(item)}
                  checked={isKnown(item) || props.isChosen(item)}
                  onChange={(event) => props.onChoose([item], event.currentTarget.checked)}
                />
                <span class="candidate-name">{plainText(props.nameOf(item))}</span>
                <span class="muted">{plainText(props.aboutOf(item))}</span>
                <Show when={isKnown(item)}>
                  <span class="muted">already there</span>
                </Show>
              </label>
            </li>
          )}
        </For>
      </ul>
    </>
  );
}
