/**
 * What the map window knows: nodes, the processes that are away, those of the chosen node that could be moved, and the
 * migrations seen. Fed by pushes, which are asked for only while the window can be seen.
 */
import { createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { loadPercent } from '../../common/model/cluster.ts';
import type { Migration } from '../../common/model/migration.ts';
import { call } from '../back-end.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { onVisibility, onVisibilityChange } from '../visibility.ts';
import {
  fromPlacements,
  movableAtHome,
  sameNode,
  sameProcesses,
  type MapNode,
  type MapProcess,
  type NodesById,
} from './processes.ts';

export interface MapState {
  /** Whether this is the map of a past second; nothing can be moved on it. */
  readonly past: boolean;
  readonly nodes: Accessor<NodesById>;
  /** Ids of all nodes, growing. */
  readonly ids: Accessor<readonly number[]>;
  /** Every process that is away, in an order that lasts. */
  readonly away: Accessor<readonly MapProcess[]>;
  /** Those of the chosen node that are at home and can be moved; empty while that is not known. */
  readonly atHome: Accessor<readonly MapProcess[]>;
  /** Why the chosen node's own processes are not known. */
  readonly listProblem: Accessor<Problem | undefined>;
  /** The newest migrations, newest first. */
  readonly recent: Accessor<readonly Migration[]>;
  /** When a process came where it is, milliseconds since 1970; undefined where no migration of it was seen. */
  arrival(process: MapProcess): number | undefined;
}

/** Migrations read at the start, so that arrivals are known, and how many of them are told. */
const REMEMBERED = 2000;
export const RECENT = 8;
/** The arrow keys may walk over many nodes; only one that stays chosen for so many milliseconds is asked. */
const SETTLED_MS = 250;

/**
 * Starts the flows; they end with the owner. `chosen` is the id of the chosen node, `onMoves` hears migrations when they
 * are seen for the first time.
 */
export function createMapState(
  cluster: Cluster,
  chosen: Accessor<number | undefined>,
  onMoves: (moves: readonly Migration[]) => void,
  onProblem: (problem: Problem) => void,
): MapState {
  const { nodes, ids } = mapNodes(cluster);
  const [away, setAway] = createSignal<readonly MapProcess[]>([], { equals: sameProcesses });
  const [recent, setRecent] = createSignal<readonly Migration[]>([]);
  const arrivals = new Map<string, Migration>();
  let newest = 0;

  function remember(migrations: readonly Migration[]): void {
    for (const migration of migrations) {
      const name = `${migration.home} ${migration.pid}`;
      if ((arrivals.get(name)?.number ?? 0) <= migration.number) arrivals.set(name, migration);
      newest = Math.max(newest, migration.number);
    }
    const byNumber = new Map([...recent(), ...migrations].map((each) => [each.number, each]));
    setRecent([...byNumber.values()].sort((a, b) => b.number - a.number).slice(0, RECENT));
  }

  onCleanup(window.mosview.on('placements', (push) => setAway(fromPlacements(push.placements))));
  onCleanup(
    window.mosview.on('migrations', (push) => {
      const fresh = push.migrations.filter((migration) => migration.number > newest);
      remember(push.migrations);
      onMoves(fresh);
    }),
  );
  onVisibility((visible) => void tell(call('watchPlacements', { on: visible })));

  async function tell(answer: ReturnType<typeof call>): Promise<void> {
    const result = await answer;
    if (!result.ok && result.problem.code !== 'connection-lost') onProblem(result.problem);
  }

  async function readLog(): Promise<void> {
    const result = await call('migrations', { limit: REMEMBERED });
    if (result.ok) remember(result.value.migrations);
    else if (result.problem.code !== 'connection-lost') onProblem(result.problem);
  }
  void readLog();

  return {
    past: false,
    nodes,
    ids,
    away,
    recent,
    ...watchOwnProcesses(nodes, chosen),
    arrival(process) {
      const last = arrivals.get(`${process.home} ${process.pid}`);
      return last !== undefined && last.to === process.at ? last.time : undefined;
    },
  };
}

/** The chosen node's own processes, asked for where the node is connected. */
function watchOwnProcesses(
  nodes: Accessor<NodesById>,
  chosen: Accessor<number | undefined>,
): Pick<MapState, 'atHome' | 'listProblem'> {
  const [atHome, setAtHome] = createSignal<readonly MapProcess[]>([], { equals: sameProcesses });
  const [listProblem, setListProblem] = createSignal<Problem>();
  const key = createMemo(() => {
    const info = nodes().get(chosen() ?? 0)?.info;
    return info?.connection.kind === 'connected' ? info.key : undefined;
  });

  createEffect(
    on(key, (watched) => {
      setAtHome([]);
      setListProblem();
      if (watched === undefined) return;
      const home = chosen() ?? 0;
      let asked = false;
      async function ask(visible: boolean): Promise<void> {
        asked ||= visible;
        if (!asked || watched === undefined) return;
        const result = await call('watchProcesses', { key: watched, on: visible });
        if (visible) setListProblem(result.ok ? undefined : result.problem);
      }
      const timer = setTimeout(() => void ask(document.visibilityState === 'visible'), SETTLED_MS);
      onVisibilityChange((visible) => void ask(visible));
      onCleanup(() => {
        clearTimeout(timer);
        void ask(false);
      });
      onCleanup(
        window.mosview.on('processes', (push) => {
          if (push.key !== watched) return;
          setListProblem(push.problem ?? undefined);
          if (push.problem === null) setAtHome(movableAtHome(home, push.processes));
        }),
      );
    }),
  );
  return { atHome, listProblem };
}

/** The nodes of a cluster as the map shows them; a number that did not change is no other picture. */
export function mapNodes(cluster: Cluster): Pick<MapState, 'nodes' | 'ids'> {
  const nodes = createMemo(() => nodesOf(cluster), undefined, { equals: sameNodes });
  const ids = createMemo(() => [...nodes().keys()].sort((a, b) => a - b), undefined, { equals: sameIds });
  return { nodes, ids };
}

function nodesOf(cluster: Cluster): NodesById {
  const { block } = cluster.second();
  const nodes = new Map<number, MapNode>();
  for (const info of cluster.nodes()) {
    if (nodes.has(info.id)) continue;
    const load = block.value('load', info.slot);
    nodes.set(info.id, {
      info,
      state: block.state(info.slot),
      share: Number.isNaN(load) ? 0 : Math.round(loadPercent(load)) / 100,
      status: block.value('status', info.slot),
    });
  }
  return nodes;
}

function sameNodes(a: NodesById, b: NodesById): boolean {
  return a.size === b.size && [...a].every(([id, node]) => sameNode(node, b.get(id)));
}

function sameIds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
