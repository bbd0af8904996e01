/** How long a lost or failed connection waits until it is tried again. */

const SHORTEST_MILLISECONDS = 1000;
const LONGEST_MILLISECONDS = 60_000;

/** A connection that was up for this long starts again with short delays. */
export const HELD_MILLISECONDS = 30_000;

/**
 * The delay in milliseconds before attempt number `failures` + 1: from one second up to a bound that doubles with each
 * failure to one minute, anywhere between by `random` in [0, 1), so that many nodes lost at once do not come at once.
 */
export function retryDelay(failures: number, random: number): number {
  const bound = Math.min(LONGEST_MILLISECONDS, SHORTEST_MILLISECONDS * 2 ** Math.max(1, failures));
  return Math.round(SHORTEST_MILLISECONDS + random * (bound - SHORTEST_MILLISECONDS));
}
