/**
 * A small, repeatable simulation of an openMosix cluster: programs are started, compute, sleep, migrate by openMosix'
 * rule and end, so that loads move as they would. Pure: time passes only in step().
 */
import type { NodeSetting } from '../../common/model/status.ts';
import { acceptsGuests, lightestPeer, nextMove } from './balancing.ts';
import { Machine, type OwnFigures } from './machine.ts';
import {
  newProcess,
  type Errand,
  type ListedProcess,
  type NewProcess,
  type SimulatedProcess,
} from './process.ts';
import { News } from './news.ts';
import { heavyTailed, oneOf, randomFrom, wholeBetween, type Random } from '../../common/model/random.ts';
import { cmdlineOf, daemons, someDemand, someHardware, startedPrograms, type Program } from './workload.ts';

/** How a simulation is set up. */
export interface SimulationOptions {
  /** Ids of the nodes, 1..65535, in any order and with gaps. */
  readonly ids: readonly number[];
  /** The same seed gives the same cluster. */
  readonly seed?: number;
  /** Share of the usual demand; 0 for a cluster where nobody starts anything. Default 1. */
  readonly demand?: number;
}

/** A process that is started on an operator's word. */
export interface StartOptions {
  /** Its short name, of which a kernel keeps 15 bytes; characters of Latin-1, any of them. */
  readonly command: string;
  /** Its command line as /proc shows it, words ended by NUL; the short name when left out. */
  readonly cmdline?: string;
  /** CPU seconds of a standard CPU it needs; Infinity for one that never ends. Default Infinity. */
  readonly seconds?: number;
  /** openMosix' word for why it cannot migrate; empty, the default, when it can. */
  readonly cantMove?: string;
  /** Default false. */
  readonly locked?: boolean;
  readonly uid?: number;
  /** Number of its parent, a process at home on the same node. */
  readonly parent?: number;
  /** Its memory, which decides how long a move takes: 12,800 pages a second. Default 500. */
  readonly pages?: number;
}

/** A migration when it is done: node ids, the process at its home, and the simulation's time. */
export interface SimulatedMigration {
  readonly home: number;
  readonly pid: number;
  readonly started: number;
  readonly from: number;
  readonly to: number;
  readonly errand: Errand;
  readonly time: number;
}

/** Longest short name a kernel keeps, in bytes. */
const LONGEST_NAME = 15;
const WARM_UP_SECONDS = 45;

/** The cluster. */
export class Simulation {
  readonly ids: readonly number[];
  readonly #machines: readonly Machine[];
  readonly #index: ReadonlyMap<number, number>;
  readonly #random: Random;
  readonly #demand: number;
  readonly #news: News;
  readonly #travellers = new Set<SimulatedProcess>();
  /** Hears of every migration when it is done. */
  onMigration: ((migration: SimulatedMigration) => void) | undefined;
  #second = 0;
  #now = 0;

