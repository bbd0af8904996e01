/**
 * A job comes to this node: what it needs is looked at and prepared before it stops at the other side, its images are
 * received, it is rebuilt up to the gate, and runs when the other side says so.
 */
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { contentWanted, missingHere, needsSchema } from '../checks/index.ts';
import { jobIdParts, type JobId } from '../job-id.ts';
import { createNamespace } from '../job/namespace.ts';
import { isAlive, markOf, type Arrived, type Records, type RunRecord } from '../job/records.ts';
import { kill, type Run, type Runs } from '../job/runs.ts';
import type { Keeper } from '../keeper/client.ts';
import type { Cluster } from '../link/cluster.ts';
import type { Fate, NodeMethods } from '../link/protocol.ts';
import type { Params } from '../wire/peer.ts';
import { prepareRestore, type Criu, type Restorer } from './criu.ts';
import { ImageReceiver, type Received } from './images.ts';
import { hasRun, restorersOf } from './ran.ts';
import { megabytes, OVERHEAD } from './rounds.ts';

/** What was offered and did not come is given up after this long. */
const OFFER_MILLISECONDS = 120_000;
/** With rounds of pre-copy this many times the memory may come, and so much more whatever it is. */
const MOST_TIMES = 4;
const MORE_BYTES = 64 * 1024 * 1024;
const LOOK_MILLISECONDS = 5;

type Offer = Params<NodeMethods, 'offer'>;

export interface ArrivalOptions {
  readonly runs: Runs;
  readonly records: Records<RunRecord>;
  readonly arrived: Arrived;
  readonly keeper: Keeper;
  readonly cluster: Cluster;
  readonly criu: Result<Criu>;
  /** Whether this node takes the job: block, memory, and what it has taken already. */
  readonly admit: (offer: Offer) => Result<void>;
  readonly log: (sentence: string) => void;
}

/** A job on its way here. */
interface Arrival {
  readonly from: number;
  readonly offer: Offer;
  readonly restorer: Restorer;
  readonly images: PromiseWithResolvers<Result<Received>>;
  readonly timer: NodeJS.Timeout;
}

export class Arrivals {
  readonly #options: ArrivalOptions;
  readonly #arrivals = new Map<JobId, Arrival>();

  constructor(options: ArrivalOptions) {
    this.#options = options;
  }

  /** The files of which the content must be compared. Problem: bad-input. */
  async wants(needs: unknown): Promise<Result<{ paths: string[] }>> {
    const read = needsSchema.safeParse(needs);
    if (read.success) return success({ paths: [...(await contentWanted(read.data))] });
    return failure(problem('bad-input', 'What the job needs could not be read.', read.error.message));
  }

