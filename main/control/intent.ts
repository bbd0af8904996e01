/** What an order comes to: one intent for each thing to be done to one node or one process, before anything is read. */
import type { NodeChange, Order, ProcessChange } from '../../common/model/control.ts';
import { assertNever } from '../../common/model/result.ts';
import type { Dialect } from '../../common/model/node.ts';
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
    }
  /** Of a drain on MattX: own processes that are away are fetched home, or guests sent home by their home nodes. */
  | { readonly kind: 'homing'; readonly node: string; readonly who: 'own' | 'guests' };

/** Block first, so that no guest comes while the others leave; then the own processes likewise. */
export function drainChanges(bring: boolean): readonly NodeChange[] {
  const changes: NodeChange[] = [{ kind: 'setting', setting: 'block', on: true }, { kind: 'expel' }];
  if (bring) changes.push({ kind: 'setting', setting: 'lstay', on: true }, { kind: 'bring' });
  return changes;
}

/** What is really possible on MattX: nobody leaves by itself and few come; then those who are there go home. */
function mattxDrain(node: string, bring: boolean): readonly Intent[] {
  const changes: readonly NodeChange[] = [
    { kind: 'setting', setting: 'stay', on: true },
    { kind: 'affinity', affinity: 1 },
  ];
  return [
    ...changes.map((change) => ({ kind: 'node' as const, node, change, left: null })),
    ...(bring ? [{ kind: 'homing' as const, node, who: 'own' as const }] : []),
    { kind: 'homing', node, who: 'guests' },
  ];
}

/** The key of the node that an intent concerns. */
export function nodeOf(intent: Intent): string {
  return intent.kind === 'process' ? intent.ref.node : intent.node;
}

/** The intents of an order on nodes, node by node. */
export function nodeIntents(
  order: Extract<Order, { kind: 'nodes' | 'drain' }>,
  dialectOf: (node: string) => Dialect | null,
): readonly Intent[] {
  return [...new Set(order.nodes)].flatMap((node): readonly Intent[] => {
    if (order.kind === 'drain' && dialectOf(node) === 'mattx') return mattxDrain(node, order.bring);
    const changes = order.kind === 'drain' ? drainChanges(order.bring) : order.changes;
    return changes.map((change) => ({ kind: 'node', node, change, left: null }));
  });
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
    case 'mattx':
      return change.which;
    case 'pins':
      return change.list;
    case 'pin-self':
      return 'exclude';
    case 'affinity':
      return 'speed';
    case 'expel':
    case 'bring':
    case 'speed':
      return change.kind;
    default:
      return assertNever(change);
  }
}

/** A change in words, for its step. */
export function wordsOf(change: NodeChange): string {
  switch (change.kind) {
    case 'setting':
      return `${change.setting} ${change.on ? 'on' : 'off'}`;
    case 'expel':
    case 'bring':
      return change.kind;
    case 'speed':
      return `speed ${change.speed}`;
    case 'decay':
      return `${change.which} ${change.value}`;
    case 'affinity':
      return `affinity ${change.affinity === 0 ? 'automatic' : change.affinity}`;
    case 'mattx':
      return `${change.which} ${change.on ? 'on' : 'off'}`;
    case 'pins':
      return `${change.list} list`;
    case 'pin-self':
      return 'exclude mosview';
    default:
      return assertNever(change);
  }
}
