/** The jobs that are on this node, wherever their home is: started, fed, signalled and ended here. */
import { join } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { errorCode } from '../error-code.ts';
import { jobIdParts, type JobId } from '../job-id.ts';
import type { Keeper } from '../keeper/client.ts';
import { freshStreams, type KEEPER_NOTICES } from '../keeper/protocol.ts';
import type { Cluster } from '../link/cluster.ts';
import type { JobFacts, JobSignal } from '../link/protocol.ts';
import type { Handlers } from '../wire/peer.ts';
import { JobCgroup, moveNamespace } from './cgroup.ts';
import { childrenOf, createNamespace, firstOf } from './namespace.ts';
import { statOf } from '../proc/process.ts';
import type { Phase, Records, RunRecord } from './records.ts';
import { startJob, type Caller, type TerminalSettings } from './start.ts';

const TELL_AGAIN_MILLISECONDS = 2000;
const OLD_KEEPER = 'The keeper of pipes runs since before an update; start it again when no job is here.';

export interface RunsOptions {
  readonly records: Records<RunRecord>;
  /** Folder of cgroup v2 in which every job gets its own. */
  readonly cgroups: string;
  /** Our own group. */
  readonly ownCgroup: string;
  readonly keeper: Keeper;
  readonly cluster: Cluster;
}

export interface BeginOptions {
  /** Standard error goes where standard output goes. */
  readonly merged: boolean;
  /** Its terminal is to be as its caller's is. */
  readonly terminal?: TerminalSettings | undefined;
}

/** A job that is here. */
export interface Run {
  record: RunRecord;
  readonly cgroup: JobCgroup;
  /** Set when it is taken off this node; resolves when nothing of it is left. */
  discarded?: Promise<void>;
}

