/**
 * The images of a job on their way: sent while criu still writes them, received into a folder of root's alone, and compared
 * by a sum, because criu's images carry none. On the link TLS refuses what was changed; the sum is for mistakes beside it, and
 * a cheap one, because the job stands still while it is made.
 */
import { closeSync, mkdirSync, openSync, readSync, readdirSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { errorCode } from '../error-code.ts';
import { encodeFrame, frameHead } from '../wire/frames.ts';
import { PARENT, previousRound, roundFolder } from './rounds.ts';

const PIECE = 1024 * 1024;
/** Room before a piece for what tells of which file it is. */
const ROOM = 128;
/** A piece takes no longer on any link worth moving over. */
const STALL_MILLISECONDS = 8000;
/** How often the growing file of memory pages is looked at. */
const LOOK_MILLISECONDS = 3;
const PAGES = /^pages-\d+\.img$/;
const IMAGE = /^[a-z0-9-]{1,60}\.img$/;

/** A piece of a file of a round, or the end with the CRC-32 of all pieces in their order. */
const pieceSchema = z.union([
  z.object({ round: z.int().min(1).max(99), file: z.string().regex(IMAGE) }),
  z.object({ crc: z.int().min(0), files: z.int().min(1), bytes: z.int().min(0) }),
]);

/** Sends the images of a job, one round after the other. */
export class ImageSender {
  readonly #stream: Duplex;
  readonly #writer: PieceWriter;
  readonly #images: string;
  readonly #files = new Set<string>();
  #sum = 0;
  #bytes = 0;

  /** `images` is the folder of the rounds' folders. */
  constructor(stream: Duplex, images: string) {
    this.#stream = stream;
    this.#writer = new PieceWriter(stream);
    this.#images = images;
  }

  /**
   * Sends what `dumping` writes in this round. Answers the number of bytes. Problems: connection-lost, cannot-move when the
   * job has ended, and the dump's.
   */
  async send(round: number, dumping: Promise<Result<void>>): Promise<Result<number>> {
    const open = new Map<string, number>();
    const before = this.#bytes;
    try {
      let dumped: Result<void> | undefined;
      void dumping.then((result) => (dumped = result));
      for (;;) {
        const result = dumped;
        if (this.#stream.destroyed) return lost();
        if (result !== undefined && !result.ok) return result;
        const wanted = result === undefined ? PAGES : IMAGE;
        for (const file of readdirSync(roundFolder(this.#images, round)))
          if (wanted.test(file)) await this.#sendRest(round, file, open);
        if (result !== undefined) return success(this.#bytes - before);
        await Promise.race([dumping, wait(LOOK_MILLISECONDS)]);
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      return failure(problem('cannot-move', 'The job ended while its memory was read.'));
    } finally {
      for (const fd of open.values()) closeSync(fd);
      // Whoever waits for the dump is not left before criu has ended.
      await dumping;
    }
  }

  /** Sends bytes that follow those before in a file of a round, which is not in any folder here. Problem: connection-lost. */
  async put(round: number, file: string, bytes: Buffer): Promise<Result<void>> {
    let done = 0;
    do {
      const count = bytes.copy(this.#writer.next(), 0, done);
      await this.#write(round, file, count);
      done += count;
    } while (done < bytes.length && !this.#stream.destroyed);
    return this.#stream.destroyed ? lost() : success(undefined);
  }

  /** Bytes that were sent. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Tells that there are no more. */
  async end(): Promise<void> {
    await this.#writer.write({ crc: this.#sum, files: this.#files.size, bytes: this.#bytes }, 0);
  }

  async #sendRest(round: number, file: string, open: Map<string, number>): Promise<void> {
    const known = open.get(file);
    const fd = known ?? openSync(join(roundFolder(this.#images, round), file), 'r');
    open.set(file, fd);
    // An empty file is told of too.
    for (let isTold = known !== undefined; !this.#stream.destroyed; isTold = true) {
      const count = readSync(fd, this.#writer.next());
      if (count === 0 && isTold) return;
      await this.#write(round, file, count);
    }
  }

  /** Sends so many bytes of the writer's next piece. */
  async #write(round: number, file: string, count: number): Promise<void> {
    this.#files.add(`${round}/${file}`);
    this.#sum = crc32(this.#writer.next().subarray(0, count), this.#sum);
    this.#bytes += count;
    await this.#writer.write({ round, file }, count);
  }
}

function lost(): Result<never> {
  return failure(problem('connection-lost', 'The connection ended while the images were on their way.'));
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

/** What has come of a job's images: bytes, and the number of the last round, which is the one to restore. */
export interface Received {
  readonly bytes: number;
  readonly rounds: number;
}

/** Receives images into a folder that holds one for each round. */
export class ImageReceiver {
  readonly #images: string;
  readonly #open = new Map<string, number>();
  readonly #most: number;
  /** The begin of a frame of which not even the header is there. */
  #held: Buffer = Buffer.alloc(0);
  /** The file that the bytes to come are of, and how many of them. */
  #file = 0;
  #left = 0;
  #sum = 0;
  #bytes = 0;
  #rounds = 0;

  /** More than `most` bytes are refused. */
  constructor(images: string, most: number) {
    this.#images = images;
    this.#most = most;
  }

  /**
   * Takes the next bytes of the stream; answers what has come when they were the last. Problems: protocol-error and
   * bad-input (not what was sent: nothing of it may be restored), disk-full.
   */
  take(chunk: Buffer): Result<Received | undefined> {
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
            ? success({ bytes: this.#bytes, rounds: this.#rounds })
            : failure(problem('bad-input', 'The images did not arrive as they were sent.'));
        this.#bytes += head.bodyBytes;
        if (this.#bytes > this.#most)
          return failure(problem('bad-input', 'More images came than the job could have.'));
        this.#file = this.#fileOf(piece.round, piece.file);
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

  #fileOf(round: number, file: string): number {
    const folder = roundFolder(this.#images, round);
    for (; this.#rounds < round; this.#rounds += 1) this.#makeRound(this.#rounds + 1);
    const path = join(folder, file);
    const fd = this.#open.get(path) ?? openSync(path, 'wx', 0o600);
    this.#open.set(path, fd);
    return fd;
  }

  #makeRound(round: number): void {
    const folder = roundFolder(this.#images, round);
    mkdirSync(folder, { mode: 0o700 });
    if (round > 1) symlinkSync(previousRound(round), join(folder, PARENT));
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
