/** Frames on a stream of bytes: each comes after its length, a u32 in little endian. */
import { encodeFrame } from '../../common/contract/frame.ts';

const HEAD_BYTES = 4;

/** A message as bytes for a stream. */
export function streamFrame(message: unknown): Uint8Array {
  const frame = encodeFrame(message);
  const bytes = new Uint8Array(HEAD_BYTES + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length, true);
  bytes.set(frame, HEAD_BYTES);
  return bytes;
}

/** Takes a stream's bytes as they come and gives its frames whole, each in a buffer of its own. */
export class FrameSplitter {
  readonly #largest: number;
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headFilled = 0;
  #frame: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;

  /** @param largest Bytes that a frame may have. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** The frames that are whole now; undefined for a stream that is none of ours: a frame is too large. */
  take(chunk: Uint8Array): readonly ArrayBuffer[] | undefined {
    const frames: ArrayBuffer[] = [];
    let at = 0;
    while (at < chunk.length || this.#frame?.length === 0) {
      if (this.#frame === undefined) {
        const part = chunk.subarray(at, at + HEAD_BYTES - this.#headFilled);
        this.#head.set(part, this.#headFilled);
        this.#headFilled += part.length;
        at += part.length;
        if (this.#headFilled < HEAD_BYTES) break;
        const length = new DataView(this.#head.buffer).getUint32(0, true);
        if (length > this.#largest) return undefined;
        this.#frame = new Uint8Array(length);
      } else {
        const part = chunk.subarray(at, at + this.#frame.length - this.#filled);
        this.#frame.set(part, this.#filled);
        this.#filled += part.length;
        at += part.length;
        if (this.#filled < this.#frame.length) break;
        frames.push(this.#frame.buffer);
        this.#frame = undefined;
        this.#headFilled = 0;
        this.#filled = 0;
      }
    }
    return frames;
  }
}
