/** The ranges of time the node window shows, and how often a range is worth reading again. */

/** A range that ends now. */
export interface Range {
  readonly name: string;
  readonly milliseconds: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const RANGES = [
  { name: '10 min', milliseconds: 10 * MINUTE },
  { name: '1 h', milliseconds: HOUR },
  { name: '24 h', milliseconds: 24 * HOUR },
  { name: '7 d', milliseconds: 7 * 24 * HOUR },
] as const satisfies readonly Range[];

/**
 * Milliseconds after which a range on so many pixels has moved by one of them: reading more often would show nothing
 * new. Not less than a second, the pace of the data, nor more than a minute.
 */
export function readingPeriod(range: Range, pixels: number): number {
  return Math.min(MINUTE, Math.max(1000, range.milliseconds / pixels));
}
