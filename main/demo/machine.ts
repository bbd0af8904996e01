/**
 * One machine of the simulated cluster: its processes, its counters as /proc would show them, and the load it tells
 * the others. It knows nothing of the other machines.
 */
import { STANDARD_LOAD, STANDARD_SPEED } from '../../common/model/metric.ts';
import { STATUS, type NodeSetting } from '../../common/model/status.ts';
import { listed, type Errand, type ListedProcess, type SimulatedProcess } from './process.ts';
import type { Demand, Hardware, Program } from './workload.ts';

/** Own figures of a machine, in the units of /proc. */
export interface OwnFigures {
  /** user nice system idle iowait irq softirq steal, in ticks of a hundredth of a second since the start. */
  readonly cpu: readonly number[];
  /** Load averages over 1, 5 and 15 minutes, runnable processes, processes. */
  readonly load: readonly number[];
  /** MemTotal MemFree MemAvailable Buffers Cached in kB. */
  readonly memory: readonly number[];
}

const LOWEST_PID = 300;
const HIGHEST_PID = 32_767;
const TICKS_PER_SECOND = 100;
const SYSTEM_SHARE = 0.08;
const SYSTEM_PAGES = 12_000;

/** Pages that a migration carries in a second. */
const PAGES_PER_SECOND = 12_800;

/** The numbers of admin/ that say how statistics decay: seconds, and what is kept in thousandths. */
export interface Decay {
  decayinterval: number;
  slowdecay: number;
  fastdecay: number;
}

/** One machine. */
export class Machine {
  readonly id: number;
  readonly name: string;
  readonly hardware: Hardware;
  readonly demand: Demand;
  /** Processes that compute here, and daemons, which sleep. */
  readonly processes: SimulatedProcess[] = [];
  /** Processes at home here that compute elsewhere. */
  readonly away = new Set<SimulatedProcess>();
  /** The speed the balancer uses; an operator may set it to what the machine does not have. */
  speed: number;
  up = true;
  readonly decay: Decay = { decayinterval: 1, slowdecay: 975, fastdecay: 926 };
  #uptime = 0;
  #settings = 0;
  #lastPid = LOWEST_PID;
  #runnable = 0;
  #pages = 0;
  #diskWaits = 0;
  #user = 0;
  #system = 0;
  #idle = 0;
  #iowait = 0;
  #oneMinute = 0;
  #fiveMinutes = 0;
  #fifteenMinutes = 0;
  #runnableSeconds = 0;
  #measuredSeconds = 0;
  #waitShare = 0;
  #upperLoad = 0;

  constructor(id: number, hardware: Hardware, demand: Demand) {
    this.id = id;
    this.name = `node${id}`;
    this.hardware = hardware;
    this.demand = demand;
    this.speed = hardware.speed;
  }

  /** openMosix' status bits as this machine knows them. */
  get status(): number {
    return STATUS.configured | (this.up ? STATUS.up : 0) | this.#settings;
  }

