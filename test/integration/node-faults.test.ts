/** Nodes that misbehave, over real SSH connections: each fault has its own words, and no node harms another. */
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BlockView, type NodeState } from '../../common/contract/block.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../../main/cluster/cluster.ts';
import { startDemoCluster, type DemoCluster } from '../../main/demo/index.ts';
import { Monitor } from '../../main/monitor.ts';
import { Learned } from '../../main/settings/learned.ts';
import { temporaryFolder } from '../harness/program.ts';

/** A node as the window would show it in one second. */
interface Shown {
  readonly info: NodeInfo;
  readonly state: NodeState;
}

let folder: ReturnType<typeof temporaryFolder>;
let demo: DemoCluster;
let monitor: Monitor;
let onSecond: (second: Second) => void = () => undefined;

beforeEach(async () => {
  folder = temporaryFolder('faults');
  demo = await startDemoCluster({ nodes: 4, folder: join(folder.path, 'cluster') });
  monitor = await Monitor.start({
    dataFolder: folder.path,
    resourcesFolder: resolve(import.meta.dirname, '../../resources'),
    prompter: { ask: () => Promise.resolve(null) },
    // One observer that stays healthy: what it sees does not hide what a node's own connection says.
    observers: 1,
    learned: await Learned.open(folder.path),
    onSecond: (second) => onSecond(second),
    onNotice: () => undefined,
  });
  const ssh = monitor.openSsh({ configFile: 'none', knownHostsFiles: [demo.knownHostsFile] });
  monitor.add(
    demo.nodes.map((node) => node.entry),
    ssh,
  );
});

afterEach(async () => {
  await monitor.dispose();
  await demo.close();
  folder.remove();
});

/** Resolves at the first second in which the node is shown so. */
function shown(id: number, condition: (node: Shown) => boolean): Promise<Shown> {
  return new Promise((resolve) => {
    onSecond = (second) => {
      const info = monitor.cluster.infos().find((candidate) => candidate.id === id);
      if (info === undefined) return;
      const node = { info, state: new BlockView(second.columns).state(info.slot) };
      if (condition(node)) resolve(node);
    };
  });
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
