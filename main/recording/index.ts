/** Feeds the history with what every second of the cluster brings: values, states of nodes, migrations. */
import { METRIC_INDEX } from '../../common/model/metric.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration, Placement } from '../../common/model/migration.ts';
import type { Second } from '../cluster/cluster.ts';
import type { MoveRequest } from '../control/types.ts';
import type { History } from '../history/index.ts';
import { MigrationLog } from '../migrations/log.ts';
import type { NodeLink } from '../nodes/link.ts';
import { StateRecorder } from './states.ts';
import { ValueRecorder } from './values.ts';

export interface RecordingOptions {
  readonly history: Pick<History, 'setNodes' | 'append' | 'record'>;
  /** Told of migrations with their numbers, once they are on disk. */
  onMigrations(migrations: readonly Migration[]): void;
  onProblem(problem: Problem): void;
}

export class Recording {
  readonly #history: RecordingOptions['history'];
  readonly #values: ValueRecorder;
  readonly #states = new StateRecorder();
  readonly #migrations: MigrationLog;

  constructor(options: RecordingOptions) {
    const { history } = options;
    this.#history = history;
    this.#values = new ValueRecorder(history);
    this.#migrations = new MigrationLog({
      record: (migrations) => history.record('migrations', migrations),
      onMigrations: (migrations) => options.onMigrations(migrations),
      onProblem: (trouble) => options.onProblem(trouble),
    });
  }

  /** Records a second and what the nodes' links had read by then. */
  take(second: Second, links: Iterable<NodeLink>): void {
    this.#values.record(second);
    const changes = this.#states.take(second);
    // What is lost of them the history itself says.
    if (changes.length > 0) void this.#history.record('states', changes);
    for (const { selfId, sampling, reading } of links) {
      if (selfId === undefined) continue;
      if (!sampling) this.#migrations.lost(selfId);
      else if (reading?.places !== undefined) {
        this.#migrations.take(selfId, reading.places, reading.own[METRIC_INDEX.status] ?? NaN, reading.time);
      }
    }
    this.#migrations.step(second.time);
  }

  /** An order that will show as a migration. */
  request(move: MoveRequest): void {
    this.#migrations.request(move);
  }

  /** Every process that is not at home now. */
  placements(): readonly Placement[] {
    return this.#migrations.placements();
  }
}
