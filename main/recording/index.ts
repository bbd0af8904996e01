/** Feeds the history with what every second of the cluster brings: values, states of nodes, migrations, places, process lists, and what agents kept. */
import { METRIC_INDEX } from '../../common/model/metric.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration, Placement } from '../../common/model/migration.ts';
import type { Second } from '../cluster/cluster.ts';
import type { MoveRequest } from '../control/types.ts';
import type { History } from '../history/index.ts';
import { MigrationLog } from '../migrations/log.ts';
import type { Monitor } from '../monitor.ts';
import { controlNodes } from '../control-nodes.ts';
import { GapFiller, type GapNode } from './gaps.ts';
import { PlacementRecorder } from './placements.ts';
import { ProcessRecorder } from './processes.ts';
import { StateRecorder } from './states.ts';
import { ValueRecorder } from './values.ts';

export interface RecordingOptions {
  readonly history: Pick<History, 'setNodes' | 'append' | 'record' | 'ask' | 'fill'>;
  readonly monitor: Monitor;
  /** Seconds between two lists of a node's processes; 0 for none. */
  snapshotSeconds(): number;
  /** Told of migrations with their numbers, once they are on disk. */
  onMigrations(migrations: readonly Migration[]): void;
  onProblem(problem: Problem): void;
}

export class Recording {
  readonly #history: RecordingOptions['history'];
  readonly #monitor: Monitor;
  readonly #values: ValueRecorder;
  readonly #states = new StateRecorder();
  readonly #migrations: MigrationLog;
  readonly #placements = new PlacementRecorder();
  readonly #processes: ProcessRecorder;
  readonly #gaps: GapFiller;

  constructor(options: RecordingOptions) {
    const { history, monitor } = options;
    const nodes = controlNodes(monitor);
    this.#history = history;
    this.#monitor = monitor;
    this.#values = new ValueRecorder(history);
    this.#migrations = new MigrationLog({
      record: (migrations) => history.record('migrations', migrations),
      onMigrations: (migrations) => options.onMigrations(migrations),
      onProblem: (trouble) => options.onProblem(trouble),
    });
    this.#gaps = new GapFiller({
      history,
      onMigrations: (migrations) => options.onMigrations(migrations),
      onProblem: (trouble) => options.onProblem(trouble),
    });
    this.#processes = new ProcessRecorder({
      nodes: () =>
        monitor.cluster
          .infos()
          .filter(({ connection }) => connection.kind === 'connected')
          .map(({ key, id, name }) => ({ key, id, name })),
      list: async (key) => {
        const listed = await nodes.find(key)?.processes();
        return listed?.ok ? listed.value : undefined;
      },
      // What is lost of them, too.
      store: async (list) => (await history.record('processes', [list])).ok,
      period: () => options.snapshotSeconds(),
    });
  }

  /** Records a second and what the nodes' links had read by then. */
  take(second: Second): void {
    this.#values.record(second);
    const changes = this.#states.take(second);
    // What is lost of them the history itself says.
    if (changes.length > 0) void this.#history.record('states', changes);
    const present = new Set<number>();
    const whose = this.#monitor.cluster.whoseAddress();
    for (const { link, id: shownId } of this.#monitor.cluster.seated()) {
      const { selfId, sampling, reading } = link;
      const byAddress = reading?.addressedPlaces;
      // Where nodes have no ids of their own, those are meant that they are shown under.
      const id = byAddress === undefined ? selfId : shownId;
      if (id === undefined || !sampling) continue;
      present.add(id);
      const places = byAddress?.(whose) ?? reading?.places;
      if (reading !== undefined && places !== undefined) {
        this.#migrations.take(id, places, reading.own[METRIC_INDEX.status] ?? NaN, reading.time);
      }
    }
    this.#migrations.lostAllBut(present);
    this.#migrations.step(second.time);
    void this.#recordPlacements(second.time);
    this.#processes.step(second.time);
    this.#gaps.step(second.time, this.#withLinks());
  }

  /** An order that will show as a migration. */
  request(move: MoveRequest): void {
    this.#migrations.request(move);
  }

  /** Every process that is not at home now. */
  placements(): readonly Placement[] {
    return this.#migrations.placements();
  }

  #withLinks(): readonly GapNode[] {
    const { cluster } = this.#monitor;
    return cluster.infos().flatMap(({ key, id, name }) => {
      const link = cluster.linkOf(key);
      return link === undefined
        ? []
        : [{ key, id, name, dialect: link.dialect, sampling: link.sampling, session: link.session }];
    });
  }

  async #recordPlacements(time: number): Promise<void> {
    const row = this.#placements.take(time, this.placements());
    if (row !== undefined && !(await this.#history.record('placements', [row])).ok) this.#placements.forget();
  }
}
