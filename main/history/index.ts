/** The history: opens the store and talks to its worker thread. Every second of every node, kept and read back. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../common/contract/history-queries.ts';
import { type Problem, problem } from '../../common/contract/problem.ts';
import type { Checkpoint, PartUse, RecordedNode } from '../../common/model/history.ts';
import { METRICS } from '../../common/model/metric.ts';
import type { Retention } from '../../common/model/retention.ts';
import { type Result, failure, success } from '../../common/model/result.ts';
import type { FromWorker, Reply, ToWorker, WorkerSetup } from './messages.ts';
import { rowWords, type RowKind, type RowKinds } from './records/rows.ts';
import type { History, HistoryOptions } from './types.ts';

export { addCheckpointBeside, compactHistory, type Compacted } from './beside.ts';
export { HistoryFile, type ExportedRow } from './export.ts';
export { historyFile } from './file.ts';
export { verifyHistory, type Verdict } from './verify.ts';
export { openHistoryReader } from './reader.ts';
export {
  encodePlacements,
  FULL_PLACEMENTS_SECONDS,
  placementKey,
  type PlacementChange,
} from './records/placement-codec.ts';
export { ProcessListEncoder } from './records/process-codec.ts';
export type { StateChange, StoredPlacements, StoredProcessList } from './records/rows.ts';
export type { History, HistoryOptions, HistoryReader } from './types.ts';

/** Seconds on their way to the worker beyond which further ones are dropped: its disk hangs. */
const MAX_UNDERWAY = 600;

/** Rows on their way beyond which further ones are lost; more than the worker keeps while the disk is full. */
const MAX_ROWS_UNDERWAY = 50_000;

/**
 * Opens the history of a data folder for writing; only one program at a time can. A tail left by a crash is sealed. A
 * damaged file is set aside under a new name, which `onProblem` is told with history-damaged, and a new one begun.
 * Problems: data-folder-in-use, history-newer, disk-full, file-unreadable.
 */
export async function openHistory(options: HistoryOptions): Promise<Result<History>> {
  const history = new WorkerHistory(options);
  const trouble = await history.opened;
  return trouble === undefined ? success(history) : failure(trouble);
}

class WorkerHistory implements History {
  readonly opened: Promise<Problem | undefined>;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #onProblem: (problem: Problem) => void;
  readonly #onCheckpoints: (checkpoints: readonly Checkpoint[]) => void;
  readonly #waiting = new Map<number, (reply: Reply | undefined) => void>();
  #nodes: readonly RecordedNode[] = [];
  #lastId = 0;
  #underway = 0;
  #waitingForDisk = 0;
  #dropped = 0;
  #rowsUnderway = 0;
  #closing: Promise<void> | undefined;
  #over = false;