  has(setting: NodeSetting): boolean {
    return (this.#settings & STATUS[setting]) !== 0;
  }

  set(setting: NodeSetting, on: boolean): void {
    if (on) this.#settings |= STATUS[setting];
    else this.#settings &= ~STATUS[setting];
  }

  /** Seconds since its start. */
  get uptime(): number {
    return this.#uptime;
  }

  /** The same in ticks of a hundredth of a second. */
  get ticks(): number {
    return ticks(this.#uptime);
  }

  /** Processes that want a CPU now, those on their way to here included and those on their way from here not. */
  get runnable(): number {
    return this.#runnable;
  }

  /** Load of one runnable process here. */
  get processLoad(): number {
    return (STANDARD_LOAD * STANDARD_SPEED) / (this.speed * this.hardware.cpus);
  }

  /** Pages that are free as Linux counts them; the kernel always keeps a few. */
  get freePages(): number {
    return Math.max(
      this.hardware.pages >> 6,
      this.hardware.pages - SYSTEM_PAGES - this.#cached - this.#pages,
    );
  }

  /** Pages that processes may still use: free ones and what the cache can give back. */
  get availablePages(): number {
    return Math.min(this.hardware.pages - SYSTEM_PAGES, this.freePages + Math.floor(this.#cached * 0.8));
  }

  get #cached(): number {
    const room = Math.max(0, this.hardware.pages - SYSTEM_PAGES - this.#pages);
    return Math.floor(room * 0.3);
  }

  /** A free process number here. */
  nextPid(): number {
    do this.#lastPid = this.#lastPid >= HIGHEST_PID ? LOWEST_PID : this.#lastPid + 1;
    while (this.find(this.#lastPid) !== undefined);
    return this.#lastPid;
  }

  /** Every process in this machine's list: its own, wherever they are, and its guests. */
  list(): readonly ListedProcess[] {
    return [...this.processes, ...this.away].map((process) => listed(this, process));
  }

  /** The process that has this number here. */
  find(pid: number): ListedProcess | undefined {
    return this.list().find((process) => process.pid === pid);
  }

  /** Begins a process of this machine. */
  begin(process: SimulatedProcess): void {
    this.processes.push(process);
    this.#count(process, 1);
  }

  /** Takes a process that is here out of the world. */
  end(process: SimulatedProcess): void {
    const counted = process.journey?.target ?? this;
    counted.#count(process, -1);
    process.journey = undefined;
    process.ended = true;
    this.#unlist(process);
    process.home.away.delete(process);
  }

  /** Sends a process that is here on its way. What it asks for counts at the target from now on. */
  depart(process: SimulatedProcess, target: Machine, errand: Errand): void {
    this.#count(process, -1);
    process.journey = { target, errand, secondsLeft: 0.1 + process.program.pages / PAGES_PER_SECOND };
    target.#count(process, 1);
  }

  /** Ends the journey of a process that is here at its target. */
  arrive(process: SimulatedProcess): void {
    const target = process.journey?.target;
    if (target === undefined) return;
    this.#unlist(process);
    const isHome = process.home === target;
    process.guestPid = isHome ? 0 : target.nextPid();
    process.guestStarted = isHome ? 0 : target.ticks;
    process.journey = undefined;
    process.place = target;
    process.migrations += 1;
    target.processes.push(process);
    if (isHome) target.away.delete(process);
    else process.home.away.add(process);
  }

  /** Ends the journey of a process that is here where it began. */
  turnBack(process: SimulatedProcess): void {
    const target = process.journey?.target ?? this;
    target.#count(process, -1);
    process.journey = undefined;
    this.#count(process, 1);
  }

  /** Stops a process that is here, or lets it go on. */
  setStopped(process: SimulatedProcess, stopped: boolean): void {
    const counted = process.journey?.target ?? this;
    counted.#count(process, -1);
    process.stopped = stopped;
    counted.#count(process, 1);
  }

  #count(process: SimulatedProcess, step: 1 | -1): void {
    this.#pages += step * process.program.pages;
    if (process.stopped) return;
    if (process.running) this.#runnable += step;
    else if (process.program.disk) this.#diskWaits += step;
  }

  #unlist(process: SimulatedProcess): void {
    const index = this.processes.indexOf(process);
    if (index < 0) return;
    const last = this.processes.pop();
    if (last !== undefined && last !== process) this.processes[index] = last;
  }

  /**
   * Lets `seconds` pass: the runnable processes share the CPUs. `nap` draws how long a process that ran or slept
   * stays in its next state. Returns the processes that are done.
   */
  run(seconds: number, nap: (program: Program, running: boolean) => number): readonly SimulatedProcess[] {
    const { cpus, speed } = this.hardware;
    const runnable = this.#runnable;
    const share = runnable > cpus ? cpus / runnable : 1;
    const gain = share * seconds;
    const work = gain * (speed / STANDARD_SPEED);
    const done: SimulatedProcess[] = [];
    this.#uptime += seconds;
    let busy = 0;
    for (const process of this.processes) {
      process.age += seconds;
      if (process.journey !== undefined || process.stopped) continue;
      if (process.running) {
        process.cpuSeconds += gain;
        process.workLeft -= work;
        busy += gain;
        if (process.workLeft <= 0) {
          done.push(process);
          continue;
        }
      }
      process.phaseLeft -= seconds;
      if (process.phaseLeft <= 0 && process.program.duty < 1) this.#turn(process, nap);
    }
    this.#account(seconds, busy, runnable);
    return done;
  }

  #turn(process: SimulatedProcess, nap: (program: Program, running: boolean) => number): void {
    process.running = !process.running;
    process.phaseLeft = nap(process.program, process.running);
    const step = process.running ? 1 : -1;
    this.#runnable += step;
    if (process.program.disk) this.#diskWaits -= step;
  }

  #account(seconds: number, busy: number, runnable: number): void {
    const spare = Math.max(0, this.hardware.cpus * seconds - busy);
    const waiting = Math.min(spare, Math.min(this.#diskWaits, this.hardware.cpus) * seconds * 0.4);
    this.#user += busy * (1 - SYSTEM_SHARE);
    this.#system += busy * SYSTEM_SHARE + spare * 0.004;
    this.#iowait += waiting;
    this.#idle += Math.max(0, spare * 0.996 - waiting);
    this.#oneMinute += ((runnable - this.#oneMinute) * seconds) / 60;
    this.#fiveMinutes += ((runnable - this.#fiveMinutes) * seconds) / 300;
    this.#fifteenMinutes += ((runnable - this.#fifteenMinutes) * seconds) / 900;
    this.#runnableSeconds += runnable * seconds;
    this.#measuredSeconds += seconds;
    this.#waitShare = waiting / (this.hardware.cpus * seconds);
  }

  /**
   * Measures the load since the last measurement, once a second: the value told to the others rises at once and falls
   * by an eighth, which keeps processes from going back and forth.
   */
  measure(): void {
    const runnable = this.#measuredSeconds > 0 ? this.#runnableSeconds / this.#measuredSeconds : 0;
    const load = runnable * this.processLoad;
    this.#upperLoad = load >= this.#upperLoad ? load : (7 * this.#upperLoad + load) / 8;
    this.#runnableSeconds = 0;
    this.#measuredSeconds = 0;
  }

  /** The load told to the others, 100 is one runnable process on one standard CPU. */
  get load(): number {
    return Math.floor(this.#upperLoad);
  }

  /** Percent of the CPU that processes can use; below 100 it waits for disks. */
  get utilisation(): number {
    return Math.round(100 * (1 - this.#waitShare));
  }

  /** What /proc of this machine shows. */
  own(): OwnFigures {
    const cached = this.#cached * 4;
    const buffers = Math.floor(cached * 0.15);
    return {
      cpu: [
        ticks(this.#user),
        0,
        ticks(this.#system),
        ticks(this.#idle),
        ticks(this.#iowait),
        ticks(this.#system * 0.01),
        ticks(this.#system * 0.05),
        0,
      ],
      load: [
        ...[this.#oneMinute, this.#fiveMinutes, this.#fifteenMinutes].map(hundredths),
        this.#runnable + 1,
        60 + this.processes.length + this.away.size,
      ],
      memory: [
        this.hardware.pages * 4,
        this.freePages * 4,
        this.availablePages * 4,
        buffers,
        cached - buffers,
      ],
    };
  }

  /** A start from nothing: all counters at zero. */
  boot(): void {
    this.up = true;
    this.#uptime = 0;
    this.#user = this.#system = this.#idle = this.#iowait = 0;
    this.#oneMinute = this.#fiveMinutes = this.#fifteenMinutes = 0;
    this.#runnableSeconds = this.#measuredSeconds = this.#upperLoad = 0;
  }
}

function ticks(seconds: number): number {
  return Math.floor(seconds * TICKS_PER_SECOND);
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
