/** What an order comes to: one intent for each thing to be done to one node or one process, before anything is read. */
import type { NodeChange, Order, ProcessChange } from '../../common/model/control.ts';
import { assertNever } from '../../common/model/result.ts';
import type { ProcessRef } from '../../common/model/process.ts';

/** For undo: the value an action left behind. Where another stands there now, somebody else changed it since. */
export interface Left {
  readonly value: string;
  readonly action: number;
}

export type Intent =
  | {
      readonly kind: 'node';
      readonly node: string;
      readonly change: NodeChange;
      readonly left: Left | null;
    }
  | {
      readonly kind: 'process';
      readonly ref: ProcessRef;
      /** What is known of its command before it is looked at; untrusted. */
      readonly command: string;
      readonly change: ProcessChange;
      readonly left: Left | null;
    };

/** Block first, so that no guest comes while the others leave; then the own processes likewise. */
export function drainChanges(bring: boolean): readonly NodeChange[] {
  const changes: NodeChange[] = [{ kind: 'setting', setting: 'block', on: true }, { kind: 'expel' }];
  if (bring) changes.push({ kind: 'setting', setting: 'lstay', on: true }, { kind: 'bring' });
  return changes;
}

/** The intents of an order on nodes, node by node. */
export function nodeIntents(order: Extract<Order, { kind: 'nodes' | 'drain' }>): readonly Intent[] {
  const changes = order.kind === 'drain' ? drainChanges(order.bring) : order.changes;
  return [...new Set(order.nodes)].flatMap((node) =>
    changes.map((change) => ({ kind: 'node' as const, node, change, left: null })),
  );
}

/** The intents of one change to processes, each named once. */
export function processIntents(refs: readonly ProcessRef[], change: ProcessChange): readonly Intent[] {
  const byName = new Map(refs.map((ref) => [`${ref.pid} ${ref.started} ${ref.node}`, ref]));
  return [...byName.values()].map((ref) => ({ kind: 'process', ref, command: '', change, left: null }));
}

/** The name of what a change writes, to find one that is ordered twice. */
export function subjectOf(change: NodeChange): string {
  switch (change.kind) {
    case 'setting':
      return change.setting;
    case 'decay':
      return change.which;
    case 'expel':
    case 'bring':
    case 'speed':
      return change.kind;
    default:
      return assertNever(change);
  }
}
