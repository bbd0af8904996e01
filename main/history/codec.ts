/**
 * The codec of chunks and ticks: a series of integers as steps from one value to the next, most of which fit in a byte
 * or, where values repeat, in less. Byte oriented, so that a week of seconds decodes in a few milliseconds.
 *
 *   00 rrr ddd     r repeats of the last value, then a step of -4..-1 or 1..4
 *   01 aaa bbb     two steps of -4..3
 *   10 dddddd      a step of -32..31
 *   110 d + 1 byte, 1110 d + 2 bytes, 11110 d + 3 bytes     a step in 13, 20, 27 bits
 *   F8 + 4 bytes   a step in 32 bits, modulo 2^32
 *   F9 n, FA n     n + 1 repeats; n + 1 places without a value
 *   FB, FC         repeats, or no values, to the end
 *
 * The first step starts from 0; places without a value leave the last value as it is.
 */
import { MISSING, NODE_SPAN, WINDOW_SECONDS } from './format.ts';

/** Bytes that are no chunk or tick: the file was damaged in a way SQLite does not see. */
export class DamagedData extends Error {
  override readonly name = 'DamagedData';
}

/** First byte of every chunk and tick; another layout takes another number. */
const VERSION = 1;

/** A step in 32 bits takes five bytes, and no series takes more per value. */
const MAX_BYTES_PER_VALUE = 5;

const WIDE = 0xf8;
const REPEATS = 0xf9;
const GAP = 0xfa;
const REPEATS_TO_END = 0xfb;
const GAP_TO_END = 0xfc;

/** A chunk or tick to be written may lie in this buffer until the next one is made. */
let scratch = Buffer.alloc(65_536);

function scratchFor(values: number): Buffer {
  const bytes = 2 + values * MAX_BYTES_PER_VALUE;
  if (scratch.length < bytes) scratch = Buffer.alloc(bytes * 2);
  return scratch;
}

/** One window of one node and metric as bytes, valid until the next call. */
export function encodeChunk(series: Int32Array, start = 0): Buffer {
  const out = scratchFor(WINDOW_SECONDS);
  out[0] = VERSION;
  return out.subarray(0, encodeSeries(series, start, start + WINDOW_SECONDS, out, 1));
}

/** Fills `series` with one window. Throws DamagedData. */
export function decodeChunk(bytes: Uint8Array, series: Int32Array): void {
  if (bytes[0] !== VERSION) throw new DamagedData(`a chunk of the unknown layout ${bytes[0]}`);
  if (decodeSeries(bytes, 1, series, 0, WINDOW_SECONDS) !== bytes.length) {
    throw new DamagedData('a chunk with bytes after its end');
  }
}

/** One second of the cluster, column after column, as bytes, valid until the next call. */
export function encodeTick(values: Int32Array, rows: number): Buffer {
  const columns = values.length / rows;
  const out = scratchFor(values.length);
  out[0] = VERSION;
  out[1] = columns;
  let at = 2;
  for (let column = 0; column < columns; column += 1) {
    at = encodeSeries(values, column * rows, (column + 1) * rows, out, at);
  }
  return out.subarray(0, at);
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
    at = decodeSeries(bytes, at, values, column * rows, (column + 1) * rows);
  }
  if (at !== bytes.length) throw new DamagedData('a tick with bytes after its end');
  return values;
}

/** Writes values[from, to) at out[at...]; returns where it ended. */
function encodeSeries(values: Int32Array, from: number, to: number, out: Uint8Array, at: number): number {
  let last = 0;
  let place = from;
  while (place < to) {
    const value = values[place] as number;
    if (value === MISSING || value === last) {
      const run = runLength(values, place, to);
      const missing = value === MISSING;
      if (place + run === to) {
        out[at++] = missing ? GAP_TO_END : REPEATS_TO_END;
        return at;
      }
      const next = values[place + run] as number;
      const step = (next - last) | 0;
      if (!missing && run < 8 && next !== MISSING && step >= -4 && step <= 4) {
        out[at++] = (run << 3) | smallStep(step);
        last = next;
        place += run + 1;
      } else if (!missing && run <= 2) {
        out[at++] = run === 1 ? 0b10_100000 : 0b01_100_100;
        place += run;
      } else {
        const length = Math.min(run, 256);
        out[at++] = missing ? GAP : REPEATS;
        out[at++] = length - 1;
        place += length;
      }
      continue;
    }
    const step = (value - last) | 0;
    const next = place + 1 < to ? (values[place + 1] as number) : MISSING;
    const nextStep = next === MISSING ? 0 : (next - value) | 0;
    if (step >= -4 && step <= 3 && nextStep !== 0 && nextStep >= -4 && nextStep <= 3) {
      out[at++] = 0x40 | ((step + 4) << 3) | (nextStep + 4);
      last = next;
      place += 2;
      continue;
    }
    at = step >= -4 && step <= 4 ? put(out, at, smallStep(step)) : encodeStep(step, out, at);
    last = value;
    place += 1;
  }
  return at;
}

