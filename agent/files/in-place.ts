/** Writes small files in place, so that whoever has one open or watches it goes on and never reads half a value. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  chmodSync,
  openSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { errorCode } from '../error-code.ts';

const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
const NEWLINE = 0x0a;

/** More than this is in a file only when somebody else wrote it; it is cut off at once. */
export const MOST_BYTES = 4096;

/** TMPFS_MAGIC of statfs(2). */
const TMPFS = 0x01021994;

export function isTmpfs(folder: string): boolean {
  return statfsSync(folder).type === TMPFS;
}

/** Makes a folder that everybody may read, whatever the umask; it may be there. */
export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
}

function openForWriting(path: string): number {
  try {
    return openSync(path, O_WRONLY | O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const file = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o644);
  fchmodSync(file, 0o644);
  return file;
}

/**
 * Brings the file up to the text; it is made where it is missing. Throws the file system's errors.
 *
 * At any moment the old or the new value is the first line, with at most empty lines behind it: a file is made longer with
 * newlines before a longer text is written, and a shorter text is filled up with them before the file is cut. The text
 * itself is one write of a few bytes, which the kernel copies within one page in one go. On tmpfs, where /run is, a read
 * that has begun goes on to the file's new end; other file systems stop at the length of before, which can be the middle
 * of a longer value.
 *
 * A `marked` file gets a time of last change of whole seconds, which is returned in nanoseconds: any other write leaves
 * another time, even one of the very same text. For a `plain` one 0 is returned.
 */
export function writeInPlace(path: string, text: string, marked: 'marked' | 'plain'): bigint {
  const file = openForWriting(path);
  try {
    const length = Buffer.byteLength(text);
    const found = fstatSync(file).size;
    if (found > MOST_BYTES) ftruncateSync(file, MOST_BYTES);
    const size = Math.min(found, MOST_BYTES);
    const filled = Buffer.alloc(Math.max(size, length), NEWLINE);
    // An empty file may just have been made; there is no value that it could lose.
    if (size > 0 && size < length) writeSync(file, filled, 0, length - size, size);
    filled.write(text);
    writeSync(file, filled, 0, filled.length, 0);
    if (size > length) ftruncateSync(file, length);
    if (marked === 'plain') return 0n;
    const seconds = Math.floor(Date.now() / 1000);
    futimesSync(file, seconds, seconds);
    return BigInt(seconds) * 1_000_000_000n;
  } finally {
    closeSync(file);
  }
}
