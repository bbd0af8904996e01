/** Whether anything of a restored job has run, asked when criu ended without a word after its gate was opened. */
import { readFileSync, readdirSync } from 'node:fs';

/**
 * True when a task of the processes, which must be frozen, is outside the code with which criu rebuilds it: that is a
 * mapping that may be read, written and executed and is of no file, and a task that has left it does not come back.
 */
export function hasRun(pids: readonly number[]): boolean {
  return pids.some((pid) => {
    try {
      const maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
      return readdirSync(`/proc/${pid}/task`).some((task) => {
        const place = programCounter(readFileSync(`/proc/${pid}/task/${task}/syscall`, 'latin1'));
        return place === undefined || !isRestorer(maps, place);
      });
    } catch {
      return false;
    }
  });
}

/** The last field of /proc/PID/syscall; undefined for a task that runs, which is outside any system call. */
function programCounter(text: string): bigint | undefined {
  const last = text.trim().split(' ').at(-1) ?? '';
  return /^0x[0-9a-f]+$/.test(last) ? BigInt(last) : undefined;
}

function isRestorer(maps: string, place: bigint): boolean {
  return maps.split('\n').some((line) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) rwx. \S+ \S+ 0\s*$/.exec(line);
    return match !== null && place >= BigInt(`0x${match[1]}`) && place < BigInt(`0x${match[2]}`);
  });
}
