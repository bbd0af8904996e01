/**
 * What /proc says on a Linux 6.12 node, as bytes of Latin-1: the machine's own files and those of a process. Sources:
 * proc(5), fs/proc/array.c of Linux 6.12, and the project's MattX facts for deputies and guests.
 */
import type { OwnFigures } from '../machine.ts';
import type { Files } from '../process-text.ts';
import type { MattxNode } from './node.ts';
import { isRunning, processOf, runningThreads, type MattxEntry } from './process.ts';

/** Kernel release that the nodes report. */
export const RELEASE = '6.12.48+deb13-amd64';

const PAGE_BYTES = 4096;
const PAGES_PER_MEGABYTE = 256;
const KTHREADD = 2;
/** PF_KTHREAD with PF_NOFREEZE, and PF_RANDOMIZE. */
const FLAGS = { kernel: 0x00208040, program: 0x00400000 };
const SIGCHLD = 17;
const NO_LIMIT = '18446744073709551615';
const SYSTEM_SHARE = 0.08;
const STATE_WORDS = {
  R: 'running',
  S: 'sleeping',
  I: 'idle',
  T: 'stopped',
  Z: 'zombie',
} as const;

/** What a machine's own /proc says at a time in milliseconds, in its units. */
export function ownFigures(node: MattxNode, now: number): OwnFigures {
  const { user, system, idle } = node.cpuSeconds;
  const entries = [...node.entries.values()];
  const running = entries.reduce((sum, entry) => sum + runningThreads(entry, now), 1);
  const total = node.megabytes * 1024;
  const available = node.freeMegabytes * 1024;
  const cached = Math.floor(available * 0.3);
  const buffers = Math.floor(cached * 0.1);
  return {
    cpu: [user, 0, system, idle, 0, 0, 0, 0].map((seconds) => Math.floor(seconds * 100)),
    load: [...node.averages.map((average) => Math.round(average * 100) / 100), running, entries.length],
    memory: [total, available - cached, available, buffers, cached - buffers],
  };
}

/** The machine's own files below /proc at a time in milliseconds. */
export function machineFiles(node: MattxNode, now: number): Files {
  const { cpus, lastPid } = node;
  const { cpu, load, memory } = ownFigures(node, now);
  const each = cpu.map((ticks) => Math.floor(ticks / cpus)).join(' ');
  const lines = Array.from({ length: cpus }, (_, index) => `cpu${index} ${each} 0 0\n`).join('');
  const [one = 0, five = 0, fifteen = 0, running = 0, processes = 0] = load;
  const averages = [one, five, fifteen].map((average) => average.toFixed(2)).join(' ');
  const names = ['MemTotal', 'MemFree', 'MemAvailable', 'Buffers', 'Cached'];
  return {
    stat: `cpu  ${cpu.join(' ')} 0 0\n${lines}intr 4711\nctxt 815\nbtime 1780000000\nprocesses ${lastPid}\nprocs_running ${running}\nprocs_blocked 0\n`,
    loadavg: `${averages} ${running}/${processes} ${lastPid}\n`,
    meminfo: names
      .map((name, index) => `${`${name}:`.padEnd(16)}${String(memory[index] ?? 0).padStart(8)} kB\n`)
      .join(''),
    uptime: `${(node.uptime / 1000).toFixed(2)} ${node.cpuSeconds.idle.toFixed(2)}\n`,
    'sys/kernel/osrelease': `${RELEASE}\n`,
    'sys/kernel/hostname': `node${node.id}\n`,
  };
}

/** The files of a process' folder, those of its further threads included. */
export function processFiles(entry: MattxEntry, now: number): Files {
  const { program } = processOf(entry);
  const files: Record<string, string> = {
    stat: statText(entry, now),
    status: statusText(entry, now),
    cmdline: program.cmdline,
    comm: `${program.command}\n`,
    wchan: waitChannel(entry, now),
  };
  for (const thread of threadIds(entry)) files[`task/${thread}/comm`] = `${program.command}\n`;
  return files;
}

