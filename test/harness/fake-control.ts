/**
 * Control inside the page for tests and pictures of the window alone: plans and carries out orders on the generated
 * nodes, and tells it as main would. Part of fake-bridge.ts.
 */
import type { CallInput, PushName, PushPayload } from '../../common/contract/contract.ts';
import { problem } from '../../common/contract/problem.ts';
import type { Action, ActionStep, NodeChange, Order, Plan, PlanStep } from '../../common/model/control.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { assertNever } from '../../common/model/result.ts';
import { settingsOf, STATUS } from '../../common/model/status.ts';
import type { FakeOptions } from './fake-bridge.ts';

/** What it needs of the page's cluster. */
export interface FakeCluster {
  readonly nodes: readonly NodeInfo[];
  readonly options: FakeOptions;
  push<Name extends PushName>(name: Name, payload: PushPayload<Name>): void;
  value(slot: number, metric: 'status' | 'speed'): number;
  fix(slot: number, metric: 'status' | 'speed', value: number): void;
}

type Answers = Readonly<Record<string, (input: never) => unknown>>;

const MINUTE = 60_000;

/** The answers of control's calls. */
export function fakeControl(cluster: FakeCluster): Answers {
  const plans = new Map<string, Plan>();
  const actions: Action[] = [...(cluster.options.actions ?? [])];
  let unlockedUntil = cluster.options.unlocked === true ? Date.now() + 15 * MINUTE : null;

  function state() {
    const running = actions.filter((each) => each.state === 'running').map((each) => each.number);
    return { unlockedUntil, running };
  }

  function told() {
    cluster.push('control', state());
    return { value: state() };
  }

  function tell(action: Action): void {
    const at = actions.findIndex((each) => each.number === action.number);
    if (at < 0) actions.unshift(action);
    else actions[at] = action;
    cluster.push('action', { action });
  }

  function carryOut(plan: Plan): Action {
    const { order } = plan;
    const number = (actions[0]?.number ?? 0) + 1;
    const action: Action = {
      number,
      time: Date.now(),
      who: 'anna@desk',
      title: plan.title,
      order,
      steps: plan.steps.map((step) => begun(step)),
      state: 'running',
      undoes: order.kind === 'undo' ? order.action : null,
      undoneBy: null,
      ended: null,
      undoable: plan.steps.some((step) => step.verdict === 'change' && step.undo !== null),
    };
    tell(action);
    setTimeout(() => {
      for (const step of plan.steps) settle(cluster, step);
      const steps = action.steps.map((step) => ended(step));
      const well = steps.every((step) => step.state === 'verified' || step.state === 'same');
      tell({ ...action, steps, state: well ? 'done' : 'partly' });
      const undone = actions.find((each) => each.number === action.undoes);
      if (undone !== undefined) tell({ ...undone, undoneBy: number, undoable: false });
    });
    return action;
  }

  return {
    control: () => ({ value: state() }),
    unlock: ({ minutes }: CallInput<'unlock'>) => {
      unlockedUntil = Date.now() + minutes * MINUTE;
      return told();
    },
    lock: () => {
      unlockedUntil = null;
      return told();
    },
    plan: ({ order }: CallInput<'plan'>) => {
      const plan = makePlan(cluster, { reason: '', until: null, ...order } as Order, actions);
      plans.set(plan.id, plan);
      return { value: plan };
    },
    apply: ({ plan: id }: CallInput<'apply'>) => {
      const plan = plans.get(id);
      plans.delete(id);
      if (unlockedUntil === null) return { problem: problem('locked', 'Changes are locked.') };
      if (plan === undefined) return { problem: problem('not-found', 'The plan is too old.') };
      return { value: carryOut(plan) };
    },
    actions: ({ before = Infinity, from = 0, to = Infinity, limit }: CallInput<'actions'>) => ({
      value: {
        actions: actions
          .filter((each) => each.number < before && each.time >= from && each.time < to)
          .slice(0, limit),
      },
    }),
    audit: () => ({ value: { entries: [], broken: '' } }),
    previewSpeeds: ({ speeds }: CallInput<'previewSpeeds'>) => ({
      value: {
        now: 62,
        after: 88,
        moves: cluster.nodes.slice(0, 2).map((node) => ({
          from: node.id,
          to: Number(speeds[0]?.key.slice(3) ?? 1),
          count: Math.max(1, Math.round((speeds[0]?.speed ?? 0) / 10_000)),
        })),
      },
    }),
  };
}

let planned = 0;

function makePlan(cluster: FakeCluster, order: Order, actions: readonly Action[]): Plan {
  planned += 1;
  const steps = stepsOf(cluster, order, actions);
  const lasting = steps.some((step) => step.verdict === 'change' && step.undo === null);
  return {
    id: `plan-${planned}`,
    order,
    title: titleOf(order, actions),
    steps,
    confirm: steps.length > 1 || lasting,
    notes: lasting ? ['What left or came home is not sent back by undoing this.'] : [],
  };
}

function titleOf(order: Order, actions: readonly Action[]): string {
  switch (order.kind) {
    case 'nodes':
      return `Set ${order.changes.map(whatOf).join(', ')} on ${order.nodes.length} ${order.nodes.length === 1 ? 'node' : 'nodes'}`;
    case 'drain':
      return `Drain ${order.nodes.length} ${order.nodes.length === 1 ? 'node' : 'nodes'}`;
    case 'processes':
      return `${order.change.kind} ${order.processes.length} processes`;
    case 'group':
      return `${order.change.kind} the group ${order.group}`;
    case 'undo':
      return `Undo "${actions.find((each) => each.number === order.action)?.title ?? order.action}"`;
    default:
      return assertNever(order);
  }
}

