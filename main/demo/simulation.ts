/**
 * A small, repeatable simulation of an openMosix cluster: programs are started, compute, sleep, migrate by openMosix'
 * rule and end, so that loads move as they would. Pure: time passes only in step().
 */
import { NODE_DOWN, STATUS, type NodeSetting } from '../../common/model/status.ts';
import { Machine, type OwnFigures, type SimulatedProcess } from './machine.ts';
import { heavyTailed, randomFrom, wholeBetween, type Random } from './random.ts';
import { daemons, someDemand, someHardware, startedPrograms, type Program } from './workload.ts';

/** Columns of a node's row as the cluster tells it, in order; memory in pages of 4096 bytes. */
export const ROW_COLUMNS = ['load', 'speed', 'cpus', 'util', 'tmem', 'rmem', 'mem', 'status'] as const;

/** How a simulation is set up. */
export interface SimulationOptions {
  /** Ids of the nodes, 1..65535, in any order and with gaps. */
  readonly ids: readonly number[];
  /** The same seed gives the same cluster. */
  readonly seed?: number;
  /** Share of the usual demand; 0 for a cluster where nobody starts anything. Default 1. */
  readonly demand?: number;
}

/** Seconds that a row may take from one node to another. */
const OLDEST_NEWS = 3;
/** Peers a node compares itself with in one decision: openMosix' load vector. */
const LOAD_VECTOR = 8;
/** A target must stay better with this many times the load of the process that goes there. */
const STABILITY = 1.3;
const YOUNGEST_TRAVELLER = 2;
const PAGES_PER_SECOND = 12_800;
const WARM_UP_SECONDS = 45;

