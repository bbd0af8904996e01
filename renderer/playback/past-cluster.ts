/** The cluster at a past second, in the form in which the views read the present one; fed by answers to `moment`. */
import { batch, createMemo, createSignal, onCleanup } from 'solid-js';
import { BlockView } from '../../common/contract/block.ts';
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { rankNames } from '../cluster/arrange.ts';
import { NO_SECOND, readable, type Cluster, type Second } from '../cluster/cluster.ts';
import type { Course } from './courses.ts';

export interface PastCluster extends Cluster {
  /** Shows the answer to `moment`, with courses of loads by key; one without a time shows no nodes. */
  take(moment: HistoryAnswer<'moment'>, courses: ReadonlyMap<string, Course>): void;
}

/** An empty cluster that waits for its first moment. It ends with the owner. */
export function createPastCluster(): PastCluster {
  let bySlot: ReadonlyMap<number, Course> = new Map();
  const [nodes, setNodes] = createSignal<readonly NodeInfo[]>([]);
  const [known, setKnown] = createSignal(false);
  const [second, setSecond] = createSignal<Second>(NO_SECOND);
  const [connected, setConnected] = createSignal(true);
  const nameRanks = createMemo(() => rankNames(nodes()));
  onCleanup(window.mosview.onConnection(setConnected));

  return {
    past: true,
    nodes,
    known,
    second,
    nameRanks,
    rings: { at: (slot, back) => bySlot.get(slot)?.[back] ?? NaN },
    connected,
    take({ time, nodes: found, columns, totals }, courses) {
      const block = new BlockView(time === null ? new Float64Array(0) : columns);
      const next = withOldRows(nodes(), time === null ? [] : found.map(readable));
      bySlot = new Map(
        next.flatMap(({ key, slot }) => {
          const course = courses.get(key);
          return course === undefined ? [] : [[slot, course] as const];
        }),
      );
      batch(() => {
        setKnown(true);
        setNodes(next);
        setSecond(time === null ? NO_SECOND : { time, totals, block });
      });
    },
  };
}

/** The rows with those taken over that say the same, so that nothing is drawn anew; the same list where all do. */
export function withOldRows(before: readonly NodeInfo[], now: readonly NodeInfo[]): readonly NodeInfo[] {
  const bySlot = new Map(before.map((info) => [info.slot, info]));
  const rows = now.map((info) => {
    const old = bySlot.get(info.slot);
    return old !== undefined && sameRow(old, info) ? old : info;
  });
  return rows.length === before.length && rows.every((row, index) => row === before[index]) ? before : rows;
}

function sameRow(a: NodeInfo, b: NodeInfo): boolean {
  return (
    a.key === b.key &&
    a.id === b.id &&
    a.name === b.name &&
    a.dialect === b.dialect &&
    a.reason === b.reason &&
    a.connection.kind === b.connection.kind
  );
}
