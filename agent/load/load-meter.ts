/** The node's own figures once a second: what runs, what CPUs and memory there are, and how busy they are. */
import { join } from 'node:path';
import { readLimits, type Limits } from './limits.ts';
import { readCpuTimes, readMeminfo, runnableOfMachine, type CpuTimes } from './proc-text.ts';
import { OftenRead, Threads, type LoadSource } from './runnable.ts';

/** A second's figures. */
export interface NodeFigures {
  /** Mean number of runnable threads, without the agent's. */
  readonly runnable: number;
  /** At least 1. */
  readonly cpus: number;
  /** Percent of the CPUs' time that was not idle for lack of a disk's answer. */
  readonly util: number;
  /** Bytes, at most what a control group allows. */
  readonly memoryTotal: number;
  /** Bytes free or given back when asked for. */
  readonly memoryFree: number;
  /** Bytes of these that a guest could use here: a control group may allow less. */
  readonly memoryAvailable: number;
}

export interface LoadOptions {
  /** Where runnable threads are counted; the machine by default. */
  readonly source?: LoadSource;
  /** Where the proc file system is mounted; /proc by default. */
  readonly proc?: string;
}

/** Milliseconds between two counts: ten a second; where each thread is looked at, five, for the sake of the cost. */
const SAMPLE_MS: Readonly<Record<LoadSource, number>> = { machine: 100, own: 200 };

/** Limits change rarely; they are looked at again after this many seconds. */
const LIMITS_SECONDS = 60;

export class LoadMeter {
  readonly #source: LoadSource;
  readonly #proc: string;
  #timer: NodeJS.Timeout | undefined;
  #files: { readonly load: OftenRead; readonly memory: OftenRead; readonly cpu: OftenRead } | undefined;
  #threads: Threads | undefined;
  #limits: Limits;
  #limitsAge = 0;
  #times: CpuTimes | undefined;
  #since = 0;
  #sum = 0;
  #samples = 0;

  constructor(options: LoadOptions = {}) {
    this.#source = options.source ?? 'machine';
    this.#proc = options.proc ?? '/proc';
    this.#limits = readLimits(this.#proc);
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
    this.#limitsAge += 1;
    if (this.#limitsAge >= LIMITS_SECONDS || this.#limits.memory < Infinity) {
      this.#limits = readLimits(this.#proc);
      this.#limitsAge = 0;
    }
    return { runnable, cpus: this.#limits.cpus, util: this.#util(), ...this.#memory() };
  }

  #util(): number {
    const now = readCpuTimes(this.#files?.cpu.text() ?? '');
    const before = this.#times ?? now;
    this.#times = now;
    const total = now.total - before.total;
    if (!(total > 0)) return 100;
    // The kernel's counter of waiting may fall by a tick.
    return 100 - Math.min(100, Math.max(0, ((now.waiting - before.waiting) * 100) / total));
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
