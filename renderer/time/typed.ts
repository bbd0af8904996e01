/** Times as people type them: ISO with a zone, or this machine's own day and clock. Pure. */
import { LONGEST, SHORTEST } from './range.ts';

/** A time in milliseconds since 1970, or a sentence that says what is wrong. */
export type Typed = { readonly time: number } | { readonly wrong: string };

const DAY_AND_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const TIME_ONLY = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const AGO = /^-\s*(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w|y)$/i;

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

const HOW = 'Write 2026-11-24 13:36, 13:36 for today, an ISO time such as 2026-11-24T13:36:00Z, now, or -2h.';

/** Reads a time. `now` is what `now`, `-2h` and a time without a day refer to. */
export function typedTime(text: string, now: number): Typed {
  const words = text.trim();
  if (words === '') return { wrong: `A time is missing. ${HOW}` };
  if (/^now$/i.test(words)) return { time: now };
  const ago = AGO.exec(words);
  if (ago !== null)
    return { time: Math.max(0, now - Number(ago[1]) * (UNITS[(ago[2] ?? '').toLowerCase()] ?? 0)) };
  const clock = TIME_ONLY.exec(words);
  if (clock !== null) {
    const today = new Date(now);
    const [hours, minutes, seconds] = [clock[1], clock[2], clock[3]].map((part) => Number(part ?? 0));
    return local(
      words,
      today.getFullYear(),
      today.getMonth() + 1,
      today.getDate(),
      hours,
      minutes,
      seconds,
      0,
    );
  }
  const parts = DAY_AND_TIME.exec(words);
  if (parts === null) return { wrong: `"${words}" is no time. ${HOW}` };
  const [year, month, day, hours, minutes, seconds] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  const thousandths = Number((parts[7] ?? '').padEnd(3, '0'));
  const found = local(words, year, month, day, hours, minutes, seconds, thousandths);
  const zone = parts[8];
  if ('wrong' in found || zone === undefined) return found;
  const ahead = zoneMinutes(zone);
  if (Math.abs(ahead) > 18 * 60) return { wrong: `"${words}" has no zone of this earth.` };
  const utc = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hours, minutes, seconds, thousandths);
  return inTime(words, utc - ahead * 60_000);
}

function local(
  words: string,
  year = 0,
  month = 0,
  day = 0,
  hours = 0,
  minutes = 0,
  seconds = 0,
  thousandths = 0,
): Typed {
  if (hours > 23 || minutes > 59 || seconds > 59)
    return { wrong: `"${words}" has no time of day: it ends at 23:59:59.` };
  const date = new Date(year, month - 1, day, hours, minutes, seconds, thousandths);
  if (date.getMonth() !== month - 1 || date.getDate() !== day)
    return { wrong: `"${words}" is no day of the calendar.` };
  return inTime(words, date.getTime());
}

function inTime(words: string, time: number): Typed {
  return time >= 0 ? { time } : { wrong: `"${words}" is before 1970, where nothing can have been recorded.` };
}

/** Minutes a zone is ahead of UTC. */
function zoneMinutes(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(-2)].map(Number);
  return (zone.startsWith('-') ? -1 : 1) * ((hours ?? 0) * 60 + (minutes ?? 0));
}

/**
 * A span typed as its two ends, or a sentence that says what is wrong. It ends now at the latest, and of one that is longer
 * than anything is kept it is the newest part.
 */
export function typedSpan(
  from: string,
  to: string,
  now: number,
): { readonly from: number; readonly to: number } | { readonly wrong: string; readonly end: 'from' | 'to' } {
  const begin = typedTime(from, now);
  if ('wrong' in begin) return { ...begin, end: 'from' };
  const end = typedTime(to, now);
  if ('wrong' in end) return { ...end, end: 'to' };
  if (end.time <= begin.time)
    return { wrong: 'The range ends before it begins: "To" must be later than "From".', end: 'to' };
  if (begin.time > now)
    return { wrong: 'The range has not come yet: "From" must be earlier than now.', end: 'from' };
  const newest = Math.min(end.time, now);
  if (newest - begin.time < SHORTEST) {
    return {
      wrong: `The range is too short: at least ${SHORTEST / 1000} seconds lie between "From" and "To".`,
      end: 'to',
    };
  }
  return { from: Math.max(begin.time, newest - LONGEST), to: newest };
}

/** A time as it can be typed again: this machine's day and clock, `2026-11-24 13:36:00`. */
export function timeText(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return (
    `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  );
}
