/** The whole cluster as this node knows it: who is in the map, what was heard of each, and who is down. Pure. */
import type { ClusterMap } from '../common/trust/map.ts';
import { WINDOW } from '../common/balance/index.ts';
import { STATUS } from '../common/model/status.ts';
import type { NodeState, StateEntry } from './balance/datagrams.ts';
import type { NodeLine } from './local/protocol.ts';

/** A node of which nothing is heard for this many seconds is down; in large clusters words of each are seldom. */
const LEAST_DOWN_SECONDS = 15;

/** One line for every node of the map, by id. Figures of a node that was never heard are zero, and its age is null. */
export function clusterView(
  { nodes }: ClusterMap,
  own: NodeState,
  heard: readonly StateEntry[],
): readonly NodeLine[] {
  const known = new Map(heard.map(({ node, age }) => [node.id, { node, age }]));
  known.set(own.id, { node: own, age: 0 });
  const downAfter = Math.max(LEAST_DOWN_SECONDS, (4 * nodes.length) / (WINDOW - 1));
  return nodes
    .map(({ id, name, address }) => {
      const entry = known.get(id);
      const age = entry?.age ?? null;
      const isUp = age !== null && age <= downAfter;
      return {
        id,
        name,
        address,
        load: entry?.node.load ?? 0,
        speed: entry?.node.speed ?? 0,
        cpus: entry?.node.cpus ?? 0,
        util: entry?.node.util ?? 0,
        memoryTotal: entry?.node.memoryTotal ?? 0,
        memoryFree: entry?.node.memoryFree ?? 0,
        memoryAvailable: entry?.node.memoryAvailable ?? 0,
        status: isUp ? (entry?.node.status ?? 0) : STATUS.configured,
        age,
      };
    })
    .toSorted((one, other) => one.id - other.id);
}
