/** What /proc says of a process, as far as jobs need it. */
import { readFileSync } from 'node:fs';

/** Start of a process in clock ticks since the node's (field 22 of /proc/PID/stat); undefined when it is gone. */
export function startOf(pid: number): number | undefined {
  const fields = statOf(pid);
  // The first field behind the name is the third.
  return fields === undefined || fields[0] === 'Z' ? undefined : Number(fields[19]);
}

/** The fields of /proc/PID/stat behind the name, which may hold anything. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Its numbers from our namespace to its innermost. */
export function numbersOf(pid: number): readonly number[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t').map(Number) ?? [];
  } catch {
    return [];
  }
}
