/**
 * What the node may use of its machine: CPUs and memory, less where a control group, a set of CPUs or a container limits
 * the agent and what it starts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMountInfo } from '../proc/mountinfo.ts';
import { groupFolders, listedCpus } from './proc-text.ts';

/** What there is to use. */
export interface Limits {
  /** Whole CPUs, at least 1; a quota of one and a half CPUs counts as two that are slower. */
  readonly cpus: number;
  /** The part of each CPU that may be used, above 0 and at most 1: a node's speed is its CPUs' speed times this. */
  readonly share: number;
  /** Bytes that may be used in all, and that still may; Infinity without a limit. */
  readonly memory: number;
  readonly memoryLeft: number;
}

/** A file's text; empty where it cannot be read, as files that this kernel does not have. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The number that a file's text begins with; NaN for `max` and for no file. */
function numberOf(path: string): number {
  return Number.parseInt(textOf(path), 10);
}

/** CPUs that a group's quota gives; Infinity without one. */
function quotaOf(folder: string, version: 1 | 2): number {
  const [quota, period] =
    version === 2
      ? textOf(join(folder, 'cpu.max')).split(' ').map(Number)
      : [numberOf(join(folder, 'cpu.cfs_quota_us')), numberOf(join(folder, 'cpu.cfs_period_us'))];
  const cpus = Number(quota) / Number(period);
  return cpus > 0 ? cpus : Infinity;
}

/** Bytes that a group may use, and those it does, without what the kernel gives back when asked. */
function memoryOf(folder: string, version: 1 | 2): { readonly limit: number; readonly used: number } {
  const [most, now] =
    version === 2 ? ['memory.max', 'memory.current'] : ['memory.limit_in_bytes', 'memory.usage_in_bytes'];
  const limit = numberOf(join(folder, most));
  if (!(limit >= 0)) return { limit: Infinity, used: 0 };
  const stat = textOf(join(folder, 'memory.stat'));
  const reclaimable = Number(/^(?:total_)?inactive_file (\d+)/m.exec(stat)?.[1] ?? 0);
  return { limit, used: Math.max(0, numberOf(join(folder, now)) - reclaimable) };
}

/** Reads the limits of this process; `proc` is where its proc file system is. */
export function readLimits(proc: string): Limits {
  const cgroup = textOf(join(proc, 'self/cgroup'));
  const mounts = parseMountInfo(textOf(join(proc, 'self/mountinfo')));
  const all = Math.max(1, listedCpus(textOf(join(proc, 'self/status'))));
  const cpu = groupFolders(cgroup, mounts, 'cpu');
  const quota = Math.min(all, ...(cpu?.folders ?? []).map((folder) => quotaOf(folder, cpu?.version ?? 2)));
  const cpus = Math.max(1, Math.ceil(quota - 0.001));
  const memory = groupFolders(cgroup, mounts, 'memory');
  const groups = (memory?.folders ?? []).map((folder) => memoryOf(folder, memory?.version ?? 2));
  return {
    cpus,
    share: Math.min(1, quota / cpus),
    memory: Math.min(Infinity, ...groups.map(({ limit }) => limit)),
    memoryLeft: Math.min(Infinity, ...groups.map(({ limit, used }) => Math.max(0, limit - used))),
  };
}
