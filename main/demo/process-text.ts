/**
 * What the files of a process say on an openMosix 2.4 kernel, as bytes of Latin-1. Sources: the project's openMosix facts,
 * and fs/proc/array.c of Linux 2.4.
 */
import type { ListedProcess, SimulatedProcess } from './process.ts';

/** Files by path below the folder they are for. */
export type Files = Readonly<Record<string, string>>;

const PAGE_BYTES = 4096;
const SYSTEM_SHARE = 0.08;
const STATE_WORDS = { R: 'running', S: 'sleeping', D: 'disk sleep', T: 'stopped' } as const;
const FLAGS = 0x100;
const CLONED_BY_SIGCHLD = 17;
/** Addresses that a 2.4 kernel shows of a program, and what follows them: none of it means anything here. */
const CODE_AND_SIGNALS = '134512640 134572368 3221224816 3221223420 1074672484 0 0 4096 16387';
const NO_LIMIT = 4_294_967_295;

/** A number as the kernel writes it. */
export function numberText(value: number): string {
  return `${value}\n`;
}

/** The lines of PID/stat, PID/status and PID/cmdline, which every process has where it is listed. */
export function systemFiles(entry: ListedProcess): Files {
  return { stat: statText(entry), status: statusText(entry), cmdline: entry.process.program.cmdline };
}

/** The files that openMosix adds to a process' folder. `where` of a guest is 0: it runs here. */
export function placeFiles({ guest, process }: ListedProcess): Files {
  const { cantMove } = process.program;
  return {
    where: numberText(guest || process.place === process.home ? 0 : process.place.id),
    goto: '',
    migrate: '',
    lock: numberText(process.locked ? 1 : 0),
    nmigs: numberText(process.migrations),
    cantmove: cantMove === '' ? '' : `${cantMove}\n`,
  };
}

/** The files of remote/PID for a guest. */
export function guestFiles({ process }: ListedProcess): Files {
  const { pages, command } = process.program;
  const [user] = cpuTicks(process);
  return {
    from: `${process.home.id} ${address(process.home.id)}\n`,
    identity: `${command} (pid ${process.pid} at node ${process.home.id})\n`,
    statm: `${pages} ${pages} 120 40 0 ${pages - 40} 0\n`,
    stats: `utime=${user} cutime=0 nice=${process.nice} state=${stateOf(process)} vsize=${pages * PAGE_BYTES} rss=${pages} nswap=0 cnswap=0\n`,
  };
}

function statText(entry: ListedProcess): string {
  const { process, pid, started } = entry;
  const [user, system] = cpuTicks(process);
  const { pages } = process.program;
  const bytes = pages * PAGE_BYTES;
  const { nice } = process;
  const identity = `${pid} (${nameOf(entry)}) ${stateOf(process)} ${parentOf(entry)} ${pid} ${pid} 0 -1 ${FLAGS}`;
  const work = `${pages} 0 12 0 ${user} ${system} 0 0 ${15 + nice} ${nice} 0 0 ${started} ${bytes} ${pages}`;
  return `${identity} ${work} ${NO_LIMIT} ${CODE_AND_SIGNALS} 0 0 0 ${CLONED_BY_SIGCHLD} 0\n`;
}

function statusText(entry: ListedProcess): string {
  const { process, pid } = entry;
  const state = stateOf(process);
  const name = nameOf(entry).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const users = [process.uid, process.uid, process.uid, process.uid].join('\t');
  const kilobytes = (process.program.pages * PAGE_BYTES) / 1024;
  return [
    `Name:\t${name}`,
    `State:\t${state} (${STATE_WORDS[state]})`,
    `Tgid:\t${pid}`,
    `Pid:\t${pid}`,
    `PPid:\t${parentOf(entry)}`,
    'TracerPid:\t0',
    `Uid:\t${users}`,
    `Gid:\t${users}`,
    'FDSize:\t32',
    `VmSize:\t${String(kilobytes).padStart(8)} kB`,
    `VmRSS:\t${String(kilobytes).padStart(8)} kB`,
    '',
  ].join('\n');
}

/** A guest is called after its number at home. */
function nameOf({ guest, process }: ListedProcess): string {
  return guest ? `remote(${process.pid})` : process.program.command;
}

/** The parent of a process is at its home; one whose parent has ended, and a guest, is a child of init. */
function parentOf({ guest, process }: ListedProcess): number {
  const { parent } = process;
  return guest || parent === undefined || parent.ended ? 1 : parent.pid;
}

function stateOf(process: SimulatedProcess): keyof typeof STATE_WORDS {
  if (process.stopped) return 'T';
  if (process.running) return 'R';
  return process.program.disk ? 'D' : 'S';
}

/** Ticks of a hundredth of a second in its own code and in the kernel. */
function cpuTicks(process: SimulatedProcess): readonly [number, number] {
  const ticks = Math.floor(process.cpuSeconds * 100);
  const system = Math.floor(ticks * SYSTEM_SHARE);
  return [ticks - system, system];
}

function address(id: number): string {
  return `10.1.${id >> 8}.${id & 255}`;
}
