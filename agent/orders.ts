/** What operators and users order of this node, whether by `mos` or by the flat files: one meaning for both. */
import { problem } from '../common/contract/problem.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import type { Home, HomeJob } from './home/home.ts';
import { jobIdParts } from './job-id.ts';
import type { Run, Runs } from './job/runs.ts';
import type { Cluster } from './link/cluster.ts';
import type { Cause } from './link/protocol.ts';
import type { Wanted } from './local/protocol.ts';
import type { SettingsFile } from './settings.ts';

/** A move may take as long as its memory and the link take. */
const MOVE_MILLISECONDS = 600_000;

export interface OrdersOptions {
  readonly runs: Runs;
  readonly home: Home;
  readonly cluster: Cluster;
  readonly settings: SettingsFile;
  /** The node with which the job would be off best. Problem: cannot-move when that is where it is. */
  readonly bestFor: (place: number, load: number) => Result<number>;
  readonly loadOf: (run: Run) => number;
}

export interface Moved {
  readonly place: number;
  readonly freezeSeconds: number;
}

export class Orders {
  readonly #options: OrdersOptions;

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /**
   * Moves a process: one of this home by its deputy's number, or a guest by the number of its first process here. Problems:
   * not-found, and those of the move.
   */
  async migrate(pid: number, wanted: Wanted, cause: Cause): Promise<Result<Moved>> {
    const { runs, home } = this.#options;
    const own = home.ofPid(pid);
    if (own !== undefined) return this.moveOwn(own, wanted, cause);
    const guest = runs.all.find((run) => runs.firstProcess(run) === pid);
    if (guest === undefined)
      return failure(
        problem('not-found', `Process ${pid} is no job of mos run here, so it cannot be moved.`),
      );
    return this.moveHere(guest, wanted, cause);
  }

  async moveOwn({ record }: HomeJob, wanted: Wanted, cause: Cause): Promise<Result<Moved>> {
    const { cluster, bestFor, runs, loadOf } = this.#options;
    const { job } = record.facts;
    const here = runs.find(job);
    const to =
      wanted === 'best'
        ? bestFor(record.place, here === undefined ? 0 : loadOf(here))
        : success(wanted || cluster.self);
    if (!to.ok) return to;
    if (to.value === record.place) return success({ place: to.value, freezeSeconds: 0 });
    const moved = await cluster.call(
      record.place,
      'move',
      { job, to: to.value, cause },
      { milliseconds: MOVE_MILLISECONDS },
    );
    return moved.ok ? success({ place: to.value, freezeSeconds: moved.value.freezeSeconds }) : moved;
  }

  /** Moves a job that is on this node, wherever its home is; 0 is its home. */
  async moveHere(run: Run, wanted: Wanted, cause: Cause): Promise<Result<Moved>> {
    const { cluster, bestFor, loadOf } = this.#options;
    const { job } = run.record.facts;
    const to =
      wanted === 'best' ? bestFor(cluster.self, loadOf(run)) : success(wanted || jobIdParts(job).home);
    if (!to.ok) return to;
    const moved = await cluster.call(cluster.self, 'move', { job, to: to.value, cause });
    return moved.ok ? success({ place: to.value, freezeSeconds: moved.value.freezeSeconds }) : moved;
  }

  /** Refuses guests from now on and sends away those that are here. Answers how many could not go. */
  async expel(): Promise<number> {
    const { runs, cluster, settings } = this.#options;
    settings.set({ block: true });
    for (const run of this.guests) {
      const best = await this.moveHere(run, 'best', 'expel');
      if (!best.ok) await this.moveHere(run, 0, 'expel');
    }
    return runs.all.filter(({ record }) => jobIdParts(record.facts.job).home !== cluster.self).length;
  }

  /** Keeps its own processes from now on and brings home those that are away. Answers how many could not come. */
  async bring(): Promise<number> {
    const { home, cluster, settings } = this.#options;
    settings.set({ lstay: true });
    await Promise.all(home.all.map((job) => this.moveOwn(job, 0, 'bring')));
    return home.all.filter(({ record }) => record.place !== cluster.self).length;
  }

  get guests(): readonly Run[] {
    const { runs, cluster } = this.#options;
    return runs.all.filter(
      ({ record }) => jobIdParts(record.facts.job).home !== cluster.self && record.phase.kind === 'running',
    );
  }
}
