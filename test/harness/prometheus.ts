/**
 * Debian's real Prometheus on a free port of loopback with a folder of its own: it scrapes what it is told, takes
 * remote-write, and answers questions. It can be stopped and started again on the same port with the same data.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface PrometheusOptions {
  /** `host:port` of the endpoints to scrape every second; none by default. */
  readonly scrape?: readonly string[];
}

/** A series of an answer: labels, and values by seconds since 1970. */
export interface FoundSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: number])[];
}

export class PrometheusServer {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.#port = port;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts a server; resolves when it takes requests. */
  static async start({ scrape = [] }: PrometheusOptions = {}): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'mosview-prometheus-'));
    const server = new PrometheusServer(await freePort(), folder);
    const job = {
      job_name: 'mosview',
      scrape_interval: '1s',
      scrape_timeout: '1s',
      static_configs: [{ targets: scrape }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ scrape_configs: [job] }));
    await server.restart();
    return server;
  }

  /** Starts it (again) on its port with its data; resolves when it takes requests. */
  async restart(): Promise<void> {
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(this.#folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(this.#folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${this.#port}`,
        '--web.enable-remote-write-receiver',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = child;
    const log: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      log.push(line);
      if (line.includes('Server is ready to receive web requests')) {
        child.stderr.resume();
        return;
      }
    }
    throw new Error(`prometheus did not start:\n${log.join('\n')}`);
  }

  /** Ends it; its data stays. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  /** Ends it and removes its data. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The stored samples of a selector over the seconds up to `time` (seconds since 1970). */
  samples(selector: string, seconds: number, time: number): Promise<readonly FoundSeries[]> {
    return this.#ask(`${selector}[${seconds}s]`, time);
  }

  /** The series of a selector that have a value at a time, with that value alone. */
  instant(selector: string, time: number): Promise<readonly FoundSeries[]> {
    return this.#ask(selector, time);
  }

  async #ask(query: string, time: number): Promise<readonly FoundSeries[]> {
    const parameters = new URLSearchParams({ query, time: String(time) });
    const response = await fetch(`${this.url}/api/v1/query?${parameters.toString()}`);
    const { status, data } = (await response.json()) as {
      status: string;
      data: {
        result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[];
      };
    };
    if (status !== 'success') throw new Error(`prometheus answered ${status}`);
    return data.result.map(({ metric, value, values }) => ({
      metric,
      values: (values ?? (value === undefined ? [] : [value])).map(
        ([at, text]) => [at, Number(text)] as const,
      ),
    }));
  }

  /** Asks until an answer is not empty. */
  async eventually(selector: string, seconds = 60): Promise<readonly FoundSeries[]> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const found = await this.samples(selector, seconds, Date.now() / 1000);
      if (found.length > 0) return found;
      if (Date.now() > deadline) throw new Error(`prometheus has no ${selector}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
