/**
 * A job leaves this node. Its copy here stays whole and stopped until the other side has let its own go on; whatever goes
 * wrong before, the copy here goes on. After the word `go` only the other side, or the home, can say which copy lives.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { MovedMemory } from '../../common/balance/index.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { examine, withContent, type Reason } from '../checks/index.ts';
import { jobIdParts, type JobId } from '../job-id.ts';
import { firstOf, lastPid } from '../job/namespace.ts';
import { isAlive, markOf, type Records, type RunRecord } from '../job/records.ts';
import type { Run, Runs } from '../job/runs.ts';
import { groupInside, statOf } from '../proc/process.ts';
import type { Keeper } from '../keeper/client.ts';
import type { Streams } from '../keeper/protocol.ts';
import type { Cluster } from '../link/cluster.ts';
import { isAutomatic, type Cause, type Fate } from '../link/protocol.ts';
import { prepareDump, type Criu } from './criu.ts';
import { ImageSender } from './images.ts';
import { MemoryCopy } from './memory-copy.ts';
import { completeDump, sendRounds } from './precopy.ts';
import { expectedBytes, firstGuess, megabytes, OVERHEAD, roundFolder, wordsOf } from './rounds.ts';

const ASK_AGAIN_MILLISECONDS = 500;
/** Beside the time that its size takes, a restore may take this long. */
const RESTORE_MILLISECONDS = 30_000;
const SLOWEST_BYTES_PER_SECOND = 20e6;
const LOOK_MILLISECONDS = 5;
/** How a job changes its memory is believed for so long. */
const KNOWN_MILLISECONDS = 600_000;

export interface DepartureOptions {
  readonly runs: Runs;
  readonly records: Records<RunRecord>;
  readonly keeper: Keeper;
  readonly cluster: Cluster;
  readonly criu: Result<Criu>;
  /** A job must be this old before it moves by itself, in seconds. */
  readonly minimumAgeSeconds: () => number;
  /** Load that the job makes on a CPU of standard speed, and the load of this node; 100 is a process that always runs. */
  readonly loadOf: (job: JobId) => number;
  readonly ownLoad: () => number;
  /** Seconds for which a job stands still, and the most for a move that nobody ordered. */
  readonly freezeOf: (memory: MovedMemory) => number;
  readonly freezeLimit: () => number;
  /** Told what a move took. */
  readonly learn: (figures: LearnedFigures) => void;
  readonly log: (sentence: string) => void;
}

/** What a move took. */
export interface MoveFigures {
  /** How long no copy ran. */
  readonly freezeSeconds: number;
  /** What went over in that time. */
  readonly bytes: number;
}

/** What is learned of a move. */
export interface LearnedFigures extends MoveFigures {
  /** What went before. */
  readonly comparedBytes: number;
}

/** A move that the other side has agreed to. */
interface HandOver {
  readonly to: number;
  readonly cause: Cause;
  /** Bytes of memory that the job has resident, and of images that the other side has room for. */
  readonly bytes: number;
  readonly room: number;
}

export class Departures {
  readonly #options: DepartureOptions;
  /** Jobs that are looked at or on their way. */
  readonly #busy = new Set<JobId>();
  /** Bytes that were left to go while a job stands still, when it was last sent while it ran. */
  readonly #left = new WeakMap<Run, { readonly bytes: number; readonly at: number }>();
  /** Jobs that could not be read without the memory that went before: the next time they go as a whole. */
  readonly #unreadable = new WeakSet<Run>();

  constructor(options: DepartureOptions) {
    this.#options = options;
  }

