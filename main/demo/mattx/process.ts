/** A process of the simulated MattX cluster: what it is at home, and the copies of it that compute elsewhere. */

/** A program that can be started; what is left out is an ordinary busy program's. */
export interface ProgramOptions {
  /** Short name, of which a kernel keeps 15 bytes; characters of Latin-1, any of them. */
  readonly command: string;
  /** Command line as /proc shows it, words ended by NUL. Default: the short name. */
  readonly cmdline?: string;
  /** Default 0, root. */
  readonly uid?: number;
  /** Number of its parent. Default 1. */
  readonly parent?: number;
  /** Share of the time in which the main thread wants a CPU, 0..1. Default 1. */
  readonly duty?: number;
  /** Threads beside the main one, which want the CPU all the time. Default 0. */
  readonly threads?: number;
  /** Default `program`. */
  readonly kind?: ProgramKind;
  /** Its number in a PID namespace of its own, such as a container's. */
  readonly innerPid?: number;
  /** Memory, which decides how long a move takes. Default 4. */
  readonly megabytes?: number;
  /** CPU seconds it needs. Default Infinity. */
  readonly seconds?: number;
  /** True where it handles SIGTERM by itself. */
  readonly catchesTerm?: boolean;
  /** A number of its choice, which must be free. */
  readonly pid?: number;
}

/** What a process is to the kernel. */
export type ProgramKind = 'program' | 'kernel-thread' | 'zombie';

/** What both a process and a guest have in a node's list. */
export interface Listed {
  readonly pid: number;
  /** Ticks of a hundredth of a second since the node's start. */
  readonly started: number;
  /** CPU seconds used under this number. */
  cpuSeconds: number;
  nice: number;
}

/** A process at home. */
export interface MattxProcess extends Listed {
  readonly guest: false;
  readonly program: Required<Omit<ProgramOptions, 'pid' | 'innerPid'>>;
  readonly innerPid: number | undefined;
  /** Copies that live on other nodes: one where all is well. */
  readonly copies: MattxGuest[];
  /** State T: by SIGSTOP, as a deputy, or lost on the way. */
  stopped: boolean;
  /** A SIGTERM that waits for the way home. */
  pendingTerm: boolean;
  /** CPU seconds it still needs, wherever it computes. */
  secondsLeft: number;
}

/** A process of another node that computes here. */
export interface MattxGuest extends Listed {
  readonly guest: true;
  readonly home: number;
  readonly process: MattxProcess;
  readonly place: number;
  stopped: boolean;
}

/** A process as a node lists it. */
export type MattxEntry = MattxProcess | MattxGuest;

const LONGEST_NAME = 15;
/** From one wake of what sleeps now and then to the next; no divisor of a node's round, which would always meet the same. */
const WAKE_MILLISECONDS = 970;

/** A process at the beginning of its life. */
export function newProcess(pid: number, started: number, options: ProgramOptions): MattxProcess {
  const { kind = 'program', seconds = Infinity } = options;
  const command = options.command.slice(0, LONGEST_NAME);
  const isProgram = kind === 'program';
  return {
    guest: false,
    pid,
    started,
    cpuSeconds: 0,
    nice: 0,
    program: {
      command,
      cmdline: options.cmdline ?? (isProgram ? `${options.command}\0` : ''),
      uid: options.uid ?? 0,
      parent: options.parent ?? (kind === 'kernel-thread' ? 2 : 1),
      duty: options.duty ?? (isProgram ? 1 : 0),
      threads: options.threads ?? 0,
      kind,
      megabytes: options.megabytes ?? (isProgram ? 4 : 0),
      seconds,
      catchesTerm: options.catchesTerm ?? false,
    },
    innerPid: options.innerPid,
    copies: [],
    stopped: false,
    pendingTerm: false,
    secondsLeft: seconds,
  };
}

/** The process an entry belongs to. */
export function processOf(entry: MattxEntry): MattxProcess {
  return entry.guest ? entry.process : entry;
}

/** Whether its main thread wants a CPU at a time in milliseconds. */
export function isRunning(entry: MattxEntry, now: number): boolean {
  const { duty } = processOf(entry).program;
  return !entry.stopped && (now + entry.pid * 137) % WAKE_MILLISECONDS < duty * WAKE_MILLISECONDS;
}

/** Threads that want a CPU now. */
export function runningThreads(entry: MattxEntry, now: number): number {
  if (entry.stopped) return 0;
  // Only the main thread goes on a journey.
  return (isRunning(entry, now) ? 1 : 0) + (entry.guest ? 0 : entry.program.threads);
}
