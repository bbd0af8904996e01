/**
 * A file that an operator names for a report or an export: it gets its name when it is whole. What is there and no plain
 * file, such as a pipe, a terminal or /dev/null, is never replaced but written into.
 */
import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

export type Pieces = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/**
 * Writes the pieces and gives their bytes. A link stays a link, and a file that is replaced leaves its mode to the new
 * one. Throws what the file system and the pieces say, of the file by its own name; nothing is left of a new file then.
 */
export async function writeOutputFile(path: string, pieces: Pieces, signal?: AbortSignal): Promise<number> {
  const known = await stat(path).catch(() => undefined);
  if (known !== undefined && !known.isFile()) return written(path, pieces, signal);
  const target = await realpath(path).catch(() => path);
  const draft = `${target}.${randomBytes(4).toString('hex')}.new`;
  try {
    const bytes = await written(draft, pieces, signal, known?.mode);
    await rename(draft, target);
    return bytes;
  } catch (error) {
    // Where the draft could not even be made there is nothing to clear away.
    await rm(draft, { force: true }).catch(() => undefined);
    if (error instanceof Error) error.message = error.message.replaceAll(draft, target);
    throw error;
  }
}

async function written(
  path: string,
  pieces: Pieces,
  signal: AbortSignal | undefined,
  mode?: number,
): Promise<number> {
  // Opened before anything can fail: a stream opens by itself, and may do so after the draft was removed.
  const file = await open(path, 'w', 0o600);
  const stream = file.createWriteStream();
  if (mode !== undefined) await file.chmod(mode & 0o777);
  await pipeline(pieces, stream, ...(signal === undefined ? [] : [{ signal }]));
  return stream.bytesWritten;
}
