/**
 * The codec of seconds: a series of integers as steps from one value to the next, most of which fit in a byte
 * or, where values repeat, in less. Byte oriented, so that a week of seconds decodes in a few milliseconds.
 *
 *   00 rrr ddd                    r repeats of the last value, then a step of -4..-1 or 1..4
 *   01 aaa bbb                    two steps of -4..3
 *   10 dddddd                     a step in 6 bits, -32..31
 *   110 ddddd + 1 byte            a step in 13 bits
 *   1110 aaaa + 2 bytes           two steps in 10 bits each
 *   11110 ddd + 2 bytes           a step in 19 bits
 *   1111100 d + 3 bytes           a step in 25 bits
 *   FA + 4 bytes                  a step in 32 bits, modulo 2^32
 *   FB n, FC n                    n + 1 repeats; n + 1 places without a value
 *   FD, FE                        repeats, or no values, to the end
 *
 * The first step starts from 0; places without a value leave the last value as it is.
 */
import { MISSING } from './format.ts';

/** Bytes that are no row or tick: the file was damaged in a way SQLite does not see. */
export class DamagedData extends Error {
  override readonly name = 'DamagedData';
}

const WIDE = 0xfa;
const REPEATS = 0xfb;
const GAP = 0xfc;
const REPEATS_TO_END = 0xfd;
const GAP_TO_END = 0xfe;

/** Most bytes that n values take: a step in 32 bits takes five, and nothing takes more per value. */
export function seriesRoom(n: number): number {
  return 5 * n;
}

/** Writes values[from, to) at out[at...]; returns where it ended. */
export function encodeSeries(
  values: Int32Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  let last = 0;
  let place = from;
  while (place < to) {
    const value = values[place] as number;
    if (value === MISSING || value === last) {
      let end = place + 1;
      while (end < to && values[end] === value) end += 1;
      const gap = value === MISSING;
      if (end === to) {
        out[at++] = gap ? GAP_TO_END : REPEATS_TO_END;
        return at;
      }
      const run = end - place;
      const next = values[end] as number;
      const step = (next - last) | 0;
      if (!gap && run < 8 && next !== MISSING && step >= -4 && step <= 4) {
        out[at++] = (run << 3) | smallStep(step);
        last = next;
        place = end + 1;
      } else if (!gap && run <= 2) {
        out[at++] = run === 1 ? 0b10_100000 : 0b01_100_100;
        place = end;
      } else {
        const length = Math.min(run, 256);
        out[at++] = gap ? GAP : REPEATS;
        out[at++] = length - 1;
        place += length;
      }
      continue;
    }
    const step = (value - last) | 0;
    const next = place + 1 < to ? (values[place + 1] as number) : MISSING;
    const nextStep = next === MISSING ? 0 : (next - value) | 0;
    last = value;
    place += 1;
    if (step >= -32 && step < 32) {
      if (step >= -4 && step < 4 && nextStep >= -4 && nextStep < 4 && nextStep !== 0) {
        out[at++] = 0x40 | ((step + 4) << 3) | (nextStep + 4);
        last = next;
        place += 1;
      } else {
        out[at++] = step >= -4 && step <= 4 ? smallStep(step) : 0x80 | (step + 32);
      }
    } else if (step >= -512 && step < 512 && nextStep >= -512 && nextStep < 512 && !inSixBits(nextStep)) {
      const bits = ((step + 512) << 10) | (nextStep + 512);
      out[at++] = 0xe0 | (bits >> 16);
      out[at++] = bits >> 8;
      out[at++] = bits;
      last = next;
      place += 1;
    } else if (step >= -0x1000 && step < 0x1000) {
      const bits = step + 0x1000;
      out[at++] = 0xc0 | (bits >> 8);
      out[at++] = bits;
    } else if (step >= -0x4_0000 && step < 0x4_0000) {
      const bits = step + 0x4_0000;
      out[at++] = 0xf0 | (bits >> 16);
      out[at++] = bits >> 8;
      out[at++] = bits;
    } else {
      const wide = step < -0x100_0000 || step >= 0x100_0000;
      const bits = wide ? step : step + 0x100_0000;
      if (wide) out[at++] = WIDE;
      out[at++] = wide ? bits >> 24 : 0xf8 | (bits >> 24);
      out[at++] = bits >> 16;
      out[at++] = bits >> 8;
      out[at++] = bits;
    }
  }
  return at;
}

function inSixBits(step: number): boolean {
  return step >= -32 && step < 32;
}

/** -4..-1 and 1..4 in three bits. */
function smallStep(step: number): number {
  return step < 0 ? step + 4 : step + 3;
}

