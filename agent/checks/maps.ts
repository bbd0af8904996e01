/** /proc/PID/maps: what is mapped from files and what is shared. Source of the format: proc_pid_maps(5). */
import { unescaped } from '../proc/kernel-text.ts';

/** A mapping that stands for a file, a device or shared memory. */
export interface Mapping {
  /** `START-END`, its name in /proc/PID/map_files. */
  readonly range: string;
  readonly writable: boolean;
  readonly shared: boolean;
  /** `MAJOR:MINOR INODE`, the same in every process that maps it. */
  readonly identity: string;
  /** With ` (deleted)` when the name is gone. */
  readonly target: string;
}

const LINE = /^([0-9a-f]+-[0-9a-f]+) .(.).(.) [0-9a-f]+ ([0-9a-f]+:[0-9a-f]+ (\d+)) *(.*)$/;

/** Every mapping with an inode; private memory, stack and the kernel's own pages have none. */
export function parseMaps(text: string): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const [, range = '', write, share, identity = '', inode = '0', target = ''] = LINE.exec(line) ?? [];
    if (inode === '0') continue;
    // Of a path only line ends are escaped here, and a backslash is not: only that one form is put back.
    const plain = target.includes('\\012') ? unescaped(target) : target;
    mappings.push({ range, writable: write === 'w', shared: share === 's', identity, target: plain });
  }
  return mappings;
}
