/** The files, folders, devices and FIFOs that a job has in use, each looked at through the very link that it is used by. */
import type { BigIntStats } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { shownPath } from '../proc/kernel-text.ts';
import { mountOf, type Mount } from '../proc/mountinfo.ts';
import { goneOrThrow, type Proc } from '../proc/proc.ts';
import type { ProcessView } from './process.ts';
import { targetKind } from './target-kind.ts';

export type FileKind = 'file' | 'folder' | 'fifo' | 'character' | 'block' | 'socket';

/** What a file is, wherever it is looked at. */
export interface FileIdentity {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Bytes that it takes on its disk: a file with holes takes less than its size. */
  readonly taken: number;
  /** The numbers of its file system and of itself in it, decimal: an inode may need 64 bits. */
  readonly device: string;
  readonly inode: string;
  /** `MAJOR:MINOR` of a device, empty for all else. */
  readonly number: string;
  /** How many names it has. */
  readonly names: number;
  /** Changes whenever its content may have: modification and status change in nanoseconds. */
  readonly changed: string;
}

export interface FileUse extends FileIdentity {
  readonly view: ProcessView;
  /** How it is used, as a sentence goes on after the process: `has it open as 5`. */
  readonly how: string;
  readonly mapped: boolean;
  readonly path: string;
  /** Its name is gone, so that nobody can open it at the target. */
  readonly deleted: boolean;
  readonly use: 'read' | 'write' | 'append';
  /** Where it lies; undefined for a mount that the job does not see. */
  readonly mount: Mount | undefined;
  /** It is a POSIX message queue. */
  readonly queue: boolean;
  /** The locks held on it, as the kernel words them. */
  readonly locks: readonly string[];
}

/** The unit of st_blocks, whatever the file system's own. */
const BLOCK = 512;

function kindOf(stats: BigIntStats): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isCharacterDevice()) return 'character';
  return stats.isBlockDevice() ? 'block' : 'socket';
}

/** The two halves of a device's number as glibc packs them into 64 bits. */
function deviceNumber(packed: bigint): string {
  const major = ((packed >> 8n) & 0xfffn) | ((packed >> 32n) & ~0xfffn);
  const minor = (packed & 0xffn) | ((packed >> 12n) & ~0xffn & 0xffffffffn);
  return `${major}:${minor}`;
}

/** What lies at a path, links followed; undefined when nothing does. */
export async function identityAt(path: string): Promise<FileIdentity | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    const kind = kindOf(stats);
    return {
      kind,
      size: Number(stats.size),
      taken: Number(stats.blocks) * BLOCK,
      device: String(stats.dev),
      inode: String(stats.ino),
      number: kind === 'character' || kind === 'block' ? deviceNumber(stats.rdev) : '',
      names: Number(stats.nlink),
      changed: `${stats.mtimeNs}:${stats.ctimeNs}`,
    };
  } catch (error) {
    return goneOrThrow(error);
  }
}

/** One use before the file itself is looked at: where its link is in /proc, and what makes it the same as another. */
interface Reference extends Omit<FileUse, keyof FileIdentity | 'path' | 'deleted' | 'queue'> {
  readonly link: string;
  readonly target: string;
  readonly key: string;
}

function references(view: ProcessView, mounts: readonly Mount[]): readonly Reference[] {
  const found: Reference[] = [];
  const { pid } = view;
  const byPath = (link: string, target: string | undefined, how: string): void => {
    if (target === undefined) return;
    const mount = mountOf(target, mounts);
    found.push({ view, link, target, key: target, how, mapped: false, use: 'read', mount, locks: [] });
  };
  byPath(`${pid}/exe`, view.program, 'runs it');
  byPath(`${pid}/cwd`, view.workingDirectory, 'works in it');
  if (view.rootDirectory !== '/') byPath(`${pid}/root`, view.rootDirectory, 'has it as its root');
  for (const { number, target, info } of view.descriptors) {
    if (targetKind(target).kind !== 'path') continue;
    found.push({
      view,
      link: `${pid}/fd/${number}`,
      target,
      key: `${target} ${info.mount} ${info.inode || `${pid}/${number}`}`,
      how: `has it open as ${number}`,
      mapped: false,
      use: info.use,
      mount: mounts.find(({ id }) => id === info.mount),
      locks: info.locks,
    });
  }
  for (const { range, writable, shared, identity, target } of view.mappings) {
    if (targetKind(target).kind !== 'path') continue;
    found.push({
      view,
      link: `${pid}/map_files/${range}`,
      target,
      key: `${target} ${identity}`,
      how: 'has it in its memory',
      mapped: true,
      use: writable && shared ? 'write' : 'read',
      mount: mountOf(shownPath(target).path, mounts),
      locks: [],
    });
  }
  return found;
}

/** Several mappings of one file are one use; the strongest counts. */
function withoutRepeats(all: readonly Reference[]): readonly Reference[] {
  const kept = new Map<string, Reference>();
  for (const reference of all) {
    const key = reference.mapped ? `${reference.view.pid} ${reference.key}` : reference.link;
    if (kept.get(key)?.use !== 'write') kept.set(key, reference);
  }
  return [...kept.values()];
}

/** Of a name that ends in "(deleted)": whether it is gone, or is just called so. */
async function isDeleted(proc: Proc, { view, target }: Reference, identity: FileIdentity): Promise<boolean> {
  if (identity.names === 0 || !target.startsWith('/')) return true;
  const named = await identityAt(`${proc.root}/${view.pid}/root${target}`);
  return named?.inode !== identity.inode || named.device !== identity.device;
}

/** f_type of message queues; linux/magic.h has no name for it, ipc/mqueue.c has. */
const MESSAGE_QUEUES = 0x1980_0202;

/** Message queues lie on a mount of the kernel's own, which is what makes them worth a question. */
async function isQueue(proc: Proc, { link, mount, mapped }: Reference): Promise<boolean> {
  if (mount !== undefined || mapped) return false;
  try {
    return (await statfs(`${proc.root}/${link}`)).type === MESSAGE_QUEUES;
  } catch (error) {
    return goneOrThrow(error) ?? false;
  }
}

/** Everything with a path that the processes have in use. What is closed meanwhile is left out. */
export async function filesInUse(
  proc: Proc,
  views: readonly ProcessView[],
  mounts: readonly Mount[],
): Promise<readonly FileUse[]> {
  const all = withoutRepeats(views.flatMap((view) => references(view, mounts)));
  const looked = new Map<string, Promise<FileIdentity | undefined>>();
  const look = ({ key, link }: Reference): Promise<FileIdentity | undefined> => {
    const known = looked.get(key) ?? identityAt(`${proc.root}/${link}`);
    looked.set(key, known);
    return known;
  };
  const uses = await Promise.all(
    all.map(async (reference): Promise<FileUse | undefined> => {
      const identity = await look(reference);
      if (identity === undefined) return undefined;
      const shown = shownPath(reference.target);
      const deleted = shown.deleted && (await isDeleted(proc, reference, identity));
      const queue = await isQueue(proc, reference);
      return { ...reference, ...identity, queue, path: deleted ? shown.path : reference.target, deleted };
    }),
  );
  return uses.filter((use) => use !== undefined);
}
