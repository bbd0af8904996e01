/** The jobs whose home is this node: where each is, its deputy, and its end. The home alone says which copy counts. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { jobIdParts, type JobId } from '../job-id.ts';
import { startOf } from '../proc/process.ts';
import type { Records } from '../job/records.ts';
import type { StreamName } from '../keeper/protocol.ts';
import type { Cluster } from '../link/cluster.ts';
import {
  jobFactsSchema,
  type Cause,
  type JobFacts,
  type JobSignal,
  type NodeMethods,
} from '../link/protocol.ts';
import type { DEPUTY_NOTICES } from '../local/protocol.ts';
import type { Methods, Params, Peer } from '../wire/peer.ts';

const nothing = success({});
const LOOK_MILLISECONDS = 200;
/** A job is on its way about this long. */
const SIGNAL_MILLISECONDS = 50;

export const homeRecordSchema = z.object({
  facts: jobFactsSchema,
  /** Where it runs, and how often it has moved. */
  place: z.int(),
  epoch: z.int(),
  /** What the deputy is known to have of its output. */
  out: z.int(),
  err: z.int(),
  ended: z
    .object({ status: z.int().nullable(), out: z.int(), err: z.int(), cpuSeconds: z.number() })
    .optional(),
});
export type HomeRecord = z.infer<typeof homeRecordSchema>;

export type Deputy = Peer<Methods, typeof DEPUTY_NOTICES>;

/** A job of this home. */
export interface HomeJob {
  record: HomeRecord;
  deputy: Deputy | undefined;
  /** Why it did not move when it was last tried; empty when it did. */
  why: string;
  /** Its deputy was killed, and it is to end. */
  isOver: boolean;
  /** Resolves when the signals so far are passed on. */
  signals: Promise<void>;
}

/** A move that this home has seen. */
export interface HomeMove {
  readonly job: JobId;
  readonly command: string;
  readonly from: number;
  readonly to: number;
  readonly cause: Cause;
}

export interface HomeOptions {
  readonly records: Records<HomeRecord>;
  readonly cluster: Cluster;
  readonly onMove: (move: HomeMove) => void;
  readonly onEnd: (record: HomeRecord) => void;
  /** Something that is told of a job is no longer as it was. */
  readonly onChange: () => void;
  readonly log: (sentence: string) => void;
}

export class Home {
  readonly #options: HomeOptions;
  readonly #jobs = new Map<JobId, HomeJob>();

  constructor(options: HomeOptions) {
    this.#options = options;
  }

  get all(): readonly HomeJob[] {
    return [...this.#jobs.values()];
  }

  /** Nodes where its jobs are. */
  get places(): readonly number[] {
    return this.all.map(({ record }) => record.place);
  }

  find(job: JobId): HomeJob | undefined {
    return this.#jobs.get(job);
  }

  /** The job whose deputy has this number. */
  ofPid(pid: number): HomeJob | undefined {
    return this.all.find(({ record }) => jobIdParts(record.facts.job).pid === pid);
  }

  add(record: HomeRecord, deputy: Deputy): HomeJob {
    const job = jobOf(record);
    this.#jobs.set(record.facts.job, job);
    this.#options.records.save(record);
    this.#options.onChange();
    void this.#join(job, deputy);
    return job;
  }

  /** It could not be started. */
  drop(job: JobId): void {
    this.#jobs.delete(job);
    this.#options.records.remove(job);
  }

  /** Takes up what was known before a restart; deputies that live come back by themselves. */
  recover(): void {
    const { records, log } = this.#options;
    const { records: known, unreadable } = records.load();
    for (const job of unreadable) log(`What was known of job ${job} cannot be read; it is left as it is.`);
    for (const record of known) {
      const job = jobOf(record);
      this.#jobs.set(record.facts.job, job);
      this.#watch(job);
    }
  }

  /** A deputy is here again and has the output before these places. Problem: not-found. */
  attach(id: JobId, deputy: Deputy, out: number, err: number): Result<Record<string, never>> {
    const job = this.#jobs.get(id);
    if (job === undefined) return failure(problem('not-found', `Job ${id} is not known here any more.`));
    job.record = { ...job.record, out, err };
    void this.#join(job, deputy);
    void this.#resume(job);
    return nothing;
  }

  /** The deputy has everything: nothing of the job is kept any longer. */
  async done(id: JobId): Promise<void> {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#jobs.delete(id);
    this.#options.records.remove(id);
    await this.#options.cluster.call(job.record.place, 'forget', { job: id });
  }

  /** From the deputy to where the job runs. */
  confirm(id: JobId, stream: StreamName, place: number): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    job.record = { ...job.record, [stream]: Math.max(job.record[stream], place) };
    this.#options.cluster.notify(job.record.place, 'confirm', { job: id, stream, place });
  }

