/**
 * Writing a small file in place, so that whoever has it open or watches it goes on. The kernel of the facts made its texts
 * while they were read; these files must look the same to a reader at any moment.
 *
 * Why a reader is safe: a new text of the old length is one write call, and the kernel copies its few bytes within one page
 * in one go. A longer text comes after the file was made longer with newlines, a shorter one is filled up with newlines
 * before the file is cut, so that between the calls the old or the new value stands on the first line with nothing but
 * empty lines behind it. A reader that is interrupted between asking for the length and copying goes on until the end on
 * tmpfs, where /run is: what is on the first line is whole. Other file systems stop at the length they asked for, and then
 * the beginning of a longer value can be seen.
 */
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
 * A `marked` file gets a time of last change of whole seconds, which is returned in nanoseconds: any other write leaves
 * another time, even one of the very same text.
 */
export function writeInPlace(path: string, text: string, marked: 'marked' | 'plain'): bigint {
  const file = openForWriting(path);
  try {
    const bytes = Buffer.from(text);
    const found = fstatSync(file).size;
    if (found > MOST_BYTES) ftruncateSync(file, MOST_BYTES);
    const size = Math.min(found, MOST_BYTES);
    if (size === bytes.length) {
      writeSync(file, bytes, 0, bytes.length, 0);
    } else if (size < bytes.length) {
      // A new file is written at once; nobody has read it.
      if (size > 0) writeSync(file, Buffer.alloc(bytes.length - size, NEWLINE), 0, bytes.length - size, size);
      writeSync(file, bytes, 0, bytes.length, 0);
    } else {
      const filled = Buffer.alloc(size, NEWLINE);
      filled.set(bytes);
      writeSync(file, filled, 0, size, 0);
      ftruncateSync(file, bytes.length);
    }
    if (marked === 'plain') return 0n;
    const seconds = Math.floor(Date.now() / 1000);
    futimesSync(file, seconds, seconds);
    return BigInt(seconds) * 1_000_000_000n;
  } finally {
    closeSync(file);
  }
}