function whatOf(change: NodeChange): string {
  switch (change.kind) {
    case 'setting':
      return `${change.setting} ${change.on ? 'on' : 'off'}`;
    case 'speed':
      return `speed ${change.speed}`;
    case 'decay':
      return `${change.which} ${change.value}`;
    case 'expel':
    case 'bring':
    case 'pin-self':
      return change.kind;
    case 'affinity':
      return `affinity ${change.affinity}`;
    case 'mattx':
      return `${change.which} ${change.on ? 'on' : 'off'}`;
    case 'pins':
      return `${change.list} list`;
    default:
      return assertNever(change);
  }
}

function stepsOf(cluster: FakeCluster, order: Order, actions: readonly Action[]): PlanStep[] {
  const ofNodes = (keys: readonly string[], changes: readonly NodeChange[]): PlanStep[] =>
    keys.flatMap((key) => changes.map((change) => nodeStep(cluster, key, change)));
  switch (order.kind) {
    case 'nodes':
      return ofNodes(order.nodes, order.changes);
    case 'drain':
      return ofNodes(order.nodes, [{ kind: 'setting', setting: 'block', on: true }, { kind: 'expel' }]);
    case 'processes':
      return order.processes.map((ref) => ({
        node: ref.node,
        nodeName: nameOf(cluster, ref.node),
        process: { pid: ref.pid, started: ref.started, command: `job ${ref.pid}` },
        what: order.change.kind === 'move' ? `send to ${order.change.to}` : order.change.kind,
        file: order.change.kind === 'move' ? `${ref.pid}/goto` : '',
        before: '0',
        after: order.change.kind === 'move' ? String(order.change.to) : '',
        verdict: 'change',
        why: '',
        undo: order.change.kind === 'signal' ? null : '0',
      }));
    case 'group':
      return [];
    case 'undo':
      return (actions.find((each) => each.number === order.action)?.steps ?? [])
        .filter((step) => step.undo !== null && step.state === 'verified')
        .map(({ state: _state, now: _now, outcome: _outcome, ...step }) => ({
          ...step,
          what: `back to ${step.undo ?? ''}`,
          before: step.after,
          after: step.undo ?? '',
          undo: step.after,
        }));
    default:
      return assertNever(order);
  }
}

function nameOf({ nodes }: FakeCluster, key: string): string {
  return nodes.find((node) => node.key === key)?.name ?? key;
}

function nodeStep(cluster: FakeCluster, key: string, change: NodeChange): PlanStep {
  const node = cluster.nodes.find((each) => each.key === key);
  const status = cluster.value(node?.slot ?? 0, 'status');
  const { file, before, after } = valuesOf(cluster, node?.slot ?? 0, status, change);
  const down = node?.connection.kind !== 'connected';
  return {
    node: key,
    nodeName: node?.name ?? key,
    process: null,
    what: whatOf(change),
    file: `/proc/hpc/admin/${file}`,
    before: down ? null : before,
    after,
    verdict: down ? 'impossible' : before === after ? 'same' : 'change',
    why: down ? 'there is no connection to it: ENETUNREACH' : '',
    undo: change.kind === 'expel' || change.kind === 'bring' ? null : before,
  };
}

function valuesOf(cluster: FakeCluster, slot: number, status: number, change: NodeChange) {
  switch (change.kind) {
    case 'setting': {
      const before = settingsOf(status).includes(change.setting) ? '1' : '0';
      return { file: change.setting, before, after: change.on ? '1' : '0' };
    }
    case 'speed':
      return { file: 'speed', before: String(cluster.value(slot, 'speed')), after: String(change.speed) };
    case 'decay':
      return { file: change.which, before: '975', after: String(change.value) };
    case 'expel':
    case 'bring':
      return { file: change.kind, before: '0', after: '1' };
    case 'affinity':
      return { file: change.kind, before: '0', after: String(change.affinity) };
    case 'mattx':
      return { file: change.which, before: '0', after: change.on ? '1' : '0' };
    case 'pins':
      return { file: change.list, before: 'bash,cat', after: change.names.join(',') };
    case 'pin-self':
      return { file: 'exclude', before: 'bash,cat', after: 'bash,cat,sh' };
    default:
      return assertNever(change);
  }
}

function begun(step: PlanStep): ActionStep {
  const state = step.verdict === 'change' ? 'written' : step.verdict;
  return { ...step, state, now: step.before, outcome: step.verdict === 'impossible' ? step.why : '' };
}

function ended(step: ActionStep): ActionStep {
  return step.state === 'written' ? { ...step, state: 'verified', now: step.after } : step;
}

/** What was written shows in the node's numbers from the next second on. */
function settle(cluster: FakeCluster, { node: key, file, after, verdict }: PlanStep): void {
  const node = cluster.nodes.find((each) => each.key === key);
  const name = file.split('/').at(-1) ?? '';
  if (node === undefined || verdict !== 'change') return;
  if (name === 'speed') cluster.fix(node.slot, 'speed', Number(after));
  if (!Object.hasOwn(STATUS, name)) return;
  const bit = STATUS[name as keyof typeof STATUS];
  const status = cluster.value(node.slot, 'status');
  cluster.fix(node.slot, 'status', after === '1' ? status | bit : status & ~bit);
}
