/** The migration log: what the tracker sees is stored with its number, then told. */
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { Migration, Placement } from '../../common/model/migration.ts';
import type { MoveRequest } from '../control/types.ts';
import type { History } from '../history/index.ts';
import { createTracker } from './tracker.ts';
import type { Places } from './types.ts';

export interface MigrationLogOptions {
  readonly history: Pick<History, 'recordMigrations'>;
  /** Migrations that are on disk, with their numbers. */
  onMigrations(migrations: readonly Migration[]): void;
  onProblem(problem: Problem): void;
}

export class MigrationLog {
  readonly #options: MigrationLogOptions;
  readonly #tracker = createTracker();
  /** Batches are stored one after the other, so that numbers grow with time. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: MigrationLogOptions) {
    this.#options = options;
  }

  /** As MigrationTracker. */
  take(id: number, places: Places, status: number, time: number): void {
    this.#tracker.take(id, places, status, time);
  }

  lost(id: number): void {
    this.#tracker.lost(id);
  }

  request(request: MoveRequest): void {
    this.#tracker.request(request);
  }

  placements(): readonly Placement[] {
    return this.#tracker.placements();
  }

  /** Stores what was seen since the step before; called once a second. */
  step(time: number): void {
    const migrations = this.#tracker.drain(time);
    if (migrations.length === 0) return;
    this.#turn = this.#turn.then(() => this.#store(migrations));
  }

  /** Resolves when everything seen so far is stored, or was said to be lost. */
  close(): Promise<void> {
    return this.#turn;
  }

  async #store(migrations: readonly Migration[]): Promise<void> {
    const stored = await this.#options.history.recordMigrations(migrations);
    if (stored.ok) this.#options.onMigrations(stored.value);
    else {
      const words = `${migrations.length} migrations could not be stored: ${stored.problem.message}`;
      this.#options.onProblem(problem(stored.problem.code, words, stored.problem.detail));
    }
  }
}
