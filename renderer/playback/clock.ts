/** The clock of playback: how time goes on at a speed, and where it ends. Pure functions; times in ms since 1970. */

/** How many seconds of the past go by in one. */
export const SPEEDS = [1, 10, 60, 300, 600] as const;
export type Speed = (typeof SPEEDS)[number];

/** A frame that came later than this, in milliseconds, was no slow one: the window could not be seen. */
const LONGEST_FRAME_MS = 1000;

/** The stretch that can be played. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A time within a stretch. */
export function within(time: number, { from, to }: Stretch): number {
  return Math.max(from, Math.min(to, time));
}

/** The time after so many milliseconds of playing; the stretch's end where it is reached. */
export function advance(time: number, elapsed: number, speed: Speed, stretch: Stretch): number {
  return within(time + Math.max(0, Math.min(elapsed, LONGEST_FRAME_MS)) * speed, stretch);
}

/** The next faster or slower speed; the same at the ends. */
export function otherSpeed(speed: Speed, faster: boolean): Speed {
  return SPEEDS[SPEEDS.indexOf(speed) + (faster ? 1 : -1)] ?? speed;
}

/** Where playing begins: where the time stands, and at the beginning where it stands at the end already. */
export function playFrom(time: number, stretch: Stretch): number {
  return time >= stretch.to ? stretch.from : within(time, stretch);
}

/** The second a time lies in: the history has one moment for each. */
export function secondOf(time: number): number {
  return Math.floor(time / 1000) * 1000;
}

/** How long ago a time was, in words: `12 days ago`; `now` for less than two seconds. */
export function agoWords(time: number, now: number): string {
  const seconds = Math.round((now - time) / 1000);
  if (seconds < 2) return 'now';
  const [size, word] = UNITS.find(([unit]) => seconds >= 2 * unit) ?? [1, 'second'];
  return `${Math.floor(seconds / size).toLocaleString('en')} ${word}s ago`;
}

/** Units with the seconds in one; each is used from two of it on, so that no number is ever 1. */
const UNITS: readonly (readonly [number, string])[] = [
  [365 * 86_400, 'year'],
  [30 * 86_400, 'month'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];
