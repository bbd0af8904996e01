/**
 * Watches nodes: their sessions, their samplers, and the cluster they make, once a second. The window program and the
 * one-shot commands of the command line both stand on it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeEntry } from '../common/contract/contract.ts';
import { problem, type Problem } from '../common/contract/problem.ts';
import { Cluster, type Second } from './cluster/cluster.ts';
import { NodeLink } from './nodes/link.ts';
import type { Prompter } from './prompter.ts';
import type { Learned } from './settings/learned.ts';
import { createSshService, type SshService } from './ssh/index.ts';

/** Samples are asked for at the whole second and looked at this much later, when near nodes have answered. */
const LOOK_MILLISECONDS = 500;

export interface MonitorOptions {
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  readonly prompter: Prompter;
  readonly observers: number;
  readonly learned: Learned;
  readonly onSecond: (second: Second) => void;
  readonly onNotice: (problem: Problem) => void;
}

/** How a set of nodes is reached: files of SSH besides the user's own. */
export interface SshFiles {
  readonly configFile?: string | undefined;
  readonly knownHostsFiles?: readonly string[] | undefined;
}

export class Monitor {
  readonly cluster: Cluster;
  readonly #options: MonitorOptions;
  readonly #sampler: string;
  /** Text of resources/operator.sh, which does things on nodes. */
  readonly operatorText: string;
  readonly #services = new Set<SshService>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: MonitorOptions, sampler: string, operatorText: string) {
    this.#options = options;
    this.#sampler = sampler;
    this.operatorText = operatorText;
    this.cluster = new Cluster({
      observers: options.observers,
      onWarning: (text) => options.onNotice(problem('bad-input', text)),
    });
    this.#schedule();
  }

  /** Starts watching; nodes are added afterwards. */
  static async start(options: MonitorOptions): Promise<Monitor> {
    const [sampler, operatorText] = await Promise.all(
      ['sampler.sh', 'operator.sh'].map((name) => readFile(join(options.resourcesFolder, name), 'utf8')),
    );
    return new Monitor(options, sampler ?? '', operatorText ?? '');
  }

  /** A way to reach nodes. Entries added with it share its keys, its known hosts and its limit of connects. */
  openSsh(files: SshFiles): SshService {
    const service = createSshService({
      dataFolder: this.#options.dataFolder,
      prompter: this.#options.prompter,
      ...files,
    });
    this.#services.add(service);
    return service;
  }

  /** Watches nodes from now on. */
  add(entries: readonly NodeEntry[], ssh: SshService): void {
    for (const entry of entries) {
      const link = new NodeLink(entry, ssh.open(entry), this.#sampler, (changed) =>
        this.#linkChanged(changed),
      );
      this.cluster.add(link, this.#options.learned.idOf(entry.name));
    }
  }

  /** Ends a node's connection and takes it out of the cluster. */
  async remove(link: NodeLink): Promise<void> {
    this.cluster.remove(link);
    this.#options.learned.remember(link.entry.name, undefined);
    await link.close();
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.cluster.links].map((link) => link.close()));
    await Promise.all([...this.#services].map((service) => service.dispose()));
  }

  #linkChanged(link: NodeLink): void {
    if (link.dialect === undefined) return;
    this.#options.learned.remember(link.entry.name, link.selfId);
    this.cluster.linkChanged(link);
  }

  /** Ticks at the next whole second and looks half a second later; planned anew each time, so that nothing drifts. */
  #schedule(): void {
    const tickTime = (Math.floor(Date.now() / 1000) + 1) * 1000;
    this.#at(tickTime, () => {
      this.cluster.tick(Date.now());
      this.#at(tickTime + LOOK_MILLISECONDS, () => {
        this.#options.onSecond(this.cluster.step(Date.now()));
        this.#schedule();
      });
    });
  }

  #at(time: number, action: () => void): void {
    this.#timer = setTimeout(action, Math.max(0, time - Date.now()));
  }
}
