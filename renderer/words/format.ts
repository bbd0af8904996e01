/**
 * Numbers, sizes, ages and times as the operator reads them, and foreign text made safe to read. Every function gives
 * a dash for a missing value (NaN).
 */
import {
  clock,
  clockWithSeconds,
  dayAndClock,
  dayAndSeconds,
  weekdayAndSeconds,
  yearAndSeconds,
} from './time-forms.ts';

const MISSING = '–';
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A number with thousands separated. Written by hand: the system's formatter costs milliseconds when it is first made. */
function written(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/\B(?=(?:\d{3})+(?!\d))/g, ',');
}

/** A whole number with thousands separated: `1,998`. */
export function count(value: number): string {
  return Number.isFinite(value) ? written(value, 0) : MISSING;
}

/** A share in percent: `94 %`. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${written(value, 0)} %` : MISSING;
}

/** A size in bytes with its binary unit: `7.8 GiB`. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return MISSING;
  const power = unitPower(value);
  return `${inUnit(value, power)} ${BYTE_UNITS[power]}`;
}

const DISK_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size on a disk in the units disks are sold and limits are set in, powers of 1000: `1.2 GB`. */
export function diskSize(value: number): string {
  if (!Number.isFinite(value)) return MISSING;
  let power = 0;
  let scaled = value;
  for (; Math.abs(scaled) >= 999.5 && power < DISK_UNITS.length - 1; scaled /= 1000) power += 1;
  const text = power === 0 || Math.abs(scaled) >= 99.95 ? written(scaled, 0) : written(scaled, 1);
  return `${text} ${DISK_UNITS[power]}`;
}

/** A part of a whole, both in the unit of the whole: `3.1 / 7.8 GiB`. */
export function bytesOf(part: number, total: number): string {
  if (!Number.isFinite(total)) return MISSING;
  const power = unitPower(total);
  return `${inUnit(part, power)} / ${inUnit(total, power)} ${BYTE_UNITS[power]}`;
}

function unitPower(value: number): number {
  let power = 0;
  for (let rest = Math.abs(value); rest >= 1000 && power < BYTE_UNITS.length - 1; rest /= 1024) power += 1;
  return power;
}

function inUnit(value: number, power: number): string {
  if (!Number.isFinite(value)) return MISSING;
  const scaled = value / 1024 ** power;
  return power === 0 || Math.abs(scaled) >= 99.95 ? written(scaled, 0) : written(scaled, 1);
}

/** A span of seconds in its largest whole unit: `42 s`, `3 min`, `2 h`, `5 d`. */
export function span(seconds: number): string {
  if (!Number.isFinite(seconds)) return MISSING;
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 100) return `${rounded} s`;
  if (rounded < 100 * 60) return `${Math.round(rounded / 60)} min`;
  if (rounded < 48 * 3600) return `${Math.round(rounded / 3600)} h`;
  return `${written(rounded / 86_400, 0)} d`;
}

/** The time of day with seconds, in the system's own habit. */
export function timeOfDay(time: number): string {
  return clockWithSeconds().format(time);
}

/** Hours and minutes of today, with the day where it is another: `14:00`, `Jul 3, 14:00`. */
export function clockTime(time: number): string {
  const today = new Date(time).toDateString() === new Date().toDateString();
  return (today ? clock : dayAndClock)().format(time);
}

/** Day and time, in the system's own habit. */
export function dateAndTime(time: number): string {
  return dayAndSeconds().format(time);
}

/** A time to the second with its day of the week, or with its year where that is another one. */
export function exactTime(time: number): string {
  const thisYear = new Date(time).getFullYear() === new Date().getFullYear();
  return (thisYear ? weekdayAndSeconds : yearAndSeconds)().format(time);
}

/**
 * Foreign text on one line: control characters and characters that reorder or hide text become a visible mark, so
 * that what a node calls itself cannot look like something else.
 */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}

/** Foreign text with its line ends kept; otherwise as plainText. */
export function plainLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => plainText(line.replaceAll('\t', '    ')))
    .join('\n');
}
