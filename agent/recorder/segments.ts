/**
 * Lines in numbered files that follow each other, `00000001.jsonl` and on: appended whole or not at all, made durable at
 * the latest ten seconds later, and bounded by deleting the oldest file.
 */
import {
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** The whole is kept in this many files, so that one of them is what is lost when there is no more room. */
const SEGMENTS = 64;

/** A line becomes durable at most this long after it was written. */
const SYNC_MS = 10_000;

const NEWLINE = 0x0a;

/** One file. */
export interface Segment {
  readonly path: string;
  /** Bytes of whole lines. */
  size: number;
}

export class Segments {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #list: Segment[] = [];
  /** The last segment's descriptor; undefined before the first line, and when opening failed. */
  #file: number | undefined;
  #syncing: NodeJS.Timeout | undefined;
  #isRead = false;

  constructor(folder: string, mostBytes: number) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** All there are now, oldest first. */
  get list(): readonly Readonly<Segment>[] {
    return this.#list;
  }

  /**
   * Finds what is there; the first time it cuts off a line that was being written when the power failed and returns its
   * bytes, otherwise 0. Throws the file system's errors; then it is to be called again.
   */
  open(): number {
    if (this.#file !== undefined) return 0;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (!this.#isRead) {
      const names = readdirSync(this.#folder).filter((name) => /^\d{8}\.jsonl$/.test(name));
      this.#list.length = 0;
      for (const name of names.sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10))) {
        const path = join(this.#folder, name);
        this.#list.push({ path, size: statSync(path).size });
      }
      this.#isRead = true;
    }
    const last = this.#list.at(-1) ?? this.#next();
    const file = openSync(last.path, 'a+', 0o600);
    try {
      const { size } = fstatSync(file);
      last.size = wholeLines(file, size);
      ftruncateSync(file, last.size);
      this.#file = file;
      return size - last.size;
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /**
   * Appends a line, without its newline. Returns the oldest segment's last line when it had to be deleted for the room.
   * Throws the file system's errors; then nothing of the line is in the file.
   */
  append(line: string): string | undefined {
    this.open();
    const bytes = Buffer.from(`${line}\n`);
    let deleted: string | undefined;
    if ((this.#list.at(-1)?.size ?? 0) + bytes.length > this.#mostBytes / SEGMENTS) deleted = this.#roll();
    const last = this.#list.at(-1);
    if (last === undefined || this.#file === undefined) throw new Error('No segment is open.');
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#file, bytes, written);
    } catch (error) {
      // A full disk takes the beginning of a line.
      ftruncateSync(this.#file, last.size);
      throw error;
    }
    last.size += bytes.length;
    this.#syncing ??= setTimeout(() => this.#sync(), SYNC_MS).unref();
    return deleted;
  }

  close(): void {
    clearTimeout(this.#syncing);
    this.#syncing = undefined;
    if (this.#file === undefined) return;
    fsyncSync(this.#file);
    closeSync(this.#file);
    this.#file = undefined;
  }

  #sync(): void {
    this.#syncing = undefined;
    // What the disk refuses now it refuses to the next line, too, and that is told.
    if (this.#file !== undefined) fsync(this.#file, () => {});
  }

  /** Begins a new segment; deletes the oldest when there are too many, and returns its last line. */
  #roll(): string | undefined {
    const before = this.#file;
    const isEmpty = this.#list.at(-1)?.size === 0;
    if (isEmpty) return undefined;
    const next = this.#next();
    try {
      this.#file = openSync(next.path, 'a+', 0o600);
    } catch (error) {
      this.#list.pop();
      throw error;
    }
    if (before !== undefined) fsync(before, () => closeSync(before));
    const folder = openSync(this.#folder, 'r');
    fsyncSync(folder);
    closeSync(folder);
    return this.#deleteOldest();
  }

  /** Deletes what is too much; returns the last line of it. */
  #deleteOldest(): string | undefined {
    const most = this.#mostBytes - this.#mostBytes / SEGMENTS;
    let total = this.#list.reduce((sum, { size }) => sum + size, 0);
    let deleted: string | undefined;
    for (let oldest = this.#list[0]; oldest !== undefined && total > most; oldest = this.#list[0]) {
      const lines = readFileSync(oldest.path, 'utf8').trimEnd();
      deleted = lines.slice(lines.lastIndexOf('\n') + 1);
      rmSync(oldest.path, { force: true });
      this.#list.shift();
      total -= oldest.size;
    }
    return deleted;
  }

  #next(): Segment {
    const last = this.#list.at(-1)?.path.match(/(\d{8})\.jsonl$/)?.[1] ?? '0';
    const name = `${Number(last) + 1}`.padStart(8, '0');
    const segment = { path: join(this.#folder, `${name}.jsonl`), size: 0 };
    this.#list.push(segment);
    return segment;
  }
}

/** Bytes up to and with the last newline of a file. */
function wholeLines(file: number, size: number): number {
  const piece = Buffer.alloc(64 * 1024);
  for (let end = size; end > 0;) {
    const begin = Math.max(0, end - piece.length);
    const count = readSync(file, piece, 0, end - begin, begin);
    const newline = piece.subarray(0, count).lastIndexOf(NEWLINE);
    if (newline >= 0) return begin + newline + 1;
    end = begin;
  }
  return 0;
}
