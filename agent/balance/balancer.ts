/**
 * What this node does about its load, by itself: measures, tells and hears, and once a second makes the one move that the
 * policy of common/balance finds, after the other node has said that it takes the job.
 */
import {
  balancedLoad,
  bestTarget,
  decide,
  freezeOf,
  DEFAULT_LIMITS,
  MOST_QUESTIONS,
  nextLoad,
  NO_LOAD,
  placement,
  together,
  whyRefused,
  withAdmitted,
  type BalanceProcess,
  type Job,
  type MovedMemory,
  type SmoothedLoad,
} from '../../common/balance/index.ts';
import { problem } from '../../common/contract/problem.ts';
import { PAGE_BYTES, STANDARD_SPEED } from '../../common/model/metric.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { jobIdParts, type JobId } from '../job-id.ts';
import type { Run, Runs } from '../job/runs.ts';
import { isAutomatic, type Cause, type NodeMethods } from '../link/protocol.ts';
import { JobMeter } from '../load/job-meter.ts';
import { LoadMeter, type NodeFigures } from '../load/load-meter.ts';
import type { LoadSource } from '../load/runnable.ts';
import type { LearnedFigures, MoveFigures } from '../move/departure.ts';
import { statmOf } from '../proc/process.ts';
import type { SettingsFile } from '../settings.ts';
import type { Params } from '../wire/peer.ts';
import { Costs } from './costs.ts';
import type { NodeState } from './datagrams.ts';
import type { Gossip } from './gossip.ts';

type Offer = Params<NodeMethods, 'offer'>;

/** What was admitted is counted until it has come, and at least for this long: it is not in the load at once. */
const ADMITTED_MILLISECONDS = 5000;
/** A job that could not move is left alone for this long, twice as long each time, and at most this long. */
const LEAST_HOLD_MILLISECONDS = 10_000;
const MOST_HOLD_MILLISECONDS = 300_000;
/** A node that has refused is not asked again for this long. */
const REFUSED_MILLISECONDS = 2000;

export interface BalancerOptions {
  readonly self: number;
  readonly runs: Runs;
  readonly gossip: Gossip;
  readonly settings: SettingsFile;
  readonly source: LoadSource;
  /** Why jobs can neither come nor go; empty where they can. */
  readonly trouble: string;
  /** Moves a job, together with the others of its group. */
  readonly depart: (run: Run, to: number, cause: Cause) => Promise<Result<MoveFigures>>;
  /** Bytes of a job's memory that go over while it stands still. */
  readonly leftBytes: (run: Run, residentBytes: number) => number;
  /** Once a second, with what this node is now. */
  readonly onSecond: (own: NodeState) => void;
}

/** What is measured of a job that is here. */
interface Measured {
  readonly meter: JobMeter;
  weight: number;
  cpuSeconds: number;
  bytes: number;
  leftBytes: number;
}

interface Hold {
  readonly until: number;
  readonly milliseconds: number;
  readonly why: string;
}

export class Balancer {
  readonly #options: BalancerOptions;
  readonly #meter: LoadMeter;
  readonly #jobs = new Map<JobId, Measured>();
  readonly #holds = new Map<JobId, Hold>();
  readonly #refused = new Map<number, number>();
  readonly #costs = new Costs();
  #admitted: { readonly id: JobId; readonly job: BalanceProcess; readonly until: number }[] = [];
  #others: SmoothedLoad = NO_LOAD;
  #own: NodeState;
  #moving = false;

