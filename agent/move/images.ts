/**
 * The images of a job on their way: sent while criu still writes them, received into a folder of root's alone, and compared
 * by their hash, because criu's images carry none.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { encodeFrame, type Frame } from '../wire/frames.ts';

const PIECE = 1024 * 1024;
/** A piece takes no longer on any link worth moving over. */
const STALL_MILLISECONDS = 8000;
/** How often the growing file of memory pages is looked at. */
const LOOK_MILLISECONDS = 3;
const PAGES = /^pages-\d+\.img$/;
const IMAGE = /^[a-z0-9-]{1,60}\.img$/;

/** A piece of a file, or the end with the hash of all pieces in their order. */
export const pieceSchema = z.union([
  z.object({ file: z.string().regex(IMAGE) }),
  z.object({ sha256: z.string().length(64), files: z.int().min(1), bytes: z.int().min(0) }),
]);

/** Sends what `dumping` writes into the folder. Answers the number of bytes. Problems: connection-lost, and the dump's. */
export async function sendImages(
  stream: Duplex,
  folder: string,
  dumping: Promise<Result<void>>,
): Promise<Result<number>> {
  const hash = createHash('sha256');
  const open = new Map<string, number>();
  let bytes = 0;
  const send = async (header: unknown, body?: Buffer): Promise<void> => {
    let flows = true;
    for (const part of encodeFrame(header, body)) flows = stream.write(part);
    if (!flows && !stream.destroyed) await hasRoom(stream);
  };
  const sendRest = async (file: string): Promise<void> => {
    let fd = open.get(file);
    if (fd === undefined) {
      fd = openSync(join(folder, file), 'r');
      open.set(file, fd);
      await send({ file });
    }
    while (!stream.destroyed) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE, Math.max(1, fstatSync(fd).size)));
      const count = readSync(fd, piece);
      if (count === 0) return;
      hash.update(piece.subarray(0, count));
      bytes += count;
      await send({ file }, piece.subarray(0, count));
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
    await send({ sha256: hash.digest('hex'), files: open.size, bytes });
    return success(bytes);
  } finally {
    for (const fd of open.values()) closeSync(fd);
    // Whoever waits for the dump is not left before criu has ended.
    await dumping;
  }
}

/** Resolves when more may be written, or the stream has ended; one that takes nothing for long is ended. */
function hasRoom(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => stream.destroy(), STALL_MILLISECONDS);
    const done = (): void => {
      clearTimeout(timer);
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

/** Receives images into a folder. */
export class ImageReceiver {
  readonly #folder: string;
  readonly #hash: Hash = createHash('sha256');
  readonly #open = new Map<string, number>();
  readonly #most: number;
  #bytes = 0;

  /** More than `most` bytes are refused. */
  constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  /**
   * Takes a frame; the number of bytes when it was the last one. Problems: bad-input (not what was sent: nothing of it may
   * be restored), disk-full.
   */
  take({ header, body }: Frame): Result<number | undefined> {
    const parsed = pieceSchema.safeParse(header);
    if (!parsed.success) return failure(problem('bad-input', 'The images came with a piece that is none.'));
    const piece = parsed.data;
    if ('sha256' in piece) {
      const whole =
        piece.sha256 === this.#hash.digest('hex') &&
        piece.files === this.#open.size &&
        piece.bytes === this.#bytes;
      return whole
        ? success(this.#bytes)
        : failure(problem('bad-input', 'The images did not arrive as they were sent.'));
    }
    this.#bytes += body.length;
    if (this.#bytes > this.#most)
      return failure(problem('bad-input', 'More images came than the job could have.'));
    this.#hash.update(body);
    try {
      const fd = this.#open.get(piece.file) ?? openSync(join(this.#folder, piece.file), 'wx', 0o600);
      this.#open.set(piece.file, fd);
      for (let done = 0; done < body.length;) done += writeSync(fd, body, done);
      return success(undefined);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return failure(problem('disk-full', 'There is no room for the images of the process.', detail));
    }
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }
}
