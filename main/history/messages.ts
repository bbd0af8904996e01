/** What passes between the back end and the history's worker thread. */
import type { HistoryQueryName } from '../../common/contract/history-queries.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Checkpoint, PartUse, RecordedNode } from '../../common/model/history.ts';
import type { Retention } from '../../common/model/retention.ts';
import type { Result } from '../../common/model/result.ts';
import type { PastSeconds } from './fill.ts';
import type { RowKind, RowKinds } from './records/rows.ts';

/** What the worker is started with. */
export interface WorkerSetup {
  readonly folder: string;
  readonly sealSeconds: number | undefined;
  readonly retention: Retention | undefined;
}

/** To the worker; a message with an id gets one reply with the same id. The array of `append` is transferred. */
export type ToWorker =
  | { readonly kind: 'set-nodes'; readonly nodes: readonly RecordedNode[] }
  | { readonly kind: 'append'; readonly time: number; readonly values: Float64Array; readonly rows: number }
  | { readonly kind: 'flush'; readonly id: number }
  | { readonly kind: 'ask'; readonly id: number; readonly name: HistoryQueryName; readonly input: unknown }
  | {
      readonly kind: 'record';
      readonly id: number;
      readonly table: RowKind;
      /** Of that table. */
      readonly rows: readonly RowKinds[RowKind][];
    }
  | { readonly kind: 'fill'; readonly id: number; readonly node: RecordedNode; readonly past: PastSeconds }
  | { readonly kind: 'set-retention'; readonly retention: Retention }
  | { readonly kind: 'use'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number };

/**
 * A reply: `done` to flush and close, `recorded` to `record`, `filled` to `fill`, `used` to `use`, `answer` to a
 * question.
 */
export type Reply =
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'recorded'; readonly id: number; readonly result: Result<readonly unknown[]> }
  | { readonly kind: 'filled'; readonly id: number; readonly result: Result<void> }
  | { readonly kind: 'used'; readonly id: number; readonly result: Result<readonly PartUse[]> }
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<unknown> };

/**
 * From the worker: first `opened`, then replies, by itself problems and new checkpoints, and after every append how many
 * seconds wait for the disk.
 */
export type FromWorker =
  | Reply
  | { readonly kind: 'opened'; readonly problem: Problem | undefined }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'checkpoints'; readonly checkpoints: readonly Checkpoint[] }
  | { readonly kind: 'appended'; readonly waiting: number };
