/**
 * Records the processes that a command starts as a trace for the simulator: `node scripts/simulate/record.ts COMMAND...`
 * runs it and prints the trace. Looks 50 times a second; what used less CPU time than the kernel counts (10 ms) is left out.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks in a second of the times in /proc/PID/stat: USER_HZ, 100 on every Linux. */
const TICKS = 100;
/** Kilobytes of a page, in which the same file counts memory; 4 on x86_64. */
const PAGE = 4;

interface Seen {
  readonly started: number;
  cpuTicks: number;
  kilobytes: number;
}

const [program, ...words] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write(
    'Name the command to record, for example: node scripts/simulate/record.ts npm run types\n',
  );
  process.exit(1);
}
const child = spawn(program, words, { stdio: ['ignore', 2, 2] });
const seen = new Map<string, Seen>();
const looking = setInterval(() => look(child.pid ?? -1), 20);
const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 1)));
clearInterval(looking);
const begun = Math.min(...Array.from(seen.values(), ({ started }) => started));
process.stdout.write('# seconds, node, CPU seconds, peak resident kilobytes; recorded by record.ts\n');
for (const { started, cpuTicks, kilobytes } of [...seen.values()].toSorted(
  (one, other) => one.started - other.started,
)) {
  if (cpuTicks > 0) process.stdout.write(`${(started - begun) / TICKS} 0 ${cpuTicks / TICKS} ${kilobytes}\n`);
}
process.exit(code);

/** Notes the figures of the command and of everything it has started. */
function look(top: number): void {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statOf);
  const parents = new Map(stats.map(({ pid, parent }) => [pid, parent]));
  const isOurs = (pid: number): boolean => pid === top || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  for (const { pid, started, cpuTicks, kilobytes } of stats) {
    if (!isOurs(pid)) continue;
    const key = `${pid} ${started}`;
    const figures = seen.get(key) ?? { started, cpuTicks, kilobytes };
    figures.cpuTicks = cpuTicks;
    figures.kilobytes = Math.max(figures.kilobytes, kilobytes);
    seen.set(key, figures);
  }
}

/** Figures out of /proc/PID/stat, numbered as in proc(5); nothing for a process that has just gone. */
function statOf(name: string): readonly (Seen & { readonly pid: number; readonly parent: number })[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The name in brackets may hold spaces; the third field follows it.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const field = (number: number): number => fields[number - 3] ?? 0;
    return [
      {
        pid: Number(name),
        parent: field(4),
        started: field(22),
        cpuTicks: field(14) + field(15),
        kilobytes: field(24) * PAGE,
      },
    ];
  } catch {
    return [];
  }
}
