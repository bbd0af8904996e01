/** `mosview nodes`: one sample of every node, as a table or as JSON. */
import { join } from 'node:path';
import { BlockView, type NodeState } from '../../common/contract/block.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { METRICS, type MetricName } from '../../common/model/metric.ts';
import type { ConnectionState, Dialect, NodeInfo } from '../../common/model/node.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { settingsOf, type NodeSetting } from '../../common/model/status.ts';
import type { Second } from '../cluster/cluster.ts';
import { startDemoCluster, type DemoCluster } from '../demo/index.ts';
import { Monitor } from '../monitor.ts';
import type { NodeLink } from '../nodes/link.ts';
import { settingsFileOf } from '../paths.ts';
import { makeDataFolder } from '../settings/files.ts';
import { Learned } from '../settings/learned.ts';
import { Settings } from '../settings/settings.ts';
import type { CommonArguments } from './arguments.ts';
import { printable, TerminalPrompter } from './terminal-prompter.ts';

/** After this long the nodes that have not answered are printed as they are. */
const DEADLINE_MILLISECONDS = 30_000;
/** The first reading has no CPU use yet; this many more seconds are waited for. */
const SECONDS_AFTER = 2;

/** One node as printed. Metrics are in the model's units, null where there is no value. */
export type PrintedNode = {
  readonly id: number;
  readonly name: string;
  readonly key: string;
  readonly target: string;
  readonly dialect: Dialect | null;
  readonly state: NodeState;
  /** Why it is in this state; empty when there is nothing to say. */
  readonly reason: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly settings: readonly NodeSetting[];
} & Readonly<Record<MetricName, number | null>>;

/** A sample of every node with what was noticed on the way. */
export interface NodesSample {
  readonly nodes: readonly PrintedNode[];
  readonly notices: readonly Problem[];
}

/** Takes one sample of every node of the settings or of a demo cluster. Problems: bad-input when there is no node. */
export async function sampleNodes(
  command: CommonArguments,
  dataFolder: string,
  resourcesFolder: string,
): Promise<Result<NodesSample>> {
  const folder = makeDataFolder(dataFolder);
  if (!folder.ok) return folder;
  const settings = await Settings.open(command.settingsFile ?? settingsFileOf(dataFolder));
  if (!settings.ok) return settings;
  const notices: Problem[] = [...settings.value.notices];
  const seconds = new SecondsWaiter();
  const monitor = await Monitor.start({
    dataFolder,
    resourcesFolder,
    prompter: new TerminalPrompter(),
    observers: settings.value.values.observers,
    learned: await Learned.open(dataFolder),
    onSecond: (second) => seconds.take(second),
    onNotice: (notice) => notices.push(notice),
  });
  let demo: DemoCluster | undefined;
  try {
    if (command.demoNodes !== undefined) {
      demo = await startDemoCluster({ nodes: command.demoNodes, folder: join(dataFolder, 'demo-cluster') });
      const ssh = monitor.openSsh({ configFile: 'none', knownHostsFiles: [demo.knownHostsFile] });
      monitor.add(
        demo.nodes.map((node) => node.entry),
        ssh,
      );
    } else {
      const { values, nodes, file } = settings.value;
      if (nodes.length === 0)
        return failure(problem('bad-input', `There are no nodes in ${file}; add some first`));
      const ssh = monitor.openSsh({
        configFile: values.sshConfigFile,
        knownHostsFiles: values.knownHostsFiles,
      });
      monitor.add(nodes, ssh);
    }
    const second = await seconds.wait(() => [...monitor.cluster.links].every(isSettled));
    return success({ nodes: printedNodes(monitor.cluster.infos(), new BlockView(second.columns)), notices });
  } finally {
    await monitor.dispose();
    await demo?.close();
  }
}

/** Waits until the cluster has settled, some seconds more, or the deadline. */
class SecondsWaiter {
  #onSecond: (second: Second) => void = () => undefined;

  take(second: Second): void {
    this.#onSecond(second);
  }

  wait(settled: () => boolean): Promise<Second> {
    const deadline = Date.now() + DEADLINE_MILLISECONDS;
    let after = 0;
    return new Promise((resolve) => {
      this.#onSecond = (second) => {
        if (settled()) after += 1;
        if (after > SECONDS_AFTER || Date.now() > deadline) resolve(second);
      };
    });
  }
}

function isSettled(link: NodeLink): boolean {
  return link.reading !== undefined || problemOf(link.connection) !== null;
}

function problemOf(connection: ConnectionState): Problem | null {
  return connection.kind === 'failed' || connection.kind === 'waiting' ? connection.problem : null;
}

function printedNodes(infos: readonly NodeInfo[], block: BlockView): readonly PrintedNode[] {
  return infos
    .map((info) => {
      const state = block.state(info.slot);
      const values = Object.fromEntries(
        METRICS.map(({ name }) => {
          const value = block.value(name, info.slot);
          // A block keeps the last values of a node that is gone; a sample has only present ones.
          return [name, state !== 'up' || Number.isNaN(value) ? null : value];
        }),
      ) as Record<MetricName, number | null>;
      const theProblem = problemOf(info.connection);
      return {
        id: info.id,
        name: info.name,
        key: info.key,
        target: info.target,
        dialect: info.dialect,
        state,
        reason: info.reason,
        problem: theProblem && { code: theProblem.code, message: theProblem.message },
        settings: settingsOf(values.status ?? -1),
        ...values,
      };
    })
    .sort((a, b) => a.id - b.id);
}

/** The nodes as a table for a terminal; what hosts chose is cleaned of control characters. */
export function nodesTable(nodes: readonly PrintedNode[]): string {
  const heads = ['ID', 'NAME', 'STATE', 'LOAD', 'SPEED', 'CPUS', 'UTIL%', 'MEMORY', 'SETTINGS', 'REASON'];
  const rows = nodes.map((node) => [
    String(node.id),
    printable(node.name),
    node.state,
    number(node.load),
    number(node.speed),
    number(node.cpus),
    number(node.util),
    memory(node),
    node.settings.join(','),
    printable(node.reason),
  ]);
  const leftAligned = new Set([1, 2, 8, 9]);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [heads, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          leftAligned.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function number(value: number | null): string {
  return value === null ? '-' : String(Math.round(value));
}

function memory({ memoryTotal, memoryFree }: PrintedNode): string {
  if (memoryTotal === null || memoryFree === null) return '-';
  const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576);
  return `${megabytes(memoryTotal - memoryFree)}/${megabytes(memoryTotal)} MiB`;
}
