/** The migration log: finds migrations in what the nodes' links read, and stores each before it is told. */
import { type Problem, problem } from '../../common/contract/problem.ts';
import type { Migration, Placement } from '../../common/model/migration.ts';
import type { Result } from '../../common/model/result.ts';
import type { MoveRequest } from '../control/types.ts';
import { createTracker } from './tracker.ts';
import type { Places } from './types.ts';

export interface MigrationLogOptions {
  /** Stores migrations; resolves when they are on disk, with their numbers. */
  record(migrations: readonly Migration[]): Promise<Result<readonly Migration[]>>;
  /** Told of migrations with their numbers, once they are on disk. */
  onMigrations(migrations: readonly Migration[]): void;
  /** Told when migrations are lost, once until they can be stored again, and then how many were. */
  onProblem(problem: Problem): void;
}

export class MigrationLog {
  readonly #options: MigrationLogOptions;
  readonly #tracker = createTracker();
  /** The nodes that are sampled now, and the time of the latest reading of each that ever was. */
  readonly #sampled = new Set<number>();
  readonly #taken = new Map<number, number>();
  readonly #recordings = new Set<Promise<void>>();
  #lost = 0;

  constructor(options: MigrationLogOptions) {
    this.#options = options;
  }

  /**
   * Takes a reading of node `id`: its places, its status bits (NaN where unknown), and when it arrived, in milliseconds
   * since 1970. A reading that was taken before is left out, also after the node was lost, so that the latest one may be
   * offered every second.
   */
  take(id: number, places: Places, status: number, time: number): void {
    if (this.#taken.get(id) === time) return;
    this.#taken.set(id, time);
    this.#sampled.add(id);
    this.#tracker.take(id, places, status, time);
  }

  /** Node `id` cannot be sampled any more; may be told again and again. */
  lost(id: number): void {
    if (this.#sampled.delete(id)) this.#tracker.lost(id);
  }

  /** Other nodes than these cannot be sampled any more, nor does anybody have their ids. */
  lostAllBut(ids: ReadonlySet<number>): void {
    for (const id of this.#sampled) if (!ids.has(id)) this.lost(id);
  }

  /** An order that will show as a migration. */
  request(request: MoveRequest): void {
    this.#tracker.request(request);
  }

  /** Every process that is not at home now. */
  placements(): readonly Placement[] {
    return this.#tracker.placements();
  }

  /** Stores what was found since the last step. To be called once a second. */
  step(time: number): void {
    const found = this.#tracker.drain(time);
    if (found.length === 0) return;
    const recording = this.#record(found).finally(() => this.#recordings.delete(recording));
    this.#recordings.add(recording);
  }

  /** Resolves when everything found up to the last step is stored or lost; with a full disk that may take long. */
  async settled(): Promise<void> {
    await Promise.all(this.#recordings);
  }

  async #record(found: readonly Migration[]): Promise<void> {
    const stored = await this.#options.record(found);
    if (!stored.ok) {
      if (this.#lost === 0) this.#options.onProblem(stored.problem);
      this.#lost += found.length;
      return;
    }
    if (this.#lost > 0) {
      const words = `Migrations are stored again; ${this.#lost} of them are missing in the log.`;
      this.#options.onProblem(problem('disk-full', words));
      this.#lost = 0;
    }
    this.#options.onMigrations(stored.value);
  }
}
