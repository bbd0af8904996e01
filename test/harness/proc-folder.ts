/** A folder that stands for a node's /proc, with files made by hand. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What /proc/PID/stat says of a process; numbers that are not given are 0. */
export interface ProcessStat {
  /** Name between the parentheses; bytes as Latin-1. */
  readonly name: string;
  readonly state: string;
  readonly parent?: number;
  readonly userTicks?: number;
  readonly nice?: number;
  readonly threads?: number;
  /** Clock ticks since the node's start. */
  readonly started: number;
  readonly pages?: number;
}

/** Files in an existing folder. */
export class ProcFolder {
  /** Stands for /proc. */
  readonly proc: string;

  constructor(proc: string) {
    this.proc = proc;
  }

  /** Writes a file below /proc; bytes as Latin-1. */
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.proc, path)), { recursive: true });
    writeFileSync(join(this.proc, path), text, 'latin1');
  }

  read(path: string): string {
    return readFileSync(join(this.proc, path), 'latin1');
  }

  /** Removes a file or folder that is there. */
  remove(path: string): void {
    rmSync(join(this.proc, path), { recursive: true });
  }

  /** Writes a process' stat as far as field 26; the rest is not read by anybody. */
  writeStat(pid: number, stat: ProcessStat): void {
    const { name, state, parent = 0, userTicks = 0, nice = 0, threads = 0, started, pages = 0 } = stat;
    // Fields 3 to 26: state, parent .. time in user mode (14), nice (19), threads, start (22), resident pages (24).
    const fields = [state, ...Array.from({ length: 23 }, () => 0)];
    for (const [field, value] of [
      [4, parent],
      [14, userTicks],
      [19, nice],
      [20, threads],
      [22, started],
      [24, pages],
    ] as const) {
      fields[field - 3] = value;
    }
    this.write(`${pid}/stat`, `${pid} (${name}) ${fields.join(' ')}\n`);
  }
}
