/** From an order to a plan: finds out whom it concerns, reads the present values there, and keeps the plan until it is applied. */
import { randomUUID } from 'node:crypto';
import { spread } from '../../common/balance/index.ts';
import { problem } from '../../common/contract/problem.ts';
import type { Order, Plan } from '../../common/model/control.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { isMovable } from '../../common/model/process-words.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { gatherFacts } from './facts.ts';
import type { Groups, Member } from './groups.ts';
import { nodeIntents, nodeOf, processIntents, subjectOf, type Intent } from './intent.ts';
import type { Limiter } from './limiter.ts';
import { makePlan, type PlanWithDeeds } from './plan.ts';
import type { Records } from './records.ts';
import type { ControlNodes } from './types.ts';
import { undoIntents } from './undo.ts';

/** A plan that is older shows what was, not what is. */
const PLAN_MILLISECONDS = 5 * 60_000;

/** Whom an order concerns, with what the plan has to say beside its steps. */
interface Resolved {
  readonly intents: readonly Intent[];
  readonly notes: readonly string[];
  /** Title of the action that is taken back. */
  readonly undone: string;
}

export class Planner {
  readonly #nodes: ControlNodes;
  readonly #limiter: Limiter;
  readonly #groups: Groups;
  readonly #records: Records;
  readonly #plans = new Map<string, { readonly plan: PlanWithDeeds; readonly time: number }>();

  constructor(nodes: ControlNodes, limiter: Limiter, groups: Groups, records: Records) {
    this.#nodes = nodes;
    this.#limiter = limiter;
    this.#groups = groups;
    this.#records = records;
  }

  /**
   * Plans an order and keeps the plan for five minutes. `only` restricts it to some nodes, for the end of a drain.
   * Problems: bad-input, not-found, those of the audit log.
   */
  async plan(order: Order, only?: ReadonlySet<string>): Promise<Result<PlanWithDeeds>> {
    const resolved = await this.#resolve(order);
    if (!resolved.ok) return resolved;
    const { notes, undone } = resolved.value;
    const intents = resolved.value.intents.filter((intent) => only === undefined || only.has(nodeOf(intent)));
    if (intents.length === 0) {
      const why = notes.length === 0 ? 'There is nothing to do.' : notes.join(' ');
      return failure(problem('bad-input', why));
    }
    const facts = await gatherFacts(this.#nodes, intents, this.#limiter);
    const plan = makePlan(randomUUID(), order, intents, facts, this.#nodes, undone);
    const whole = { ...plan, notes: [...plan.notes, ...notes] };
    const now = Date.now();
    for (const [id, { time }] of this.#plans) if (now - time > PLAN_MILLISECONDS) this.#plans.delete(id);
    this.#plans.set(plan.id, { plan: whole, time: now });
    return success(whole);
  }

  /** Gives a plan out, once. Problems: not-found (too old, or applied already). */
  take(id: string): Result<PlanWithDeeds> {
    const kept = this.#plans.get(id);
    this.#plans.delete(id);
    return kept === undefined || Date.now() - kept.time > PLAN_MILLISECONDS
      ? failure(
          problem('not-found', 'The plan is older than five minutes or was applied already; plan it anew.'),
        )
      : success(kept.plan);
  }

  async #resolve(order: Order): Promise<Result<Resolved>> {
    switch (order.kind) {
      case 'nodes':
      case 'drain':
        return this.#ofNodes(order);
      case 'processes': {
        const unknown = order.processes.find(({ node }) => this.#nodes.find(node) === undefined);
        if (unknown !== undefined) return failure(problem('not-found', `There is no node ${unknown.node}.`));
        return success({ intents: processIntents(order.processes, order.change), notes: [], undone: '' });
      }
      case 'group':
        return this.#ofGroup(order);
      case 'undo':
        return this.#ofUndo(order.action);
      default:
        return assertNever(order);
    }
  }

  #ofNodes(order: Extract<Order, { kind: 'nodes' | 'drain' }>): Result<Resolved> {
    const unknown = order.nodes.find((key) => this.#nodes.find(key) === undefined);
    if (unknown !== undefined) return failure(problem('not-found', `There is no node ${unknown}.`));
    if (order.until !== null && order.until <= Date.now()) {
      return failure(problem('bad-input', 'The end of it lies in the past; give a later time.'));
    }
    const subjects = order.kind === 'nodes' ? order.changes.map(subjectOf) : [];
    const twice = subjects.find((subject, index) => subjects.indexOf(subject) !== index);
    if (twice !== undefined) {
      return failure(problem('bad-input', `${twice} is ordered twice; order it once.`));
    }
    const intents = nodeIntents(order, (key) => this.#nodes.find(key)?.dialect ?? null);
    const notes = order.until === null ? [] : ['It is undone by itself at the given time.'];
    return success({ intents, notes, undone: '' });
  }

  async #ofGroup({ group, change }: Extract<Order, { kind: 'group' }>): Promise<Result<Resolved>> {
    const found = await this.#groups.members(group);
    if (!found.ok) return found;
    const { members, missing } = found.value;
    const notes = missing.map((why) => `Not asked: ${why}.`);
    if (members.length === 0) notes.unshift(`The group ${group} has no processes now.`);
    const intents =
      change.kind === 'spread'
        ? this.#spread(members)
        : processIntents(
            members.map(({ ref }) => ref),
            change,
          );
    if (members.length > 0 && intents.length === 0) {
      notes.unshift(`The group ${group} has no processes that can be moved.`);
    }
    return success({ intents, notes, undone: '' });
  }

  /** Sends the movable members where the balancing policy would spread them to. */
  #spread(members: readonly Member[]): readonly Intent[] {
    const processes = members.flatMap(({ ref, info }) => {
      const self = this.#nodes.find(ref.node)?.id;
      const place = self === undefined || !isMovable(info) ? undefined : placesOf(info, self);
      const weight = info.cpuPercent === null ? 1 : Math.min(1, Math.max(0.01, info.cpuPercent / 100));
      return place === undefined ? [] : [{ ...place, weight, memory: info.memory, ref }];
    });
    const spreads = spread(processes, this.#nodes.all());
    return spreads.flatMap(({ process, to }) => processIntents([process.ref], { kind: 'move', to }));
  }

  #ofUndo(number: number): Result<Resolved> {
    const found = this.#records.find(number);
    if (!found.ok) return found;
    const action = found.value;
    if (action === undefined) return failure(problem('not-found', `There is no action ${number}.`));
    if (action.state === 'running') {
      return failure(problem('bad-input', `Action ${number} is still running; undo it when it has ended.`));
    }
    const intents = undoIntents(action);
    const notes = intents.length === 0 ? [`Action ${number} left nothing that could be undone.`] : [];
    return success({ intents, notes, undone: action.title });
  }
}

/** A plan without what only control knows. */
export function publishedPlan(plan: PlanWithDeeds): Plan {
  return { ...plan, steps: plan.steps.map(({ deed: _deed, ...step }) => step) };
}

/** Ids of the node where a process is and of its home; undefined where the node does not say. */
function placesOf(
  { place }: ProcessInfo,
  self: number,
): { readonly at: number; readonly home: number } | undefined {
  switch (place.kind) {
    case 'home':
      return { at: self, home: self };
    case 'away':
      return { at: place.id, home: self };
    case 'guest':
      return { at: self, home: place.id };
    case 'elsewhere':
    case 'moving':
    case 'unknown':
      return undefined;
    default:
      return assertNever(place);
  }
}
