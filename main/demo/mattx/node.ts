/**
 * One simulated MattX node: its settings, its processes and guests, its two lists and what it believes of the others. It
 * knows nothing of the other nodes themselves.
 */
import { listHas, type SwitchName } from './admin.ts';
import {
  isRunning,
  newProcess,
  processOf,
  runningThreads,
  type MattxEntry,
  type MattxGuest,
  type MattxProcess,
  type ProgramOptions,
} from './process.ts';

/** A node as it is set up. */
export interface NodeOptions {
  /** From 1 up; derived from the hardware, so any numbers. */
  readonly id: number;
  readonly address: string;
  readonly cpus: number;
  readonly megabytes: number;
}

/** Plain nodes with these ids, in one network in the order given. */
export function plainNodes(ids: readonly number[], cpus = 1): readonly NodeOptions[] {
  return ids.map((id, index) => ({
    id,
    address: `192.168.${77 + Math.floor(index / 250)}.${1 + (index % 250)}`,
    cpus,
    megabytes: 512,
  }));
}

/** What a node tells of itself. */
export interface Figures {
  /** Runnable processes that are not excluded, times 1000. */
  readonly load: number;
  readonly affinity: number;
  readonly freeMegabytes: number;
}

/** What a node shows of one that has just joined. */
export const UNHEARD: Figures = { load: 0, affinity: 1000, freeMegabytes: 0 };

/** The names that a new node's balancer leaves alone. */
export const DEFAULT_EXCLUDES =
  'cat,watch,cron,top,bash,pvmd,sshd,sshd-session,mattx-discd,mattx-stub,systemd,systemd-journald,systemd-journal';

/** A line of `remote`: a process of this node by its number here, and the node it was sent to. */
export interface RemoteLine {
  readonly pid: number;
  readonly target: number;
}

/** A line of `guests`. Its end is told to the home node, unless it went home. */
export interface GuestLine {
  readonly guest: MattxGuest;
  wentHome: boolean;
}

/** Why a process is on its way. */
export type Errand = 'balance' | 'order';

/** A journey of one of this node's own processes that has begun: the process stands still. */
export interface Journey {
  readonly process: MattxProcess;
  /** The copy that comes home; undefined on the way out. */
  readonly returning: MattxGuest | undefined;
  /** The node it goes to or comes from. */
  readonly peer: number;
  readonly errand: Errand;
  /** When it began and when it ends, in milliseconds. */
  readonly began: number;
  readonly ends: number;
}

const SYSTEM_MEGABYTES = 80;
/** High, so that no real process of the machine that emulates is meant when a client sends a signal to one of these. */
const FIRST_PID = 2_000_000;
const AVERAGE_SECONDS = [60, 300, 900] as const;

/** A node. */
export class MattxNode {
  readonly id: number;
  readonly address: string;
  readonly cpus: number;
  readonly megabytes: number;
  up = true;
  /** False while the module is loaded and the discovery daemon does not run. */
  joined = false;
  readonly switches: Record<SwitchName, boolean> = { balancer: true, mattxfs: false, debug: true };
  /** 0 for automatic. */
  affinity = 0;
  excludes = DEFAULT_EXCLUDES;
  includes = '';
  readonly entries = new Map<number, MattxEntry>();
  /** The lines of `remote`. */
  remote: readonly RemoteLine[] = [];
  /** The lines of `guests`. */
  guests: readonly GuestLine[] = [];
  /** What it believes of the others by their ids in order; nobody ever leaves. */
  readonly beliefs = new Map<number, Figures>();
  journey: Journey | undefined;
  /** When its balancer last moved something, in milliseconds. */
  lastMove = -Infinity;
  /** Milliseconds since its start. */
  uptime = 0;
  #lastPid = FIRST_PID;
  #userSeconds = 0;
  #idleSeconds = 0;
  #averages: readonly number[] = [0, 0, 0];

  constructor(options: NodeOptions) {
    this.id = options.id;
    this.address = options.address;
    this.cpus = options.cpus;
    this.megabytes = options.megabytes;
    this.#startSystem();
  }

  /** Ticks of a hundredth of a second since its start. */
  get ticks(): number {
    return Math.floor(this.uptime / 10);
  }

  /** What it tells of itself at a time in milliseconds. */
  figures(now: number): Figures {
    const counted = [...this.entries.values()].filter(
      (entry) => isRunning(entry, now) && !listHas(this.excludes, processOf(entry).program.command),
    );
    return {
      load: counted.length * 1000,
      affinity: this.affinity === 0 ? this.cpus * 1000 : this.affinity,
      freeMegabytes: this.freeMegabytes,
    };
  }

  get freeMegabytes(): number {
    const used = [...this.entries.values()].reduce(
      (sum, entry) => sum + processOf(entry).program.megabytes,
      SYSTEM_MEGABYTES,
    );
    return Math.max(4, Math.floor(this.megabytes - used));
  }

