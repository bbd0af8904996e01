/** Small files of our own, written so that a crash or a full disk leaves the old content. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { problem, type ProblemCode } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';

/** Makes the data folder (mode 0700) and the folders above it. Problems: disk-full, permission-denied, file-unreadable. */
export function makeDataFolder(folder: string): Result<void> {
  try {
    makeFolder(folder);
    return success(undefined);
  } catch (error) {
    return failure(fileProblem(error, `The data folder ${folder} could not be made`));
  }
}

/**
 * Makes a folder (mode 0700) and those above it. One step at a time, because Node's own recursive call never ends below
 * /proc. Throws what the file system says.
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let path = folder; statSync(path, { throwIfNoEntry: false }) === undefined; path = dirname(path)) {
    missing.unshift(path);
  }
  for (const path of missing) mkdirSync(path, { mode: 0o700 });
}

/** Writes a private file (mode 0600) in one step; a link to it stays a link. Problems: disk-full, permission-denied, file-unreadable. */
export async function writeFileWhole(path: string, text: string): Promise<Result<void>> {
  const target = await realpath(path).catch(() => path);
  const draft = `${target}.${randomBytes(4).toString('hex')}.new`;
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
    return success(undefined);
  } catch (error) {
    // Where the draft could not even be made there is nothing to clear away.
    await rm(draft, { force: true }).catch(() => undefined);
    return failure(fileProblem(error, `${path} could not be written`));
  }
}

/** Reads a file; undefined where there is none. Problems: file-unreadable, permission-denied. */
export async function readFileIfThere(path: string): Promise<Result<string | undefined>> {
  try {
    return success(await readFile(path, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return success(undefined);
    return failure(fileProblem(error, `${path} could not be read`));
  }
}

/** The problem behind an error of the file system. */
export function fileProblem(error: unknown, what: string): ReturnType<typeof problem> {
  const codes: Readonly<Record<string, ProblemCode>> = {
    ENOSPC: 'disk-full',
    EDQUOT: 'disk-full',
    EACCES: 'permission-denied',
    EPERM: 'permission-denied',
    EROFS: 'permission-denied',
  };
  const code = errorCode(error);
  return problem(
    codes[code] ?? 'file-unreadable',
    `${what}: ${error instanceof Error ? error.message : code}`,
  );
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