  /**
   * Moves a job that runs here. Problems: not-found, cannot-move with every reason, and what is wrong with the other node;
   * in each case it runs on here. It does not answer while nobody can say which copy lives; the job stands still then.
   */
  async depart(job: JobId, to: number, cause: Cause, follows = false): Promise<Result<MoveFigures>> {
    const { runs, cluster, learn, log } = this.#options;
    const run = runs.running(job);
    if (!run.ok) return run;
    if (to === cluster.self) return failure(problem('cannot-move', `Job ${job} is on node ${to} already.`));
    if (this.#busy.has(job)) return failure(problem('cannot-move', `Job ${job} is on its way already.`));
    this.#busy.add(job);
    try {
      const moved = await this.#ask(run.value, to, cause, follows);
      if (moved.ok) learn(moved.value);
      log(
        moved.ok
          ? `Job ${job} has moved to node ${to} (${cause}); it stood still for ${Math.round(moved.value.freezeSeconds * 1000)} ms.`
          : `Job ${job} has not moved to node ${to} (${cause}): ${moved.problem.message}`,
      );
      return moved;
    } finally {
      this.#busy.delete(job);
    }
  }

  /** Bytes of a job's memory that will go over while it stands still, as far as that is known. */
  leftBytes(run: Run, residentBytes: number): number {
    if (this.#unreadable.has(run)) return residentBytes;
    const known = this.#left.get(run);
    return known === undefined || known.at + KNOWN_MILLISECONDS < Date.now()
      ? firstGuess(residentBytes)
      : known.bytes;
  }

  /** After a restart of the agent: brings to an end what was on its way. */
  async recover(run: Run): Promise<void> {
    const { phase, facts } = run.record;
    // Of a job that was sent while it ran.
    if (phase.kind === 'running') rmSync(this.#imagesOf(run), { recursive: true, force: true });
    if (phase.kind !== 'leaving') return;
    this.#busy.add(facts.job);
    // criu must not be disturbed; what it did is not used.
    while (phase.dump !== undefined && isAlive(phase.dump)) await wait(LOOK_MILLISECONDS);
    if (phase.gone) await this.#settleDoubt(run, phase.to);
    else await this.#stay(run, phase.to, 'The agent was started again while it was leaving.');
    this.#busy.delete(facts.job);
  }

  /** Looks whether it may move, asks its home and the other node, and hands it over. */
  async #ask(run: Run, to: number, cause: Cause, follows: boolean): Promise<Result<LearnedFigures>> {
    const { cluster, criu, minimumAgeSeconds, loadOf, ownLoad } = this.#options;
    const { facts, epoch, init } = run.record;
    const { job } = facts;
    if (!criu.ok) return criu;
    const seen = await examine(run.cgroup.pids(), {
      now: Date.now(),
      initPid: init,
      // An order is obeyed at once; and one that has moved before is not young.
      minimumAgeSeconds: epoch === 0 && isAutomatic(cause) ? minimumAgeSeconds() : 0,
    });
    // What is right only at home does not keep it from going there.
    const reasons = cause === 'need' ? seen.reasons.filter(({ homeHelps }) => !homeHelps) : seen.reasons;
    if (reasons.length > 0) return failure(refusal(reasons));
    const home = jobIdParts(job).home;
    const may = await cluster.call(home, 'mayMove', { job, epoch: epoch + 1, to });
    if (!may.ok) return may;
    const wants = await cluster.call(to, 'wants', { needs: seen.needs });
    if (!wants.ok) return wants;
    const needs = await withContent(seen.needs, wants.value.paths);
    const cpuBefore = this.#options.runs.cpuSeconds(run);
    const offered = await cluster.call(to, 'offer', {
      facts: { ...facts, cpuBefore },
      epoch: epoch + 1,
      cause,
      follows,
      needs,
      residentBytes: seen.residentBytes,
      insidePids: [...seen.insidePids],
      lastPid: await lastPid(init),
      load: loadOf(job),
      senderLoad: ownLoad(),
    });
    if (!offered.ok) {
      // That a node has no room just now says nothing of the job.
      const why = offered.problem.code === 'cannot-move' ? offered.problem.message : '';
      cluster.notify(home, 'stayed', { job, epoch: epoch + 1, why });
      return offered;
    }
    const { room } = offered.value;
    return this.#handOver(run, criu.value, { to, cause, bytes: seen.residentBytes, room });
  }

  async #handOver(run: Run, criu: Criu, move: HandOver): Promise<Result<LearnedFigures>> {
    const { runs, cluster, keeper } = this.#options;
    const { to, cause, bytes } = move;
    const { job } = run.record.facts;
    const epoch = run.record.epoch + 1;
    const images = this.#imagesOf(run);
    rmSync(images, { recursive: true, force: true });
    mkdirSync(images, { mode: 0o700 });
    const stays = async (why: { readonly problem: Problem }): Promise<Result<never>> => {
      await this.#stay(run, to, why.problem.message);
      return failure(why.problem);
    };
    const stream = await cluster.openImages(to, job, epoch);
    if (!stream.ok) return stays(stream);
    const sender = new ImageSender(stream.value, images);
    const copy = new MemoryCopy();
    const rounds = await this.#precopy(run, copy, sender, move);
    if (!rounds.ok) {
      stream.value.destroy();
      copy.close();
      return stays(rounds);
    }
    const round = rounds.value + 1;
    const folder = roundFolder(images, round);
    const dumper = prepareDump(criu, {
      init: run.record.init,
      cgroup: run.cgroup.folder,
      folder,
      withoutMemory: round > 1,
      terminal: run.record.facts.terminal,
    });
    const leaving = { kind: 'leaving', to, cause, dump: markOf(dumper.pid) } as const;
    try {
      const still = runs.running(job);
      const kept = still.ok ? runs.setPhase(run, { ...leaving, gone: false }) : still;
      if (!kept.ok) return await stays(kept);
      const start = performance.now();
      const frozen = await run.cgroup.freeze();
      if (!frozen.ok) return await stays(frozen);
      const streams = await keeper.call('drain', { job });
      if (!streams.ok) return await stays(streams);
      const dumping = dumper.dump();
      // What must be completed first is not sent while it is written.
      const written = round === 1 ? dumping : Promise.resolve(await completeDump(copy, run, folder, dumping));
      const sent = await sender.send(round, written);
      if (!sent.ok) {
        // What cannot be read as a whole either is not so because of what went before.
        if (round === 1) this.#unreadable.delete(run);
        else if (sent.problem.code === 'cannot-move') this.#unreadable.add(run);
        return await stays(sent);
      }
      await sender.end();
      const rebuilt = await this.#restoreThere(to, run, streams.value, bytes);
      if (!rebuilt.ok) return await stays(rebuilt);
      const noted = runs.setPhase(run, { ...leaving, gone: true });
      if (!noted.ok) return await stays(noted);
      const fate = await cluster.call(to, 'go', { job, epoch });
      const lives = fate.ok ? fate.value.fate : 'waiting';
      const freezeSeconds = (performance.now() - start) / 1000;
      const comparedBytes = copy.bytes;
      if (lives === 'running') await runs.discard(run);
      else if (lives === 'never')
        return await stays({ problem: problem('cannot-move', `It did not start on node ${to}.`) });
      else if (!(await this.#settleDoubt(run, to)))
        return failure(
          problem('connection-lost', `Node ${to} did not answer in time; the job goes on here.`),
        );
      return success({ freezeSeconds, bytes: sent.value, comparedBytes });
    } finally {
      dumper.cancel();
      copy.close();
      stream.value.destroy();
    }
  }

  /**
   * Sends a job's memory while it runs, and answers in how many rounds. Problems: as those of a round; cannot-move for a job
   * that would stand still for too long all the same, unless somebody ordered it.
   */
  async #precopy(run: Run, copy: MemoryCopy, sender: ImageSender, move: HandOver): Promise<Result<number>> {
    const { runs, freezeLimit, freezeOf, log } = this.#options;
    const { to, cause, bytes } = move;
    const { job } = run.record.facts;
    // Its memory is here a second time while it is sent.
    const may = !this.#unreadable.has(run) && bytes * OVERHEAD < freemem();
    const sent = may ? await sendRounds(runs, run, copy, sender, move) : success([]);
    if (!sent.ok) return sent;
    const rounds = sent.value;
    // Memory that is shared does not go before.
    const frozenBytes = expectedBytes(rounds, copy.bytes) + Math.max(0, bytes - copy.bytes);
    if (rounds.length > 0) {
      this.#left.set(run, { bytes: frozenBytes, at: Date.now() });
      log(`Job ${job} was sent to node ${to} while it ran: ${wordsOf(rounds)}.`);
    }
    const seconds = freezeOf({ frozenBytes, comparedBytes: copy.bytes });
    if (isAutomatic(cause) && seconds > freezeLimit())
      return failure(
        problem(
          'cannot-move',
          `It would stand still for ${seconds.toFixed(1)} s, in which ${megabytes(frozenBytes)} go over, and ${freezeLimit()} s is the limit.`,
        ),
      );
    return success(rounds.length);
  }

  #imagesOf({ record }: Run): string {
    return join(this.#options.records.folderOf(record.facts.job), 'images');
  }

  #restoreThere(
    to: number,
    { record, cgroup }: Run,
    streams: Streams,
    bytes: number,
  ): Promise<Result<unknown>> {
    const { job, terminal } = record.facts;
    const epoch = record.epoch + 1;
    const foreground = terminal ? foregroundOf(cgroup.pids()) : undefined;
    const milliseconds = RESTORE_MILLISECONDS + (bytes / SLOWEST_BYTES_PER_SECOND) * 1000;
    const params = { job, epoch, streams, ...(foreground === undefined ? {} : { foreground }) };
    return this.#options.cluster.call(to, 'restore', params, { milliseconds });
  }

  /** The copy here goes on; the other side gives up what it has prepared. */
  async #stay(run: Run, to: number, why: string): Promise<void> {
    const { runs, cluster, keeper, records } = this.#options;
    const { job } = run.record.facts;
    const epoch = run.record.epoch + 1;
    const { home } = jobIdParts(job);
    cluster.notify(to, 'abort', { job, epoch });
    const known = runs.find(job);
    if (known === undefined) records.remove(job);
    // One that ended meanwhile is not taken up again.
    if (known !== run) return;
    rmSync(this.#imagesOf(run), { recursive: true, force: true });
    if (run.record.phase.kind === 'ended') return;
    runs.setPhase(run, { kind: 'running' });
    await keeper.call('undrain', { job });
    run.cgroup.thaw();
    cluster.notify(home, 'stayed', { job, epoch, why });
    // What was told while it stood still may be lost.
    runs.present(home);
  }

  /**
   * Stopped until the other node says what became of its copy, or the home that it has heard of it. True when the job has
   * left; false when it goes on here.
   */
  async #settleDoubt(run: Run, to: number): Promise<boolean> {
    const { runs, cluster, log } = this.#options;
    const { job } = run.record.facts;
    const epoch = run.record.epoch + 1;
    let told = false;
    for (;;) {
      const heard = await cluster.call(jobIdParts(job).home, 'hasMoved', { job, epoch });
      const fate: Fate | undefined =
        heard.ok && heard.value.moved ? 'running' : await this.#fateAt(to, job, epoch);
      if (fate === 'running') {
        await runs.discard(run);
        return true;
      }
      // What never ran there can still be known as moved to the home alone, so the home must have been asked.
      if (fate === 'never' && heard.ok) {
        await this.#stay(run, to, `It did not start on node ${to}.`);
        return false;
      }
      if (!told)
        log(
          `Job ${job} stands still in doubt: node ${to} was told to go on with it and has not answered yet.`,
        );
      told = true;
      await wait(ASK_AGAIN_MILLISECONDS);
    }
  }

  async #fateAt(to: number, job: JobId, epoch: number): Promise<Fate | undefined> {
    // Where it still waits at the gate, the word is told again.
    const fate = await this.#options.cluster.call(to, 'go', { job, epoch });
    return fate.ok ? fate.value.fate : undefined;
  }
}

/** The group of processes in the foreground of the job's terminal, as it is numbered inside; undefined when that has ended. */
function foregroundOf(pids: readonly number[]): number | undefined {
  const first = firstOf(pids);
  const group = first === undefined ? undefined : statOf(first)?.foreground;
  const member = group === undefined ? undefined : pids.find((pid) => statOf(pid)?.group === group);
  return member === undefined ? undefined : groupInside(member);
}

function refusal(reasons: readonly Reason[]): Problem {
  return problem('cannot-move', reasons.map(({ word, text }) => `${word}: ${text}`).join('\n'));
}