/** Fills values[from, to) from bytes[at, end). Throws DamagedData. */
export function decodeSeries(
  bytes: Uint8Array,
  at: number,
  end: number,
  values: Int32Array,
  from: number,
  to: number,
): void {
  let last = 0;
  let place = from;
  while (place < to) {
    const token = bytes[at++];
    if (token === undefined) throw endsTooEarly();
    if (token < 0x40) {
      for (let repeats = token >> 3; repeats > 0; repeats -= 1) values[place++] = last;
      last = (last + smallStepOf(token & 7)) | 0;
      values[place++] = last;
    } else if (token < 0x80) {
      last = (last + ((token >> 3) & 7) - 4) | 0;
      values[place++] = last;
      last = (last + (token & 7) - 4) | 0;
      values[place++] = last;
    } else if (token >= 0xe0 && token < 0xf0) {
      const bits = ((token & 0x0f) << 16) | twoBytes(bytes, at);
      at += 2;
      last = (last + (bits >> 10) - 512) | 0;
      values[place++] = last;
      last = (last + (bits & 0x3ff) - 512) | 0;
      values[place++] = last;
    } else if (token <= WIDE) {
      last = (last + wideStepOf(token, bytes, at)) | 0;
      at += bytesAfter(token);
      values[place++] = last;
    } else {
      const runEnd = isToEnd(token) ? to : place + (bytes[at++] ?? 0) + 1;
      values.fill(isGap(token) ? MISSING : last, place, Math.min(runEnd, to));
      place = runEnd;
    }
  }
  if (place > to || at !== end) throw new DamagedData('a series that does not end where it should');
}

/** The value that decodeSeries would put in a place, in half the time. Throws DamagedData. */
export function seriesValueAt(bytes: Uint8Array, at: number, end: number, place: number): number {
  let last = 0;
  let ahead = place + 1;
  while (ahead > 0) {
    const token = bytes[at++];
    if (token === undefined) throw endsTooEarly();
    if (token < 0x40) {
      ahead -= token >> 3;
      if (ahead <= 0) break;
      last = (last + smallStepOf(token & 7)) | 0;
      ahead -= 1;
    } else if (token < 0x80) {
      last = (last + ((token >> 3) & 7) - 4) | 0;
      ahead -= 2;
      if (ahead < 0) break;
      last = (last + (token & 7) - 4) | 0;
    } else if (token >= 0xe0 && token < 0xf0) {
      const bits = ((token & 0x0f) << 16) | twoBytes(bytes, at);
      at += 2;
      last = (last + (bits >> 10) - 512) | 0;
      ahead -= 2;
      if (ahead < 0) break;
      last = (last + (bits & 0x3ff) - 512) | 0;
    } else if (token <= WIDE) {
      last = (last + wideStepOf(token, bytes, at)) | 0;
      at += bytesAfter(token);
      ahead -= 1;
    } else {
      ahead -= isToEnd(token) ? ahead : (bytes[at++] ?? 0) + 1;
      if (ahead <= 0 && isGap(token)) last = MISSING;
    }
  }
  if (at > end) throw endsTooEarly();
  return last;
}

/** -4..-1 and 1..4 out of three bits. */
function smallStepOf(bits: number): number {
  return bits < 4 ? bits - 4 : bits - 3;
}

/** The step of a token of a single one in 6 bits or more, whose other bytes begin at `at`. */
function wideStepOf(token: number, bytes: Uint8Array, at: number): number {
  if (token < 0xc0) return token - 0x80 - 32;
  if (token < 0xe0) return (((token & 0x1f) << 8) | (bytes[at] ?? 0)) - 0x1000;
  if (token < 0xf8) return (((token & 0x07) << 16) | twoBytes(bytes, at)) - 0x4_0000;
  if (token < WIDE)
    return (((token & 0x01) << 24) | ((bytes[at] ?? 0) << 16) | twoBytes(bytes, at + 1)) - 0x100_0000;
  return (twoBytes(bytes, at) << 16) | twoBytes(bytes, at + 2);
}

/** Bytes that follow such a token. */
function bytesAfter(token: number): number {
  if (token < 0xc0) return 0;
  if (token < 0xe0) return 1;
  if (token < 0xf8) return 2;
  return token < WIDE ? 3 : 4;
}

/** Whether a run reaches to the end of the series. Throws DamagedData for a token that is none. */
function isToEnd(token: number): boolean {
  if (token > GAP_TO_END) throw new DamagedData(`the token ${token}`);
  return token === REPEATS_TO_END || token === GAP_TO_END;
}

function isGap(token: number): boolean {
  return token === GAP || token === GAP_TO_END;
}

function endsTooEarly(): DamagedData {
  return new DamagedData('a series that ends too early');
}

/** Two bytes as a number; what lies beyond the end counts as 0 and is found out when the series is complete. */
function twoBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