  /** Passes a signal on to where the job is; while it is on its way, as soon as it has come. Signals keep their order. */
  signal(id: JobId, signal: JobSignal): void {
    const job = this.#jobs.get(id);
    if (job !== undefined) job.signals = job.signals.then(() => this.#signal(job, signal));
  }

  /** Locks or frees it, or puts it into a group; where it runs is told. */
  mark(job: HomeJob, marks: Partial<Pick<JobFacts, 'locked' | 'group'>>): void {
    const facts = { ...job.record.facts, ...marks };
    this.#save(job, { ...job.record, facts });
    const { job: id, locked, group } = facts;
    this.#options.cluster.notify(job.record.place, 'mark', { job: id, locked, group });
  }

  /** What the nodes where its jobs run ask and tell. */
  mayMove(
    from: number,
    { job: id, epoch, to }: Params<NodeMethods, 'mayMove'>,
  ): Result<Record<string, never>> {
    const job = this.#jobs.get(id);
    if (job === undefined) return failure(problem('not-found', `Job ${id} is not known at its home.`));
    const { record } = job;
    if (record.place !== from || record.epoch + 1 !== epoch)
      return failure(problem('cannot-move', `Its home knows job ${id} at node ${record.place}.`));
    if (record.ended !== undefined || job.isOver)
      return failure(problem('cannot-move', `Job ${id} has ended.`));
    return to === from ? failure(problem('cannot-move', `Job ${id} is there already.`)) : nothing;
  }

  hasMoved({ job, epoch }: Params<NodeMethods, 'hasMoved'>): Result<{ moved: boolean }> {
    const known = this.#jobs.get(job);
    // A job that its home does not know any more has ended: no copy of it may go on.
    return success({ moved: known === undefined || known.record.epoch >= epoch });
  }

  placed(
    from: number,
    { job: id, epoch, cause }: Params<NodeMethods, 'placed'>,
  ): Result<Record<string, never>> {
    const job = this.#jobs.get(id);
    // It has ended here; a copy that came to light late ends too. If it cannot be told now, it presents itself again.
    if (job === undefined) {
      void this.#options.cluster.call(from, 'kill', { job: id });
      return nothing;
    }
    if (epoch > job.record.epoch) {
      const before = job.record.place;
      job.why = '';
      this.#save(job, { ...job.record, place: from, epoch });
      this.#options.onMove({
        job: id,
        command: job.record.facts.command.join(' '),
        from: before,
        to: from,
        cause,
      });
    }
    if (epoch === job.record.epoch) void this.#resume(job);
    return nothing;
  }

  stayed({ job: id, why }: Params<NodeMethods, 'stayed'>): Result<Record<string, never>> {
    const job = this.#jobs.get(id);
    if (job !== undefined) job.why = why;
    return nothing;
  }

  /** A node tells which of our jobs run there, after a connection was made. */
  present(from: number, { jobs }: Params<NodeMethods, 'present'>): Result<Record<string, never>> {
    for (const { job, epoch } of jobs) this.placed(from, { job, epoch, cause: 'need' });
    return nothing;
  }

  finished(from: number, end: Params<NodeMethods, 'finished'>): Result<Record<string, never>> {
    const job = this.#jobs.get(end.job);
    if (job === undefined) return failure(problem('not-found', `Job ${end.job} is not known at its home.`));
    // The word that it came there may have been lost.
    if (end.epoch > job.record.epoch) this.placed(from, { ...end, cause: 'need' });
    if (end.epoch !== job.record.epoch)
      return failure(problem('not-found', `That copy of job ${end.job} is an old one.`));
    if (job.record.ended === undefined) {
      const { status, out, err, cpuSeconds } = end;
      this.#save(job, { ...job.record, ended: { status, out, err, cpuSeconds } });
      this.#options.onEnd(job.record);
    }
    this.#tellEnd(job);
    return nothing;
  }

  /** There is a connection to a node: what is known to run there may have been lost with a restart of the whole node. */
  async linked(node: number): Promise<void> {
    for (const job of this.all.filter(({ record }) => record.place === node)) {
      const { epoch, facts } = job.record;
      const known = await this.#options.cluster.call(node, 'fate', { job: facts.job, epoch });
      if (!known.ok || known.value.fate !== 'never' || job.record.epoch !== epoch) continue;
      if (job.record.ended !== undefined) continue;
      this.#lose(job, `Node ${node} was started again; the job was lost with it.`);
    }
  }

  /** The node where it runs says that it cannot be gone on with. */
  lost(from: number, { job: id, epoch, why }: Params<NodeMethods, 'lost'>): Result<Record<string, never>> {
    const job = this.#jobs.get(id);
    if (job?.record.place === from && job.record.epoch === epoch) this.#lose(job, why);
    return nothing;
  }

  #lose(job: HomeJob, why: string): void {
    const { facts } = job.record;
    this.#options.log(`Job ${facts.job}: ${why}`);
    job.deputy?.notify('lost', { why });
    void this.done(facts.job);
  }

  /** Sending goes on from what the deputy has, and what it sent and nobody took is sent again. */
  async #resume(job: HomeJob): Promise<void> {
    const { facts, place, out, err } = job.record;
    const { deputy } = job;
    if (deputy === undefined) return;
    this.#tellEnd(job);
    const resumed = await this.#options.cluster.call(place, 'resume', { job: facts.job, out, err });
    if (resumed.ok) deputy.notify('inputAgain', {});
  }

  #tellEnd({ deputy, record: { ended } }: HomeJob): void {
    if (ended !== undefined)
      deputy?.notify('finished', { status: ended.status, out: ended.out, err: ended.err });
  }

  async #join(job: HomeJob, deputy: Deputy): Promise<void> {
    job.deputy = deputy;
    await deputy.end;
    if (job.deputy !== deputy) return;
    job.deputy = undefined;
    this.#watch(job);
  }

  /** A deputy without a connection comes back, or is found ended; one that ends closes its connection first. */
  #watch(job: HomeJob): void {
    if (job.deputy !== undefined || this.#jobs.get(job.record.facts.job) !== job) return;
    if (deputyLives(job.record)) setTimeout(() => this.#watch(job), LOOK_MILLISECONDS).unref();
    else void this.#deputyGone(job);
  }

  /** Whoever kills the deputy means the process, which ends with it, wherever it is and as soon as that can be reached. */
  async #deputyGone(job: HomeJob): Promise<void> {
    const { job: id } = job.record.facts;
    if (this.#jobs.get(id) !== job) return;
    this.#options.log(`The deputy of job ${id} has ended; the job ends with it.`);
    job.isOver = true;
    for (;;) {
      const { place, epoch } = job.record;
      const killed = await this.#options.cluster.call(place, 'kill', { job: id });
      if (this.#jobs.get(id) !== job) return;
      if (killed.ok && job.record.epoch === epoch) break;
      await wait(LOOK_MILLISECONDS);
    }
    this.#jobs.delete(id);
    this.#options.records.remove(id);
  }

  async #signal(job: HomeJob, signal: JobSignal): Promise<void> {
    const { job: id } = job.record.facts;
    while (this.#jobs.get(id) === job && job.record.ended === undefined && !job.isOver) {
      const passed = await this.#options.cluster.call(job.record.place, 'signal', { job: id, signal });
      if (passed.ok) return;
      await wait(SIGNAL_MILLISECONDS);
    }
  }

  #save(job: HomeJob, record: HomeRecord): void {
    job.record = record;
    this.#options.records.save(record);
    this.#options.onChange();
  }
}

function jobOf(record: HomeRecord): HomeJob {
  return { record, deputy: undefined, why: '', isOver: false, signals: Promise.resolve() };
}

function deputyLives({ facts }: HomeRecord): boolean {
  const { pid, started } = jobIdParts(facts.job);
  return startOf(pid) === started;
}