/** The cluster. */
export class Simulation {
  readonly ids: readonly number[];
  readonly #machines: readonly Machine[];
  readonly #index: ReadonlyMap<number, number>;
  readonly #random: Random;
  readonly #demand: number;
  /** What each node told of itself in the last seconds, newest at `#second % OLDEST_NEWS`. */
  readonly #news: readonly Float64Array[];
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
    this.#news = Array.from(
      { length: OLDEST_NEWS },
      () => new Float64Array(this.ids.length * ROW_COLUMNS.length),
    );
    for (const machine of this.#machines) startDaemons(machine);
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
      for (const program of startedPrograms(
        this.#random,
        machine.demand,
        this.#now,
        seconds * this.#demand,
      )) {
        this.#start(machine, program);
      }
      for (const process of machine.run(seconds, this.#nap)) machine.give(process);
    }
    this.#now += seconds;
    if (Math.floor(this.#now) === this.#second) return;
    this.#second = Math.floor(this.#now);
    for (const machine of this.#machines) if (machine.up) machine.measure();
    for (const machine of this.#machines) if (machine.up) this.#balance(machine);
    this.#tell();
  }

  /** A node's row as `observer` believes it, in the order of ROW_COLUMNS: up to two seconds old, its own never. */
  row(observer: number, id: number): readonly number[] {
    const index = this.#indexOf(id);
    const age = observer === id ? 0 : (Math.imul(observer, 0x9e3779b1) ^ Math.imul(id, 0x85ebca6b)) >>> 8;
    const news = this.#news[(this.#second + OLDEST_NEWS - (age % OLDEST_NEWS)) % OLDEST_NEWS];
    const start = index * ROW_COLUMNS.length;
    return Array.from(news?.subarray(start, start + ROW_COLUMNS.length) ?? []);
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
      for (const process of [...machine.processes, ...machine.away]) process.place.give(process);
      machine.up = false;
    } else {
      machine.boot();
      startDaemons(machine);
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
    for (const process of machine.processes.filter((guest) => guest.home !== machine)) {
      this.#move(process, process.home);
    }
  }

  /** Brings all of a node's processes home. */
  bring(id: number): void {
    for (const process of this.machine(id).away) this.#move(process, process.home);
  }

  /**
   * Moves a process of node `home` to node `target` on an operator's word, 0 meaning home. A lock does not hinder it.
   * False when there is no such process, it cannot move, or the target is down or refuses guests.
   */
  migrate(home: number, pid: number, target: number): boolean {
    const process = this.#processOf(home, pid);
    const goal = target === 0 ? process?.home : this.#machines[this.#index.get(target) ?? -1];
    if (process === undefined || goal === undefined || process.program.cantMove !== '') return false;
    if (goal !== process.home && !acceptsGuests(goal)) return false;
    this.#move(process, goal);
    return true;
  }

  /** Moves a process to a lighter node, if there is one. False when it stays. */
  rebalance(home: number, pid: number): boolean {
    const process = this.#processOf(home, pid);
    const target = process && this.#lightestPeer(process.place);
    return target !== undefined && this.migrate(home, pid, target.id);
  }

  #processOf(home: number, pid: number): SimulatedProcess | undefined {
    const machine = this.machine(home);
    return [...machine.processes, ...machine.away].find(
      (process) => process.home === machine && process.pid === pid,
    );
  }

  #indexOf(id: number): number {
    const index = this.#index.get(id);
    if (index === undefined) throw new Error(`There is no node ${id}`);
    return index;
  }

  #start(machine: Machine, program: Program): void {
    const process = newProcess(machine, program);
    process.running = true;
    process.phaseLeft = this.#nap(program, true);
    machine.take(process);
  }

  /** How long a process stays running or asleep: long enough that it gets its duty on average. */
  readonly #nap = (program: Program, running: boolean): number => {
    const nap = heavyTailed(this.#random, 1.5, 0.3, 20);
    return running ? (nap * program.duty) / (1 - Math.min(program.duty, 0.99)) : nap;
  };

  /**
   * openMosix' rule: a node with more load than a peer would have with one process more gives away the second heaviest
   * process that may go, so that the heaviest, which just may have settled, stays.
   */
  #balance(machine: Machine): void {
    if (machine.runnable < 2 || machine.has('stay') || machine.has('quiet')) return;
    const target = this.#lightestPeer(machine);
    if (target === undefined) return;
    const process = traveller(machine, target);
    if (process !== undefined) this.#move(process, target);
  }

  #lightestPeer(machine: Machine): Machine | undefined {
    const own = machine.runnable * machine.processLoad;
    let lightest: Machine | undefined;
    let least = own;
    const looks = Math.min(LOAD_VECTOR, this.#machines.length);
    const all = looks === this.#machines.length;
    for (let look = 0; look < looks; look += 1) {
      const peer =
        this.#machines[all ? look : wholeBetween(this.#random, 0, this.#machines.length - 1)] ?? machine;
      if (peer === machine) continue;
      // The present number of runnable processes counts too, so that not everybody sends to the same light node.
      const load = Math.max(peer.load, peer.runnable * peer.processLoad) + peer.processLoad * STABILITY;
      if (load < least && acceptsGuests(peer) && !peer.has('quiet')) {
        least = load;
        lightest = peer;
      }
    }
    return lightest;
  }

  #move(process: SimulatedProcess, target: Machine): void {
    if (process.place === target) return;
    process.place.give(process);
    process.moving = 0.1 + process.program.pages / PAGES_PER_SECOND;
    process.migrations += 1;
    target.take(process);
  }

  #tell(): void {
    const news = this.#news[this.#second % OLDEST_NEWS];
    if (news === undefined) return;
    for (const [index, machine] of this.#machines.entries()) {
      const start = index * ROW_COLUMNS.length;
      if (!machine.up) {
        news.fill(NODE_DOWN, start, start + ROW_COLUMNS.length - 1);
        news[start + ROW_COLUMNS.length - 1] = STATUS.configured;
        continue;
      }
      news[start] = machine.load;
      news[start + 1] = machine.speed;
      news[start + 2] = machine.hardware.cpus;
      news[start + 3] = machine.utilisation;
      news[start + 4] = machine.hardware.pages;
      news[start + 5] = machine.freePages;
      news[start + 6] = machine.availablePages;
      news[start + 7] = machine.status;
    }
  }
}

function newProcess(machine: Machine, program: Program): SimulatedProcess {
  return {
    pid: machine.nextPid(),
    home: machine,
    program,
    place: machine,
    guestPid: 0,
    migrations: 0,
    locked: program.locked,
    moving: 0,
    running: false,
    phaseLeft: 0,
    workLeft: program.work,
    age: 0,
    cpuSeconds: 0,
  };
}

function startDaemons(machine: Machine): void {
  machine.daemons.length = 0;
  for (const program of daemons()) machine.daemons.push(newProcess(machine, program));
}

function acceptsGuests(machine: Machine): boolean {
  return machine.up && !machine.has('block');
}

/** The second heaviest process that may leave by itself, the heaviest where there is only one. */
function traveller(machine: Machine, target: Machine): SimulatedProcess | undefined {
  let heaviest: SimulatedProcess | undefined;
  let second: SimulatedProcess | undefined;
  for (const process of machine.processes) {
    if (!process.running || process.moving > 0 || process.locked || process.program.cantMove !== '') continue;
    if (process.age < YOUNGEST_TRAVELLER || process.program.pages > target.availablePages) continue;
    if (process.home === machine && machine.has('lstay')) continue;
    if (heaviest === undefined || process.cpuSeconds > heaviest.cpuSeconds) {
      second = heaviest;
      heaviest = process;
    } else if (second === undefined || process.cpuSeconds > second.cpuSeconds) second = process;
  }
  return second ?? heaviest;
}
