/** Which rows of the table are chosen, and what the pointer and the keyboard make of that. */
import { createSignal, type Accessor } from 'solid-js';

/** Chosen rows by their keys. */
export interface Chosen {
  readonly keys: ReadonlySet<string>;
  /** The row the keyboard stands on. */
  readonly lead: string | undefined;
  /** Where a range begins. */
  readonly anchor: string | undefined;
}

export const NONE_CHOSEN: Chosen = { keys: new Set(), lead: undefined, anchor: undefined };

/** How a row was pointed at: `shift` chooses all from the anchor to it, `toggle` (Ctrl, or Cmd on a Mac) it as well. */
export interface Pointing {
  readonly shift: boolean;
  readonly toggle: boolean;
}

/** One row alone. */
export function chooseOne(key: string): Chosen {
  return { keys: new Set([key]), lead: key, anchor: key };
}

/** One row more, or one less. */
export function toggleOne(chosen: Chosen, key: string): Chosen {
  const keys = new Set(chosen.keys);
  if (!keys.delete(key)) keys.add(key);
  return { keys, lead: key, anchor: key };
}

/** All rows from the anchor to one, in the order they are shown; that one alone where the anchor is not shown. */
export function chooseRange(chosen: Chosen, order: readonly string[], key: string): Chosen {
  const from = order.indexOf(chosen.anchor ?? '');
  const to = order.indexOf(key);
  if (from < 0 || to < 0) return chooseOne(key);
  const keys = new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1));
  return { keys, lead: key, anchor: chosen.anchor };
}

/** All rows that are shown. */
export function chooseAll(chosen: Chosen, order: readonly string[]): Chosen {
  return { keys: new Set(order), lead: chosen.lead ?? order[0], anchor: chosen.anchor ?? order[0] };
}

/** The rows chosen in a window. */
export interface Selection {
  readonly chosen: Accessor<Chosen>;
  set(chosen: Chosen): void;
  clear(): void;
}

export function createSelection(): Selection {
  const [chosen, setChosen] = createSignal(NONE_CHOSEN);
  return { chosen, set: setChosen, clear: () => setChosen(NONE_CHOSEN) };
}