/** The symbolic links of a process' folder; a thread of the kernel and a zombie have no program. */
export function processLinks(entry: MattxEntry): Files {
  const { program, innerPid } = processOf(entry);
  const own = entry.guest || innerPid === undefined ? 4_026_531_836 : 4_026_532_100 + entry.pid;
  if (entry.guest) {
    return {
      exe: '/usr/local/bin/mattx-stub',
      'fd/0': 'anon_inode:mattx_vfs_proxy',
      'ns/pid': `pid:[${own}]`,
    };
  }
  const exe = program.kind === 'program' ? { exe: `/usr/bin/${program.command.replaceAll('/', '_')}` } : {};
  return { ...exe, 'ns/pid': `pid:[${own}]` };
}

function threadIds(entry: MattxEntry): readonly number[] {
  return Array.from({ length: threadCount(entry) }, (_, index) => entry.pid + index);
}

function threadCount(entry: MattxEntry): number {
  return entry.guest ? 1 : 1 + entry.program.threads;
}

/** A guest is a child of the kernel's thread of threads, as if it were one of the kernel's own. */
function parentOf(entry: MattxEntry): number {
  return entry.guest ? KTHREADD : entry.program.parent;
}

function stateOf(entry: MattxEntry, now: number): keyof typeof STATE_WORDS {
  const { kind } = processOf(entry).program;
  if (kind === 'zombie') return 'Z';
  if (kind === 'kernel-thread') return entry.pid % 2 === 0 ? 'S' : 'I';
  if (entry.stopped) return 'T';
  return isRunning(entry, now) ? 'R' : 'S';
}

/** Where it waits in the kernel; a deputy and what SIGSTOP stopped look the same. Without a line feed. */
function waitChannel(entry: MattxEntry, now: number): string {
  const state = stateOf(entry, now);
  if (state === 'T') return 'task_work_run';
  return state === 'S' ? 'hrtimer_nanosleep' : '0';
}

/** The 52 fields of PID/stat. */
function statText(entry: MattxEntry, now: number): string {
  const { program } = processOf(entry);
  const { pid, nice, started } = entry;
  const isKernel = !entry.guest && program.kind === 'kernel-thread';
  const ticks = Math.floor(entry.cpuSeconds * 100);
  const system = Math.floor(ticks * SYSTEM_SHARE);
  const group = isKernel ? '0 0' : `${pid} ${pid}`;
  const flags = isKernel ? FLAGS.kernel : FLAGS.program;
  const pages = pagesOf(entry);
  return [
    `${pid} (${program.command}) ${stateOf(entry, now)} ${parentOf(entry)} ${group} 0 -1 ${flags}`,
    `${pages} 0 0 0 ${ticks - system} ${system} 0 0 ${20 + nice} ${nice} ${threadCount(entry)} 0 ${started}`,
    `${pages * PAGE_BYTES} ${pages} ${NO_LIMIT} 0 0 0 0 0 0 0 0 0 0 0 0 ${SIGCHLD} 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`,
  ].join(' ');
}

function statusText(entry: MattxEntry, now: number): string {
  const { program, innerPid } = processOf(entry);
  const { pid } = entry;
  const isKernel = !entry.guest && program.kind === 'kernel-thread';
  const inner = entry.guest || innerPid === undefined ? '' : `\t${innerPid}`;
  const state = stateOf(entry, now);
  const users = Array.from({ length: 4 }, () => program.uid).join('\t');
  const kilobytes = String((pagesOf(entry) * PAGE_BYTES) / 1024).padStart(8);
  return [
    `Name:\t${program.command.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    'Umask:\t0022',
    `State:\t${state} (${STATE_WORDS[state]})`,
    `Tgid:\t${pid}`,
    'Ngid:\t0',
    `Pid:\t${pid}`,
    `PPid:\t${parentOf(entry)}`,
    'TracerPid:\t0',
    `Uid:\t${users}`,
    `Gid:\t${users}`,
    'FDSize:\t64',
    'Groups:\t ',
    `NStgid:\t${pid}${inner}`,
    `NSpid:\t${pid}${inner}`,
    `NSpgid:\t${pid}${inner}`,
    `NSsid:\t${pid}${inner}`,
    `Kthread:\t${isKernel ? 1 : 0}`,
    ...(kilobytes.trim() === '0' ? [] : [`VmSize:\t${kilobytes} kB`, `VmRSS:\t${kilobytes} kB`]),
    `Threads:\t${threadCount(entry)}`,
    '',
  ].join('\n');
}

function pagesOf(entry: MattxEntry): number {
  return Math.round(processOf(entry).program.megabytes * PAGES_PER_MEGABYTE);
}
