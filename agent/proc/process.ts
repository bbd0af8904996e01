/** Single questions about a process of this node; of one that is gone there is nothing to tell. */
import { Proc } from './proc.ts';
import { parseStat, type StatLine } from './stat.ts';
import { parseStatus } from './status.ts';

const proc = new Proc();

export function statOf(pid: number): StatLine | undefined {
  return parseStat(proc.text(`${pid}/stat`) ?? '');
}

/** Its start in clock ticks (1/100 s) since the node's; undefined when it has ended. */
export function startOf(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat === undefined || stat.state === 'Z' ? undefined : stat.started;
}

/** Its numbers from our PID namespace to its innermost. */
export function numbersOf(pid: number): readonly number[] {
  return parseStatus(proc.text(`${pid}/status`) ?? '').pids;
}

/** Its group of processes as it is numbered in its innermost PID namespace. */
export function groupInside(pid: number): number | undefined {
  return parseStatus(proc.text(`${pid}/status`) ?? '').groupPids.at(-1);
}

/** The states of its threads, each a letter of /proc/PID/stat. */
export function statesOf(pid: number): readonly string[] {
  return proc
    .numbers(`${pid}/task`)
    .map((thread) => parseStat(proc.text(`${pid}/task/${thread}/stat`) ?? '')?.state ?? '');
}

/** The seven numbers of /proc/PID/statm in pages, the second of which is the memory that it has (proc_pid_statm(5)). */
export function statmOf(pid: number): readonly number[] {
  return (proc.text(`${pid}/statm`) ?? '').trim().split(' ').filter(Boolean).map(Number);
}
