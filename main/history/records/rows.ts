/** The rows of the history's plain tables by kind, as they travel from who records them to the writer. */
import type { NodeState } from '../../../common/contract/block.ts';
import { countWords } from '../../../common/model/count-words.ts';
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

const ROW_NAMES: Readonly<Record<RowKind, readonly [one: string, many: string]>> = {
  migrations: ['migration', 'migrations'],
  states: ['change of state', 'changes of state'],
  recordings: ['recording time', 'recording times'],
  checkpoints: ['checkpoint', 'checkpoints'],
  processes: ['process list', 'process lists'],
  placements: ['change of places of processes', 'changes of places of processes'],
};

/** So many rows of a kind in words. */
export function rowWords(kind: RowKind, count: number): string {
  return countWords(count, ...ROW_NAMES[kind]);
}

/** A table that takes rows of one kind. */
export interface RowTable<Row> {
  /** Adds rows in their order; returns them as they are stored. To be run inside a transaction. */
  add(rows: readonly Row[]): readonly Row[];
}
