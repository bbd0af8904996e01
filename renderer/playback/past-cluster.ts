/** The cluster at a past second, in the form in which the views read the present one; fed by answers to `moment`. */
import { batch, createMemo, createSignal, onCleanup } from 'solid-js';
import { BlockView } from '../../common/contract/block.ts';
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { rankNames } from '../cluster/arrange.ts';
import { NO_SECOND, readable, type Cluster, type Second } from '../cluster/cluster.ts';
import { LoadRings, RING_SECONDS } from '../cluster/load-rings.ts';

export interface PastCluster extends Cluster {
  /** Shows the answer to `moment`; one without a time shows no nodes. */
  take(moment: HistoryAnswer<'moment'>): void;
}

/** An empty cluster that waits for its first moment. It ends with the owner. */
export function createPastCluster(): PastCluster {
  const rings = new LoadRings();
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
    rings,
    connected,
    take({ time, nodes: found, columns, totals }) {
      const block = new BlockView(time === null ? new Float64Array(0) : columns);
      const before = nodes();
      const next = withOldRows(before, time === null ? [] : found.map(readable));
      if (next !== before || !follows(second().time, time)) rings.clear();
      if (time !== null && time !== second().time) {
        rings.push(time, block.slots, (slot) =>
          block.state(slot) === 'up' ? block.value('load', slot) : NaN,
        );
      }
      batch(() => {
        setKnown(true);
        setNodes(next);
        setSecond(time === null ? NO_SECOND : { time, totals, block });
      });
    },
  };
}

/** Whether a second carries on the course of loads that ended with another. */
function follows(before: number, time: number | null): boolean {
  return time !== null && time >= before && time - before < RING_SECONDS * 1000;
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
