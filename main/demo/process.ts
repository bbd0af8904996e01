/** A process of the simulated cluster: what it is, how it travels, and how a machine lists it. */
import type { Machine } from './machine.ts';
import type { Program } from './workload.ts';

/** Why a process is on its way. */
export type Errand = 'balance' | 'order' | 'expel' | 'bring';

/** A move that has begun: the process stands still and is listed where it was until its memory has arrived. */
export interface Journey {
  readonly target: Machine;
  readonly errand: Errand;
  secondsLeft: number;
}

/** A process. It is listed at its home; `place` is where it computes. */
export interface SimulatedProcess {
  /** Its number at home. */
  readonly pid: number;
  readonly home: Machine;
  readonly program: Program;
  /** When it started, in ticks of a hundredth of a second since its home's start. */
  readonly started: number;
  readonly parent: SimulatedProcess | undefined;
  /** Number of the user it runs as; 0 is root. */
  readonly uid: number;
  place: Machine;
  /** Its number where it is a guest and the ticks there when it arrived; both 0 at home. */
  guestPid: number;
  guestStarted: number;
  journey: Journey | undefined;
  /** Journeys that ended elsewhere than they began. */
  migrations: number;
  locked: boolean;
  nice: number;
  /** True between SIGSTOP and SIGCONT. */
  stopped: boolean;
  ended: boolean;
  running: boolean;
  /** Seconds until it goes to sleep or wakes. */
  phaseLeft: number;
  /** CPU seconds of a standard CPU it still needs. */
  workLeft: number;
  /** Seconds it has lived, and CPU seconds it was given. */
  age: number;
  cpuSeconds: number;
}

/** A process as one machine lists it: at its home always, and where it is a guest under another number. */
export interface ListedProcess {
  /** Its number on that machine. */
  readonly pid: number;
  /** When it began there, in ticks since that machine's start. */
  readonly started: number;
  readonly guest: boolean;
  readonly process: SimulatedProcess;
}

/** What a new process is given. */
export interface NewProcess {
  /** A number of its choice, which must be free; otherwise the next one. */
  readonly pid?: number;
  readonly started?: number;
  readonly parent?: SimulatedProcess | undefined;
  readonly uid?: number;
}

const ROOT = 0;
const FIRST_USER = 1000;
const USERS = 5;

/** A process at the beginning of its life; a user's unless the program is a daemon, which is root's. */
export function newProcess(machine: Machine, program: Program, options: NewProcess = {}): SimulatedProcess {
  const { pid = machine.nextPid(), started = machine.ticks, parent } = options;
  const someUser = program.daemon ? ROOT : FIRST_USER + ((pid + machine.id) % USERS);
  return {
    pid,
    home: machine,
    program,
    started,
    parent,
    uid: options.uid ?? parent?.uid ?? someUser,
    place: machine,
    guestPid: 0,
    guestStarted: 0,
    journey: undefined,
    migrations: 0,
    locked: program.locked,
    nice: 0,
    stopped: false,
    ended: false,
    running: false,
    phaseLeft: 0,
    workLeft: program.work,
    age: 0,
    cpuSeconds: 0,
  };
}

/** How a machine lists a process that is at home or a guest there. */
export function listed(machine: Machine, process: SimulatedProcess): ListedProcess {
  return process.home === machine
    ? { pid: process.pid, started: process.started, guest: false, process }
    : { pid: process.guestPid, started: process.guestStarted, guest: true, process };
}
