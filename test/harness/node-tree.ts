/** One node's files as an openMosix 2.4 kernel has them, made by hand: a folder for /proc with the cluster's inside. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcFolder, type ProcessStat } from './proc-folder.ts';

/** What a process' files say. By default its name is `sh`, its state `S` and its start 1000. */
export interface TreeProcess extends Partial<ProcessStat> {
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
export class NodeTree extends ProcFolder {
  /** Stands for /proc/hpc. */
  readonly hpc: string;

  /** Makes node `id` in an existing folder, with the own files of the machine it runs on. */
  constructor(folder: string, id = 2) {
    super(folder);
    this.hpc = join(folder, 'hpc');
    for (const file of ['loadavg', 'stat', 'meminfo'])
      this.write(file, readFileSync(`/proc/${file}`, 'latin1'));
    this.write('uptime', '5000.00 4000.00\n');
    this.write('hpc/admin/mospe', `${id}\n`);
    this.write(`hpc/nodes/${id}/load`, '0\n');
    mkdirSync(join(this.hpc, 'remote'));
    for (const file of ['clear', 'cpujob', 'iojob', 'slow', 'fast']) this.write(`hpc/decay/${file}`, '');
  }

  /** Makes or changes a process. */
  process(pid: number, process: TreeProcess = {}): void {
    const { name = 'sh', state = 'S', started = 1000, uid = 0 } = process;
    this.writeStat(pid, { ...process, name, state, started });
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
