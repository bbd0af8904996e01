/** What each dialect lets an operator change; the window greys out the rest with the reason. */
import type { Dialect } from './node.ts';

/** Things a dialect may be able to do. */
export interface Capabilities {
  /** Switches, speed, decay, expel and bring of a node. */
  readonly settings: boolean;
  /** Sending, bringing home and locking processes. */
  readonly migration: boolean;
  /** Signals and priorities of processes. */
  readonly signals: boolean;
  /** Starting programs with a placement. */
  readonly placement: boolean;
  /** Why not, in words; empty where everything can be done. */
  readonly why: string;
}

const CAPABILITIES: Readonly<Record<Dialect, Capabilities>> = {
  openmosix: { settings: true, migration: true, signals: true, placement: true, why: '' },
  mattx: {
    settings: false,
    migration: false,
    signals: false,
    placement: false,
    why: 'it is a MattX node, which this program watches and does not change',
  },
  linux: {
    settings: false,
    migration: false,
    signals: true,
    placement: false,
    why: 'it is plain Linux, whose kernel does not migrate processes',
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
      }
    : CAPABILITIES[dialect];
}
