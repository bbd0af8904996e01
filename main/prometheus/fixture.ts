/** What the tests of the metrics share: a program at one moment, with nodes of any name. */
import {
  AGE_COLUMN,
  COLUMN_COUNT,
  NODE_STATES,
  STATE_COLUMN,
  type NodeState,
} from '../../common/contract/block.ts';
import { clusterTotals } from '../../common/model/cluster.ts';
import { METRICS } from '../../common/model/metric.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Snapshot } from './families.ts';

/** A node's name with everything that a text format could trip over. */
export const HOSTILE = 'a"b\\c\nd\u0000e\u001B[31m{x="1"} # é \uD800';

function node(slot: number, name: string): NodeInfo {
  return {
    slot,
    key: `id:${slot + 1}`,
    id: slot + 1,
    name,
    target: '',
    dialect: 'openmosix',
    connection: { kind: 'none' },
    reason: '',
    observer: false,
    disagreement: '',
  };
}

/** A snapshot of nodes in the given states, each metric's value being its number in the catalogue plus 1. */
export function snapshot(nodes: readonly (readonly [name: string, state: NodeState])[]): Snapshot {
  const columns = new Float64Array(COLUMN_COUNT * nodes.length).fill(NaN);
  for (const [slot, [, state]] of nodes.entries()) {
    for (let metric = 0; metric < METRICS.length; metric += 1)
      columns[metric * nodes.length + slot] = metric + 1;
    columns[STATE_COLUMN * nodes.length + slot] = NODE_STATES.indexOf(state);
    columns[AGE_COLUMN * nodes.length + slot] = state === 'up' ? 0.5 : 90;
  }
  return {
    version: '1.2.3',
    second: { totals: { ...clusterTotals([]), efficiency: 87, cpus: 8 }, columns },
    nodes: nodes.map(([name], slot) => node(slot, name)),
    connections: ['connected', 'failed', 'connected'],
    migrations: { operator: 3 },
    remoteWrite: undefined,
    history: { bytes: 4096, behind: 1 },
    process: { cpuSeconds: 1.5, residentBytes: 1e8, startTime: 1_800_000_000 },
  };
}
