/** Frames on a stream between two of our processes: a small JSON header and any bytes. One form for all our sockets. */

/** `u32 header bytes, u32 body bytes, header (JSON), body`, big-endian. */
const HEAD_BYTES = 8;
const MOST_HEADER_BYTES = 8 * 1024 * 1024;
const MOST_BODY_BYTES = 64 * 1024 * 1024;

export interface Frame {
  readonly header: unknown;
  readonly body: Buffer;
}

/** A frame in parts: its lengths, its header, and its body unless that is empty. */
export function encodeFrame(
  header: unknown,
  body: Buffer = Buffer.alloc(0),
): readonly [Buffer, Buffer, ...Buffer[]] {
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(text.length, 0);
  head.writeUInt32BE(body.length, 4);
  return body.length === 0 ? [head, text] : [head, text, body];
}

/** What a frame begins with: its header, the bytes up to its body, and how many that has. */
export interface FrameHead {
  readonly header: unknown;
  readonly length: number;
  readonly bodyBytes: number;
}

/** The head of the frame that the bytes begin with; `short` when it is not whole, `wrong` when they are no frame of ours. */
export function frameHead(bytes: Buffer): FrameHead | 'short' | 'wrong' {
  if (bytes.length < HEAD_BYTES) return 'short';
  const headerBytes = bytes.readUInt32BE(0);
  const bodyBytes = bytes.readUInt32BE(4);
  if (headerBytes > MOST_HEADER_BYTES || bodyBytes > MOST_BODY_BYTES) return 'wrong';
  const length = HEAD_BYTES + headerBytes;
  if (bytes.length < length) return 'short';
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8', HEAD_BYTES, length));
    return { header, length, bodyBytes };
  } catch {
    return 'wrong';
  }
}

/** Cuts a stream into frames. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  /** The frames that are complete now; undefined for a stream that holds no frames of ours, which must be closed. */
  read(chunk: Buffer): readonly Frame[] | undefined {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      if (this.#length < HEAD_BYTES) return frames;
      const head = this.#peek(HEAD_BYTES);
      const headerBytes = head.readUInt32BE(0);
      const bodyBytes = head.readUInt32BE(4);
      if (headerBytes > MOST_HEADER_BYTES || bodyBytes > MOST_BODY_BYTES) return undefined;
      const whole = HEAD_BYTES + headerBytes + bodyBytes;
      if (this.#length < whole) return frames;
      const bytes = this.#take(whole);
      try {
        const header: unknown = JSON.parse(bytes.toString('utf8', HEAD_BYTES, HEAD_BYTES + headerBytes));
        frames.push({ header, body: bytes.subarray(HEAD_BYTES + headerBytes) });
      } catch {
        return undefined;
      }
    }
  }

  #peek(count: number): Buffer {
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    if (first.length >= count) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #take(count: number): Buffer {
    let first = this.#chunks[0] ?? Buffer.alloc(0);
    if (first.length < count) {
      first = Buffer.concat(this.#chunks);
      this.#chunks = [first];
    }
    this.#length -= count;
    if (first.length === count) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(count);
    return first.subarray(0, count);
  }
}
