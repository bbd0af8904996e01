/**
 * The codec of ticks, which are written every second and live for minutes: each column as offsets from its lowest
 * value, all in the same number of bytes, so that writing one costs little and a row's place is known.
 *
 *   1 byte layout, 1 byte number of columns, then for each column:
 *   1 byte width, 4 bytes base, and `width` bytes per row, all little endian:
 *     0 for no value, otherwise value - base + 1; with width 0 all rows have the value `base`
 */
import { DamagedData } from './codec.ts';
import { MAX_STORED, MISSING, NODE_SPAN } from './format.ts';

/** First byte of every tick; another layout takes another number. */
const VERSION = 1;

const COLUMN_HEAD = 5;

/** The tick being written. */
let scratch = new Uint8Array(65_536);

/** One second of the cluster, column after column, as bytes, valid until the next call. */
export function encodeTick(values: Int32Array, rows: number): Uint8Array {
  const columns = values.length / rows;
  const most = 2 + columns * (COLUMN_HEAD + 4 * rows);
  if (scratch.length < most) scratch = new Uint8Array(most);
  scratch[0] = VERSION;
  scratch[1] = columns;
  let at = 2;
  for (let column = 0; column < columns; column += 1) {
    at = encodeColumn(values, column * rows, (column + 1) * rows, scratch, at);
  }
  return scratch.subarray(0, at);
}

/** The columns of one second of the cluster. Throws DamagedData. */
export function decodeTick(bytes: Uint8Array, rows: number): Int32Array {
  const columns = bytes[1];
  if (bytes[0] !== VERSION || columns === undefined || !(rows > 0 && rows <= NODE_SPAN)) {
    throw new DamagedData(`a tick of ${rows} rows in the unknown layout ${bytes[0]}`);
  }
  const values = new Int32Array(columns * rows);
  let at = 2;
  for (let column = 0; column < columns; column += 1) {
    at = decodeColumn(bytes, at, values, column * rows, (column + 1) * rows);
  }
  if (at !== bytes.length) throw new DamagedData('a tick with bytes after its end');
  return values;
}

/** Writes values[from, to) at out[at...]; returns where it ended. */
function encodeColumn(values: Int32Array, from: number, to: number, out: Uint8Array, at: number): number {
  let lowest = MAX_STORED;
  let highest = MISSING;
  let missing = 0;
  for (let place = from; place < to; place += 1) {
    const value = values[place] as number;
    if (value > highest) highest = value;
    if (value === MISSING) missing += 1;
    else if (value < lowest) lowest = value;
  }
  const same = missing === to - from || (missing === 0 && lowest === highest);
  const base = same ? highest : lowest;
  const width = same ? 0 : bytesFor(highest - lowest + 1);
  out[at] = width;
  putBytes(out, at + 1, base, 4);
  at += COLUMN_HEAD;
  if (width === 0) return at;
  // A loop for each width: one for all of them takes twice as long.
  if (width === 1) {
    for (let place = from; place < to; place += 1) {
      const value = values[place] as number;
      out[at++] = value === MISSING ? 0 : value - base + 1;
    }
  } else if (width === 2) {
    for (let place = from; place < to; place += 1) {
      const value = values[place] as number;
      const offset = value === MISSING ? 0 : value - base + 1;
      out[at++] = offset;
      out[at++] = offset >>> 8;
    }
  } else {
    for (let place = from; place < to; place += 1) {
      const value = values[place] as number;
      putBytes(out, at, value === MISSING ? 0 : value - base + 1, width);
      at += width;
    }
  }
  return at;
}

function bytesFor(offset: number): number {
  if (offset < 2 ** 8) return 1;
  if (offset < 2 ** 16) return 2;
  return offset < 2 ** 24 ? 3 : 4;
}

function putBytes(out: Uint8Array, at: number, value: number, width: number): void {
  for (let byte = 0; byte < width; byte += 1) out[at + byte] = value >>> (8 * byte);
}

function bytesAt(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let byte = width - 1; byte >= 0; byte -= 1) value = (value << 8) | (bytes[at + byte] as number);
  return value;
}

/** Fills values[from, to) from bytes[at...]; returns where it ended. */
function decodeColumn(bytes: Uint8Array, at: number, values: Int32Array, from: number, to: number): number {
  const width = bytes[at] ?? NaN;
  const start = at + COLUMN_HEAD;
  const end = start + width * (to - from);
  if (!(width <= 4 && end <= bytes.length)) throw new DamagedData(`a tick's column of ${width} bytes a row`);
  const base = bytesAt(bytes, at + 1, 4);
  if (width === 0) {
    values.fill(base, from, to);
    return start;
  }
  for (let place = from, next = start; place < to; place += 1, next += width) {
    const offset = bytesAt(bytes, next, width);
    values[place] = offset === 0 ? MISSING : (base + offset - 1) | 0;
  }
  return end;
}
