/**
 * What one job makes of the node's load: the CPU time its control group used, and the time its threads were runnable but
 * had to wait for a CPU. Without the waiting two jobs on one CPU would count as one.
 */
import { join } from 'node:path';
import { nextWeight } from '../../common/balance/load.ts';
import { textOf } from './limits.ts';

/** A job's last second. */
export interface JobLoad {
  /** Threads of it that were runnable on average; at least the CPUs it used. */
  readonly runnable: number;
  /** `runnable` smoothed as facts 5.1 say; what the job adds to the node's load is this much of a process. */
  readonly weight: number;
}

/** Waiting is read from this many of a job's threads; more are taken to wait like these. */
const MOST_THREADS = 64;

/** Calls nearer to each other than this give the same answer. */
const LEAST_MS = 10;

export class JobMeter {
  readonly #folder: string;
  readonly #proc: string;
  #at = NaN;
  #used = NaN;
  #waits = new Map<string, number>();
  #last: JobLoad = { runnable: 1, weight: 1 };

  /** Of a cgroup v2 folder; its cpu.stat is there without any controller. A job that just came counts as one process. */
  constructor(folder: string, proc = '/proc') {
    this.#folder = folder;
    this.#proc = proc;
  }

  /** Measures since the call before; once a second. `now` is in milliseconds. Undefined when the group is gone. */
  second(now = performance.now()): JobLoad | undefined {
    const used = Number(/^usage_usec (\d+)/m.exec(textOf(join(this.#folder, 'cpu.stat')))?.[1]);
    if (Number.isNaN(used)) return undefined;
    const passed = now - this.#at;
    const isFirst = Number.isNaN(passed);
    if (passed < LEAST_MS) return this.#last;
    const waited = this.#waited(passed * 1e6);
    const before = this.#used;
    [this.#at, this.#used] = [now, used];
    if (isFirst) return this.#last;
    const cpus = Math.max(0, used - before) / 1000 / passed;
    const runnable = cpus + waited / 1e6 / passed;
    this.#last = { runnable, weight: nextWeight(this.#last.weight, runnable) };
    return this.#last;
  }

  /** Nanoseconds that its threads waited for a CPU, each at most `most`, since the call before: the second number of /proc/PID/schedstat. */
  #waited(most: number): number {
    const threads = textOf(join(this.#folder, 'cgroup.threads')).split('\n').slice(0, -1);
    const waits = new Map<string, number>();
    let sum = 0;
    for (const thread of threads.slice(0, MOST_THREADS)) {
      const wait = Number(textOf(join(this.#proc, thread, 'schedstat')).split(' ')[1]);
      if (Number.isNaN(wait)) continue;
      waits.set(thread, wait);
      // A thread that came since has waited since, but for one that was beyond the most before.
      sum += Math.min(most, Math.max(0, wait - (this.#waits.get(thread) ?? 0)));
    }
    this.#waits = waits;
    return sum * Math.max(1, threads.length / MOST_THREADS);
  }
}
