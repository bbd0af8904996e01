/** How many there are of something, for sentences. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `1 node`, `12 nodes`, `1,200 entries`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}
