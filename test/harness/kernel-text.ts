/** What the files of an openMosix 2.4 kernel say, as text; source of every format: the project's openMosix facts. */
import { ROW_COLUMNS } from '../../main/demo/news.ts';
import type { Simulation } from '../../main/demo/simulation.ts';
import { ADMIN_NAMES, adminNumber } from '../../main/demo/kernel-writes.ts';
import type { Machine } from '../../main/demo/machine.ts';
import type { ListedProcess } from '../../main/demo/process.ts';
import { guestFiles, numberText, placeFiles, type Files } from '../../main/demo/process-text.ts';

/** Kernel release that the emulated machines report. */
export const RELEASE = '2.4.26-om1';

/** Files that a client's write concerns nobody but its own process; they read empty. */
export const DECAY_FILES = {
  'decay/clear': '',
  'decay/cpujob': '',
  'decay/iojob': '',
  'decay/slow': '',
  'decay/fast': '',
} as const;

/** Numbers below admin/ that a client may set and that change nothing here. */
export const TUNING_FILES: Files = {
  'admin/gateways': '2\n',
  'admin/overheads': `${Array.from({ length: 32 }, (_, index) => 100 + index * 7).join(' ')}\n`,
  'admin/mfscosts': '1000 20 300 4\n',
  'admin/loadlimit': '0\n',
  'admin/cpulimit': '0\n',
};

/** The files of admin/ that follow the machine. */
export function adminFiles(simulation: Simulation, machine: Machine): Files {
  const files: Record<string, string> = {
    'admin/mospe': numberText(machine.id),
    'admin/version': 'openMosix version: 2.4.26-1 (DFSA)\n',
    'admin/dfsalinks': '',
  };
  for (const name of ADMIN_NAMES) {
    files[`admin/${name}`] = numberText(adminNumber(simulation, machine, name) ?? 0);
  }
  return files;
}

/**
 * The files of admin/ as the agent keeps them: it has no mfs and nothing that decays, and says what it `refused` last. `limit`:
 * why its node moves nothing; empty for none.
 */
export function agentAdminFiles(
  simulation: Simulation,
  machine: Machine,
  refused: string,
  limit: string,
): Files {
  const kept = Object.entries(adminFiles(simulation, machine)).filter(
    ([file]) => !/nomfs|decay|dfsa/.test(file),
  );
  const version = `mosview agent 0.1.0\n${limit === '' ? '' : `criu does not work here: ${limit}\n`}`;
  return { ...Object.fromEntries(kept), 'admin/version': version, 'admin/last_error': refused };
}

/** The agent's files of a guest, below remote/PID: its identity says which process of its home it is. */
export function agentGuestFiles(entry: ListedProcess): Files {
  const { pid, program } = entry.process;
  return { ...guestFiles(entry), identity: `remote(${pid}) ${program.command}\n` };
}

/**
 * The agent's files of a job, in the tree's folder of its number. A goto without a line feed shows the emulation that somebody
 * wrote 0 there.
 */
export function agentJobFiles(entry: ListedProcess): Files {
  const { cantMove } = entry.process.program;
  const cantmove = cantMove === '' ? '' : `${cantMove}: an emulated reason\n`;
  return { ...placeFiles(entry), cantmove, goto: '0', migrate: '0', miggroup: '0\n' };
}

/** The files below nodes/ID as `observer` believes them. */
export function nodeFiles(simulation: Simulation, observer: number, id: number): Files {
  const row = simulation.row(observer, id);
  return Object.fromEntries(ROW_COLUMNS.map((column, index) => [column, numberText(row[index] ?? 0)]));
}

/** The machine's own /proc as a 2.4 kernel writes it: four CPU counters, no MemAvailable. */
export function ownFiles(simulation: Simulation, machine: Machine): Files {
  const { cpu, load, memory } = machine.own();
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0] = cpu;
  const { cpus } = machine.hardware;
  const each = [user, nice, system, idle + iowait].map((ticks) => Math.floor(ticks / cpus));
  const cpuLines = Array.from({ length: cpus }, (_, index) => `cpu${index} ${each.join(' ')}\n`);
  const [one = 0, five = 0, fifteen = 0, running = 0, processes = 0] = load;
  const averages = [one, five, fifteen].map((average) => average.toFixed(2)).join(' ');
  const [total = 0, free = 0, , buffers = 0, cached = 0] = memory;
  const bytes = [total, total - free, free, 0, buffers, cached].map((kilobytes) => kilobytes * 1024);
  return {
    stat: `cpu  ${user} ${nice} ${system} ${idle + iowait}\n${cpuLines.join('')}page 5 7\nswap 1 0\nintr 4711\nctxt ${user * 3}\nbtime 1100000000\nprocesses 900\n`,
    uptime: `${machine.uptime.toFixed(2)} ${((idle + iowait) / 100).toFixed(2)}\n`,
    loadavg: `${averages} ${running}/${processes} ${900 + Math.floor(simulation.now)}\n`,
    meminfo: `        total:    used:    free:  shared: buffers:  cached:\nMem:  ${bytes.join(' ')}\nSwap: 0 0 0\nMemTotal: ${total} kB\nMemFree: ${free} kB\nMemShared: 0 kB\nBuffers: ${buffers} kB\nCached: ${cached} kB\nSwapCached: 0 kB\n`,
    'sys/kernel/osrelease': `${RELEASE}\n`,
  };
}
