/** The nodes a one-shot command works on: those of the settings or of a demo cluster, connected as far as it needs them. */
import { join } from 'node:path';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { Second } from '../cluster/cluster.ts';
import { startDemo, type ServedDemo } from '../demo/index.ts';
import { Monitor } from '../monitor.ts';
import type { NodeLink } from '../nodes/link.ts';
import { settingsFileOf } from '../paths.ts';
import { makeDataFolder } from '../settings/files.ts';
import { Learned } from '../settings/learned.ts';
import { Settings } from '../settings/settings.ts';
import type { SshService } from '../ssh/index.ts';
import type { CommonArguments } from './arguments.ts';
import { TerminalPrompter } from './terminal-prompter.ts';

/** After this long the nodes that have not answered are taken as they are. */
const DEADLINE_MILLISECONDS = 30_000;
/** The second after the first reading has what a node knows of the others. */
const SECONDS_AFTER = 1;

/** Every node of the settings, and those their nodes know. */
export const ALL = 'all';

/** Nodes that were asked for by id, name or key. */
export interface Found {
  /** In the order in which they were asked for, each once. */
  readonly nodes: readonly NodeInfo[];
  /** What no node answers to. */
  readonly missing: readonly string[];
}

interface Parts {
  readonly monitor: Monitor;
  readonly notices: readonly Problem[];
  readonly learned: Learned;
  readonly seconds: SecondsWaiter;
  readonly demo: ServedDemo | undefined;
  readonly entries: readonly NodeEntry[];
  readonly ssh: SshService;
  readonly settingsFile: string;
}

export class Reach {
  readonly #parts: Parts;
  readonly #added = new Set<NodeEntry>();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads the settings or starts the demo; nothing is connected yet. Problems: those of the settings, disk-full. */
  static async open(
    command: CommonArguments,
    dataFolder: string,
    resourcesFolder: string,
  ): Promise<Result<Reach>> {
    const folder = makeDataFolder(dataFolder);
    if (!folder.ok) return folder;
    const settings = await Settings.open(command.settingsFile ?? settingsFileOf(dataFolder));
    if (!settings.ok) return settings;
    const { values, nodes, file } = settings.value;
    const { demoNodes, demoDialect } = command;
    const demo =
      demoNodes === undefined
        ? undefined
        : await startDemo({ demoNodes, demoDialect }, join(dataFolder, 'demo-cluster'));
    const notices: Problem[] = [...settings.value.notices];
    const learned = await Learned.open(dataFolder);
    const seconds = new SecondsWaiter();
    const monitor = await Monitor.start({
      dataFolder,
      resourcesFolder,
      prompter: new TerminalPrompter(),
      observers: values.observers,
      learned,
      onSecond: (second) => seconds.take(second),
      onNotice: (notice) => notices.push(notice),
    });
    const ssh = monitor.openSsh(
      demo === undefined
        ? { configFile: values.sshConfigFile, knownHostsFiles: values.knownHostsFiles }
        : { configFile: 'none', knownHostsFiles: [demo.knownHostsFile] },
    );
    const entries = demo?.nodes.map((node) => node.entry) ?? nodes;
    // A command that connects a few of them must mean the same nodes by their numbers as the window, which has all.
    monitor.cluster.reserve(entries.map(({ name, id }) => ({ name, id: learned.idOf(name) ?? id })));
    return success(new Reach({ monitor, notices, learned, seconds, demo, entries, ssh, settingsFile: file }));
  }

  get monitor(): Monitor {
    return this.#parts.monitor;
  }

  /** How many nodes were connected, or tried. */
  get connections(): number {
    return this.#added.size;
  }

  /** What was noticed on the way: odd settings, two nodes with one id. */
  get notices(): readonly Problem[] {
    return this.#parts.notices;
  }

  /** Connects every node and gives the second in which all have answered, or some more. Problems: bad-input (none). */
  async connectAll(secondsAfter = SECONDS_AFTER): Promise<Result<Second>> {
    const { entries, settingsFile, seconds } = this.#parts;
    if (entries.length === 0) {
      return failure(problem('bad-input', `There are no nodes in ${settingsFile}; add some first`));
    }
    await this.#add(entries, secondsAfter);
    return success(await seconds.latest());
  }

