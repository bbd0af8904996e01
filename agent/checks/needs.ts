/** What a job needs at the node it moves to. It travels there before the job does. */
import { z } from 'zod';
import type { FileUse } from './files.ts';
import { mountOf, pathInSource, type Mount } from '../proc/mountinfo.ts';
import { isTerminal } from './rules.ts';

const decimal = z.string().regex(/^\d{1,20}$/);
const absolutePath = z.string().startsWith('/').max(4096);

const fileNeedSchema = z.object({
  path: absolutePath,
  kind: z.enum(['file', 'folder', 'fifo', 'character', 'block', 'socket']),
  /** The strongest of its uses; `append` is a file that is only ever written at its end. */
  use: z.enum(['read', 'append', 'write']),
  /** Bytes. */
  size: z.number().int().nonnegative(),
  /** st_dev and st_ino, decimal. */
  device: decimal,
  inode: decimal,
  /** `MAJOR:MINOR` of a device, otherwise empty. */
  number: z.string().regex(/^(\d+:\d+)?$/),
  /** The file system's type as the kernel names it, what it is mounted from, and the file's path inside of that. */
  fileSystem: z.string().max(255),
  source: z.string().max(4096),
  pathInSource: absolutePath,
  /** Of the content, in hex; only where the target asked for it. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type FileNeed = Readonly<z.infer<typeof fileNeedSchema>>;

export const needsSchema = z.object({
  /** As `uname -m` prints it. */
  architecture: z.string().min(1).max(32),
  /** /proc/sys/kernel/random/boot_id: two nodes with the same one are on one kernel. */
  bootId: z.string().max(64),
  /** Sorted. */
  cpuFlags: z.array(z.string().max(64)).max(1024),
  /** The processes' numbers in the job's namespace; none of them may be taken at the target. */
  insidePids: z.array(z.number().int().positive()).max(100_000),
  /** Bytes of memory that travel. */
  residentBytes: z.number().int().nonnegative(),
  /** Each path once. */
  files: z.array(fileNeedSchema).max(100_000),
});
export type Needs = Readonly<z.infer<typeof needsSchema>>;

const STRENGTH = { read: 0, append: 1, write: 2 } as const;

/** The files that must be at the target: all but the deleted ones, which travel, and terminals, which are its own. */
export function fileNeeds(uses: readonly FileUse[]): readonly FileNeed[] {
  const needs = new Map<string, FileNeed>();
  for (const file of uses) {
    if (file.deleted || isTerminal(file)) continue;
    const { path, kind, use, size, device, inode, number, mount } = file;
    const known = needs.get(path);
    if (known !== undefined && STRENGTH[known.use] >= STRENGTH[use]) continue;
    needs.set(path, {
      path,
      kind,
      use,
      size,
      device,
      inode,
      number,
      ...place(path, mount),
    });
  }
  return [...needs.values()];
}

function place(
  path: string,
  mount: Mount | undefined,
): Pick<FileNeed, 'fileSystem' | 'source' | 'pathInSource'> {
  if (mount === undefined) return { fileSystem: '', source: '', pathInSource: '/' };
  return { fileSystem: mount.type, source: mount.source, pathInSource: pathInSource(path, mount) };
}

/** Where a path lies on the node that is asked. */
export function placeOf(path: string, mounts: readonly Mount[]): ReturnType<typeof place> {
  return place(path, mountOf(path, mounts));
}
