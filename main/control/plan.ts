/** Makes a plan of an order's intents and the facts that were read: steps, a title, and what the operator must know. Pure. */
import type { NodeChange, Order, Plan, ProcessChange } from '../../common/model/control.ts';
import { countWords } from '../../common/model/count-words.ts';
import { assertNever } from '../../common/model/result.ts';
import type { Facts } from './facts.ts';
import type { Intent } from './intent.ts';
import { planNodeStep } from './plan-node.ts';
import { planHoming } from './plan-mattx-process.ts';
import { planProcessSteps } from './plan-process.ts';
import type { PlannedStep } from './step.ts';
import type { ControlNodes } from './types.ts';

/** A plan with its deeds. */
export interface PlanWithDeeds extends Plan {
  readonly steps: PlannedStep[];
}

/** What an order would do. `undone` is the title of the action that an undo takes back. */
export function makePlan(
  id: string,
  order: Order,
  intents: readonly Intent[],
  facts: Facts,
  nodes: ControlNodes,
  undone: string,
): PlanWithDeeds {
  const steps = inOrder(intents.flatMap((intent) => stepsOf(intent, facts, nodes)));
  const reasons = reasonsToLook(steps);
  return {
    id,
    order,
    title: titleOf(order, steps, nodes, undone),
    steps,
    confirm: reasons.length > 0,
    notes: [...reasons, ...remarks(steps), ...mattxRemarks(order, steps)],
  };
}

function stepsOf(intent: Intent, facts: Facts, nodes: ControlNodes): readonly PlannedStep[] {
  switch (intent.kind) {
    case 'node':
      return [planNodeStep(intent, facts.get(intent.node))];
    case 'process':
      return planProcessSteps(intent, facts, nodes);
    case 'homing':
      return planHoming(intent, facts, nodes);
    default:
      return assertNever(intent);
  }
}

/** Moves on MattX come last, as they are carried out; a process that two nodes of a drain concern is brought home once. */
function inOrder(steps: readonly PlannedStep[]): PlannedStep[] {
  const isSend = ({ deed }: PlannedStep): boolean => deed?.kind === 'send';
  const sends = new Map(
    steps.flatMap((step) =>
      step.deed?.kind === 'send' ? [[`${step.node} ${step.deed.pid} ${step.deed.to}`, step] as const] : [],
    ),
  );
  return [...steps.filter((step) => !isSend(step)), ...sends.values()];
}

/** Why the operator must look first; empty where that is not needed. */
function reasonsToLook(steps: readonly PlannedStep[]): readonly string[] {
  const reasons: string[] = [];
  const nodes = new Set(steps.map(({ node }) => node)).size;
  if (nodes > 1) reasons.push(`This concerns ${nodes} nodes.`);
  const changes = steps.flatMap(({ deed }) => deed ?? []);
  const has = (what: 'expel' | 'bring') =>
    changes.some((deed) => deed.kind === 'clear' && deed.what === what);
  if (has('expel')) reasons.push('Guests that were sent away are not fetched back by undo.');
  if (has('bring')) reasons.push('Processes that were brought home are not sent out again by undo.');
  const ends = changes.filter(
    (deed) => deed.kind === 'signal' && (deed.signal === 'TERM' || deed.signal === 'KILL'),
  ).length;
  if (changes.some((deed) => deed.kind === 'pins')) {
    reasons.push('A list is replaced as a whole, if nobody changes it before.');
  }
  if (ends > 0) reasons.push(`${countWords(ends, 'process', 'processes')} will end; that cannot be undone.`);
  const moves = changes.filter(({ kind }) => ['move', 'send', 'where'].includes(kind)).length;
  if (moves > 1) reasons.push(`${moves} processes will be moved.`);
  return reasons;
}

function remarks(steps: readonly PlannedStep[]): readonly string[] {
  const notes: string[] = [];
  const impossible = steps.filter(({ verdict }) => verdict === 'impossible').length;
  if (impossible > 0) notes.push(`${impossible} of ${countWords(steps.length, 'step')} cannot be done.`);
  const unguarded = (what: string, guard: string) =>
    steps.some(({ node, deed }) => {
      if (deed?.kind !== 'clear' || deed.what !== what) return false;
      return !steps.some((other) => other.node === node && other.what === `${guard} on`);
    });
  if (unguarded('expel', 'block')) notes.push('Without block, new guests may come at once.');
  if (unguarded('bring', 'lstay')) notes.push('Without lstay, processes may leave again at once.');
  if (steps.length > 0 && steps.every(({ verdict }) => verdict === 'same'))
    notes.push('Everything is so already.');
  return notes;
}

