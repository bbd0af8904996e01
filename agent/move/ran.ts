/** Whether anything of a restored job has run, asked when criu ended without a word after its gate was opened. */
import { readFileSync, readdirSync } from 'node:fs';

/**
 * Where each process that waits at the gate has the code with which criu rebuilds it, by its number: the mapping that its
 * first task is in, which may be read, written and executed and is of no file. A job can have others like it.
 */
export function restorersOf(pids: readonly number[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const pid of pids) {
    const place = programCounter(textOf(`/proc/${pid}/syscall`));
    const mapping = restorersIn(textOf(`/proc/${pid}/maps`)).find(
      (one) => place !== undefined && holds(one, place),
    );
    if (mapping !== undefined) found[pid] = mapping;
  }
  return found;
}

/**
 * True when a task of the processes, which must be frozen, is outside the code that `restorers` names; a task that has left
 * it does not come back. Zombies do not count: their images have them.
 */
export function hasRun(pids: readonly number[], restorers: Readonly<Record<string, string>>): boolean {
  return pids.some((pid) => {
    const restorer = restorers[pid];
    const maps = textOf(`/proc/${pid}/maps`);
    if (maps === '') return false;
    if (restorer === undefined || !restorersIn(maps).includes(restorer)) return true;
    return tasksOf(pid).some((task) => {
      const place = programCounter(textOf(`/proc/${pid}/task/${task}/syscall`));
      return place === undefined || !holds(restorer, place);
    });
  });
}

function tasksOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A file's text; empty when the process has ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The last field of /proc/PID/syscall; undefined for a task that runs, which is outside any system call. */
function programCounter(text: string): bigint | undefined {
  const last = text.trim().split(' ').at(-1) ?? '';
  return /^0x[0-9a-f]+$/.test(last) ? BigInt(last) : undefined;
}

/** Mappings that may be the restorer's, as `FIRST-END` in hexadecimal. */
function restorersIn(maps: string): readonly string[] {
  return [...maps.matchAll(/^([0-9a-f]+-[0-9a-f]+) rwx. \S+ \S+ 0\s*$/gm)].map(([, range = '']) => range);
}

function holds(range: string, place: bigint): boolean {
  const [first = '0', end = '0'] = range.split('-');
  return place >= BigInt(`0x${first}`) && place < BigInt(`0x${end}`);
}
