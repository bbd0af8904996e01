/** The nodes of a running monitor as control sees them: present facts from the cluster, deeds over each node's own session. */
import { BlockView } from '../common/contract/block.ts';
import { problem } from '../common/contract/problem.ts';
import type { MetricName } from '../common/model/metric.ts';
import type { NodeInfo } from '../common/model/node.ts';
import { STATUS } from '../common/model/status.ts';
import { assertNever, failure, success } from '../common/model/result.ts';
import type { ControlNode, ControlNodes } from './control/types.ts';
import type { Monitor } from './monitor.ts';
import type { NodeLink } from './nodes/link.ts';
import { operate } from './nodes/operator.ts';
import { processesFrom } from './nodes/processes.ts';
import { runProgram } from './nodes/run.ts';

/** The nodes of the monitor; each is read anew when it is asked for. */
export function controlNodes(monitor: Monitor): ControlNodes {
  const { cluster } = monitor;
  const nodeOf = (info: NodeInfo): ControlNode => controlNode(monitor, info, cluster.linkOf(info.key));
  return {
    find: (key) => {
      const info = cluster.infos().find((candidate) => candidate.key === key);
      return info && nodeOf(info);
    },
    ofId: (id) => {
      const info = cluster.infos().find((candidate) => candidate.id === id);
      return info && nodeOf(info);
    },
    all: () => cluster.infos().map(nodeOf),
  };
}

function controlNode(monitor: Monitor, info: NodeInfo, link: NodeLink | undefined): ControlNode {
  const { latest } = monitor.cluster;
  const block = new BlockView(latest?.columns ?? new Float64Array(0));
  const state = info.slot < block.slots ? block.state(info.slot) : undefined;
  // A block keeps the last values of a node that is gone.
  const value = (metric: MetricName): number => (state === 'up' ? block.value(metric, info.slot) : NaN);
  const why = whyNot(link);
  const lost = failure(problem('connection-lost', `${info.name} cannot be reached: ${why}`));
  const self: ControlNode = {
    key: info.key,
    id: info.id,
    name: info.name,
    dialect: info.dialect,
    addresses: link?.addresses ?? [],
    root: link?.root === '' ? undefined : link?.root,
    reachable: why === '',
    why,
    load: value('load'),
    speed: value('speed'),
    cpus: value('cpus'),
    status: state === 'down' ? STATUS.configured : value('status'),
    operate: async (operations) =>
      link === undefined || why !== ''
        ? lost
        : operate(
            link.session,
            { entry: link.entry, operatorText: monitor.operatorText, name: info.name },
            operations,
          ),
    processes: async () => {
      const replies = await self.operate([{ kind: 'list' }]);
      if (!replies.ok) return replies;
      const [list] = replies.value;
      return list?.kind === 'list'
        ? success(processesFrom(list, undefined, info.id, monitor.cluster.whoseAddress()))
        : failure(problem('connection-lost', `${info.name} did not list its processes`));
    },
    run: async (command, placement, listener) =>
      link === undefined || why !== ''
        ? lost
        : runProgram(link.session, { entry: link.entry, name: info.name }, command, placement, listener),
  };
  return self;
}

/** Why a node cannot be operated, in words; empty where it can. */
function whyNot(link: NodeLink | undefined): string {
  if (link === undefined) return 'it is known only from other nodes; add it to the settings to control it';
  const { connection } = link;
  switch (connection.kind) {
    case 'connected':
      return '';
    case 'failed':
    case 'waiting':
      return connection.problem.message;
    case 'none':
    case 'queued':
      return 'it is not connected yet';
    case 'connecting':
    case 'asking':
      return `it is being connected (${connection.step})`;
    default:
      return assertNever(connection);
  }
}
