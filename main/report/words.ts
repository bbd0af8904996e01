/** Cells in words for people, and as plain values for machines. */
import { assertNever } from '../../common/model/result.ts';
import type { Cell, Column, Fact, Kind, NodeCell } from './model.ts';

const MISSING = '–';
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A cell as people read it. */
export function cellWords(cell: Cell, { kind, words }: Pick<Column, 'kind' | 'words'>): string {
  if (cell === null || cell === '' || Number.isNaN(cell)) return MISSING;
  if (typeof cell === 'string') return plainText(words?.[cell] ?? cell);
  if (typeof cell === 'object') return nodeWords(cell);
  switch (kind) {
    case 'time':
      return dateAndTime(cell);
    case 'seconds':
      return spanWords(cell);
    case 'milliseconds':
      return cell < 1000 ? `${Math.round(cell)} ms` : spanWords(cell / 1000);
    case 'count':
      return whole.format(cell);
    case 'value':
      return oneDecimal.format(cell);
    case 'percent':
      return `${oneDecimal.format(cell)} %`;
    case 'points':
      return Math.abs(cell) < 0.05 ? '0.0' : `${cell > 0 ? '+' : '−'}${oneDecimal.format(Math.abs(cell))}`;
    case 'bytes':
      return byteWords(cell);
    case 'id':
    case 'text':
    case 'node':
      return String(cell);
    default:
      return assertNever(kind);
  }
}

/** Whether a column's cells stand at the right. */
export function isNumber(kind: Kind): boolean {
  return kind !== 'text' && kind !== 'time' && kind !== 'node';
}

/** A cell for machines: ISO times with their zone, plain numbers, null for what is not known. */
export function plainCell(cell: Cell, kind: Kind): Cell {
  if (typeof cell !== 'number') return cell;
  if (!Number.isFinite(cell)) return null;
  if (kind === 'time') return isoTime(cell);
  // Sums of binary fractions have digits that nobody measured.
  return Number.isInteger(cell) ? cell : Number(cell.toPrecision(9));
}

/** The columns people see, each with its place in a row. */
export function shownColumns(columns: readonly Column[]): readonly (readonly [Column, number])[] {
  return columns.flatMap((column, index) => (column.width > 0 ? [[column, index] as const] : []));
}

/** Whether people see a fact. */
export function isShown({ title }: Fact): boolean {
  return title !== '';
}

/** The columns machines get, each with its place in a row. */
export function namedColumns(columns: readonly Column[]): readonly (readonly [Column, number])[] {
  return columns.flatMap((column, index) => (column.name === '' ? [] : [[column, index] as const]));
}

/** A moment with the zone of this machine's clock then: `2026-11-24T13:36:16.250+01:00`. */
export function isoTime(time: number): string {
  const offset = -new Date(time).getTimezoneOffset();
  const local = new Date(time + offset * 60_000).toISOString().slice(0, -1);
  return `${local}${offsetWords(offset)}`;
}

/** A moment on this machine's clock, to the second: `2026-11-24 13:36:16`. */
export function dateAndTime(time: number): string {
  return `${isoTime(time).slice(0, 10)} ${isoTime(time).slice(11, 19)}`;
}

/** A moment to the minute: `2026-11-24 13:36`. */
export function dateAndMinute(time: number): string {
  return dateAndTime(time).slice(0, 16);
}

/** The zone of this machine's clock over a range: `Europe/Berlin, UTC+02:00, from 2026-10-25 02:00 on UTC+01:00`. */
export function zoneWords(from: number, to: number): string {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offsetAt = (time: number): number => -new Date(time).getTimezoneOffset();
  const first = offsetAt(from);
  const words = `UTC${offsetWords(first)}`;
  const zone = name === 'UTC' ? 'UTC' : `${name}, ${words}`;
  if (offsetAt(to) === first) return zone;
  let [low, high] = [from, to];
  while (high - low > 1000) {
    const middle = (low + high) / 2;
    if (offsetAt(middle) === first) low = middle;
    else high = middle;
  }
  const change = Math.round(high / 60_000) * 60_000;
  return `${zone}, from ${dateAndMinute(change)} on UTC${offsetWords(offsetAt(to))}`;
}

function offsetWords(minutes: number): string {
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(Math.abs(minutes) % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** A span of seconds in at most two units: `1.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `6 d 3 h`. */
export function spanWords(seconds: number): string {
  if (!Number.isFinite(seconds)) return MISSING;
  if (seconds < 9.95 && !Number.isInteger(seconds)) return `${oneDecimal.format(seconds)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return twoUnits(rounded, 60, 'min', 1, 's');
  if (rounded < 86_400) return twoUnits(rounded, 3600, 'h', 60, 'min');
  return twoUnits(rounded, 86_400, 'd', 3600, 'h');
}

function twoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string) {
  const smalls = Math.round(seconds / small);
  const perLarge = large / small;
  const rest = smalls % perLarge;
  const whole = Math.floor(smalls / perLarge);
  return rest === 0 ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${smallName}`;
}

function byteWords(value: number): string {
  let power = 0;
  for (let rest = Math.abs(value); rest >= 1000 && power < BYTE_UNITS.length - 1; rest /= 1024) power += 1;
  const scaled = value / 1024 ** power;
  const digits = power === 0 || Math.abs(scaled) >= 99.95 ? whole : oneDecimal;
  return `${digits.format(scaled)} ${BYTE_UNITS[power]}`;
}

function nodeWords({ id, name }: NodeCell): string {
  if (id === 0) return MISSING;
  return name === '' ? `node ${id}` : plainText(name);
}

/** Foreign text on one line: characters that control, reorder or hide become a visible mark. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
