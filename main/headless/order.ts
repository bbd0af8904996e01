/** `mosview set`, `undo` and `migrate`: from the typed command to an order, its plan, the question, and the verified end. */
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { Action, OrderInput, Plan, Target } from '../../common/model/control.ts';
import { orderSchema } from '../../common/model/control.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { controlNodes } from '../control-nodes.ts';
import { openControl } from '../control/index.ts';
import { sentTo } from '../control/step.ts';
import type { Control, ControlNodes } from '../control/types.ts';
import { operatorName } from '../control/who.ts';
import type { OrderCommand } from './control-arguments.ts';
import { planTable } from './outcome.ts';
import { ALL, type Reach } from './reach.ts';
import { confirm } from './terminal-prompter.ts';

/** What is not verified by then is printed as it stands. */
const WAIT_MILLISECONDS = 300_000;
/** How far back an action that can be undone is looked for. */
const ACTIONS_LOOKED_AT = 1000;

/** How a command ended. */
export type Ended =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'applied'; readonly action: Action; readonly interrupted: boolean };

/** What carrying out needs of the program. */
export interface Surroundings {
  readonly dataFolder: string;
  /** Resolves when the operator ends the program: nothing more is waited for then. */
  readonly interrupted: () => Promise<unknown>;
  readonly onProblem: (problem: Problem) => void;
  /** Whenever something became known of the action. */
  readonly onProgress: (action: Action) => void;
}

/** Carries a command out. Problems: those of planning and applying, cancelled (the operator said no). */
export async function carryOut(
  command: OrderCommand,
  reach: Reach,
  { dataFolder, interrupted, onProblem, onProgress }: Surroundings,
): Promise<Result<Ended>> {
  const nodes = controlNodes(reach.monitor);
  const actions = new Map<number, Action>();
  const opened = await openControl({
    dataFolder,
    nodes,
    who: operatorName(),
    unlocked: true,
    onState: () => undefined,
    onAction: (action) => {
      actions.set(action.number, action);
      onProgress(action);
    },
    onMoveRequest: () => undefined,
    onRun: () => undefined,
    onProblem,
  });
  if (!opened.ok) return opened;
  const control = opened.value;
  let ended: Result<Ended>;
  try {
    ended = await underControl(command, reach, control, nodes, interrupted);
  } finally {
    await control.close();
  }
  if (!ended.ok || ended.value.kind === 'planned') return ended;
  // Closing writes down what became known at last.
  const action = actions.get(ended.value.action.number) ?? ended.value.action;
  return success({ ...ended.value, action });
}

async function underControl(
  command: OrderCommand,
  reach: Reach,
  control: Control,
  nodes: ControlNodes,
  interrupted: () => Promise<unknown>,
): Promise<Result<Ended>> {
  const order = await orderOf(command, reach, control, nodes);
  if (!order.ok) return order;
  const planned = await planOf(order.value, reach, control);
  if (!planned.ok) return planned;
  const plan = planned.value;
  if (command.dryRun) return success({ kind: 'planned', plan });
  if (plan.confirm && !command.yes && !(await confirm(planTable(plan), 'Do this (yes/no)? '))) {
    return failure(problem('cancelled', 'Nothing was changed'));
  }
  const stopped = interrupted().then(() => 'interrupted' as const);
  const begun = await control.apply(plan.id);
  if (!begun.ok) return begun;
  const finished = await Promise.race([control.finished(begun.value.number, WAIT_MILLISECONDS), stopped]);
  return success(
    finished === 'interrupted'
      ? { kind: 'applied', action: begun.value, interrupted: true }
      : { kind: 'applied', action: finished, interrupted: false },
  );
}