  constructor(options: SimulationOptions) {
    this.#random = randomFrom(options.seed ?? 1);
    this.#demand = options.demand ?? 1;
    this.ids = options.ids.toSorted((one, other) => one - other);
    this.#index = new Map(this.ids.map((id, index) => [id, index]));
    if (this.#index.size !== this.ids.length) throw new Error('An id is given twice');
    this.#machines = this.ids.map((id) => {
      const hardware = someHardware(this.#random);
      return new Machine(id, hardware, someDemand(this.#random, hardware));
    });
    this.#news = new News(this.#machines);
    for (const machine of this.#machines) this.#startDaemons(machine);
    for (let second = 0; second < WARM_UP_SECONDS; second += 1) this.step(1);
  }

  /** Seconds that have passed. */
  get now(): number {
    return this.#now;
  }

  /** Lets at most a second pass. Loads are measured and processes moved at every full second. */
  step(seconds: number): void {
    for (const machine of this.#machines) {
      if (!machine.up) continue;
      let parent: SimulatedProcess | undefined;
      for (const program of startedPrograms(
        this.#random,
        machine.demand,
        this.#now,
        seconds * this.#demand,
      )) {
        // A batch is the children of its first process.
        const process = this.#start(machine, program, { parent });
        parent ??= process;
      }
      for (const process of machine.run(seconds, this.#nap)) this.#end(process);
    }
    for (const process of this.#travellers) this.#travel(process, seconds);
    this.#now += seconds;
    if (Math.floor(this.#now) === this.#second) return;
    this.#second = Math.floor(this.#now);
    for (const machine of this.#machines) if (machine.up) machine.measure();
    for (const machine of this.#machines) {
      const move = machine.up ? nextMove(this.#random, machine, this.#machines) : undefined;
      if (move !== undefined) this.#send(move.process, move.target, 'balance');
    }
    this.#news.tell(this.#second);
  }

  /**
   * A node's row as `observer` believes it, in the order of ROW_COLUMNS: up to two seconds old, its own never. Of a quiet
   * node the others know only the status.
   */
  row(observer: number, id: number): readonly number[] {
    return this.#news.row(observer, this.#indexOf(id));
  }

  /** What /proc of a node shows. */
  own(id: number): OwnFigures {
    return this.machine(id).own();
  }

  /** A machine with its processes, for reading. */
  machine(id: number): Machine {
    const machine = this.#machines[this.#indexOf(id)];
    if (machine === undefined) throw new Error(`There is no node ${id}`);
    return machine;
  }

  has(id: number): boolean {
    return this.#index.has(id);
  }

  /**
   * Switches a machine off or on. Off, its processes and its guests are lost; the others see -101 within seconds. On,
   * it starts with fresh counters.
   */
  setDown(id: number, down: boolean): void {
    const machine = this.machine(id);
    if (machine.up !== down) return;
    if (down) {
      for (const process of [...machine.processes, ...machine.away]) this.#end(process);
      for (const process of this.#travellers) {
        if (process.journey?.target === machine) this.#turnBack(process);
      }
      machine.up = false;
    } else {
      machine.boot();
      this.#startDaemons(machine);
    }
  }

  /** Sets the speed that the balancer uses, 10000 is the standard CPU. */
  setSpeed(id: number, speed: number): void {
    this.machine(id).speed = speed;
  }

  setSetting(id: number, setting: NodeSetting, on: boolean): void {
    this.machine(id).set(setting, on);
  }

  /** Sends all guests home. */
  expel(id: number): void {
    const machine = this.machine(id);
    for (const process of machine.processes) {
      if (process.home !== machine) this.#send(process, process.home, 'expel');
    }
  }

  /** Brings all of a node's processes home. */
  bring(id: number): void {
    const machine = this.machine(id);
    for (const process of machine.away) this.#send(process, machine, 'bring');
    for (const process of machine.processes) {
      if (process.home === machine && process.journey !== undefined) this.#turnBack(process);
    }
  }

  /** Whether guests that were told to go are still here. */
  isExpelling(id: number): boolean {
    return this.machine(id).processes.some((process) => process.journey?.errand === 'expel');
  }

  /** Whether processes that were told to come home are still away. */
  isBringing(id: number): boolean {
    return [...this.machine(id).away].some((process) => process.journey?.errand === 'bring');
  }

  /**
   * Lets a process of node `home` go to node `target` on an operator's word, 0 meaning home; it arrives when its memory has
   * been carried there. A lock does not hinder it. False when there is no such process, it cannot move, or the target is
   * down or refuses guests.
   */
  migrate(home: number, pid: number, target: number): boolean {
    const process = this.processOf(home, pid);
    const goal = target === 0 ? process?.home : this.#machines[this.#index.get(target) ?? -1];
    if (process === undefined || goal === undefined || process.program.cantMove !== '') return false;
    if (goal !== process.home && !acceptsGuests(goal)) return false;
    this.#send(process, goal, 'order');
    return true;
  }

  /** Moves a process to a lighter node, if there is one. False when it stays. */
  rebalance(home: number, pid: number): boolean {
    const process = this.processOf(home, pid);
    const target = process && lightestPeer(this.#random, process.place, this.#machines);
    return target !== undefined && this.migrate(home, pid, target.id);
  }

  /** Sends `count` processes, chosen at random among those that can move, to nodes chosen at random. */
  migrateAtRandom(count: number): void {
    const movable = this.#machines.flatMap((machine) =>
      machine.processes.filter((process) => process.program.cantMove === '' && process.journey === undefined),
    );
    for (let move = 0; move < count; move += 1) {
      const [process] = movable.splice(wholeBetween(this.#random, 0, movable.length - 1), 1);
      const [first, ...others] = this.ids.filter((id) => id !== process?.place.id);
      if (process === undefined || first === undefined) return;
      this.migrate(process.home.id, process.pid, oneOf(this.#random, [first, ...others]));
    }
  }

  /** A process by its number at home. */
  processOf(home: number, pid: number): SimulatedProcess | undefined {
    const found = this.machine(home).find(pid);
    return found?.guest === true ? undefined : found?.process;
  }

  /** Starts a process at home on a node that is up. */
  startProcess(id: number, options: StartOptions): ListedProcess {
    const machine = this.machine(id);
    const command = options.command.slice(0, LONGEST_NAME);
    const program: Program = {
      command,
      cmdline: options.cmdline ?? cmdlineOf([options.command]),
      daemon: false,
      duty: 1,
      disk: false,
      work: options.seconds ?? Infinity,
      pages: options.pages ?? 500,
      locked: options.locked ?? false,
      cantMove: options.cantMove ?? '',
    };
    const parent = options.parent === undefined ? undefined : this.processOf(id, options.parent);
    const uid = options.uid === undefined ? {} : { uid: options.uid };
    const process = this.#start(machine, program, { parent, ...uid });
    return { pid: process.pid, started: process.started, guest: false, process };
  }

  /** Ends the process that node `id` lists under this number, guests too. False when there is none. */
  endProcess(id: number, pid: number): boolean {
    const found = this.machine(id).find(pid);
    if (found !== undefined) this.#end(found.process);
    return found !== undefined;
  }

  /** Ends a process and gives its number at once to another program, with a later start. */
  reuseNumber(id: number, pid: number): ListedProcess {
    const machine = this.machine(id);
    const before = machine.find(pid);
    if (before === undefined) throw new Error(`Node ${id} has no process ${pid}`);
    this.#end(before.process);
    const started = Math.max(machine.ticks, before.started + 1);
    const process = this.#start(machine, before.process.program, { pid, started });
    return { pid, started, guest: false, process };
  }

  /** Stops a process, or lets it go on. */
  setStopped(process: SimulatedProcess, stopped: boolean): void {
    process.place.setStopped(process, stopped);
  }

  #indexOf(id: number): number {
    const index = this.#index.get(id);
    if (index === undefined) throw new Error(`There is no node ${id}`);
    return index;
  }

  #start(machine: Machine, program: Program, options: NewProcess): SimulatedProcess {
    const process = newProcess(machine, program, options);
    process.running = program.duty > 0;
    process.phaseLeft = program.duty > 0 ? this.#nap(program, true) : Infinity;
    machine.begin(process);
    return process;
  }

  #startDaemons(machine: Machine): void {
    for (const program of daemons()) this.#start(machine, program, {});
  }

  #end(process: SimulatedProcess): void {
    this.#travellers.delete(process);
    process.place.end(process);
  }

  /** How long a process stays running or asleep: long enough that it gets its duty on average. */
  readonly #nap = (program: Program, running: boolean): number => {
    const nap = heavyTailed(this.#random, 1.5, 0.3, 20);
    return running ? (nap * program.duty) / (1 - Math.min(program.duty, 0.99)) : nap;
  };

  #send(process: SimulatedProcess, target: Machine, errand: Errand): void {
    if (process.journey !== undefined) this.#turnBack(process);
    if (process.place === target) return;
    process.place.depart(process, target, errand);
    this.#travellers.add(process);
  }

  #turnBack(process: SimulatedProcess): void {
    this.#travellers.delete(process);
    process.place.turnBack(process);
  }

  /** Goes on with a journey; a node that has come to refuse guests meanwhile refuses this one on arrival. */
  #travel(process: SimulatedProcess, seconds: number): void {
    const { journey, place, home } = process;
    if (journey === undefined) return;
    journey.secondsLeft -= seconds;
    if (journey.secondsLeft > 0) return;
    if (journey.target !== home && !acceptsGuests(journey.target)) {
      this.#turnBack(process);
      return;
    }
    this.#travellers.delete(process);
    place.arrive(process);
    this.onMigration?.({
      home: home.id,
      pid: process.pid,
      started: process.started,
      from: place.id,
      to: process.place.id,
      errand: journey.errand,
      time: this.#now + seconds,
    });
  }
}
