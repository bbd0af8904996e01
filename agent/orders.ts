/** What operators and users order of this node, whether by `mos` or by the flat files: one meaning for both. */
import { setTimeout as wait } from 'node:timers/promises';
import { problem, type Problem } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import type { Balancer } from './balance/balancer.ts';
import type { Home, HomeJob } from './home/home.ts';
import { jobIdParts, type JobId } from './job-id.ts';
import type { Run, Runs } from './job/runs.ts';
import type { Cluster } from './link/cluster.ts';
import type { Cause } from './link/protocol.ts';
import type { MoveFigures } from './move/departure.ts';
import type { Wanted } from './local/protocol.ts';
import type { SettingsFile } from './settings.ts';

/** A move may take as long as its memory and the link take. */
const LONG = { milliseconds: 600_000 } as const;
/** A node that is emptied keeps none for the sake of another, and what is right only at home goes there. */
const MUST_LEAVE: readonly Cause[] = ['expel', 'need'];
/** Moves of one order that are under way together. */
const AT_ONCE = 4;
/** A job may be on its way elsewhere just now, so one that does not come is asked again. */
const MOST_FRUITLESS = 5;
const PAUSE_MILLISECONDS = 1000;

export interface OrdersOptions {
  readonly runs: Runs;
  readonly home: Home;
  readonly cluster: Cluster;
  readonly settings: SettingsFile;
  readonly balancer: Balancer;
  /** Whether processes are still being sent away or brought home. */
  readonly onWork: (work: { readonly expel?: boolean; readonly bring?: boolean }) => void;
}

export interface Moved {
  readonly place: number;
  readonly freezeSeconds: number;
}

/** A job of a group that has gone, and where it was. */
interface Went {
  readonly id: JobId;
  readonly from: number;
}

export class Orders {
  readonly #options: OrdersOptions;
  /** Groups of this home that are on their way. */
  readonly #groups = new Set<number>();

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /**
   * Moves a process: one of this home by its deputy's number, or a guest by the number of one of its processes here.
   * Problems: not-found, and those of the move.
   */
  async migrate(pid: number, wanted: Wanted, cause: Cause): Promise<Result<Moved>> {
    const { runs, home } = this.#options;
    const own = home.ofPid(pid);
    if (own !== undefined) return this.moveOwn(own, wanted, cause);
    const guest = runs.ofPid(pid);
    if (guest === undefined)
      return failure(
        problem('not-found', `Process ${pid} is no job of mos run here, so it cannot be moved.`),
      );
    return this.moveHere(guest, wanted, cause);
  }

  /** Moves a job of this home, with its group. */
  async moveOwn({ record }: HomeJob, wanted: Wanted, cause: Cause): Promise<Result<Moved>> {
    const { facts, place } = record;
    const to = this.#target(facts.job, place, wanted);
    if (!to.ok) return to;
    if (to.value === place) return success({ place, freezeSeconds: 0 });
    return movedTo(to.value, await this.moveGroup(facts.job, to.value, cause));
  }

  /**
   * Moves a job of this home, and all others of its group, to a node; answers what the one that stood still for longest took.
   * When one cannot go, those that went come back, and its reason is answered; but what must leave a node leaves it.
   */
  async moveGroup(job: JobId, to: number, cause: Cause): Promise<Result<MoveFigures>> {
    const { home } = this.#options;
    const group = home.find(job)?.record.facts.group ?? 0;
    if (this.#groups.has(group))
      return failure(problem('cannot-move', `Group ${group} of job ${job} is on its way already.`));
    if (group !== 0) this.#groups.add(group);
    try {
      const mates = home.all.filter(({ record: { facts } }) => group !== 0 && facts.group === group);
      const ids = mates.map(({ record }) => record.facts.job).filter((id) => id !== job);
      const went: Went[] = [];
      let longest: MoveFigures | undefined;
      for (const id of [job, ...ids]) {
        const record = home.find(id)?.record;
        if (record === undefined || record.ended !== undefined || record.place === to) continue;
        const moved = await this.#call(id, record.place, { to, cause, follows: went.length > 0 });
        if (moved.ok) {
          went.push({ id, from: record.place });
          if (longest === undefined || moved.value.freezeSeconds > longest.freezeSeconds)
            longest = moved.value;
        } else if (went.length === 0 || !MUST_LEAVE.includes(cause)) {
          const away = await this.#takeBack(went, to, cause);
          return id === job ? moved : failure(ofMate(id, group, moved.problem, away));
        }
      }
      return success(longest ?? { freezeSeconds: 0, bytes: 0 });
    } finally {
      this.#groups.delete(group);
    }
  }

  /** Moves those of a group that went to a node back to where they were; answers those that could not. */
  async #takeBack(went: readonly Went[], at: number, cause: Cause): Promise<readonly JobId[]> {
    const away: JobId[] = [];
    for (const { id, from } of went.toReversed()) {
      const back = await this.#call(id, at, { to: from, cause, follows: true });
      if (!back.ok) away.push(id);
    }
    return away;
  }