/** What MattX is not able to do, where a drain or a move concerns it. */
function mattxRemarks(order: Order, steps: readonly PlannedStep[]): readonly string[] {
  const deeds = steps.flatMap(({ deed }) => deed ?? []);
  const notes: string[] = [];
  if (order.kind === 'drain' && steps.some(({ what }) => what === 'affinity 1')) {
    notes.push(
      'MattX cannot refuse guests. With affinity 1 a node that has any work looks overloaded and gets none; while it is idle it may still be given one. Look again, and send that one home too.',
    );
  }
  if (deeds.filter(({ kind }) => kind === 'send').length > 1) {
    notes.push('MattX moves one process of a node at a time; each step waits for the one before it.');
  }
  return notes;
}

function titleOf(order: Order, steps: readonly PlannedStep[], nodes: ControlNodes, undone: string): string {
  switch (order.kind) {
    case 'nodes': {
      const whom = namesOf(order.nodes, nodes);
      const [only] = order.changes;
      return order.changes.length === 1 && only !== undefined
        ? changeTitle(only, whom)
        : `Change ${[...new Set(steps.map(({ what }) => what))].join(', ')} of ${whom}`;
    }
    case 'drain':
      return `Drain ${namesOf(order.nodes, nodes)}`;
    case 'processes': {
      const [only] = steps;
      const process = only?.process ?? null;
      const whom =
        steps.length === 1 && process !== null
          ? `process ${process.pid} of ${only?.nodeName}`
          : countWords(steps.length, 'process', 'processes');
      return processTitle(order.change, whom, nodes);
    }
    case 'group':
      return order.change.kind === 'spread'
        ? `Spread the group ${order.group}`
        : processTitle(order.change, `the group ${order.group}`, nodes);
    case 'undo':
      return `Undo: ${undone}`.slice(0, 200);
    default:
      return assertNever(order);
  }
}

function namesOf(keys: readonly string[], nodes: ControlNodes): string {
  const [first = ''] = keys;
  return keys.length === 1 ? (nodes.find(first)?.name ?? first) : countWords(keys.length, 'node');
}

function changeTitle(change: NodeChange, whom: string): string {
  switch (change.kind) {
    case 'setting':
      if (change.setting === 'block') return `${change.on ? 'Block' : 'Unblock'} ${whom}`;
      return `Switch ${change.setting} ${change.on ? 'on' : 'off'} at ${whom}`;
    case 'expel':
      return `Send away the guests of ${whom}`;
    case 'bring':
      return `Bring home the processes of ${whom}`;
    case 'speed':
      return `Set the speed of ${whom} to ${change.speed}`;
    case 'decay':
      return `Set ${change.which} of ${whom} to ${change.value}`;
    case 'affinity':
      return `Set the affinity of ${whom} to ${change.affinity === 0 ? 'automatic' : change.affinity}`;
    case 'mattx':
      return `Switch ${change.which} ${change.on ? 'on' : 'off'} at ${whom}`;
    case 'pins':
      return `Change the ${change.list} list of ${whom}`;
    case 'pin-self':
      return `Exclude mosview from being moved at ${whom}`;
    default:
      return assertNever(change);
  }
}

function processTitle(change: ProcessChange, whom: string, nodes: ControlNodes): string {
  switch (change.kind) {
    case 'move':
      if (change.to === 'home') return `Bring home ${whom}`;
      return change.to === 'best'
        ? `Send ${whom} to the best node`
        : `Send ${whom} to ${nodes.ofId(change.to)?.name ?? `node ${change.to}`}`;
    case 'lock':
      return `${change.on ? 'Lock' : 'Unlock'} ${whom}`;
    case 'signal':
      return `Send SIG${change.signal} to ${whom}`;
    case 'renice':
      return `Set the priority of ${whom} to ${change.nice}`;
    default:
      return assertNever(change);
  }
}