/** How many values from `place` on are the same. */
function runLength(values: Int32Array, place: number, to: number): number {
  const value = values[place];
  let end = place + 1;
  while (end < to && values[end] === value) end += 1;
  return end - place;
}

/** -4..-1 and 1..4 in three bits. */
function smallStep(step: number): number {
  return step < 0 ? step + 4 : step + 3;
}

function put(out: Uint8Array, at: number, byte: number): number {
  out[at] = byte;
  return at + 1;
}

function encodeStep(step: number, out: Uint8Array, at: number): number {
  if (step >= -32 && step < 32) return put(out, at, 0x80 | (step + 32));
  if (step >= -0x1000 && step < 0x1000) {
    const bits = step + 0x1000;
    return put(out, put(out, at, 0xc0 | (bits >> 8)), bits);
  }
  if (step >= -0x8_0000 && step < 0x8_0000) {
    const bits = step + 0x8_0000;
    return put(out, put(out, put(out, at, 0xe0 | (bits >> 16)), bits >> 8), bits);
  }
  const narrow = step >= -0x400_0000 && step < 0x400_0000;
  const bits = narrow ? step + 0x400_0000 : step;
  if (!narrow) at = put(out, at, WIDE);
  out[at] = narrow ? 0xf0 | (bits >> 24) : bits >> 24;
  out[at + 1] = bits >> 16;
  out[at + 2] = bits >> 8;
  out[at + 3] = bits;
  return at + 4;
}

/** Fills values[from, to) from bytes[at...]; returns where it ended. */
function decodeSeries(bytes: Uint8Array, at: number, values: Int32Array, from: number, to: number): number {
  let last = 0;
  let place = from;
  while (place < to) {
    const token = bytes[at++];
    if (token === undefined) throw new DamagedData('a series that ends too early');
    if (token < 0x40) {
      const step = token & 7;
      for (let repeats = token >> 3; repeats > 0; repeats -= 1) values[place++] = last;
      last = (last + (step < 4 ? step - 4 : step - 3)) | 0;
      values[place++] = last;
    } else if (token < 0x80) {
      last = (last + ((token >> 3) & 7) - 4) | 0;
      values[place++] = last;
      last = (last + (token & 7) - 4) | 0;
      values[place++] = last;
    } else if (token < WIDE) {
      // A byte beyond the end reads as 0; the check at the end finds it.
      let step: number;
      if (token < 0xc0) {
        step = token - 0x80 - 32;
      } else if (token < 0xe0) {
        step = (((token & 0x1f) << 8) | (bytes[at++] ?? 0)) - 0x1000;
      } else if (token < 0xf0) {
        step = (((token & 0x0f) << 16) | ((bytes[at++] ?? 0) << 8) | (bytes[at++] ?? 0)) - 0x8_0000;
      } else {
        step = (((token & 0x07) << 24) | threeBytes(bytes, at)) - 0x400_0000;
        at += 3;
      }
      last = (last + step) | 0;
      values[place++] = last;
    } else if (token === WIDE) {
      last = (last + (((bytes[at] ?? 0) << 24) | threeBytes(bytes, at + 1))) | 0;
      at += 4;
      values[place++] = last;
    } else {
      const gap = token === GAP || token === GAP_TO_END;
      if (!gap && token !== REPEATS && token !== REPEATS_TO_END) throw new DamagedData(`the token ${token}`);
      const end = token === REPEATS || token === GAP ? place + (bytes[at++] ?? 0) + 1 : to;
      values.fill(gap ? MISSING : last, place, Math.min(end, to));
      place = end;
    }
  }
  if (place > to || at > bytes.length) throw new DamagedData('a series that does not end where it should');
  return at;
}

function threeBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}
