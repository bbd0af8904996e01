/** /proc/PID/status: the lines that decide about a move. Source of the format: proc_pid_status(5). */

export interface Status {
  /** The process that traces it, 0 for none. */
  readonly tracer: number;
  /** Its numbers in every PID namespace from the reader's to its own. */
  readonly pids: readonly number[];
  readonly threads: number;
  /** Locked memory in bytes. */
  readonly locked: number;
  /** Anonymous, shared and swapped memory in bytes: what an image holds. Pages of files are read again at the target. */
  readonly resident: number;
}

/** A process without memory (a zombie) has no Vm lines: 0 stands for them. */
export function parseStatus(text: string): Status {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const count = (name: string): number => Number.parseInt(lines.get(name) ?? '0', 10);
  const bytes = (name: string): number => count(name) * 1024;
  return {
    tracer: count('TracerPid'),
    pids: (lines.get('NSpid') ?? '').split(/\s+/).filter(Boolean).map(Number),
    threads: count('Threads'),
    locked: bytes('VmLck'),
    resident: bytes('RssAnon') + bytes('RssShmem') + bytes('VmSwap'),
  };
}
