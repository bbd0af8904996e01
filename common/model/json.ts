/** JSON from outside, before a schema judges it. */

/** What the text says; undefined, which no JSON text says, where it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
