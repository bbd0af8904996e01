/** /proc/PID/fdinfo/FD. Source of the format: proc_pid_fdinfo(5). */

export interface DescriptorInfo {
  readonly use: 'read' | 'write' | 'append';
  /** The mount it was opened in, a number of /proc/PID/mountinfo. */
  readonly mount: number;
  /** Empty before Linux 5.14. */
  readonly inode: string;
  /** The locks held through it, as the kernel words them: `FLOCK  ADVISORY  WRITE 12 fe:00:77 0 EOF`. */
  readonly locks: readonly string[];
  /** Of a pidfd: the process it stands for, in the reader's numbers, 0 or -1 when that is gone; otherwise undefined. */
  readonly process: number | undefined;
  /** Of the master of a pseudo terminal: its number; otherwise undefined. */
  readonly master: number | undefined;
}

const ACCESS = 0o3;
const APPEND = 0o2000;

export function parseDescriptorInfo(text: string): DescriptorInfo {
  const flags = Number.parseInt(/^flags:\t(\d+)$/m.exec(text)?.[1] ?? '0', 8);
  let use: DescriptorInfo['use'] = 'read';
  if ((flags & ACCESS) !== 0) use = (flags & APPEND) === 0 ? 'write' : 'append';
  const pid = /^Pid:\t(-?\d+)$/m.exec(text)?.[1];
  const master = /^tty-index:\t(\d+)$/m.exec(text)?.[1];
  return {
    use,
    mount: Number(/^mnt_id:\t(\d+)$/m.exec(text)?.[1] ?? -1),
    inode: /^ino:\t(\d+)$/m.exec(text)?.[1] ?? '',
    locks: [...text.matchAll(/^lock:\t\d+: (.*)$/gm)].map(([, lock = '']) => lock),
    process: pid === undefined ? undefined : Number(pid),
    master: master === undefined ? undefined : Number(master),
  };
}
