/** A cluster as the program watches it: what is shown of it in every second, and what is logged of it. */
import { join, resolve } from 'node:path';
import { BlockView, type NodeState } from '../../common/contract/block.ts';
import type { MetricName } from '../../common/model/metric.ts';
import type { Migration } from '../../common/model/migration.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../../main/cluster/cluster.ts';
import { openHistory, type History } from '../../main/history/index.ts';
import { Monitor } from '../../main/monitor.ts';
import { Recording } from '../../main/recording/index.ts';
import { Learned } from '../../main/settings/learned.ts';
import { temporaryFolder } from './program.ts';
import { valueOf } from './value-of.ts';

export class WatchedCluster {
  readonly monitor: Monitor;
  /** What was logged since `record`. */
  readonly migrations: Migration[] = [];
  readonly #folder: ReturnType<typeof temporaryFolder>;
  readonly #keyOf: (id: number) => string;
  #history: History | undefined;
  #recording: Recording | undefined;
  #onSecond: () => void = () => undefined;

  private constructor(
    folder: ReturnType<typeof temporaryFolder>,
    keyOf: (id: number) => string,
    monitor: Monitor,
  ) {
    this.#folder = folder;
    this.#keyOf = keyOf;
    this.monitor = monitor;
  }

  /** Starts a monitor that watches no node yet. `name` is in its data folder's name, `keyOf` the key of a test's node. */
  static async start(name: string, keyOf: (id: number) => string): Promise<WatchedCluster> {
    const folder = temporaryFolder(name);
    let take = (_second: Second): void => undefined;
    const monitor = await Monitor.start({
      dataFolder: folder.path,
      resourcesFolder: resolve(import.meta.dirname, '../../resources'),
      prompter: { ask: () => Promise.resolve(null) },
      // One observer that stays healthy: what it sees does not hide what a node's own connection says.
      observers: 1,
      learned: await Learned.open(folder.path),
      onSecond: (second) => take(second),
      onNotice: () => undefined,
    });
    const cluster = new WatchedCluster(folder, keyOf, monitor);
    take = (second) => cluster.#take(second);
    return cluster;
  }

  get dataFolder(): string {
    return this.#folder.path;
  }

  /** Records every second from now on in a new history, without lists of processes. */
  async record(): Promise<Recording> {
    const folder = join(this.dataFolder, 'history');
    this.#history = valueOf(await openHistory({ folder, onProblem: () => undefined }));
    this.#recording = new Recording({
      history: this.#history,
      monitor: this.monitor,
      snapshotSeconds: () => 0,
      onMigrations: (found) => this.migrations.push(...found),
      onProblem: () => undefined,
    });
    return this.#recording;
  }

  /** Resolves at the first second in which it is so. One at a time is waited for. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((done) => {
      this.#onSecond = () => {
        if (condition()) done();
      };
    });
  }

  info(id: number): NodeInfo | undefined {
    return this.monitor.cluster.infos().find(({ key }) => key === this.#keyOf(id));
  }

  /** The state of a node in the last second; undefined where it is not shown. */
  state(id: number): NodeState | undefined {
    const slot = this.info(id)?.slot;
    return slot === undefined ? undefined : this.#block()?.state(slot);
  }

  /** A figure of a node in the last second; NaN where there is none. */
  value(id: number, metric: MetricName): number {
    const slot = this.info(id)?.slot;
    return slot === undefined ? NaN : (this.#block()?.value(metric, slot) ?? NaN);
  }

  /** Ends the connections, then what is recorded. */
  async close(): Promise<void> {
    await this.monitor.dispose();
    this.#recording = undefined;
    await this.#history?.close();
    this.#folder.remove();
  }

  #block(): BlockView | undefined {
    const second = this.monitor.cluster.latest;
    return second && new BlockView(second.columns);
  }

  #take(second: Second): void {
    this.#recording?.take(second);
    this.#onSecond();
  }
}
