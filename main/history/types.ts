/** What the rest of the back end sees of the history: nodes, requests, and the two interfaces it opens. */
import type { Series } from '../../common/contract/contract.ts';
import type { MigrationQuery } from '../../common/contract/control-calls.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { MetricName } from '../../common/model/metric.ts';
import type { Migration } from '../../common/model/migration.ts';
import type { Result } from '../../common/model/result.ts';

/** A node as the history knows it. The key is its lasting identity; id and name are the latest ones seen. */
export interface StoredNode {
  readonly key: string;
  readonly id: number;
  readonly name: string;
}

/** What to read: metrics of one node over [from, to), in milliseconds since 1970, for a chart of so many pixels. */
export interface ReadRequest {
  readonly key: string;
  readonly metrics: readonly MetricName[];
  readonly from: number;
  readonly to: number;
  readonly pixels: number;
}

/** A history that can be read. */
export interface HistoryReader {
  /** Every node that was ever recorded. Problems: history-damaged, file-unreadable. */
  nodes(): Promise<Result<readonly StoredNode[]>>;
  /**
   * One series per metric asked for, in that order, of at most 2 x pixels points, in model units. A stretch without
   * values between two points is one NaN point; before the first and after the last value there is nothing.
   * Problems: not-found for a key never recorded, history-damaged, file-unreadable.
   */
  read(request: ReadRequest): Promise<Result<readonly Series[]>>;
  /** The migration log, newest first; [from, to). Problems: history-damaged, file-unreadable. */
  migrations(query: MigrationQuery): Promise<Result<readonly Migration[]>>;
  close(): Promise<void>;
}

/** The history that is being written; reading it sees everything appended before. */
export interface History extends HistoryReader {
  /**
   * Names the rows of the coming ticks (index = row); called before the first append and whenever the list grows or a
   * name changes.
   */
  setNodes(nodes: readonly StoredNode[]): void;
  /**
   * Records one second of the whole cluster: one column of `rows` values per metric of the catalogue, column after
   * column, in model units, NaN where there is no value. `time` is in milliseconds since 1970. The values are copied.
   * On disk within a second; while the disk is full the last ten minutes are kept in memory.
   */
  append(time: number, values: Float64Array, rows: number): void;
  /**
   * Stores migrations, in their order; resolves when they are on disk, with their numbers. While the disk is full they
   * wait in memory, the latest ten thousand of them. Problems: disk-full (they are lost), timeout (the disk hangs, they
   * are lost), internal-error (the history is closed).
   */
  recordMigrations(migrations: readonly Migration[]): Promise<Result<readonly Migration[]>>;
  /** Resolves when everything appended so far is on disk; with a full disk that is when there is room again. */
  flush(): Promise<void>;
}

export interface HistoryOptions {
  /** The data folder; made when it is missing. */
  readonly folder: string;
  /** Told of everything that goes wrong, or right again, while nobody waits for an answer. */
  onProblem(problem: Problem): void;
  /** Seconds after which the tail is sealed; a divisor of 300. Only tests change it. */
  readonly sealSeconds?: number;
  /** The worker's file, where it does not lie beside this module. */
  readonly workerFile?: URL;
}
