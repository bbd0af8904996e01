/** /proc/PID/stat and /proc/PID/task/TID/stat. Source of the format: proc_pid_stat(5). */

export interface StatLine {
  /** The program's name, at most 15 bytes, of any characters. */
  readonly name: string;
  /** One letter: R, S, D, T (stopped), t (stopped by a tracer), Z (zombie), X (gone). */
  readonly state: string;
  /** Its start in clock ticks (1/100 s) since the node's; field 22. */
  readonly started: number;
  /** The scheduling policy by its number in sched.h; field 41. */
  readonly policy: number;
}

/** The line's values; undefined when it is not one. */
export function parseStat(line: string): StatLine | undefined {
  const opening = line.indexOf('(');
  const closing = line.lastIndexOf(')');
  if (opening < 0 || closing < opening) return undefined;
  // The name may hold blanks and brackets; what follows it begins with field 3.
  const fields = line.slice(closing + 2).split(' ');
  const [state] = fields;
  const started = Number(fields[22 - 3]);
  const policy = Number(fields[41 - 3]);
  if (state === undefined || !Number.isSafeInteger(started) || !Number.isSafeInteger(policy))
    return undefined;
  return { name: line.slice(opening + 1, closing), state, started, policy };
}

/** The policies that openMosix calls real-time; policy numbers of linux/sched.h. */
const REAL_TIME: Readonly<Record<number, string>> = {
  1: 'SCHED_FIFO',
  2: 'SCHED_RR',
  6: 'SCHED_DEADLINE',
};

/** The name of a real-time policy; undefined for all others. */
export function realTimePolicy(policy: number): string | undefined {
  return REAL_TIME[policy];
}