  /**
   * Connects the nodes that are asked for by id, name, key or `all`, and only those where it is known which they are.
   * `optional` ones are connected too where they are in the settings. Problems: bad-input (no nodes at all).
   */
  async connect(wanted: readonly string[], optional: readonly string[] = []): Promise<Result<Found>> {
    const { entries } = this.#parts;
    const answering = (name: string): readonly NodeEntry[] =>
      entries.filter((entry) => this.#answersTo(entry, name));
    if (!wanted.includes(ALL) && wanted.every((name) => answering(name).length > 0)) {
      // What a node says of itself it says at once; what it knows of others a second later.
      const isAsked = optional.every((name) => answering(name).length > 0);
      await this.#add([...wanted, ...optional].flatMap(answering), isAsked ? 0 : SECONDS_AFTER);
      const found = this.#find(wanted);
      const own = found.nodes.every((node) => this.monitor.cluster.linkOf(node.key) !== undefined);
      if (own && found.missing.length === 0) return success(found);
    }
    // An id that nobody had the last time, or has no more: any of them may be it.
    const all = await this.connectAll();
    return all.ok ? success(this.#find(wanted)) : all;
  }

  async dispose(): Promise<void> {
    const { monitor, demo, learned } = this.#parts;
    await monitor.dispose();
    await demo?.close();
    await learned.close();
  }

  /** Connects entries that are not yet, in the order of the settings, and waits for them. */
  async #add(entries: readonly NodeEntry[], secondsAfter: number): Promise<void> {
    const chosen = new Set(entries);
    const { entries: known, ssh, monitor, seconds } = this.#parts;
    const added = known.filter((entry) => chosen.has(entry) && !this.#added.has(entry));
    if (added.length === 0) return;
    for (const entry of added) this.#added.add(entry);
    monitor.add(added, ssh);
    await seconds.wait(() => [...monitor.cluster.links].every(isSettled), secondsAfter);
  }

  #answersTo(entry: NodeEntry, name: string): boolean {
    const id = this.monitor.cluster.reservedId(entry.name);
    return (
      entry.name === name ||
      `host:${entry.name}` === name ||
      (id !== undefined && (String(id) === name || `id:${id}` === name))
    );
  }

  #find(wanted: readonly string[]): Found {
    const infos = this.monitor.cluster.infos().toSorted((one, other) => one.id - other.id);
    if (wanted.includes(ALL)) return { nodes: infos, missing: [] };
    const nodes = new Set<NodeInfo>();
    const missing: string[] = [];
    for (const name of wanted) {
      const info =
        infos.find(({ key }) => key === name || key === `id:${name}`) ??
        infos.find((candidate) => candidate.name === name) ??
        infos.find(({ id }) => String(id) === name);
      if (info === undefined) missing.push(name);
      else nodes.add(info);
    }
    return { nodes: [...nodes], missing };
  }
}

/** The problem of a connection that could not be made or was lost; null while there is none. */
export function connectionProblem(connection: ConnectionState): Problem | null {
  return connection.kind === 'failed' || connection.kind === 'waiting' ? connection.problem : null;
}

function isSettled(link: NodeLink): boolean {
  return link.reading !== undefined || connectionProblem(link.connection) !== null;
}

/** Waits until the cluster has settled, some seconds more, or the deadline. */
class SecondsWaiter {
  #onSecond: (second: Second) => void = () => undefined;
  #latest: Second | undefined;

  take(second: Second): void {
    this.#latest = second;
    this.#onSecond(second);
  }

  /** The newest second; the first where there was none. */
  latest(): Promise<Second> {
    return this.#latest === undefined ? this.wait(() => true, 0) : Promise.resolve(this.#latest);
  }

  wait(settled: () => boolean, secondsAfter: number): Promise<Second> {
    const deadline = Date.now() + DEADLINE_MILLISECONDS;
    let after = 0;
    return new Promise((resolve) => {
      this.#onSecond = (second) => {
        if (settled()) after += 1;
        if (after > secondsAfter || Date.now() > deadline) resolve(second);
      };
    });
  }
}
