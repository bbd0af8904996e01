/**
 * The cluster as this window knows it: rows of identity and the newest second of numbers, fed by pushes. It asks for
 * the pushes only while the window can be seen.
 */
import { batch, createMemo, createRenderEffect, createSignal, onCleanup, type Accessor } from 'solid-js';
import { BlockView } from '../../common/contract/block.ts';
import type { PushPayload } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { ClusterTotals } from '../../common/model/cluster.ts';
import { call } from '../back-end.ts';
import { plainText } from '../words/format.ts';
import { rankNames } from './arrange.ts';
import { LoadRings, type LoadCourses } from './load-rings.ts';

/** One second of the cluster. */
export interface Second {
  /** Milliseconds since 1970; 0 before the first one came. */
  readonly time: number;
  readonly totals: ClusterTotals | undefined;
  readonly block: BlockView;
}

/** What the views read. */
export interface Cluster {
  /** Whether this is the cluster as it once was. */
  readonly past: boolean;
  readonly nodes: Accessor<readonly NodeInfo[]>;
  /** False until main has told which nodes there are. */
  readonly known: Accessor<boolean>;
  readonly second: Accessor<Second>;
  /** Places in the order of names, by slot. */
  readonly nameRanks: Accessor<ReadonlyMap<number, number>>;
  readonly rings: LoadCourses;
  /** False while the way to main is lost. */
  readonly connected: Accessor<boolean>;
}

/** Before the first second, and where there is none. */
export const NO_SECOND: Second = { time: 0, totals: undefined, block: new BlockView(new Float64Array(0)) };

/**
 * Starts the flow of pushes; it ends with the owner. `onProblem` hears when it cannot be started. A window with more urgent
 * questions says by `begun` when it is to start.
 */
export function createCluster(
  onProblem: (problem: Problem) => void,
  begun: Accessor<boolean> = () => true,
): Cluster {
  const bySlot = new Map<number, NodeInfo>();
  const rings = new LoadRings();
  const [nodes, setNodes] = createSignal<readonly NodeInfo[]>([]);
  const [namesChanged, setNamesChanged] = createSignal(undefined, { equals: false });
  const [known, setKnown] = createSignal(false);
  const [second, setSecond] = createSignal<Second>(NO_SECOND);
  const [connected, setConnected] = createSignal(true);

  /** Ranking all names is the one slow step, and most changes are of connections: so only when names change. */
  const nameRanks = createMemo(() => {
    namesChanged();
    return rankNames([...bySlot.values()]);
  });

  function takeNodes(push: PushPayload<'nodes'>): void {
    let renamed = push.all || push.removed.length > 0;
    const before = new Map(bySlot);
    if (push.all) bySlot.clear();
    for (const slot of push.removed) bySlot.delete(slot);
    for (const info of push.changed) {
      const old = before.get(info.slot);
      if (old !== undefined && old.key !== info.key) rings.clear();
      const safe = readable(info);
      renamed ||= old?.name !== safe.name;
      bySlot.set(info.slot, safe);
    }
    batch(() => {
      setNodes([...bySlot.values()]);
      if (renamed) setNamesChanged(undefined);
      if (push.all) setKnown(true);
    });
  }

  function takeBlock(push: PushPayload<'block'>): void {
    const block = new BlockView(push.columns);
    rings.push(push.time, block.slots, (slot) =>
      block.state(slot) === 'up' ? block.value('load', slot) : NaN,
    );
    setSecond({ time: push.time, totals: push.totals, block });
  }

  /** While the way to main is lost the bridge keeps the wish and tells it later. */
  async function watch(): Promise<void> {
    const result = await call('watch', { on: document.visibilityState === 'visible' });
    if (!result.ok && result.problem.code !== 'connection-lost') onProblem(result.problem);
  }

  function visibilityChanged(): void {
    if (begun()) void watch();
  }

  onCleanup(window.mosview.on('nodes', takeNodes));
  onCleanup(window.mosview.on('block', takeBlock));
  onCleanup(window.mosview.onConnection(setConnected));
  document.addEventListener('visibilitychange', visibilityChanged);
  onCleanup(() => document.removeEventListener('visibilitychange', visibilityChanged));
  createRenderEffect(visibilityChanged);

  return { past: false, nodes, known, second, nameRanks, rings, connected };
}

/** A row of identity whose foreign words are safe to show; the key stays as it is, calls need it. */
export function readable(info: NodeInfo): NodeInfo {
  return {
    ...info,
    name: plainText(info.name),
    target: plainText(info.target),
    reason: plainText(info.reason),
    disagreement: plainText(info.disagreement),
  };
}
