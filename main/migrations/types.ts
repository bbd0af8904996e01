/** What the migration log takes and tells. */
import type { Migration, Placement } from '../../common/model/migration.ts';
import type { MoveRequest } from '../control/types.ts';

/** One of a node's own processes that is or was away. */
export interface AwayProcess {
  readonly pid: number;
  /** Clock ticks since the node's start. */
  readonly started: number;
  /** Where it runs: 0 at home, else a node's id; -1 away at a node that is not known. */
  readonly where: number;
  /** Migrations so far; -1 where the node does not count them. */
  readonly migrations: number;
  /** Untrusted. */
  readonly command: string;
}

/** A guest on a node. */
export interface GuestProcess {
  /** Its number there. */
  readonly pid: number;
  readonly started: number;
  /** Id of its home, and its number there; 0 where the node does not say. */
  readonly home: number;
  readonly homePid: number;
  readonly command: string;
}

/** What one sample of a node says of processes that migrate. Complete: what is not in it is not so any more. */
export interface Places {
  readonly away: readonly AwayProcess[];
  readonly guests: readonly GuestProcess[];
  /** True in clusters that never send a guest on or home by themselves, and whose homes alone decide who leaves. */
  readonly guestsStay?: boolean;
  /** True in clusters without a balancer: what moves was ordered, by whomever. */
  readonly ordersOnly?: boolean;
}

/** Places as a node says them that knows others by their addresses only; `idOf` says whose one is, undefined for nobody's. */
export type PlacesByAddress = (idOf: (address: string) => number | undefined) => Places;

/** The migration log: pure of effects but for what it is given. */
export interface MigrationTracker {
  /** A sample of node `id`. `status` is its status bits, NaN where unknown; `time` in milliseconds since 1970. */
  take(id: number, places: Places, status: number, time: number): void;
  /** A node cannot be sampled any more; what is known of it is kept until it can be. */
  lost(id: number): void;
  request(request: MoveRequest): void;
  /** Migrations seen since the last call, in the order they were seen; numbers are still 0. */
  drain(time: number): readonly Migration[];
  /** Every process that is not at home now. */
  placements(): readonly Placement[];
}
