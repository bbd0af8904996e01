/** Repeatable random numbers: the same seed gives the same demo cluster, simulation or test. */

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** The generator mulberry32: 32 bits of state, good enough for a simulation and fast. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number from a bounded Pareto distribution: most are near `lowest`, a few are near `highest`. */
export function heavyTailed(random: Random, shape: number, lowest: number, highest: number): number {
  const ratio = (lowest / highest) ** shape;
  return lowest / (1 - random() * (1 - ratio)) ** (1 / shape);
}

/** A whole number in [lowest, highest]. */
export function wholeBetween(random: Random, lowest: number, highest: number): number {
  return lowest + Math.floor(random() * (highest - lowest + 1));
}

/** One of the items, which must not be empty. */
export function oneOf<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

/** How many of the events that come `expected` times on average happen: the whole part, and one more by chance. */
export function happenings(random: Random, expected: number): number {
  const whole = Math.floor(expected);
  return whole + (random() < expected - whole ? 1 : 0);
}
