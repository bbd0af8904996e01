/** The nodes chosen for comparing: each keeps its place, and so its colour, dashes and letter, until it is taken out. Pure. */

/** Keys by place; undefined for a free one. */
export type Compared = readonly (string | undefined)[];

/** As many nodes as are told apart in one chart. */
export const MOST_COMPARED = 8;

export const NONE_COMPARED: Compared = Array.from<undefined>({ length: MOST_COMPARED });

/** Takes a node in at the first free place, or out; one more than there are places is not taken. */
export function toggled(compared: Compared, key: string): Compared {
  const at = compared.indexOf(key);
  const place = at >= 0 ? at : compared.indexOf(undefined);
  return compared.map((each, index) => (index !== place ? each : at >= 0 ? undefined : key));
}

/** The keys in the order of their places. */
export function keysOf(compared: Compared): readonly string[] {
  return compared.filter((key) => key !== undefined);
}
