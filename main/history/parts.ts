/**
 * The container of every stored row: parts of bytes with a directory of their lengths, so that one is found without
 * reading the others.
 *
 *   1 byte layout, number of parts, the length of each (both in 7 bits per byte, low ones first), the parts, 3 bytes of 0
 *
 * The last bytes let a bit reader take four at a time.
 */
import { DamagedData } from './codec.ts';

/** First byte of every row; another layout takes another number. */
const VERSION = 2;
const PADDING = 3;

/** Collects the parts of a row. */
export class PartsWriter {
  #bytes = new Uint8Array(65_536);
  #lengths: number[] = [];
  #size = 0;

  /** Forgets all parts. */
  clear(): void {
    this.#lengths = [];
    this.#size = 0;
  }

  /** Adds a part of at most `room` bytes: `write` puts it at the given place and returns where it ended. */
  add(room: number, write: (out: Uint8Array, at: number) => number): void {
    this.#reserve(this.#size + room);
    const end = write(this.#bytes, this.#size);
    this.#lengths.push(end - this.#size);
    this.#size = end;
  }

  /** The row; empty when no part has a byte. */
  finish(): Uint8Array {
    if (this.#size === 0) return new Uint8Array(0);
    const lengths = this.#lengths;
    const head = new Uint8Array(1 + 5 * (lengths.length + 1));
    head[0] = VERSION;
    let at = putLength(head, 1, lengths.length);
    for (const length of lengths) at = putLength(head, at, length);
    const row = new Uint8Array(at + this.#size + PADDING);
    row.set(head.subarray(0, at));
    row.set(this.#bytes.subarray(0, this.#size), at);
    return row;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * size);
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

/** Reads the parts of a row. Throws DamagedData. */
export class PartsReader {
  readonly bytes: Uint8Array;
  /** Parts in the row. */
  readonly count: number;
  /** Where the part last sought begins and ends; equal where it has no bytes. */
  from = 0;
  to = 0;
  readonly #directory: number;
  readonly #body: number;
  /** The next part in order, its place in the directory and in the body. */
  #next = 0;
  #at: number;
  #place: number;

  constructor(bytes: Uint8Array) {
    if (bytes[0] !== VERSION) throw new DamagedData(`a row of the unknown layout ${bytes[0]}`);
    this.bytes = bytes;
    this.#at = 1;
    this.count = this.#length();
    this.#directory = this.#at;
    for (let part = 0; part < this.count; part += 1) {
      while ((bytes[this.#at] ?? 0) >= 128) this.#at += 1;
      this.#at += 1;
      if (this.#at > bytes.length) throw new DamagedData('a row that ends in its directory');
    }
    this.#body = this.#at;
    this.#at = this.#directory;
    this.#place = this.#body;
  }

  /** Finds a part; false where the row has no bytes of it. */
  seek(part: number): boolean {
    if (part >= this.count) return false;
    if (part < this.#next) {
      this.#next = 0;
      this.#at = this.#directory;
      this.#place = this.#body;
    }
    for (;;) {
      this.from = this.#place;
      this.to = this.#place + this.#length();
      this.#place = this.to;
      this.#next += 1;
      if (this.#next > part) break;
    }
    if (this.to > this.bytes.length - PADDING) throw new DamagedData('a row that is cut off');
    return this.to > this.from;
  }

  #length(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.bytes[this.#at] ?? 0;
      this.#at += 1;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new DamagedData('a row with an endless length');
  }
}

function putLength(out: Uint8Array, at: number, length: number): number {
  let rest = length;
  let place = at;
  for (; rest >= 128; rest >>>= 7) out[place++] = 128 | (rest & 127);
  out[place++] = rest;
  return place;
}
