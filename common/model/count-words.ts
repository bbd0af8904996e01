/** How many there are of something, for sentences. */

/** `1 node`, `12 nodes`, `1,200 entries`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  // No formatter is made beforehand: the first one costs a process or a window 30 ms.
  return `${Math.round(count).toLocaleString('en')} ${count === 1 ? one : many}`;
}
