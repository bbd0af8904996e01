/**
 * Numbers of entries where several logs are shown as one. The first log, which goes on, keeps its own; those of the
 * others are moved up, so that none collide. Between logs they tell nothing about the order. Free of schemas.
 */

/** By so much the numbers of each further log are moved up. */
const OTHER_LOG = 2 ** 40;

/** The number, in all logs together, of an entry's own number in one of them. */
export function joinedNumber(log: number, own: number): number {
  return own + log * OTHER_LOG;
}

/** Back from `joinedNumber`. */
export function ownNumber(joined: number): { readonly log: number; readonly own: number } {
  return { log: Math.floor(joined / OTHER_LOG), own: joined % OTHER_LOG };
}
