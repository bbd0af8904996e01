/**
 * The images of a job on their way: sent while criu still writes them, received into a folder of root's alone, and compared
 * by a sum, because criu's images carry none. On the link TLS refuses what was changed; the sum is for mistakes beside it, and
 * a cheap one, because the job stands still while it is made.
 */
import { closeSync, openSync, readSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { encodeFrame, frameHead } from '../wire/frames.ts';

const PIECE = 1024 * 1024;
/** Room before a piece for what tells of which file it is. */
const ROOM = 128;
/** A piece takes no longer on any link worth moving over. */
const STALL_MILLISECONDS = 8000;
/** How often the growing file of memory pages is looked at. */
const LOOK_MILLISECONDS = 3;
const PAGES = /^pages-\d+\.img$/;
const IMAGE = /^[a-z0-9-]{1,60}\.img$/;

/** A piece of a file, or the end with the CRC-32 of all pieces in their order. */
const pieceSchema = z.union([
  z.object({ file: z.string().regex(IMAGE) }),
  z.object({ crc: z.int().min(0), files: z.int().min(1), bytes: z.int().min(0) }),
]);

/** Sends what `dumping` writes into the folder. Answers the number of bytes. Problems: connection-lost, and the dump's. */
export async function sendImages(
  stream: Duplex,
  folder: string,
  dumping: Promise<Result<void>>,
): Promise<Result<number>> {
  const writer = new PieceWriter(stream);
  const open = new Map<string, number>();
  let sum = 0;
  let bytes = 0;
  const sendRest = async (file: string): Promise<void> => {
    const known = open.get(file);
    const fd = known ?? openSync(join(folder, file), 'r');
    open.set(file, fd);
    // An empty file is told of too.
    for (let isTold = known !== undefined; !stream.destroyed; isTold = true) {
      const piece = writer.next();
      const count = readSync(fd, piece);
      if (count === 0 && isTold) return;
      sum = crc32(piece.subarray(0, count), sum);
      bytes += count;
      await writer.write({ file }, count);
    }
  };
  try {
    let dumped: Result<void> | undefined;
    void dumping.then((result) => (dumped = result));
    for (;;) {
      const result = dumped;
      if (stream.destroyed)
        return failure(
          problem('connection-lost', 'The connection ended while the images were on their way.'),
        );
      if (result !== undefined && !result.ok) return result;
      for (const file of readdirSync(folder).filter((name) =>
        (result === undefined ? PAGES : IMAGE).test(name),
      ))
        await sendRest(file);
      if (result !== undefined) break;
      await Promise.race([dumping, wait(LOOK_MILLISECONDS)]);
    }
    await writer.write({ crc: sum, files: open.size, bytes }, 0);
    return success(bytes);
  } finally {
    for (const fd of open.values()) closeSync(fd);
    // Whoever waits for the dump is not left before criu has ended.
    await dumping;
  }
}

/**
 * Writes pieces from two buffers in turn, so that one is filled while the other is on its way. One write at a time, with the
 * header in the same bytes: TLS would copy several into one. A stream that takes nothing for long is ended.
 */
class PieceWriter {
  readonly #stream: Duplex;
  #buffer = Buffer.allocUnsafeSlow(ROOM + PIECE);
  #other = Buffer.allocUnsafeSlow(ROOM + PIECE);
  #written: Promise<void> = Promise.resolve();

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** Where the next piece is read to. */
  next(): Buffer {
    return this.#buffer.subarray(ROOM);
  }

  /** Writes so many bytes of the next piece when the one before is written. */
  async write(header: unknown, count: number): Promise<void> {
    const buffer = this.#buffer;
    this.#buffer = this.#other;
    this.#other = buffer;
    const [head, text] = encodeFrame(header, buffer.subarray(ROOM, ROOM + count));
    const start = ROOM - head.length - text.length;
    head.copy(buffer, start);
    text.copy(buffer, start + head.length);
    await this.#written;
    if (this.#stream.destroyed) return;
    this.#written = new Promise((resolve) => {
      const timer = setTimeout(() => this.#stream.destroy(), STALL_MILLISECONDS);
      this.#stream.write(buffer.subarray(start, ROOM + count), () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Receives images into a folder. */
export class ImageReceiver {
  readonly #folder: string;
  readonly #open = new Map<string, number>();
  readonly #most: number;
  /** The begin of a frame of which not even the header is there. */
  #held: Buffer = Buffer.alloc(0);
  /** The file that the bytes to come are of, and how many of them. */
  #file = 0;
  #left = 0;
  #sum = 0;
  #bytes = 0;

  /** More than `most` bytes are refused. */
  constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  /**
   * Takes the next bytes of the stream; the number of images' bytes when they were the last. Problems: protocol-error and
   * bad-input (not what was sent: nothing of it may be restored), disk-full.
   */
  take(chunk: Buffer): Result<number | undefined> {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    try {
      for (;;) {
        rest = rest.subarray(this.#write(rest));
        const head = this.#left > 0 ? 'short' : frameHead(rest);
        if (head === 'short') {
          this.#held = rest;
          return success(undefined);
        }
        const piece = head === 'wrong' ? undefined : pieceSchema.safeParse(head.header).data;
        if (head === 'wrong' || piece === undefined)
          return failure(problem('protocol-error', 'The images came as no images of ours.'));
        if ('crc' in piece)
          return piece.crc === this.#sum && piece.files === this.#open.size && piece.bytes === this.#bytes
            ? success(this.#bytes)
            : failure(problem('bad-input', 'The images did not arrive as they were sent.'));
        this.#bytes += head.bodyBytes;
        if (this.#bytes > this.#most)
          return failure(problem('bad-input', 'More images came than the job could have.'));
        this.#file = this.#open.get(piece.file) ?? openSync(join(this.#folder, piece.file), 'wx', 0o600);
        this.#open.set(piece.file, this.#file);
        this.#left = head.bodyBytes;
        rest = rest.subarray(head.length);
      }
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return failure(problem('disk-full', 'There is no room for the images of the process.', detail));
    }
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  /** Writes what of the bytes belongs to the piece that has begun; answers how many do. */
  #write(bytes: Buffer): number {
    const part = bytes.subarray(0, this.#left);
    this.#sum = crc32(part, this.#sum);
    for (let done = 0; done < part.length;) done += writeSync(this.#file, part, done);
    this.#left -= part.length;
    return part.length;
  }
}
