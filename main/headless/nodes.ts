/** `mosview nodes`: one sample of every node, as a table or as JSON. */
import { BlockView, type NodeState } from '../../common/contract/block.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { METRICS, type MetricName } from '../../common/model/metric.ts';
import type { Dialect, NodeInfo } from '../../common/model/node.ts';
import { success, type Result } from '../../common/model/result.ts';
import { settingsOf, type NodeSetting } from '../../common/model/status.ts';
import type { CommonArguments } from './arguments.ts';
import { connectionProblem, Reach } from './reach.ts';
import { table } from './table.ts';

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
  const reach = await Reach.open(command, dataFolder, resourcesFolder);
  if (!reach.ok) return reach;
  const { monitor, notices } = reach.value;
  try {
    const second = await reach.value.connectAll(SECONDS_AFTER);
    if (!second.ok) return second;
    const block = new BlockView(second.value.columns);
    return success({ nodes: printedNodes(monitor.cluster.infos(), block), notices });
  } finally {
    await reach.value.dispose();
  }
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
      const theProblem = connectionProblem(info.connection);
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
  return table(
    [
      ['ID', 'right'],
      ['NAME', 'left'],
      ['STATE', 'left'],
      ['LOAD', 'right'],
      ['SPEED', 'right'],
      ['CPUS', 'right'],
      ['UTIL%', 'right'],
      ['MEMORY', 'right'],
      ['SETTINGS', 'left'],
      ['REASON', 'left'],
    ],
    nodes.map((node) => [
      String(node.id),
      node.name,
      node.state,
      number(node.load),
      number(node.speed),
      number(node.cpus),
      number(node.util),
      memory(node),
      node.settings.join(','),
      node.reason,
    ]),
  );
}

function number(value: number | null): string {
  return value === null ? '-' : String(Math.round(value));
}

function memory({ memoryTotal, memoryFree }: PrintedNode): string {
  if (memoryTotal === null || memoryFree === null) return '-';
  const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576);
  return `${megabytes(memoryTotal - memoryFree)}/${megabytes(memoryTotal)} MiB`;
}
