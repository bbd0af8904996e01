/** What Linux' files say of load, memory, CPUs and limits: pure readings of their texts, which a test can write itself. */
import type { Mount } from '../proc/mountinfo.ts';

/** Of /proc/loadavg: threads that run or wait for a CPU now, without the one that reads it. */
export function runnableOfMachine(loadavg: string): number {
  return Math.max(0, Number(/^\S+ \S+ \S+ (\d+)\//.exec(loadavg)?.[1]) - 1);
}

/** Of /proc/meminfo, in bytes; NaN where a line is missing. */
export function readMeminfo(text: string): { readonly total: number; readonly available: number } {
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  return { total: bytes('MemTotal'), available: bytes('MemAvailable') };
}

/** Of the first line of /proc/stat, in ticks of all CPUs since the start. */
export interface CpuTimes {
  readonly total: number;
  /** Idle while a process waits for a disk. */
  readonly waiting: number;
}

export function readCpuTimes(text: string): CpuTimes {
  const [user = NaN, nice = NaN, system = NaN, idle = NaN, waiting = 0, irq = 0, softirq = 0, steal = 0] =
    text
      .slice(text.indexOf('cpu') + 3, text.indexOf('\n'))
      .trim()
      .split(/\s+/)
      .map(Number);
  return { waiting, total: user + nice + system + idle + waiting + irq + softirq + steal };
}

/** How many numbers a list such as `0-3,8` of /proc/PID/status holds; 0 for none. */
export function listedCpus(status: string): number {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
  let count = 0;
  for (const part of list.split(',')) {
    const [first = NaN, last = first] = part.split('-').map((number) => Number.parseInt(number, 10));
    if (last >= first) count += last - first + 1;
  }
  return count;
}

/** The folders of a process' own control group and all above it, nearest first, of one controller. */
export interface GroupFolders {
  /** Version 2 has one tree for all controllers. */
  readonly version: 1 | 2;
  readonly folders: readonly string[];
}

/**
 * Where a controller's limits of a process are written: from its /proc/PID/cgroup and its mounts. A kernel may have both
 * versions at once, then a controller is in the first.
 */
export function groupFolders(
  cgroup: string,
  mounts: readonly Mount[],
  controller: 'cpu' | 'memory',
): GroupFolders | undefined {
  const memberships = cgroup.split('\n').map((line) => line.split(':'));
  const old = memberships.find(([, names = '']) => names.split(',').includes(controller));
  const [, , path] = old ?? memberships.find(([number]) => number === '0') ?? [];
  if (path === undefined) return undefined;
  const mount = mounts.find(({ type, options }) =>
    old === undefined ? type === 'cgroup2' : type === 'cgroup' && options.includes(controller),
  );
  if (mount === undefined) return undefined;
  const { root, point } = mount;
  const below = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
  const parts = below.split('/').filter((part) => part !== '' && part !== '..');
  const folders = parts.map((_, index) => [point, ...parts.slice(0, parts.length - index)].join('/'));
  return { version: old === undefined ? 2 : 1, folders: [...folders, point] };
}
