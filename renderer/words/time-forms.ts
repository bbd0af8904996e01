/** The forms in which times are written, each in the system's own habit. Made when first used, see at-first-use.ts. */
import { atFirstUse } from './at-first-use.ts';

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const SECONDS = { ...CLOCK, second: '2-digit' } as const;
const DAY = { month: 'short', day: 'numeric' } as const;

function form(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  return atFirstUse(() => new Intl.DateTimeFormat(undefined, options));
}

export const clock = form(CLOCK);
export const clockWithSeconds = form(SECONDS);
export const day = form(DAY);
export const month = form({ month: 'short', year: 'numeric' });
export const dayAndClock = form({ ...DAY, ...CLOCK });
export const dayAndSeconds = form({ ...DAY, ...SECONDS });
export const weekdayAndSeconds = form({ weekday: 'short', ...DAY, ...SECONDS });
export const yearAndSeconds = form({ year: 'numeric', ...DAY, ...SECONDS });
