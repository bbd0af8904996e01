/** Choosing several rows as lists everywhere do: click, Ctrl, Shift, arrow keys. Pure functions over ids. */

export interface Selection {
  readonly chosen: ReadonlySet<string>;
  /** The row the keyboard is on, and the one a range is stretched from. */
  readonly active: string | undefined;
  readonly anchor: string | undefined;
}

export const NOTHING_CHOSEN: Selection = { chosen: new Set(), active: undefined, anchor: undefined };

/** Chooses this row alone. */
export function chooseOnly(id: string): Selection {
  return { chosen: new Set([id]), active: id, anchor: id };
}

/** Chooses a row besides the others, or no longer. */
export function toggle(selection: Selection, id: string): Selection {
  const chosen = new Set(selection.chosen);
  if (!chosen.delete(id)) chosen.add(id);
  return { chosen, active: id, anchor: id };
}

/** Chooses all rows from the anchor to this one. */
export function stretch(selection: Selection, order: readonly string[], id: string): Selection {
  const from = Math.max(0, order.indexOf(selection.anchor ?? id));
  const to = order.indexOf(id);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { chosen: new Set(range), active: id, anchor: selection.anchor ?? id };
}

/** Chooses every row. */
export function chooseAll(selection: Selection, order: readonly string[]): Selection {
  return { ...selection, chosen: new Set(order) };
}

/** Moves the keyboard's row without choosing it. */
export function goTo(selection: Selection, id: string): Selection {
  return { ...selection, active: id };
}

/** Forgets what is not there any more; the same selection where all is. */
export function retain(selection: Selection, there: ReadonlySet<string>): Selection {
  const kept = (id: string | undefined): string | undefined =>
    id !== undefined && there.has(id) ? id : undefined;
  const chosen = [...selection.chosen].filter((id) => there.has(id));
  const active = kept(selection.active);
  const anchor = kept(selection.anchor);
  const same =
    chosen.length === selection.chosen.size && active === selection.active && anchor === selection.anchor;
  return same ? selection : { chosen: new Set(chosen), active, anchor };
}
