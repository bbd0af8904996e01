/** The rows of the history's plain tables by kind, as they travel from who records them to the writer. */
import type { NodeState } from '../../../common/contract/block.ts';
import type { Checkpoint, RecordedNode } from '../../../common/model/history.ts';
import type { Migration } from '../../../common/model/migration.ts';

/** What a node was from a moment on; the next change of the same node ends it. */
export interface StateChange {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The node with its id and name at that time. */
  readonly node: RecordedNode;
  /** Null from when on it was not watched any more. */
  readonly state: NodeState | null;
  readonly reason: string;
}

/** A span in which the program recorded, in seconds since 1970: [begun, ended), or not ended yet. */
export interface Recording {
  readonly begun: number;
  readonly ended: number | null;
}

/** A node's list of processes as process-codec.ts makes it. */
export interface StoredProcessList {
  readonly node: RecordedNode;
  /** Seconds since 1970, also of the full list that this one differs from (its own where it is a full one). */
  readonly second: number;
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** Where processes were that were not at home, or what changed of that. */
export interface StoredPlacements {
  /** Counts up from 0 in a run of the program, so that a row that was lost is missed. */
  readonly serial: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Whether it is a list of all. */
  readonly full: boolean;
  /** As in placement-codec.ts. */
  readonly bytes: Uint8Array;
}

/** The kinds of rows. */
export interface RowKinds {
  readonly migrations: Migration;
  readonly states: StateChange;
  readonly recordings: Recording;
  readonly checkpoints: Checkpoint;
  readonly processes: StoredProcessList;
  readonly placements: StoredPlacements;
}
export type RowKind = keyof RowKinds;

/** What a kind is called in words. */
export const ROW_WORDS: Readonly<Record<RowKind, string>> = {
  migrations: 'migrations',
  states: 'changes of state',
  recordings: 'recording times',
  checkpoints: 'checkpoints',
  processes: 'process lists',
  placements: 'changes of places of processes',
};

/** A table that takes rows of one kind. */
export interface RowTable<Row> {
  /** Adds rows in their order; returns them as they are stored. To be run inside a transaction. */
  add(rows: readonly Row[]): readonly Row[];
}
