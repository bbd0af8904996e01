/** Out to Prometheus: the endpoint it scrapes and remote-write, kept supplied with what the program knows. */
import { statSync } from 'node:fs';
import type { CallOutput } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { Migration, MigrationCause } from '../../common/model/migration.ts';
import { success, type Result } from '../../common/model/result.ts';
import { historyFile } from '../history/file.ts';
import type { History } from '../history/index.ts';
import type { Monitor } from '../monitor.ts';
import { isLoopback, type ListenAddress } from './address.ts';
import { serveMetrics, type MetricsEndpoint } from './endpoint.ts';
import type { Snapshot } from './families.ts';
import { RemoteWriter } from './remote-write.ts';
import type { PrometheusSettings } from './settings.ts';

export interface OutletOptions {
  readonly version: string;
  readonly dataFolder: string;
  readonly history: Pick<History, 'behind' | 'ask'>;
  readonly monitor: Pick<Monitor, 'cluster'>;
  /** Where Prometheus may scrape; nowhere by default. */
  readonly metrics: ListenAddress | undefined;
  readonly settings: PrometheusSettings | undefined;
  readonly onNotice: (problem: Problem) => void;
}

/** The ways out of the program. */
export class Outlets {
  readonly #options: OutletOptions;
  readonly #migrations: Partial<Record<MigrationCause, number>> = {};
  #endpoint: MetricsEndpoint | undefined;
  #remoteWriter: RemoteWriter | undefined;

  private constructor(options: OutletOptions) {
    this.#options = options;
  }

  /** Opens what the operator asked for. Problems: bad-input when the endpoint's address cannot be opened. */
  static async open(options: OutletOptions): Promise<Result<Outlets>> {
    const outlets = new Outlets(options);
    const { metrics, settings } = options;
    if (metrics !== undefined) {
      const endpoint = await serveMetrics(metrics, () => outlets.#snapshot());
      if (!endpoint.ok) return endpoint;
      outlets.#endpoint = endpoint.value;
      if (!isLoopback(metrics)) {
        const words = `Whoever reaches this machine can read ${endpoint.value.url}: it asks for no password, and nothing is encrypted.`;
        options.onNotice(problem('bad-input', words));
      }
    }
    if (settings?.remoteWrite !== undefined) {
      outlets.#remoteWriter = await RemoteWriter.start({
        ...options,
        settings: settings.remoteWrite,
        labels: settings.labels,
      });
    }
    return success(outlets);
  }

  /** Where the metrics are; undefined where none were asked for. */
  get metricsUrl(): string | undefined {
    return this.#endpoint?.url;
  }

  /** What leaves the program, and where it stands. */
  get status(): Pick<CallOutput<'outlets'>, 'metricsUrl' | 'remoteWrite'> {
    return { metricsUrl: this.metricsUrl ?? null, remoteWrite: this.#remoteWriter?.status ?? null };
  }

  /** A second was recorded; milliseconds since 1970. */
  second(time: number): void {
    this.#remoteWriter?.second(time);
  }

  /** Counts migrations that were recorded. */
  countMigrations(migrations: readonly Migration[]): void {
    for (const { cause, count } of migrations) {
      this.#migrations[cause] = (this.#migrations[cause] ?? 0) + count;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#endpoint?.close(), this.#remoteWriter?.close()]);
  }

  #snapshot(): Snapshot {
    const { version, dataFolder, history, monitor } = this.#options;
    const file = historyFile(dataFolder);
    const { user, system } = process.cpuUsage();
    return {
      version,
      second: monitor.cluster.latest,
      nodes: monitor.cluster.infos(),
      connections: [...monitor.cluster.links].map((link) => link.connection.kind),
      migrations: this.#migrations,
      history: { bytes: bytesOf(file) + bytesOf(`${file}-wal`), behind: history.behind },
      remoteWrite: this.#remoteWriter?.status,
      process: {
        cpuSeconds: (user + system) / 1e6,
        residentBytes: process.memoryUsage.rss(),
        startTime: Math.round(performance.timeOrigin) / 1000,
      },
    };
  }
}

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
