/** Where this machine's control groups are: the tree of version 2, and the cpu controller of version 1 where that has it. */
import { readFileSync } from 'node:fs';

/** The mounts the lab makes its groups in. */
export interface GroupMounts {
  /** The tree of version 2. */
  readonly unified: string;
  /** The tree of version 1 that shares out the processors, with its mount options; absent where version 2 does. */
  readonly cpu?: { readonly mount: string; readonly controllers: string };
}

/** Reads the text of /proc/mounts; throws a sentence when there is no version 2. */
export function groupMounts(mounts: string = readFileSync('/proc/mounts', 'utf8')): GroupMounts {
  const lines = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, mount = '', type = '', options = '']) => ({ mount, type, options: options.split(',') }));
  const unified = lines.find(({ type }) => type === 'cgroup2')?.mount;
  if (unified === undefined)
    throw new Error('The lab needs control groups of version 2, and none are mounted here.');
  const cpu = lines.find(({ type, options }) => type === 'cgroup' && options.includes('cpu'));
  if (cpu === undefined) return { unified };
  const controllers = cpu.options.filter((option) => option === 'cpu' || option === 'cpuacct').join(',');
  return { unified, cpu: { mount: cpu.mount, controllers } };
}
