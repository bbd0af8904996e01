/** /proc/PID/stat and /proc/PID/task/TID/stat. Source of the format: proc_pid_stat(5). */

export interface StatLine {
  /** The program's name, at most 15 bytes, of any characters. */
  readonly name: string;
  /** One letter: R (runs, or waits for a CPU), S, D, T (stopped), t (stopped by a tracer), Z (zombie), X (gone). */
  readonly state: string;
  /** The group of processes that it is in, and the one in the foreground of its terminal; -1 without a terminal. */
  readonly group: number;
  /** The number of its controlling terminal among the pseudo terminals; undefined when that is another or none. */
  readonly terminal: number | undefined;
  readonly foreground: number;
  /** Clock ticks (1/100 s) that it worked outside the kernel, and that its ended children did. */
  readonly utime: number;
  readonly cutime: number;
  readonly nice: number;
  readonly threads: number;
  /** Its start in clock ticks since the node's. */
  readonly started: number;
  /** Bytes of its address space. */
  readonly vsize: number;
  /** Pages of memory that it has. */
  readonly rss: number;
  /** The scheduling policy by its number in sched.h. */
  readonly policy: number;
}

/** What follows the name begins with this field; the last one asked for is the policy. */
const FIRST_FIELD = 3;
const POLICY_FIELD = 41;

/** The line's values; undefined when it is not a whole one. */
export function parseStat(line: string): StatLine | undefined {
  const opening = line.indexOf('(');
  // The name may hold blanks and brackets.
  const closing = line.lastIndexOf(')');
  if (opening < 0 || closing < opening) return undefined;
  const fields = line.slice(closing + 2).split(' ', POLICY_FIELD - FIRST_FIELD + 1);
  const number = (field: number): number => Number(fields[field - FIRST_FIELD]);
  const [state] = fields;
  const started = number(22);
  const policy = number(POLICY_FIELD);
  if (state === undefined || !Number.isSafeInteger(started) || !Number.isSafeInteger(policy))
    return undefined;
  return {
    name: line.slice(opening + 1, closing),
    state,
    group: number(5),
    terminal: pseudoTerminal(number(7)),
    foreground: number(8),
    utime: number(14),
    cutime: number(16),
    nice: number(19),
    threads: number(20),
    started,
    vsize: number(23),
    rss: number(24),
    policy,
  };
}

const PSEUDO_TERMINALS = 136;

/** Of a device's number as the kernel packs it into 32 bits. */
function pseudoTerminal(device: number): number | undefined {
  const [major, minor] = [(device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00)];
  return major === PSEUDO_TERMINALS ? minor : undefined;
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
