/**
 * Finds what changed in the shown states of nodes, for the history: one row per change that matters, so that a node that
 * is tried again every minute for a year costs no row a minute.
 */
import { BlockView, type NodeState } from '../../common/contract/block.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { Second } from '../cluster/cluster.ts';
import type { StateChange } from '../history/index.ts';

/**
 * A change that says little by itself must last so long to be recorded (then from its begin on): other words for the same
 * state, as when the observers take turns in saying so, and an attempt to connect again.
 */
const LASTING_MILLISECONDS = 30_000;

/** A node of a slot: as it is now, what was recorded last, and a small change that may last. */
interface Watched {
  info: NodeInfo;
  recorded: StateChange | undefined;
  pending: StateChange | undefined;
}

export class StateRecorder {
  readonly #bySlot = new Map<number, Watched>();

  /** The changes that a second brought. */
  take(second: Second): readonly StateChange[] {
    const { time } = second;
    const found: StateChange[] = [];
    for (const slot of second.removed) {
      const { recorded } = this.#bySlot.get(slot) ?? {};
      this.#bySlot.delete(slot);
      if (recorded === undefined) continue;
      const words = 'it is watched no more, or under another key';
      found.push({ time, node: recorded.node, state: null, reason: words });
    }
    for (const info of second.changed) {
      const watched = this.#bySlot.get(info.slot);
      if (watched === undefined)
        this.#bySlot.set(info.slot, { info, recorded: undefined, pending: undefined });
      else watched.info = info;
    }
    const block = new BlockView(second.columns);
    for (const [slot, watched] of this.#bySlot) {
      const change = changeOf(watched, block.state(slot), time);
      if (change === undefined) continue;
      watched.recorded = change;
      watched.pending = undefined;
      found.push(change);
    }
    return found;
  }
}

/** What is to be recorded of a node now; keeps a small change in mind. */
function changeOf(watched: Watched, state: NodeState, time: number): StateChange | undefined {
  const { info, recorded, pending } = watched;
  const { key, id, name, reason } = info;
  if (
    recorded !== undefined &&
    recorded.state === state &&
    recorded.reason === reason &&
    recorded.node.name === name &&
    recorded.node.id === id
  ) {
    watched.pending = undefined;
    return undefined;
  }
  const now: StateChange = { time, node: { key, id, name }, state, reason };
  if (recorded === undefined || !isSmall(recorded, now)) return now;
  if (pending === undefined || !isSame(pending, now)) {
    watched.pending = now;
    return undefined;
  }
  return time - pending.time >= LASTING_MILLISECONDS ? { ...now, time: pending.time } : undefined;
}

/** Whether a change must last to be worth a row. A clock that went back makes it worth one. */
function isSmall(before: StateChange, after: StateChange): boolean {
  if (before.node.id !== after.node.id || before.node.name !== after.node.name) return false;
  if (after.time < before.time) return false;
  const isAttempt = after.state === 'connecting' && (before.state === 'failed' || before.state === 'stale');
  return isAttempt || before.state === after.state;
}

/** Whether the same change goes on; the steps of an attempt are one. */
function isSame(one: StateChange, other: StateChange): boolean {
  return one.state === other.state && (one.reason === other.reason || one.state === 'connecting');
}
