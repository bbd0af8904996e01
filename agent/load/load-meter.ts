/**
 * The node's own figures once a second, measured as openMosix does: the load is the mean number of runnable threads in
 * the second, smoothed (facts 5.1) and divided by speed and CPUs.
 */
import { join } from 'node:path';
import { NO_LOAD, nextLoad, normalised, type SmoothedLoad } from '../../common/balance/load.ts';
import { readLimits, textOf, type Limits } from './limits.ts';
import { readCpuTimes, readMeminfo, type CpuTimes } from './proc-text.ts';
import { OftenRead, runnableOfMachine, Threads, type LoadSource } from './runnable.ts';

/** A second's figures. Loads are normalised: 100 is one runnable process on one CPU of standard speed. */
export interface NodeFigures {
  /** What the others are told: rises at once, falls slowly. */
  readonly load: number;
  /** What the node itself goes by: rises slowly, falls at once. */
  readonly meanLoad: number;
  /** Mean number of runnable threads, without the agent's. */
  readonly runnable: number;
  /** At least 1. */
  readonly cpus: number;
  /** As was set. */
  readonly speed: number;
  /** Percent of the CPUs' time that was not idle for lack of a disk's answer. */
  readonly util: number;
  /** Percent of the CPUs' time at work. */
  readonly cpuBusy: number;
  /** Bytes, at most what a control group allows. */
  readonly memoryTotal: number;
  /** Bytes free or given back when asked for. */
  readonly memoryFree: number;
  /** Bytes of these that a guest could use here: a control group may allow less. */
  readonly memoryAvailable: number;
  /** Seconds since the node's start. */
  readonly uptime: number;
}

export interface LoadOptions {
  /** Where runnable threads are counted; the machine by default. */
  readonly source?: LoadSource;
  /** Where the proc file system is mounted; /proc by default. */
  readonly proc?: string;
  /** The node's present speed; 10000 is the standard CPU. */
  readonly speed: () => number;
}

/** Milliseconds between two counts: ten a second; where each thread is looked at, five, for the sake of the cost. */
const SAMPLE_MS: Readonly<Record<LoadSource, number>> = { machine: 100, own: 200 };

/** Limits change rarely; they are looked at again after this many seconds. */
const LIMITS_SECONDS = 60;

export class LoadMeter {
  readonly #source: LoadSource;
  readonly #proc: string;
  readonly #speed: () => number;
  #timer: NodeJS.Timeout | undefined;
  #files: { readonly load: OftenRead; readonly memory: OftenRead; readonly cpu: OftenRead } | undefined;
  #threads: Threads | undefined;
  #limits: Limits;
  #limitsAge = 0;
  #smoothed: SmoothedLoad = NO_LOAD;
  #times: CpuTimes | undefined;
  #since = 0;
  #sum = 0;
  #samples = 0;

  constructor(options: LoadOptions) {
    this.#source = options.source ?? 'machine';
    this.#proc = options.proc ?? '/proc';
    this.#speed = options.speed;
    this.#limits = readLimits(this.#proc);
  }

  /** CPUs and memory that the node may use; `share` belongs into its speed. */
  get limits(): Limits {
    return this.#limits;
  }

  /** Measures from now on and tells each second's figures. Throws where there is no proc file system. */
  start(onSecond: (figures: NodeFigures) => void): void {
    this.stop();
    const open = (name: string, most: number) => new OftenRead(join(this.#proc, name), most);
    this.#files = { load: open('loadavg', 128), memory: open('meminfo', 256), cpu: open('stat', 256) };
    if (this.#source === 'own') this.#threads = new Threads(this.#proc, process.pid);
    this.#times = readCpuTimes(this.#files.cpu.text());
    this.#since = performance.now();
    const every = SAMPLE_MS[this.#source];
    this.#timer = setInterval(() => {
      this.#sum += this.#runnable();
      this.#samples += 1;
      if (performance.now() - this.#since > 1000 - every / 2) onSecond(this.#second());
    }, every);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#threads?.close();
    this.#threads = undefined;
    const files = this.#files;
    this.#files = undefined;
    if (files !== undefined) for (const file of Object.values(files)) file.close();
  }

  #runnable(): number {
    return this.#threads?.runnable() ?? runnableOfMachine(this.#files?.load.text() ?? '');
  }

  #second(): NodeFigures {
    const runnable = this.#sum / this.#samples;
    [this.#sum, this.#samples, this.#since] = [0, 0, performance.now()];
    this.#smoothed = nextLoad(this.#smoothed, runnable);
    this.#limitsAge += 1;
    if (this.#limitsAge >= LIMITS_SECONDS || this.#limits.memory < Infinity) {
      this.#limits = readLimits(this.#proc);
      this.#limitsAge = 0;
    }
    const power = { speed: this.#speed(), cpus: this.#limits.cpus };
    return {
      load: normalised(this.#smoothed.upper, power),
      meanLoad: normalised(this.#smoothed.mean, power),
      runnable,
      ...power,
      ...this.#cpuShares(),
      ...this.#memory(),
      uptime: Number.parseFloat(textOf(join(this.#proc, 'uptime'))),
    };
  }

  #cpuShares(): { readonly util: number; readonly cpuBusy: number } {
    const now = readCpuTimes(this.#files?.cpu.text() ?? '');
    const before = this.#times ?? now;
    this.#times = now;
    const total = now.total - before.total;
    if (!(total > 0)) return { util: 100, cpuBusy: 0 };
    // The kernel's counter of waiting may fall by a tick.
    const percent = (ticks: number) => Math.min(100, Math.max(0, (ticks * 100) / total));
    return { util: 100 - percent(now.waiting - before.waiting), cpuBusy: percent(now.busy - before.busy) };
  }

  #memory(): Pick<NodeFigures, 'memoryTotal' | 'memoryFree' | 'memoryAvailable'> {
    const { total, available } = readMeminfo(this.#files?.memory.text() ?? '');
    const { memory, memoryLeft } = this.#limits;
    return {
      memoryTotal: Math.min(total, memory),
      memoryFree: available,
      memoryAvailable: Math.min(available, memoryLeft),
    };
  }
}
