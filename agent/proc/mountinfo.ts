/** /proc/PID/mountinfo: which file system a path lies on. Source of the format: proc_pid_mountinfo(5). */
import { unescaped } from './kernel-text.ts';

export interface Mount {
  readonly id: number;
  /** The folder of the file system that is seen at the mount point. */
  readonly root: string;
  readonly point: string;
  /** As the kernel names it: `ext4`, `nfs4`, `fuse.sshfs`. */
  readonly type: string;
  /** A device, a server's export, or just a word. */
  readonly source: string;
  /** The file system's own; those of cgroup version 1 name its controllers. */
  readonly options: readonly string[];
}

export function parseMountInfo(text: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [id, , , root, point] = before.split(' ');
    const [type, source, options = ''] = after.split(' ');
    if (root === undefined || point === undefined || type === undefined || source === undefined) continue;
    mounts.push({
      id: Number(id),
      root: unescaped(root),
      point: unescaped(point),
      type: unescaped(type),
      source: unescaped(source),
      options: options.split(','),
    });
  }
  return mounts;
}

function isUnder(path: string, point: string): boolean {
  return point === '/' || path === point || path.startsWith(`${point}/`);
}

/** The mount that an absolute path leads to: the deepest one, and of several at one point the last. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    if (isUnder(path, mount.point) && mount.point.length >= (found?.point.length ?? 0)) found = mount;
  }
  return found;
}

/** The path of a file inside its file system, which is the same wherever that is mounted. */
export function pathInSource(path: string, { root, point }: Mount): string {
  const below = point === '/' ? path : path.slice(point.length);
  return `${root === '/' ? '' : root}${below}` || '/';
}
