/** What passes between the back end and the history's worker thread. */
import type { Series } from '../../common/contract/contract.ts';
import type { MigrationQuery } from '../../common/contract/control-calls.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import type { Result } from '../../common/model/result.ts';
import type { ReadRequest, StoredNode } from './types.ts';

/** What the worker is started with. */
export interface WorkerSetup {
  readonly folder: string;
  readonly sealSeconds: number | undefined;
}

/** To the worker; a message with an id gets one reply with the same id. The array of `append` is transferred. */
export type ToWorker =
  | { readonly kind: 'set-nodes'; readonly nodes: readonly StoredNode[] }
  | { readonly kind: 'append'; readonly time: number; readonly values: Float64Array; readonly rows: number }
  | { readonly kind: 'flush'; readonly id: number }
  | { readonly kind: 'nodes'; readonly id: number }
  | { readonly kind: 'read'; readonly id: number; readonly request: ReadRequest }
  | { readonly kind: 'record-migrations'; readonly id: number; readonly migrations: readonly Migration[] }
  | { readonly kind: 'migrations'; readonly id: number; readonly query: MigrationQuery }
  | { readonly kind: 'close'; readonly id: number };

/** A reply: `done` to flush and close, `migrations` to recording and reading them, the others to what they are named after. */
export type Reply =
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'nodes'; readonly id: number; readonly result: Result<readonly StoredNode[]> }
  | { readonly kind: 'series'; readonly id: number; readonly result: Result<readonly Series[]> }
  | { readonly kind: 'migrations'; readonly id: number; readonly result: Result<readonly Migration[]> };

/** From the worker: first `opened`, then replies, and by itself problems and how many appends were taken. */
export type FromWorker =
  | Reply
  | { readonly kind: 'opened'; readonly problem: Problem | undefined }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'appended'; readonly count: number };
