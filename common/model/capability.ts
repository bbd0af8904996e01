/** What each dialect lets an operator change; the window greys out the rest with the reason. */
import type { NodeChange } from './control.ts';
import type { Dialect } from './node.ts';

/** Single things of a node that a dialect may lack, by the word an operator uses. */
export type Ability =
  | 'block'
  | 'stay'
  | 'lstay'
  | 'quiet'
  | 'nomfs'
  | 'expel'
  | 'bring'
  | 'speed'
  | 'decay'
  | 'affinity'
  | 'debug'
  | 'mattxfs'
  | 'pins'
  | 'lock';

/** Things a dialect may be able to do. */
export interface Capabilities {
  /** Anything of a node: switches, speed, a drain. */
  readonly settings: boolean;
  /** Sending and bringing home processes. */
  readonly migration: boolean;
  /** Signals and priorities of processes. */
  readonly signals: boolean;
  /** Starting programs with a placement. */
  readonly placement: boolean;
  /** Why not, in words; empty where everything can be done. */
  readonly why: string;
  /** What it lacks of that, and why in words. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
}

const NOT_OPENMOSIX = 'openMosix has no such setting';
const NOT_IN_AGENT = "mosview's agent has no such setting";
const NOT_IN_PORT = 'openMosix for 2.6 has no such setting';
const ONLY_LOGGED = 'openMosix for 2.6 only logs it and does nothing';

const CAPABILITIES: Readonly<Record<Dialect, Capabilities>> = {
  openmosix: {
    settings: true,
    migration: true,
    signals: true,
    placement: true,
    why: '',
    lacks: { affinity: NOT_OPENMOSIX, debug: NOT_OPENMOSIX, mattxfs: NOT_OPENMOSIX, pins: NOT_OPENMOSIX },
  },
  mattx: {
    settings: true,
    migration: true,
    signals: true,
    placement: false,
    why: 'MattX has no mosrun; a program begins where it is started',
    lacks: {
      block: 'MattX cannot refuse guests; a drain sets the affinity to 1, which makes them unlikely',
      expel: 'MattX cannot send guests away; a drain brings each home by an order at its home node',
      bring: 'MattX brings processes home one by one; choose them in the list, or drain the node',
      lstay: 'MattX does not tell own processes from guests; its balancer never moves a guest on',
      quiet: 'MattX always tells its load',
      nomfs: 'MattX has a file system of its own, mattxfs',
      decay: 'MattX keeps no statistics that decay',
      lock: 'MattX has no locks; a program is tied to its node by its name in the exclude list',
    },
  },
  openmosix26: {
    settings: false,
    migration: true,
    signals: true,
    placement: false,
    why: 'openMosix for 2.6 moves single processes; it has no settings of a node and no mosrun',
    lacks: {
      block: NOT_IN_PORT,
      stay: NOT_IN_PORT,
      lstay: NOT_IN_PORT,
      quiet: NOT_IN_PORT,
      nomfs: NOT_IN_PORT,
      speed: NOT_IN_PORT,
      decay: NOT_IN_PORT,
      expel: ONLY_LOGGED,
      bring: ONLY_LOGGED,
      affinity: NOT_OPENMOSIX,
      debug: NOT_OPENMOSIX,
      mattxfs: NOT_OPENMOSIX,
      pins: NOT_OPENMOSIX,
      lock: 'openMosix for 2.6 never says whether a process is locked',
    },
  },
  agent: {
    settings: true,
    migration: true,
    signals: true,
    placement: true,
    why: '',
    lacks: {
      nomfs: "mosview's agent has no file system of the cluster; files are those that the nodes share",
      decay: "mosview's agent keeps no statistics that decay",
      affinity: NOT_IN_AGENT,
      debug: NOT_IN_AGENT,
      mattxfs: NOT_IN_AGENT,
      pins: NOT_IN_AGENT,
    },
  },
  linux: {
    settings: false,
    migration: false,
    signals: true,
    placement: false,
    why: 'it is plain Linux, whose kernel does not migrate processes',
    lacks: {},
  },
};

/** What can be done on a node; nothing while its dialect is not known. */
export function capabilitiesOf(dialect: Dialect | null): Capabilities {
  return dialect === null
    ? {
        settings: false,
        migration: false,
        signals: false,
        placement: false,
        why: 'it has not said yet what it speaks',
        lacks: {},
      }
    : CAPABILITIES[dialect];
}

/** Why a thing of a node cannot be done, in words; empty where it can. */
export function whyUnable(dialect: Dialect | null, ability: Ability): string {
  const { settings, migration, why, lacks } = capabilitiesOf(dialect);
  const isAble = ability === 'lock' ? migration : settings;
  return lacks[ability] ?? (isAble ? '' : why);
}

/** The ability that a change of a node needs. */
export function abilityOf(change: NodeChange): Ability {
  switch (change.kind) {
    case 'setting':
      return change.setting;
    case 'mattx':
      return change.which;
    case 'pin-self':
      return 'pins';
    default:
      return change.kind;
  }
}