  /** Where a job that will use much CPU should begin; undefined at home. */
  placeNew(): number | undefined {
    return this.#options.balancer.placeNew();
  }

  /** For how many seconds a move would stop a job; null for one that is not here. */
  estimate(job: JobId): number | null {
    return this.#options.balancer.estimate(job);
  }

  /** Moves a job that is on this node, wherever its home is; 0 is its home. */
  async moveHere(run: Run, wanted: Wanted, cause: Cause): Promise<Result<Moved>> {
    const { self } = this.#options.cluster;
    const { job } = run.record.facts;
    const to = this.#target(job, self, wanted);
    return to.ok ? movedTo(to.value, await this.leave(run, to.value, cause)) : to;
  }

  /** As `moveHere`, to a node that is known, and with what it took. */
  leave({ record }: Run, to: number, cause: Cause): Promise<Result<MoveFigures>> {
    const { cluster } = this.#options;
    const { job, group } = record.facts;
    return group === 0
      ? this.#call(job, cluster.self, { to, cause, follows: false })
      : cluster.call(jobIdParts(job).home, 'moveGroup', { job, to, cause }, LONG);
  }

  #target(job: JobId, place: number, wanted: Wanted): Result<number> {
    const { balancer } = this.#options;
    const { home } = jobIdParts(job);
    return wanted === 'best'
      ? balancer.bestFor(place, home, balancer.loadOf(job) / 100)
      : success(wanted || home);
  }

  #call(
    job: JobId,
    place: number,
    order: { readonly to: number; readonly cause: Cause; readonly follows: boolean },
  ): Promise<Result<MoveFigures>> {
    return this.#options.cluster.call(place, 'move', { job, ...order }, LONG);
  }

  /** Refuses guests from now on and sends away those that are here, as often as it helps. Answers how many could not go. */
  async expel(): Promise<number> {
    const { settings, runs } = this.#options;
    settings.set({ block: true });
    return this.#work(
      'expel',
      () => this.guests.map(({ record }) => record.facts.job),
      async (job) => {
        const run = runs.find(job);
        if (run === undefined) return;
        const best = await this.moveHere(run, 'best', 'expel');
        if (!best.ok) await this.moveHere(run, 0, 'expel');
      },
    );
  }

  /** Keeps its own processes from now on and brings home those that are away. Answers how many could not come. */
  async bring(): Promise<number> {
    const { home, cluster, settings } = this.#options;
    settings.set({ lstay: true });
    return this.#work(
      'bring',
      () =>
        home.all.filter(({ record }) => record.place !== cluster.self).map(({ record }) => record.facts.job),
      async (job) => {
        const found = home.find(job);
        if (found !== undefined) await this.moveOwn(found, 0, 'bring');
      },
    );
  }

  async #work(
    name: 'expel' | 'bring',
    left: () => readonly JobId[],
    attempt: (job: JobId) => Promise<void>,
  ): Promise<number> {
    this.#options.onWork({ [name]: true });
    const count = await untilNoneLess(left, attempt);
    this.#options.onWork({ [name]: false });
    return count;
  }

  get guests(): readonly Run[] {
    const { runs, cluster } = this.#options;
    return runs.all.filter(
      ({ record }) => jobIdParts(record.facts.job).home !== cluster.self && record.phase.kind === 'running',
    );
  }
}

function movedTo(place: number, moved: Result<MoveFigures>): Result<Moved> {
  return moved.ok ? success({ place, freezeSeconds: moved.value.freezeSeconds }) : moved;
}

/** Why a group stays, when it is not for the job that was asked for; `away` are those that it was parted from. */
function ofMate(job: JobId, group: number, { code, message }: Problem, away: readonly JobId[]): Problem {
  const pids = away.map((id) => jobIdParts(id).pid).join(', ');
  const parted = pids === '' ? '' : ` ${pids} could not come back.`;
  return problem(
    code,
    `Process ${jobIdParts(job).pid} of its group ${group} cannot go, so none does: ${message}${parted}`,
  );
}

/** Tries all that are left, some at a time, until none is or nothing helps any more. Answers how many are left. */
async function untilNoneLess(
  left: () => readonly JobId[],
  attempt: (job: JobId) => Promise<void>,
): Promise<number> {
  let fruitless = 0;
  while (left().length > 0 && fruitless < MOST_FRUITLESS) {
    const before = left();
    for (let first = 0; first < before.length; first += AT_ONCE)
      await Promise.all(before.slice(first, first + AT_ONCE).map((job) => attempt(job)));
    if (left().length < before.length) fruitless = 0;
    else {
      fruitless += 1;
      await wait(PAUSE_MILLISECONDS);
    }
  }
  return left().length;
}
