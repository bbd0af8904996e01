/** /proc/PID/status: who a process is, and what decides about a move. Source of the format: proc_pid_status(5). */

export interface Status {
  /** Of the user: real, effective, saved and of the file system; and the same of the group. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  /** Octal digits. */
  readonly umask: string | undefined;
  /** The process that traces it, 0 for none. */
  readonly tracer: number;
  /** Its numbers in every PID namespace from the reader's to its own. */
  readonly pids: readonly number[];
  /** Those of its group of processes. */
  readonly groupPids: readonly number[];
  readonly threads: number;
  /** Locked memory in bytes. */
  readonly locked: number;
  /** Anonymous, shared and swapped memory in bytes: what an image holds. Pages of files are read again at the target. */
  readonly resident: number;
}

/** A process without memory (a zombie) has no Umask and no Vm lines: 0 stands for those. */
export function parseStatus(text: string): Status {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const count = (name: string): number => Number.parseInt(lines.get(name) ?? '0', 10);
  const bytes = (name: string): number => count(name) * 1024;
  const numbers = (name: string): readonly number[] =>
    (lines.get(name) ?? '').split(/\s+/).filter(Boolean).map(Number);
  return {
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    umask: lines.get('Umask'),
    tracer: count('TracerPid'),
    pids: numbers('NSpid'),
    groupPids: numbers('NSpgid'),
    threads: count('Threads'),
    locked: bytes('VmLck'),
    resident: bytes('RssAnon') + bytes('RssShmem') + bytes('VmSwap'),
  };
}