export class Runs {
  readonly #options: RunsOptions;
  readonly #runs = new Map<JobId, Run>();

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  get all(): readonly Run[] {
    return [...this.#runs.values()];
  }

  find(job: JobId): Run | undefined {
    return this.#runs.get(job);
  }

  /** The job that the process in our /proc is of. */
  ofPid(pid: number): Run | undefined {
    return this.all.find(({ cgroup }) => cgroup.pids().includes(pid));
  }

  /** The job when it runs here and is not about to leave. Problem: not-found. */
  running(job: JobId): Result<Run> {
    const run = this.#runs.get(job);
    return run?.record.phase.kind === 'running'
      ? success(run)
      : failure(problem('not-found', `Job ${job} does not run here now.`));
  }

  cgroupOf(job: JobId): JobCgroup {
    return new JobCgroup(join(this.#options.cgroups, job));
  }

  /** The job's first process in our /proc, which holds its pipes; undefined when it has ended. */
  firstProcess(run: Run): number | undefined {
    return firstOf(run.cgroup.pids());
  }

  /** CPU seconds that the job has used, here and before. */
  cpuSeconds({ record, cgroup }: Run): number {
    return record.facts.cpuBefore + cgroup.cpuSeconds();
  }

  /** Takes up a record of before a restart. */
  adopt(record: RunRecord): Run {
    const run: Run = { record, cgroup: this.cgroupOf(record.facts.job) };
    this.#runs.set(record.facts.job, run);
    this.#setApart(record);
    return run;
  }

  /** Adds a job, or changes what is known of it, and keeps that for a restart. Problem: disk-full; it is changed all the same. */
  save(record: RunRecord): Result<Run> {
    const run = this.#runs.get(record.facts.job) ?? this.adopt(record);
    const { kind } = run.record.phase;
    run.record = record;
    if (kind !== record.phase.kind) this.#setApart(record);
    if (this.#options.records.save(record)) return success(run);
    const full = 'There is no room in /run for what must be known of the job after a restart of the agent.';
    return failure(problem('disk-full', full));
  }

  /**
   * What holds a job's namespaces, and a criu that reads it, is not to end with us where a service manager ends all that is
   * in our group. Of a job that has not come yet that waits: its restorer is in them too, and puts itself into the job's
   * group at a time of its own.
   */
  #setApart({ init, phase }: RunRecord): void {
    const { ownCgroup, cgroups } = this.#options;
    if (phase.kind !== 'arriving') moveNamespace(init, ownCgroup, cgroups);
  }

  /** Problems: not-found when it has been taken off this node; disk-full, and the phase is set all the same. */
  setPhase(run: Run, phase: Phase): Result<Run> {
    const { job } = run.record.facts;
    if (this.#runs.get(job) !== run) return failure(problem('not-found', `Job ${job} has ended.`));
    return this.save({ ...run.record, phase });
  }

  /** Starts a job whose home is here; `why` is said to who starts it, if anything. Problems: not-available, with the tools' words. */
  async begin(
    facts: JobFacts,
    caller: Caller,
    { merged, terminal }: BeginOptions,
  ): Promise<Result<{ readonly run: Run; readonly why: string }>> {
    const { keeper } = this.#options;
    const { job } = facts;
    const cgroup = this.cgroupOf(facts.job);
    cgroup.create();
    const init = await createNamespace({ home: true, session: facts.terminal });
    if (!init.ok) {
      await cgroup.remove();
      return init;
    }
    const undo = async (): Promise<void> => {
      await keeper.call('forget', { job });
      kill(init.value);
      await cgroup.remove();
    };
    if (terminal !== undefined) {
      const { uid } = facts;
      const made = await keeper.call('openTerminal', { job, init: init.value, uid });
      if (!made.ok) {
        await undo();
        const begun = await this.begin({ ...facts, terminal: false }, caller, { merged });
        const why = `The job has no terminal. ${made.problem.code === 'bad-input' ? OLD_KEEPER : made.problem.message}`;
        return begun.ok ? success({ ...begun.value, why }) : begun;
      }
      await keeper.call('resize', { job, size: terminal.size });
    }
    const started = await startJob({
      init: init.value,
      cgroup: cgroup.folder,
      caller,
      command: facts.command,
      merged,
      modes: terminal?.modes,
    });
    if (!started.ok) {
      await undo();
      return started;
    }
    const { pid } = started.value;
    const attached = await keeper.call('attach', { job, pid, streams: freshStreams(merged) });
    if (!attached.ok) {
      await undo();
      return attached;
    }
    const run = this.save({
      facts,
      epoch: 0,
      since: Date.now(),
      init: init.value,
      phase: { kind: 'running' },
    });
    if (!run.ok) {
      this.#runs.delete(job);
      await undo();
      this.#options.records.remove(job);
      return run;
    }
    await started.value.begin();
    return success({ run: run.value, why: '' });
  }

  /** Sends a signal to the job's first group of processes, and to that of its command, as a shell at a terminal has its own. Problem: not-found. */
  signal(job: JobId, signal: JobSignal): Result<Record<string, never>> {
    const run = this.running(job);
    if (!run.ok) return run;
    const first = this.firstProcess(run.value);
    if (first === undefined) return failure(problem('not-found', `Job ${job} has ended.`));
    const groups = [first, ...childrenOf(first)].flatMap((pid) => statOf(pid)?.group ?? []);
    for (const group of new Set(groups)) kill(-group, signal);
    return success({});
  }

  /** Takes the job and everything of it off this node. */
  discard(run: Run): Promise<void> {
    run.discarded ??= this.#discard(run);
    return run.discarded;
  }

  async #discard(run: Run): Promise<void> {
    const { job } = run.record.facts;
    await this.#options.keeper.call('forget', { job });
    await run.cgroup.remove();
    kill(run.record.init);
    this.#runs.delete(job);
    this.#options.records.remove(job);
  }

  /** What the keeper says goes to the job's home. */
  keeperHandlers(): Handlers<typeof KEEPER_NOTICES> {
    const { cluster } = this.#options;
    const home = (job: JobId): number => jobIdParts(job).home;
    return {
      output: ({ job, stream, place }, body) => {
        cluster.notify(home(job), 'output', { job, stream, place }, body);
        return success({});
      },
      inputTaken: ({ job, place }) => {
        cluster.notify(home(job), 'inputTaken', { job, place });
        return success({});
      },
      inputClosed: ({ job }) => {
        cluster.notify(home(job), 'inputClosed', { job });
        return success({});
      },
      exited: async ({ job }) => {
        // A job is one tree: what its first process leaves behind ends with it.
        const run = this.running(job);
        if (run.ok) await run.value.cgroup.kill();
        return success({});
      },
      finished: ({ job, status, out, err }) => {
        const run = this.running(job);
        if (run.ok) {
          this.setPhase(run.value, { kind: 'ended', status, out, err });
          void this.#tellEnd(run.value);
        }
        return success({});
      },
    };
  }

  /**
   * There is a connection to the keeper, the first or a new one. A keeper that was started again has nothing of what was
   * there before: a job that lost its pipes, and with them bytes that nobody has, is ended and said to be lost.
   */
  async keeperConnected(): Promise<void> {
    const { keeper, cluster } = this.#options;
    const kept = await keeper.call('list', {});
    if (!kept.ok) return;
    const known = new Set(kept.value.jobs.map(({ job }) => job));
    for (const run of this.all) {
      const { facts, epoch, phase } = run.record;
      if (known.has(facts.job) || phase.kind === 'arriving' || this.#runs.get(facts.job) !== run) continue;
      const why = `The keeper of pipes of node ${cluster.self} was started again; the job was lost with its streams.`;
      await this.discard(run);
      await cluster.call(jobIdParts(facts.job).home, 'lost', { job: facts.job, epoch, why });
    }
    for (const node of this.homes) this.present(node);
  }

  /** Tells the home all of its jobs here, after a connection was made anew. */
  present(node: number): void {
    const jobs = this.all
      .filter(({ record }) => jobIdParts(record.facts.job).home === node && record.phase.kind === 'running')
      .map(({ record }) => ({ job: record.facts.job, epoch: record.epoch }));
    if (jobs.length > 0) void this.#options.cluster.call(node, 'present', { jobs });
  }

  /** Nodes whose jobs are here. */
  get homes(): readonly number[] {
    return this.all.map(({ record }) => jobIdParts(record.facts.job).home);
  }

  /** Tells the homes what they may not know since the agent started. */
  recoverEnds(): void {
    for (const run of this.all) if (run.record.phase.kind === 'ended') void this.#tellEnd(run);
  }

  async #tellEnd(run: Run): Promise<void> {
    const { facts, phase } = run.record;
    if (phase.kind !== 'ended' || this.#runs.get(facts.job) !== run) return;
    const { status, out, err } = phase;
    const told = await this.#options.cluster.call(jobIdParts(facts.job).home, 'finished', {
      job: facts.job,
      epoch: run.record.epoch,
      status,
      out,
      err,
      cpuSeconds: this.cpuSeconds(run),
    });
    if (!told.ok && told.problem.code === 'not-found') await this.discard(run);
    // Until its home says that nothing more is needed of it, which can be lost too.
    else setTimeout(() => void this.#tellEnd(run), TELL_AGAIN_MILLISECONDS).unref();
  }
}

/** Signals a process or, with a negative number, its group; one that has ended is none to signal. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