  constructor(options: HistoryOptions) {
    const setup: WorkerSetup = {
      folder: options.folder,
      sealSeconds: options.sealSeconds,
      retention: options.retention,
    };
    this.#onProblem = (trouble) => options.onProblem(trouble);
    this.#onCheckpoints = (checkpoints) => options.onCheckpoints?.(checkpoints);
    // Without the options of this program's own start: they may not suit a worker.
    this.#worker = new Worker(options.workerFile ?? workerFile(), {
      name: 'history',
      workerData: setup,
      execArgv: [],
    });
    this.opened = new Promise((resolve) => {
      this.#worker.on('message', (message: FromWorker) => this.#receive(message, resolve));
      this.#worker.on('error', (error: unknown) => {
        const [words, detail] = error instanceof Error ? [error.message, error.stack] : [String(error), ''];
        const trouble = problem('internal-error', `The history stopped: ${words}`, detail);
        resolve(trouble);
        this.#onProblem(trouble);
      });
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#over = true;
        for (const answer of this.#waiting.values()) answer(undefined);
        this.#waiting.clear();
        resolve();
      });
    });
  }

  get behind(): number {
    return this.#underway + this.#waitingForDisk;
  }

  setNodes(nodes: readonly RecordedNode[]): void {
    if (this.#nodes.some(({ key }, row) => nodes[row]?.key !== key)) {
      throw new Error('rows of the history are only ever appended');
    }
    this.#nodes = nodes;
    this.#send({ kind: 'set-nodes', nodes: nodes.map(({ key, id, name }) => ({ key, id, name })) });
  }

  append(time: number, values: Float64Array, rows: number): void {
    if (values.length !== rows * METRICS.length || rows > this.#nodes.length) {
      throw new Error(`${values.length} values are no tick of ${rows} rows of ${this.#nodes.length} nodes`);
    }
    if (this.#over || this.#closing !== undefined) return;
    if (this.#underway >= MAX_UNDERWAY) {
      this.#dropped += 1;
      if (this.#dropped === 1) {
        const words = `The disk of the history has not answered for ${MAX_UNDERWAY} s; seconds are lost until it does.`;
        this.#onProblem(problem('timeout', words));
      }
      return;
    }
    this.#underway += 1;
    const copy = values.slice();
    this.#send({ kind: 'append', time, values: copy, rows }, [copy.buffer]);
  }

  async flush(): Promise<void> {
    await this.#ask((id) => ({ kind: 'flush', id }));
  }

  async ask<Name extends HistoryQueryName>(
    name: Name,
    input: HistoryQuestion<Name>,
  ): Promise<Result<HistoryAnswer<Name>>> {
    const reply = await this.#ask((id) => ({ kind: 'ask', id, name, input }));
    // The worker answers with what the question's own query made.
    return reply?.kind === 'answer' ? (reply.result as Result<HistoryAnswer<Name>>) : failure(stopped);
  }

  async record<Kind extends RowKind>(
    kind: Kind,
    rows: readonly RowKinds[Kind][],
  ): Promise<Result<readonly RowKinds[Kind][]>> {
    if (this.#closing !== undefined) return failure(stopped);
    if (this.#rowsUnderway >= MAX_ROWS_UNDERWAY) {
      const words = `The disk of the history does not answer; lost: ${rowWords(kind, rows.length)}.`;
      return failure(problem('timeout', words));
    }
    this.#rowsUnderway += rows.length;
    const reply = await this.#ask((id) => ({ kind: 'record', id, table: kind, rows }));
    this.#rowsUnderway -= rows.length;
    // The worker answers with rows of the table they were meant for.
    return reply?.kind === 'recorded'
      ? (reply.result as Result<readonly RowKinds[Kind][]>)
      : failure(stopped);
  }

  async fill(node: RecordedNode, times: readonly number[], values: Float64Array): Promise<Result<void>> {
    if (values.length !== times.length * METRICS.length) {
      throw new Error(`${values.length} values are none of ${times.length} seconds`);
    }
    const seconds = times.map((time) => Math.floor(time / 1000));
    const { key, id: number, name } = node;
    const reply = await this.#ask((id) => ({
      kind: 'fill',
      id,
      node: { key, id: number, name },
      past: { seconds, values },
    }));
    return reply?.kind === 'filled' ? reply.result : failure(stopped);
  }

  setRetention(retention: Retention): void {
    this.#send({ kind: 'set-retention', retention });
  }

  async use(): Promise<Result<readonly PartUse[]>> {
    const reply = await this.#ask((id) => ({ kind: 'use', id }));
    return reply?.kind === 'used' ? reply.result : failure(stopped);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#ask((id) => ({ kind: 'close', id }));
    await this.#ended;
  }

  /** Sends a question; the reply is missing when the worker ended before it. */
  #ask(question: (id: number) => ToWorker): Promise<Reply | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send(question(id));
    });
  }

  #send(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromWorker, opened: (problem: Problem | undefined) => void): void {
    switch (message.kind) {
      case 'opened':
        opened(message.problem);
        break;
      case 'problem':
        this.#onProblem(message.problem);
        break;
      case 'checkpoints':
        this.#onCheckpoints(message.checkpoints);
        break;
      case 'appended':
        this.#underway -= 1;
        this.#waitingForDisk = message.waiting;
        if (this.#dropped > 0) this.#sayDropped();
        break;
      case 'done':
      case 'recorded':
      case 'filled':
      case 'used':
      case 'answer':
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
        break;
    }
  }

  #sayDropped(): void {
    this.#onProblem(
      problem('timeout', `The disk of the history answers again; ${this.#dropped} s were lost.`),
    );
    this.#dropped = 0;
  }
}

const stopped = problem('internal-error', 'The history is closed.');

/** The worker's file: beside this source, or in the folder of the built program, whose chunks lie one folder deeper. */
function workerFile(): URL {
  const here = import.meta.url;
  const names = here.endsWith('.ts') ? ['./worker.ts'] : ['./history-worker.js', '../history-worker.js'];
  const places = names.map((name) => new URL(name, here));
  return places.find((place) => existsSync(fileURLToPath(place))) ?? (places[0] as URL);
}
