/** Nodes that misbehave, over real SSH connections: each fault has its own words, and no node harms another. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeState } from '../../common/contract/block.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { clusterKey } from '../../main/cluster/roster.ts';
import { startDemoCluster, type DemoCluster } from '../../main/demo/index.ts';
import { temporaryFolder } from '../harness/program.ts';
import { WatchedCluster } from '../harness/watched-cluster.ts';

/** A node as the window would show it in one second. */
interface Shown {
  readonly info: NodeInfo;
  readonly state: NodeState;
}

let folder: ReturnType<typeof temporaryFolder>;
let demo: DemoCluster;
let cluster: WatchedCluster;

beforeEach(async () => {
  folder = temporaryFolder('faults');
  demo = await startDemoCluster({ nodes: 4, folder: folder.path });
  cluster = await WatchedCluster.start('faults', clusterKey);
  const ssh = cluster.monitor.openSsh({ configFile: 'none', knownHostsFiles: [demo.knownHostsFile] });
  cluster.monitor.add(
    demo.nodes.map((node) => node.entry),
    ssh,
  );
});

afterEach(async () => {
  await cluster.close();
  await demo.close();
  folder.remove();
});

/** The node at the first second in which it is shown so. */
async function shown(id: number, condition: (node: Shown) => boolean): Promise<Shown> {
  let node: Shown | undefined;
  await cluster.until(() => {
    const [info, state] = [cluster.info(id), cluster.state(id)];
    node = info && state && { info, state };
    return node !== undefined && condition(node);
  });
  if (node === undefined) throw new Error(`Node ${id} is not shown`);
  return node;
}

const isUp = ({ state, info }: Shown): boolean => state === 'up' && info.connection.kind === 'connected';

function problemCode({ info }: Shown): string | undefined {
  return 'problem' in info.connection ? info.connection.problem.code : undefined;
}

test.each([
  ['garbage', 'protocol-error'],
  ['long-line', 'protocol-error'],
  ['half-frame', 'connection-lost'],
] as const)(
  '%s in place of a frame is %s, and the node comes back when it is healed',
  async (fault, code) => {
    await shown(3, isUp);
    demo.setFault(3, fault);
    const broken = await shown(3, (node) => problemCode(node) !== undefined);
    expect(problemCode(broken)).toBe(code);
    demo.setFault(3, 'none');
    expect((await shown(3, isUp)).info.reason).toBe('');
    expect((await shown(2, isUp)).state).toBe('up');
  },
);

test('a node that freezes is noticed, and seen through the others until it answers again', async () => {
  await shown(3, isUp);
  demo.setFault(3, 'frozen');
  const frozen = await shown(3, (node) => problemCode(node) !== undefined);
  expect({ state: frozen.state, code: problemCode(frozen) }).toEqual({ state: 'up', code: 'timeout' });
});

test('a banner before the greeting is no harm', async () => {
  demo.setFault(2, 'banner');
  demo.drop(2);
  await shown(2, isUp);
});

test('a node that is switched off is down by the word of the others', async () => {
  await shown(3, isUp);
  demo.simulation.setDown(3, true);
  demo.setFault(3, 'frozen');
  demo.drop(3);
  const down = await shown(3, (node) => node.state === 'down');
  expect(down.info.reason).toMatch(/^node\d cannot reach it \(-101, ENETUNREACH\)$/);
});
