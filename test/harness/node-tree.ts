/** One node's files as an openMosix 2.4 kernel has them, made by hand: a folder for /proc with the cluster's inside. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a process' files say; numbers of /proc/PID/stat are 0 where they are not given. */
export interface TreeProcess {
  /** Name between the parentheses of /proc/PID/stat; bytes as Latin-1. Default `sh`. */
  readonly name?: string;
  /** Clock ticks since the node's start. Default 1000. */
  readonly started?: number;
  readonly state?: string;
  readonly userTicks?: number;
  readonly nice?: number;
  readonly pages?: number;
  readonly uid?: number;
  /** Words of the command line. */
  readonly command?: readonly string[];
  /** openMosix' own files; a process without `where` is a thread of the kernel. */
  readonly files?: Readonly<
    Partial<Record<'where' | 'nmigs' | 'lock' | 'cantmove' | 'goto' | 'migrate', string>>
  >;
}

/** The files of a process that openMosix may move, at home. */
export const AT_HOME = { where: '0\n', nmigs: '0\n', lock: '0\n', cantmove: '', goto: '0\n', migrate: '0\n' };

/** A node's files. */
export class NodeTree {
  /** Stands for /proc. */
  readonly proc: string;
  /** Stands for /proc/hpc. */
  readonly hpc: string;

  /** Makes node `id` in an existing folder, with the own files of the machine it runs on. */
  constructor(folder: string, id = 2) {
    this.proc = folder;
    this.hpc = join(folder, 'hpc');
    for (const file of ['loadavg', 'stat', 'meminfo'])
      this.write(file, readFileSync(`/proc/${file}`, 'latin1'));
    this.write('uptime', '5000.00 4000.00\n');
    this.write('hpc/admin/mospe', `${id}\n`);
    this.write(`hpc/nodes/${id}/load`, '0\n');
    mkdirSync(join(this.hpc, 'remote'));
    for (const file of ['clear', 'cpujob', 'iojob', 'slow', 'fast']) this.write(`hpc/decay/${file}`, '');
  }

  /** Writes a file below /proc; bytes as Latin-1. */
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.proc, path)), { recursive: true });
    writeFileSync(join(this.proc, path), text, 'latin1');
  }

  read(path: string): string {
    return readFileSync(join(this.proc, path), 'latin1');
  }

  remove(path: string): void {
    rmSync(join(this.proc, path), { recursive: true });
  }

  /** Makes or changes a process. */
  process(pid: number, process: TreeProcess = {}): void {
    const { name = 'sh', started = 1000, state = 'S', userTicks = 0, nice = 0, pages = 0, uid = 0 } = process;
    // Fields 3 to 24: state, parent .. time in user mode (14), nice (19), start (22), resident pages (24).
    const fields = [state, ...Array.from({ length: 21 }, () => 0)];
    for (const [field, value] of [
      [14, userTicks],
      [19, nice],
      [22, started],
      [24, pages],
    ] as const) {
      fields[field - 3] = value;
    }
    this.write(`${pid}/stat`, `${pid} (${name}) ${fields.join(' ')} 0 0\n`);
    this.write(`${pid}/status`, `Name:\tsh\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t0\t0\t0\t0\n`);
    this.write(`${pid}/cmdline`, (process.command ?? []).map((word) => `${word}\0`).join(''));
    for (const [file, text] of Object.entries(process.files ?? AT_HOME)) this.write(`${pid}/${file}`, text);
  }

  /** Makes a guest: its local process, and remote/PID with where it comes from. */
  guest(pid: number, home: number, homePid: number, process: TreeProcess = {}): void {
    this.process(pid, { name: `remote(${homePid})`, files: { migrate: '' }, ...process });
    this.write(`hpc/remote/${pid}/from`, `${home} 10.0.0.${home}\n`);
  }
}