  /** Seconds of CPU in programs, in the kernel and idle, since its start. */
  get cpuSeconds(): { readonly user: number; readonly system: number; readonly idle: number } {
    return { user: this.#userSeconds, system: this.uptime / 100_000, idle: this.#idleSeconds };
  }

  /** Load averages over 1, 5 and 15 minutes. */
  get averages(): readonly number[] {
    return this.#averages;
  }

  get lastPid(): number {
    return this.#lastPid;
  }

  /** A process at home, by its number. */
  process(pid: number): MattxProcess | undefined {
    const entry = this.entries.get(pid);
    return entry?.guest === false ? entry : undefined;
  }

  start(options: ProgramOptions): MattxProcess {
    const { pid = this.#nextPid() } = options;
    if (this.entries.has(pid)) throw new Error(`Node ${this.id} has a process ${pid}`);
    const process = newProcess(pid, this.ticks, options);
    this.entries.set(pid, process);
    return process;
  }

  /** Takes a guest in, under a number of its own. */
  receive(home: number, process: MattxProcess): MattxGuest {
    const pid = this.#nextPid();
    const guest: MattxGuest = {
      guest: true,
      pid,
      started: this.ticks,
      cpuSeconds: 0,
      nice: process.nice,
      home,
      place: this.id,
      process,
      stopped: false,
    };
    this.entries.set(pid, guest);
    this.guests = [...this.guests, { guest, wentHome: false }];
    return guest;
  }

  /** Takes a peer's word for what it is. */
  believe(id: number, figures: Figures): void {
    const isNew = !this.beliefs.has(id);
    this.beliefs.set(id, figures);
    if (!isNew) return;
    const sorted = [...this.beliefs].sort(([one], [other]) => one - other);
    this.beliefs.clear();
    for (const [each, told] of sorted) this.beliefs.set(each, told);
  }

  /** Lets milliseconds pass: what wants a CPU shares them. Returns what is done. */
  run(milliseconds: number, now: number): readonly MattxEntry[] {
    const seconds = milliseconds / 1000;
    const busy = [...this.entries.values()].map((entry) => ({ entry, threads: runningThreads(entry, now) }));
    const wanted = busy.reduce((sum, { threads }) => sum + threads, 0);
    const share = Math.min(1, this.cpus / Math.max(1, wanted));
    const done: MattxEntry[] = [];
    for (const { entry, threads } of busy) {
      const gain = threads * share * seconds;
      const process = processOf(entry);
      entry.cpuSeconds += gain;
      process.secondsLeft -= gain;
      if (gain > 0 && process.secondsLeft <= 0) done.push(entry);
    }
    this.uptime += milliseconds;
    this.#userSeconds += wanted * share * seconds;
    this.#idleSeconds += (this.cpus - wanted * share) * seconds;
    this.#averages = this.#averages.map(
      (average, index) => average + ((wanted - average) * seconds) / (AVERAGE_SECONDS[index] ?? 60),
    );
    return done;
  }

  /** A start from nothing: its processes, lists, beliefs and settings are gone. */
  boot(): void {
    this.entries.clear();
    this.remote = this.guests = [];
    this.beliefs.clear();
    this.journey = undefined;
    this.lastMove = -Infinity;
    this.affinity = 0;
    this.excludes = DEFAULT_EXCLUDES;
    this.includes = '';
    Object.assign(this.switches, { balancer: true, mattxfs: false, debug: true });
    this.uptime = this.#userSeconds = this.#idleSeconds = 0;
    this.#averages = [0, 0, 0];
    this.#lastPid = FIRST_PID;
    this.up = true;
    this.joined = false;
    this.#startSystem();
  }

  #nextPid(): number {
    do this.#lastPid += 1;
    while (this.entries.has(this.#lastPid));
    return this.#lastPid;
  }

  #startSystem(): void {
    for (const [pid, command, parent] of KERNEL_THREADS) {
      this.start({ pid, command, parent, kind: 'kernel-thread' });
    }
    for (const [pid, command, cmdline] of DAEMONS) {
      this.start({
        pid,
        command,
        cmdline: `${cmdline.replaceAll(' ', '\0')}\0`,
        parent: pid === 1 ? 0 : 1,
        duty: 0,
      });
    }
  }
}

const KERNEL_THREADS = [
  [2, 'kthreadd', 0],
  [3, 'pool_workqueue_release', 2],
  [14, 'ksoftirqd/0', 2],
  [15, 'rcu_preempt', 2],
  [16, 'migration/0', 2],
  [40, 'kworker/0:1-events', 2],
  [52, 'kswapd0', 2],
] as const;

const DAEMONS = [
  [1, 'systemd', '/sbin/init'],
  [211, 'systemd-journal', '/usr/lib/systemd/systemd-journald'],
  [298, 'cron', '/usr/sbin/cron -f'],
  [304, 'sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'],
  [311, 'mattx-discd', '/usr/local/sbin/mattx-discd'],
] as const;