/** The plan, made again where it shows that more nodes are needed: those of an undone action, a target, a guest's home. */
async function planOf(input: OrderInput, reach: Reach, control: Control): Promise<Result<Plan>> {
  const order = orderSchema.parse(input);
  const plan = await control.plan(order);
  if (!plan.ok) return plan;
  const { connections } = reach;
  const { steps } = plan.value;
  const targets = steps.flatMap((step) => sentTo(step) ?? []);
  const found = await reach.connect([...new Set(steps.map((step) => step.node))], [...new Set(targets)]);
  if (!found.ok) return found;
  return reach.connections === connections ? plan : control.plan(order);
}

async function orderOf(
  command: OrderCommand,
  reach: Reach,
  control: Control,
  nodes: ControlNodes,
): Promise<Result<OrderInput>> {
  const { reason } = command;
  switch (command.name) {
    case 'set': {
      const keys = await keysOf(command.nodes, reach);
      if (!keys.ok) return keys;
      const { change } = command;
      const until = command.until === null ? null : Date.now() + command.until;
      const shared = { nodes: [...keys.value], reason, until };
      return success(
        change.kind === 'drain'
          ? { kind: 'drain', bring: change.bring, ...shared }
          : { kind: 'nodes', changes: [change], ...shared },
      );
    }
    case 'undo': {
      const action = command.action === undefined ? newestUndoable(control) : success(command.action);
      return action.ok ? success({ kind: 'undo', action: action.value, reason }) : action;
    }
    case 'migrate':
      return moveOrder(command, reach, nodes);
    default:
      return assertNever(command);
  }
}

function newestUndoable(control: Control): Result<number> {
  const actions = control.actions({ limit: ACTIONS_LOOKED_AT });
  if (!actions.ok) return actions;
  // An undo of an undo must be meant: it takes its number.
  const action = actions.value.find(
    ({ undoable, undoes, undoneBy }) => undoable && undoes === null && undoneBy === null,
  );
  return action === undefined
    ? failure(problem('not-found', 'There is no action that can be undone'))
    : success(action.number);
}

async function moveOrder(
  command: Extract<OrderCommand, { name: 'migrate' }>,
  reach: Reach,
  nodes: ControlNodes,
): Promise<Result<OrderInput>> {
  const { node, pid, target, reason } = command;
  const isWord = target === 'home' || target === 'best';
  const isNumber = /^\d+$/.test(target);
  const keys = await keysOf([node, ...(isWord || isNumber ? [] : [target])], reach, isNumber ? [target] : []);
  if (!keys.ok) return keys;
  const [key = '', targetKey = ''] = keys.value;
  const to: Target = isWord ? target : isNumber ? Number(target) : (nodes.find(targetKey)?.id ?? 0);
  const listed = await nodes.find(key)?.processes();
  if (listed?.ok === false) return listed;
  const process = listed?.value.find((one) => one.pid === pid);
  if (process === undefined) {
    return failure(problem('not-found', `${nodes.find(key)?.name ?? node} has no process ${pid}`));
  }
  // Any node of the settings may have the address where it is.
  if (process.place.kind === 'elsewhere') await reach.connectAll();
  // Only its home can say later whether a guest is where it was sent.
  if (process.place.kind === 'guest') await reach.connect([key], [String(process.place.id)]);
  return success({
    kind: 'processes',
    processes: [{ node: key, pid, started: process.started }],
    change: { kind: 'move', to },
    reason,
  });
}

/** The keys of the nodes that are asked for. Problems: not-found, bad-input. */
async function keysOf(
  wanted: readonly string[],
  reach: Reach,
  optional: readonly string[] = [],
): Promise<Result<readonly string[]>> {
  const found = await reach.connect(wanted, optional);
  if (!found.ok) return found;
  const { nodes, missing } = found.value;
  if (missing.length > 0) {
    const names = missing.map((name) => `"${name}"`).join(', ');
    return failure(problem('not-found', `There is no node ${names}; "mosview nodes" lists them`));
  }
  return nodes.length > 0 || wanted.includes(ALL)
    ? success(nodes.map(({ key }) => key))
    : failure(problem('not-found', 'There is no node'));
}