  constructor(options: BalancerOptions) {
    this.#options = options;
    this.#meter = new LoadMeter({ source: options.source });
    this.#own = {
      id: options.self,
      load: 0,
      speed: options.settings.value.speed,
      cpus: 1,
      status: options.settings.status,
      util: 100,
      memoryTotal: 0,
      memoryFree: 0,
      memoryAvailable: 0,
    };
  }

  start(): void {
    this.#meter.start((figures) => {
      this.#measure(figures);
      this.#options.onSecond(this.#own);
      if (!this.#options.settings.value.quiet) this.#options.gossip.tell(this.#told());
      this.reconsider();
    });
  }

  /** Makes the one move that should be made now; every second, and whenever figures come. */
  reconsider(): void {
    if (!this.#moving) void this.#balance();
  }

  stop(): void {
    this.#meter.stop();
  }

  /** This node now. */
  get own(): NodeState {
    return { ...this.#own, status: this.#options.settings.status };
  }

  /** Load that a job makes on a CPU of standard speed; 100 is one process that always runs. */
  loadOf(job: JobId): number {
    return (this.#jobs.get(job)?.weight ?? 1) * 100;
  }

  /** For how many seconds a move would stop a job that is here, by the moves before; null for one that is not here. */
  estimate(job: JobId): number | null {
    const measured = this.#jobs.get(job);
    return measured === undefined ? null : this.freezeOf(memoryOf(measured));
  }

  /** For how many seconds a job with so much memory stands still, by the moves before. */
  freezeOf(memory: MovedMemory): number {
    return freezeOf(memory, this.#costs.value);
  }

  /** The best node for a process that runs at `place`. Problem: cannot-move when that is where it is. */
  bestFor(place: number, home: number, weight: number): Result<number> {
    const { to, why } = bestTarget({ at: place, home, weight }, [
      this.#told(),
      ...this.#options.gossip.known(),
    ]);
    return to === null ? failure(problem('cannot-move', `It is best where it is: ${why}.`)) : success(to);
  }

  /** Where a job that will use much CPU should begin; undefined at home. */
  placeNew(): number | undefined {
    return placement(this.#told(), this.#options.gossip.known()).to ?? undefined;
  }

  /** Whether this node takes the job: `not-available` with the reason when it does not. */
  admit({ facts, cause, follows, load, residentBytes, senderLoad }: Offer): Result<void> {
    const { settings, self } = this.#options;
    const home = jobIdParts(facts.job).home;
    const job = { at: 0, home, weight: load / 100, memory: residentBytes };
    const refuse = (why: string): Result<void> => failure(problem('not-available', `Node ${self} ${why}.`));
    if (settings.value.block && home !== self) return refuse('takes no guests (block)');
    if (isAutomatic(cause) && !follows) {
      const why = whyRefused(
        this.#own,
        { job, load: senderLoad, forMemory: cause === 'memory' },
        this.#recentlyAdmitted(),
      );
      if (why !== '') return refuse(why);
    } else if (residentBytes > this.#own.memoryAvailable && this.#own.memoryTotal > 0)
      return refuse('has too little memory left');
    this.#admitted.push({ id: facts.job, job, until: Date.now() + ADMITTED_MILLISECONDS });
    return success(undefined);
  }

  /** Why the job does not move by itself; empty where it may. */
  whyHeld(job: JobId): string {
    const hold = this.#holds.get(job);
    return hold === undefined || hold.until < Date.now() ? '' : hold.why;
  }

  learn({ freezeSeconds, bytes, comparedBytes }: LearnedFigures): void {
    this.#costs.learn({ freezeSeconds, frozenBytes: bytes, comparedBytes });
  }

  /** What the others are told: with what is on its way here. */
  #told(): NodeState {
    const { load, memoryAvailable = 0 } = withAdmitted(this.#own, this.#recentlyAdmitted());
    return { ...this.#own, load, memoryAvailable };
  }

  #recentlyAdmitted(): readonly BalanceProcess[] {
    const now = Date.now();
    const { runs } = this.#options;
    this.#admitted = this.#admitted.filter(
      ({ id, until }) => until > now || runs.find(id)?.record.phase.kind === 'arriving',
    );
    return this.#admitted.map(({ job }) => job);
  }

  #measure(figures: NodeFigures): void {
    const { runs, settings, self, leftBytes } = this.#options;
    let weights = 0;
    let runnable = 0;
    const here = new Set<JobId>();
    for (const run of runs.all) {
      const { job } = run.record.facts;
      if (run.record.phase.kind !== 'running') continue;
      here.add(job);
      const measured = this.#jobs.get(job) ?? {
        meter: new JobMeter(run.cgroup.folder),
        weight: 1,
        cpuSeconds: 0,
        bytes: 0,
        leftBytes: 0,
      };
      this.#jobs.set(job, measured);
      const second = measured.meter.second();
      if (second === undefined) continue;
      measured.weight = second.weight;
      measured.cpuSeconds = runs.cpuSeconds(run);
      measured.bytes = residentBytes(run);
      measured.leftBytes = leftBytes(run, measured.bytes);
      weights += second.weight;
      runnable += second.runnable;
    }
    for (const job of this.#jobs.keys()) if (!here.has(job)) this.#jobs.delete(job);
    this.#others = nextLoad(this.#others, Math.max(0, figures.runnable - runnable));
    const { cpus, util, memoryTotal, memoryFree, memoryAvailable } = figures;
    const { status, value } = settings;
    const { speed } = value;
    const load = balancedLoad(weights, this.#others.upper, { speed, cpus });
    this.#own = { id: self, load, speed, cpus, util, memoryTotal, memoryFree, memoryAvailable, status };
  }

  /** At most one move. A node that refuses is not asked for a while, and the next best is. */
  async #balance(): Promise<void> {
    const { gossip, depart, trouble, settings } = this.#options;
    if (trouble !== '') return;
    this.#moving = true;
    try {
      for (let question = 0; question < MOST_QUESTIONS; question += 1) {
        const now = Date.now();
        const known = gossip.known().filter(({ id }) => (this.#refused.get(id) ?? 0) < now);
        const { minimumAge, longestFreeze } = settings.value;
        const limits = { ...DEFAULT_LIMITS, minimumAge, longestFreeze };
        const jobs = this.#balanced();
        const found = decide(
          this.#told(),
          jobs.map(({ job }) => job),
          known,
          this.#costs.value,
          limits,
        );
        const run = found.job === undefined ? undefined : jobs[found.job]?.run;
        if (found.job === undefined || run === undefined) return;
        const { job } = run.record.facts;
        const moved = await depart(run, found.target, found.gain > 0 ? 'balancer' : 'memory');
        if (moved.ok) {
          this.#holds.delete(job);
          return;
        }
        if (moved.problem.code === 'cannot-move') this.#hold(job, moved.problem.message);
        else this.#refused.set(found.target, Date.now() + REFUSED_MILLISECONDS);
      }
    } finally {
      this.#moving = false;
    }
  }

  /** The jobs here as the policy sees them, numbered by their place; those of one group are one, as they move together. */
  #balanced(): readonly { readonly job: Job; readonly run: Run }[] {
    const running = this.#options.runs.all.filter(({ record }) => record.phase.kind === 'running');
    return [...Map.groupBy(running, groupOf).values()].flatMap((runs, id) => {
      const [run, ...others] = runs;
      if (run === undefined) return [];
      const job = together(
        id,
        this.#jobOf(run),
        others.map((other) => this.#jobOf(other)),
      );
      return [{ run, job }];
    });
  }

  #jobOf({ record }: Run): Job {
    const now = Date.now();
    const { facts, epoch, since } = record;
    const measured = this.#jobs.get(facts.job);
    return {
      id: 0,
      at: this.#options.self,
      home: jobIdParts(facts.job).home,
      weight: measured?.weight,
      memory: measured?.bytes,
      ...(measured === undefined ? {} : memoryOf(measured)),
      age: (now - facts.born) / 1000,
      residence: epoch === 0 ? undefined : (now - since) / 1000,
      cpuSeconds: ((measured?.cpuSeconds ?? 0) * this.#own.speed) / STANDARD_SPEED,
      locked: facts.locked,
      whyStays: this.whyHeld(facts.job) === '' ? undefined : 'could not move just now',
    };
  }

  #hold(job: JobId, why: string): void {
    const before = this.#holds.get(job)?.milliseconds ?? LEAST_HOLD_MILLISECONDS / 2;
    const milliseconds = Math.min(MOST_HOLD_MILLISECONDS, before * 2);
    this.#holds.set(job, { until: Date.now() + milliseconds, milliseconds, why });
  }
}

/** What moves together has one name: jobs of one group and home, or the job alone. */
function groupOf({ record: { facts } }: Run): string {
  return facts.group === 0 ? facts.job : `${jobIdParts(facts.job).home} ${facts.group}`;
}

/** Bytes of memory that the job's processes have resident. */
function residentBytes({ cgroup }: Run): number {
  return cgroup.pids().reduce((sum, pid) => sum + (statmOf(pid)[1] ?? 0) * PAGE_BYTES, 0);
}

function memoryOf({ bytes, leftBytes }: Measured): MovedMemory {
  return { frozenBytes: leftBytes, comparedBytes: Math.max(0, bytes - leftBytes) };
}