  /** Problems: cannot-move with every reason, not-available, disk-full. */
  async offer(from: number, offer: Offer): Promise<Result<{ room: number }>> {
    const { runs, criu, admit, records } = this.#options;
    const { job } = offer.facts;
    // Whoever offers it again has given up the time before.
    if (this.#arrivals.get(job)?.from === from) await this.#giveUpUntold(job);
    if (runs.find(job) !== undefined || this.#arrivals.has(job))
      return failure(problem('cannot-move', `Job ${job} is known at this node already.`));
    if (!criu.ok) return criu;
    const needs = needsSchema.safeParse(offer.needs);
    if (!needs.success)
      return failure(problem('bad-input', 'What the job needs could not be read.', needs.error.message));
    const admitted = admit(offer);
    if (!admitted.ok) return admitted;
    const missing = await missingHere(needs.data);
    if (missing.length > 0)
      return failure(problem('cannot-move', missing.map(({ word, text }) => `${word}: ${text}`).join('\n')));
    const folder = records.folderOf(job);
    const { bavail, bsize } = statfsSync(folder);
    const room = bavail * bsize;
    const needed = offer.residentBytes * OVERHEAD;
    if (room < needed) {
      records.remove(job);
      const why = `The images of the process need ${megabytes(needed)} in /run there, and ${megabytes(room)} are free; mount -o remount,size=SIZE /run allows more.`;
      return failure(problem('disk-full', why));
    }
    const prepared = await this.#prepare(from, offer, criu.value, folder);
    return prepared.ok ? success({ room }) : prepared;
  }

  /** Takes the images of a job that was offered by that node. */
  receive(from: number, job: JobId, epoch: number, stream: Duplex): void {
    const arrival = this.#at(from, job, epoch);
    if (arrival === undefined) {
      stream.destroy();
      return;
    }
    const most = arrival.offer.residentBytes * MOST_TIMES + MORE_BYTES;
    const receiver = new ImageReceiver(this.#imagesOf(job), most);
    let isOver = false;
    const end = (result: Result<Received>): void => {
      isOver = true;
      receiver.close();
      arrival.images.resolve(result);
      if (!result.ok) stream.destroy();
    };
    stream.on('data', (chunk: Buffer) => {
      arrival.timer.refresh();
      const taken: Result<Received | undefined> = isOver ? success(undefined) : receiver.take(chunk);
      if (!taken.ok) end(taken);
      else if (taken.value !== undefined) end(success(taken.value));
    });
    const lost = (): void =>
      end(failure(problem('connection-lost', 'The connection ended while the images were on their way.')));
    stream.on('error', lost);
    stream.on('close', lost);
  }

  /** Rebuilds it up to the gate. Problems: cannot-move, bad-input, disk-full, connection-lost; then nothing is left here. */
  async restore(
    from: number,
    { job, epoch, streams, foreground }: Params<NodeMethods, 'restore'>,
  ): Promise<Result<Record<string, never>>> {
    const { runs, keeper } = this.#options;
    const arrival = this.#at(from, job, epoch);
    if (arrival === undefined) return failure(problem('not-found', `Job ${job} was not offered here.`));
    const giveUp = async (why: Result<never>): Promise<Result<never>> => {
      // It may have been given up already, and be offered anew.
      if (this.#arrivals.get(job) === arrival) await this.#giveUp(job);
      return why;
    };
    const images = await arrival.images.promise;
    const rebuilt = images.ok
      ? await arrival.restorer.restore(this.#imagesOf(job), images.value.rounds, foreground)
      : images;
    if (!rebuilt.ok) return giveUp(rebuilt);
    const run = runs.find(job);
    const first = run === undefined ? undefined : runs.firstProcess(run);
    if (first === undefined)
      return giveUp(failure(problem('cannot-move', 'Its first process is not there.')));
    const attached = await keeper.call('attach', { job, pid: first, streams });
    return attached.ok ? attached : giveUp(attached);
  }

  /** Lets it run. The answer says what became of it; `never` means that nothing of it has run and nothing is left here. */
  async go(from: number, job: JobId, epoch: number): Promise<Result<{ fate: Fate }>> {
    const arrival = this.#at(from, job, epoch);
    const run = this.#options.runs.find(job);
    if (arrival === undefined || run?.record.phase.kind !== 'arriving')
      return success({ fate: this.fate(job, epoch) });
    const noted = this.#options.runs.setPhase(run, {
      ...run.record.phase,
      go: true,
      restorers: restorersOf(run.cgroup.pids()),
    });
    if (!noted.ok) {
      await this.#giveUp(job);
      return success({ fate: this.fate(job, epoch) });
    }
    clearTimeout(arrival.timer);
    const said = await arrival.restorer.open();
    return success({ fate: await this.#decide(run, said) });
  }

  /** The other side has given up, or its agent was started again. */
  async abort(from: number, job: JobId, epoch: number): Promise<Result<Record<string, never>>> {
    if (this.#at(from, job, epoch) !== undefined) await this.#giveUpUntold(job);
    return success({});
  }

  /** There is no connection to that node any more: what it has not said `go` for goes on there. */
  unlinked(node: number): void {
    for (const [job, { from }] of this.#arrivals) if (from === node) void this.#giveUpUntold(job);
  }

  /** What became of a job that was to come here. */
  fate(job: JobId, epoch: number): Fate {
    const { runs, arrived } = this.#options;
    if (arrived.has(job, epoch)) return 'running';
    const record = runs.find(job)?.record;
    if (record === undefined || record.epoch < epoch) return 'never';
    return record.phase.kind === 'arriving' ? 'waiting' : 'running';
  }

  /** After a restart of the agent: what had no `go` is given up, what had one is looked at. */
  async recover(run: Run): Promise<void> {
    const { phase } = run.record;
    if (phase.kind !== 'arriving') return;
    // Its gate ended with the former agent; it undoes what it has built, or is through.
    while (isAlive(phase.restorer)) {
      if (!phase.go) kill(-phase.restorer.pid);
      await wait(LOOK_MILLISECONDS);
    }
    if (phase.go) await this.#decide(run, false);
    else await this.#options.runs.discard(run);
  }

  async #prepare(
    from: number,
    offer: Offer,
    criu: Criu,
    folder: string,
  ): Promise<Result<Record<string, never>>> {
    const { runs, keeper } = this.#options;
    const { facts, epoch, cause, insidePids, lastPid } = offer;
    const { job } = facts;
    const images = this.#imagesOf(job);
    rmSync(images, { recursive: true, force: true });
    mkdirSync(images, { mode: 0o700 });
    const cgroup = runs.cgroupOf(job);
    cgroup.create();
    const undo = async (why: Result<never>): Promise<Result<never>> => {
      await keeper.call('forget', { job });
      await cgroup.remove();
      this.#options.records.remove(job);
      return why;
    };
    const init = await createNamespace({ home: false, taken: insidePids, last: lastPid });
    if (!init.ok) return undo(init);
    const { terminal, uid } = facts;
    const made = terminal ? await keeper.call('openTerminal', { job, init: init.value, uid }) : success({});
    const restorer = made.ok
      ? prepareRestore(criu, { init: init.value, cgroup: cgroup.folder, folder, terminal })
      : made;
    if (!restorer.ok) {
      kill(init.value);
      return undo(restorer);
    }
    const phase = { kind: 'arriving', from, cause, go: false, restorer: markOf(restorer.value.pid) } as const;
    const saved = runs.save({ facts, epoch, since: Date.now(), init: init.value, phase });
    if (!saved.ok) {
      restorer.value.cancel();
      const run = runs.find(job);
      if (run !== undefined) await runs.discard(run);
      return saved;
    }
    this.#arrivals.set(job, {
      from,
      offer,
      restorer: restorer.value,
      images: Promise.withResolvers(),
      timer: setTimeout(() => void this.#giveUp(job), OFFER_MILLISECONDS),
    });
    return success({});
  }

  #imagesOf(job: JobId): string {
    return join(this.#options.records.folderOf(job), 'images');
  }

  #at(from: number, job: JobId, epoch: number): Arrival | undefined {
    const arrival = this.#arrivals.get(job);
    return arrival?.from === from && arrival.offer.epoch === epoch ? arrival : undefined;
  }

  /** `said`: criu's own word that it runs; without it the job itself is looked at. */
  async #decide(run: Run, said: boolean): Promise<Fate> {
    const { runs, arrived, cluster, keeper, log } = this.#options;
    const { facts, epoch, phase } = run.record;
    const { job } = facts;
    const restorers = (phase.kind === 'arriving' ? phase.restorers : undefined) ?? {};
    this.#arrivals.delete(job);
    if (!said) {
      await run.cgroup.freeze();
      const kept = await keeper.call('list', {});
      // One that ran to its end has told its status; of one that criu undid nobody is left to tell.
      const isOver =
        kept.ok && kept.value.jobs.some((one) => one.job === job && one.exited && one.status !== null);
      if (!isOver && !hasRun(run.cgroup.pids(), restorers)) {
        log(`Job ${job} came and did not start: criu ended early. It goes on where it was.`);
        await runs.discard(run);
        return 'never';
      }
      run.cgroup.thaw();
    }
    arrived.add(job, epoch);
    // The other side waits for the answer, and much memory takes a moment to give back; a restart does it too.
    const images = this.#imagesOf(job);
    setImmediate(() => rmSync(images, { recursive: true, force: true }));
    runs.save({ ...run.record, since: Date.now(), phase: { kind: 'running' } });
    const cause = phase.kind === 'arriving' ? phase.cause : 'need';
    log(`Job ${job} has come here from node ${phase.kind === 'arriving' ? phase.from : 0} (${cause}).`);
    void cluster.call(jobIdParts(job).home, 'placed', { job, epoch, cause });
    return 'running';
  }

  /** Unless the word `go` was said, after which it is not ours to give up. */
  async #giveUpUntold(job: JobId): Promise<void> {
    const { phase } = this.#options.runs.find(job)?.record ?? {};
    if (phase?.kind === 'arriving' && !phase.go) await this.#giveUp(job);
  }

  async #giveUp(job: JobId): Promise<void> {
    const arrival = this.#arrivals.get(job);
    const run = this.#options.runs.find(job);
    this.#arrivals.delete(job);
    clearTimeout(arrival?.timer);
    arrival?.restorer.cancel();
    arrival?.images.resolve(failure(problem('cancelled', 'The move was given up.')));
    if (run !== undefined) await this.#options.runs.discard(run);
  }
}
