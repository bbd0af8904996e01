/** What the rest of the back end sees of the history: the two interfaces it opens. */
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../common/contract/history-queries.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Checkpoint, PartUse, RecordedNode } from '../../common/model/history.ts';
import type { Retention } from '../../common/model/retention.ts';
import type { Result } from '../../common/model/result.ts';
import type { RowKind, RowKinds } from './records/rows.ts';

/** A history that can be asked: a file, a collector's, a Prometheus server's. */
export interface HistoryReader {
  /** Answers a question of common/contract/history-queries.ts; its problems are named there. */
  ask<Name extends HistoryQueryName>(
    name: Name,
    input: HistoryQuestion<Name>,
  ): Promise<Result<HistoryAnswer<Name>>>;
  close(): Promise<void>;
}

/** The history that is being written; reading it sees everything appended before. */
export interface History extends HistoryReader {
  /** Seconds appended that are not on disk yet; 0 or 1 while all is well. */
  readonly behind: number;
  /**
   * Names the rows of the coming ticks (index = row); called before the first append and whenever the list grows or a
   * name changes.
   */
  setNodes(nodes: readonly RecordedNode[]): void;
  /**
   * Records one second of the whole cluster: one column of `rows` values per metric of the catalogue, column after
   * column, in model units, NaN where there is no value. `time` is in milliseconds since 1970. The values are copied.
   * On disk within a second; while the disk is full the last ten minutes are kept in memory.
   */
  append(time: number, values: Float64Array, rows: number): void;
  /**
   * Stores rows of a plain table, in their order; resolves when they are on disk, as they are stored (with their
   * numbers). While the disk is full they wait in memory, the latest ones of each kind: ten thousand migrations and
   * states, two thousand process lists, ten minutes of places. Problems: disk-full (they are lost), timeout (the disk hangs, they are lost),
   * internal-error (the history is closed).
   */
  record<Kind extends RowKind>(
    kind: Kind,
    rows: readonly RowKinds[Kind][],
  ): Promise<Result<readonly RowKinds[Kind][]>>;
  /**
   * Adds what a node had at past seconds; where anything is recorded of a second, that stays. `times` are milliseconds since
   * 1970, `values` one column of as many values per metric of the catalogue, in model units, NaN where there is none. Resolves
   * when it is on disk. Problems: disk-full, file-unreadable, history-damaged, internal-error (the history is closed).
   */
  fill(node: RecordedNode, times: readonly number[], values: Float64Array): Promise<Result<void>>;
  /** Keeps everything as long as this says from now on; what it does not keep is deleted in small portions, soon. */
  setRetention(retention: Retention): void;
  /**
   * What every part takes on the disk, in bytes of its rows; counted while they are written. Problems:
   * history-damaged, file-unreadable, internal-error (the history is closed).
   */
  use(): Promise<Result<readonly PartUse[]>>;
  /** Resolves when everything appended so far is on disk; with a full disk that is when there is room again. */
  flush(): Promise<void>;
}

export interface HistoryOptions {
  /** The data folder; made when it is missing. */
  readonly folder: string;
  /** Told of everything that goes wrong, or right again, while nobody waits for an answer. */
  onProblem(problem: Problem): void;
  /** Told of every checkpoint that is set, here or by another program beside this one. */
  onCheckpoints?(checkpoints: readonly Checkpoint[]): void;
  /** How long everything is kept; without it for ever. */
  readonly retention?: Retention;
  /** Seconds after which the tail is sealed; a divisor of 300. Only tests change it. */
  readonly sealSeconds?: number;
  /** The worker's file, where it does not lie beside this module. */
  readonly workerFile?: URL;
}
