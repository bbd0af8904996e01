/**
 * Numbers of 32 bits without a sign in as few bits as they need: Rice's code, whose parameter suits the run of numbers.
 * A number is its upper part as so many ones and a zero, then its lower `width` bits; ONES ones announce 32 plain bits.
 */
import { DamagedData } from './codec.ts';

const ONES = 20;

/** The `width` that takes the fewest bits for numbers of this sum, about. */
export function riceWidth(sum: number, count: number): number {
  return Math.max(0, Math.floor(Math.log2((sum / count) * 0.9)));
}

/** Appends bits to bytes, highest first. */
export class BitWriter {
  #out: Uint8Array = new Uint8Array(0);
  #at = 0;
  #held = 0;
  #bits = 0;

  start(out: Uint8Array, at: number): void {
    this.#out = out;
    this.#at = at;
    this.#held = 0;
    this.#bits = 0;
  }

  /** Writes the lower `width` (0 to 24) bits of a value. */
  put(value: number, width: number): void {
    this.#held = (this.#held << width) | (value & ((1 << width) - 1));
    this.#bits += width;
    while (this.#bits >= 8) {
      this.#bits -= 8;
      this.#out[this.#at++] = this.#held >>> this.#bits;
      this.#held &= (1 << this.#bits) - 1;
    }
  }

  rice(value: number, width: number): void {
    const upper = value >>> width;
    if (upper >= ONES) {
      this.put((1 << ONES) - 1, ONES);
      this.put(value >>> 16, 16);
      this.put(value, 16);
      return;
    }
    this.put(((1 << upper) - 1) << 1, upper + 1);
    if (width > 16) this.put(value >>> 16, width - 16);
    this.put(value, Math.min(width, 16));
  }

  /** Fills the last byte with zeros; returns where the bits ended. */
  end(): number {
    if (this.#bits > 0) this.put(0, 8 - this.#bits);
    return this.#at;
  }
}

/** Reads what a BitWriter wrote; three bytes behind the end must exist. Throws DamagedData. */
export class BitReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #bit = 0;
  #end = 0;

  start(bytes: Uint8Array, from: number, to: number): void {
    this.#bytes = bytes;
    this.#bit = from * 8;
    this.#end = to * 8;
  }

  /** The next `width` (0 to 24) bits. */
  take(width: number): number {
    const value = width === 0 ? 0 : this.#window() >>> (32 - width);
    this.#bit += width;
    return value;
  }

  rice(width: number): number {
    const window = this.#window();
    const upper = Math.clz32(~window);
    if (upper >= ONES) {
      this.#bit += ONES;
      return ((this.take(16) << 16) | this.take(16)) >>> 0;
    }
    this.#bit += upper + 1;
    if (upper + 1 + width <= 24) {
      this.#bit += width;
      return width === 0 ? upper : (upper << width) | ((window << (upper + 1)) >>> (32 - width));
    }
    const high = width > 16 ? this.take(width - 16) << 16 : 0;
    return ((upper << width) | high | this.take(Math.min(width, 16))) >>> 0;
  }

  /** To be called after the last read. */
  finish(): void {
    if (this.#bit > this.#end || this.#end - this.#bit >= 8) {
      throw new DamagedData('bits that do not end where they should');
    }
  }

  /** At least 25 bits from here on, at the upper end of 32. */
  #window(): number {
    const bytes = this.#bytes;
    const at = this.#bit >>> 3;
    if (this.#bit > this.#end) throw new DamagedData('bits that end too early');
    const word =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
    return word << (this.#bit & 7);
  }
}
