/** What the tracker keeps of nodes, of processes that are or were away, and of guests. */
import type { AwayProcess, GuestProcess } from './types.ts';

/** Milliseconds for which a host that saw a process arrive is believed against its home, whose sample may be older. */
const AHEAD_MILLISECONDS = 2000;
/** Milliseconds after it vanished for which the node where a process was seen last is taken for where it came from. */
const REMEMBERED_MILLISECONDS = 30_000;

/** A process that is or was away. */
export interface KnownProcess {
  readonly home: KnownNode;
  readonly pid: number;
  /** Clock ticks since the home's start, 0 where unknown. */
  started: number;
  command: string;
  /** Id of the node where it was last known to be; 0 for a node that is not known. */
  at: number;
  /** What its home counts of migrations; -1 before it has said. */
  migrations: number;
  /** What its home will count when it counts all that is logged; NaN before it has said how many there were before. */
  logged: number;
  /** `migrations` beyond `logged` in the sample before. */
  excess: number;
  /** When a host told where it is, while its home could not. */
  toldByHost: number;
  /** When it was missing first; NaN while it is there. */
  gone: number;
  /** Its place in its home's latest sample, -1 for none, and the sample in which it was seen last. */
  row: number;
  sample: number;
}

/** A guest in a host's latest sample. */
export interface KnownGuest {
  readonly host: KnownNode;
  readonly pid: number;
  started: number;
  readonly home: number;
  /** Its number at home, 0 where unknown. */
  homePid: number;
  readonly command: string;
  readonly since: number;
  row: number;
  sample: number;
}

/** A node as home of its processes and as host of its guests. */
export interface KnownNode {
  readonly id: number;
  /** See Places. */
  guestsStay: boolean;
  /** See Places. */
  ordersOnly: boolean;
  /** Its status bits; NaN where unknown. */
  status: number;
  /** Whether it is sampled now, whether it ever was, and when last. */
  sampled: boolean;
  everSampled: boolean;
  time: number;
  /** Its processes by number, those that are gone too, and those of its latest sample in order. */
  readonly processes: Map<number, KnownProcess>;
  rows: readonly KnownProcess[];
  /** Guests here by number, and in order. */
  readonly guests: Map<number, KnownGuest>;
  guestRows: readonly KnownGuest[];
  /** Its processes as hosts see them, by number at home: the latest arrival of each. */
  readonly sightings: Map<number, KnownGuest>;
}

export function newNode(id: number): KnownNode {
  return {
    id,
    guestsStay: false,
    ordersOnly: false,
    status: NaN,
    sampled: false,
    everSampled: false,
    time: -Infinity,
    processes: new Map(),
    rows: [],
    guests: new Map(),
    guestRows: [],
    sightings: new Map(),
  };
}

/** A process that is heard of for the first time; `logged` is how many of its migrations are in the log or were before. */
export function newProcess(home: KnownNode, pid: number, at: number, logged: number): KnownProcess {
  return {
    home,
    pid,
    started: 0,
    command: '',
    at,
    migrations: -1,
    logged,
    excess: 0,
    toldByHost: -Infinity,
    gone: NaN,
    row: -1,
    sample: -1,
  };
}

export function newGuest(host: KnownNode, told: GuestProcess, since: number): KnownGuest {
  const { pid, home, homePid, command } = told;
  return { host, pid, started: startOf(told), home, homePid, command, since, row: -1, sample: -1 };
}

export function isGone(process: KnownProcess): boolean {
  return !Number.isNaN(process.gone);
}

/** Whether it vanished so long ago that it may have been anywhere since. */
export function isForgotten(process: KnownProcess, time: number): boolean {
  return time - process.gone > REMEMBERED_MILLISECONDS;
}

/** Whether a host told of it so lately that its home's sample may be older. */
export function isHostAhead(process: KnownProcess, time: number): boolean {
  return time - process.toldByHost < AHEAD_MILLISECONDS;
}

/** Id of the node where a process is by its home's word; 0 for a node that is not known. */
export function whereOf(home: KnownNode, { where }: AwayProcess): number {
  return where === 0 ? home.id : Math.max(0, where);
}

/** Whether a home says of its process what is known. */
export function isUnchanged(process: KnownProcess, told: AwayProcess): boolean {
  return (
    process.at === whereOf(process.home, told) &&
    process.migrations === told.migrations &&
    process.started === told.started &&
    process.excess === 0 &&
    process.row >= 0
  );
}

/** Whether a host says of its guest what is known. */
export function isUnchangedGuest(guest: KnownGuest, told: GuestProcess): boolean {
  return guest.home === told.home && guest.homePid === told.homePid && guest.started === told.started;
}

/** Whether the number belongs to another process now. Where a start is unknown, a count that fell tells. */
export function isAnother(process: KnownProcess, told: AwayProcess): boolean {
  const started = startOf(told);
  if (started !== 0 && process.started !== 0) return started !== process.started;
  return told.migrations < process.migrations;
}

export function isSameGuest(guest: KnownGuest, told: GuestProcess): boolean {
  const started = startOf(told);
  return (
    guest.home === told.home &&
    (guest.homePid === told.homePid || guest.homePid === 0 || told.homePid === 0) &&
    (guest.started === started || guest.started === 0 || started === 0)
  );
}

/** The start a node told, 0 where it is no number. */
export function startOf(told: { readonly started: number }): number {
  return told.started > 0 ? told.started : 0;
}
