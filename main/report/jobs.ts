/** Reports that windows have written to files: each goes on by itself, is told of, and can be cancelled. */
import { open } from 'node:fs/promises';
import { problem } from '../../common/contract/problem.ts';
import type { ReportJob, ReportRequest } from '../../common/model/report.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { fileProblem } from '../settings/files.ts';
import { freeFile, reportFileName } from './file-name.ts';
import { writeReport, type ReportForm, type ReportOrder } from './index.ts';

/** Reports remembered; further back the files themselves tell. */
const KEPT = 50;
/** A report that goes on is told of no more often than this, in milliseconds. */
const TELLING = 200;
/** Bytes of a piece. */
const PIECE = 393_216;

/** What all reports of this program have in common. */
export type OrderMaker = (
  request: ReportRequest,
  control: Pick<ReportOrder, 'signal' | 'onProgress'>,
) => ReportOrder;

export class ReportJobs {
  readonly #order: OrderMaker;
  readonly #onJob: (job: ReportJob) => void;
  #jobs: readonly ReportJob[] = [];
  readonly #running = new Map<number, { readonly cancel: () => void; readonly ended: Promise<void> }>();
  #lastId = 0;

  constructor(order: OrderMaker, onJob: (job: ReportJob) => void) {
    this.#order = order;
    this.#onJob = onJob;
  }

  /** Those begun last first. */
  list(): readonly ReportJob[] {
    return this.#jobs;
  }

  /** Begins a report into a folder. */
  start(request: ReportRequest, form: ReportForm, folder: string): ReportJob {
    this.#lastId += 1;
    const job: ReportJob = {
      id: this.#lastId,
      file: freeFile(folder, reportFileName(request, form)),
      started: Date.now(),
      ended: null,
      state: 'running',
      progress: { done: 0, total: 0, share: 0 },
      bytes: 0,
      problem: null,
    };
    this.#jobs = [job, ...this.#jobs].slice(0, KEPT);
    const cancelling = new AbortController();
    const ended = this.#write(job, request, form, cancelling.signal);
    this.#running.set(job.id, { cancel: () => cancelling.abort(), ended });
    return job;
  }

  async #write(job: ReportJob, request: ReportRequest, form: ReportForm, signal: AbortSignal): Promise<void> {
    let told = 0;
    let latest = job;
    const order = this.#order(request, {
      signal,
      onProgress: (progress) => {
        latest = { ...latest, progress };
        if (Date.now() - told < TELLING) return;
        told = Date.now();
        this.#tell(latest);
      },
    });
    const written = await writeReport(order, form, job.file);
    this.#running.delete(job.id);
    const ended = Date.now();
    if (written.ok) this.#tell({ ...latest, ended, state: 'done', bytes: written.value.bytes });
    else {
      const state = written.problem.code === 'cancelled' ? 'cancelled' : 'failed';
      this.#tell({ ...latest, ended, state, problem: written.problem });
    }
  }

  #tell(job: ReportJob): void {
    this.#jobs = this.#jobs.map((other) => (other.id === job.id ? job : other));
    this.#onJob(job);
  }

  /** Problems: not-found where it does not run. */
  cancel(id: number): Result<void> {
    const running = this.#running.get(id);
    if (running === undefined)
      return failure(problem('not-found', 'This report is not being written any more.'));
    running.cancel();
    return success(undefined);
  }

  /** A piece of a finished file in base64. Problems: not-found, file-unreadable. */
  async piece(id: number, offset: number): Promise<Result<{ data: string; next: number | null }>> {
    const job = this.#jobs.find((each) => each.id === id && each.state === 'done');
    if (job === undefined) return failure(problem('not-found', 'There is no such report any more.'));
    try {
      await using file = await open(job.file);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE), 0, PIECE, offset);
      const next = bytesRead < PIECE ? null : offset + bytesRead;
      return success({ data: buffer.subarray(0, bytesRead).toString('base64'), next });
    } catch (error) {
      return failure(fileProblem(error, `${job.file} could not be read`));
    }
  }

  /** Cancels all that run, and waits until nothing of them is left. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { cancel } of running) cancel();
    await Promise.all(running.map(({ ended }) => ended));
  }
}
