/**
 * Everything that changes nodes and processes: an order is planned, applied, verified, recorded, and can be undone. One
 * per program.
 */
import { makeDataFolder } from '../settings/files.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { Action, ControlState, Order, Plan, ProgramRun } from '../../common/model/control.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { carryOut, type Tools } from './apply.ts';
import { AuditLog } from './audit.ts';
import type { DeedAction } from './deed.ts';
import { Ends, TIMER } from './ends.ts';
import { Groups } from './groups.ts';
import { Limiter, Turns } from './limiter.ts';
import { Others } from './others.ts';
import { Planner, publishedPlan } from './planner.ts';
import type { PlanWithDeeds } from './plan.ts';
import { published, Records, stateOf } from './records.ts';
import { Runs } from './runs.ts';
import type { ActionQuery, Control, ControlOptions } from './types.ts';
import { Unlock } from './unlock.ts';
import { follow } from './verify.ts';
import { Work } from './work.ts';

/** Nodes that are worked on at the same time. */
const PARALLEL_NODES = 16;

/**
 * Opens control with its audit log. What an earlier program left unknown is looked at again when its nodes can be
 * reached; a broken chain of the audit log is told to `onProblem`. Problems: disk-full, permission-denied, file-unreadable, history-newer.
 */
export async function openControl(options: ControlOptions): Promise<Result<Control>> {
  const onProblem = (trouble: Problem): void => options.onProblem?.(trouble);
  const folder = makeDataFolder(options.dataFolder);
  if (!folder.ok) return folder;
  const limiter = new Limiter(PARALLEL_NODES);
  const groups = await Groups.open(options.dataFolder, options.nodes, limiter, onProblem);
  if (!groups.ok) return groups;
  const log = AuditLog.open(options.dataFolder, options.who, onProblem);
  if (!log.ok) return log;
  const broken = log.value.check();
  if (!broken.ok) return broken;
  if (broken.value !== '') onProblem(problem('audit-broken', broken.value));
  return success(new OpenControl(options, log.value, groups.value, limiter, onProblem));
}

class OpenControl implements Control {
  readonly #options: ControlOptions;
  readonly #log: AuditLog;
  readonly #groups: Groups;
  readonly #records: Records;
  readonly #planner: Planner;
  readonly #unlock: Unlock;
  readonly #runs: Runs;
  readonly #ends: Ends | undefined;
  readonly #others: Others | undefined;
  readonly #tools: Tools;
  readonly #closing = new AbortController();
  readonly #onProblem: (problem: Problem) => void;
  /** Actions under way, and ended ones whose unknown steps are looked at again. */
  readonly #works = new Map<number, Work>();

  constructor(
    options: ControlOptions,
    log: AuditLog,
    groups: Groups,
    limiter: Limiter,
    onProblem: (problem: Problem) => void,
  ) {
    const { nodes, who, unlocked = false } = options;
    this.#options = options;
    this.#log = log;
    this.#groups = groups;
    this.#onProblem = onProblem;
    this.#records = new Records(log, who);
    this.#planner = new Planner(nodes, limiter, groups, this.#records);
    this.#unlock = new Unlock(log, who, unlocked, () => this.#tellState());
    this.#runs = new Runs(log, who, nodes, (run) => options.onRun(run));
    this.#tools = {
      nodes,
      limiter,
      turns: new Turns(),
      closing: this.#closing.signal,
      onMoveRequest: (request) => options.onMoveRequest(request),
    };
    this.#takeUp();
    // A command line is over long before its drain ends; the window, or the next one, sees to that.
    if (!unlocked) {
      this.#ends = new Ends({
        records: this.#records,
        nodes,
        undo: (action, keys) => this.#undoAtEnd(action, keys),
      });
      this.#others = new Others({
        log,
        records: this.#records,
        nodes,
        onAction: (action) => this.#tell(action),
        onMoveRequest: (request) => options.onMoveRequest(request),
      });
    }
  }

  state(): ControlState {
    const running = [...this.#works.values()].filter(({ action }) => action.state === 'running');
    return { unlockedUntil: this.#unlock.until, running: running.map(({ action }) => action.number) };
  }

  async unlock(minutes: number): Promise<Result<ControlState>> {
    const unlocked = this.#unlock.unlock(minutes);
    return unlocked.ok ? success(this.state()) : unlocked;
  }

  async lock(): Promise<Result<ControlState>> {
    const locked = this.#unlock.lock('Changes are locked.');
    return locked.ok ? success(this.state()) : locked;
  }

  lookAtOthers(): void {
    this.#others?.look();
  }

  async plan(order: Order): Promise<Result<Plan>> {
    const plan = await this.#planner.plan(order);
    return plan.ok ? success(publishedPlan(plan.value)) : plan;
  }

  async apply(planId: string): Promise<Result<Action>> {
    if (this.#unlock.until === null) return failure(lockedProblem());
    const plan = this.#planner.take(planId);
    if (!plan.ok) return plan;
    const begun = this.#begin(plan.value, this.#options.who);
    if (!begun.ok) return begun;
    if (begun.value === undefined) throw new Error('an order of the operator is always begun');
    return success(published(begun.value));
  }

  async finished(number: number, deadlineMilliseconds: number): Promise<Action> {
    const work = this.#works.get(number);
    if (work !== undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadlineMilliseconds);
      await Promise.race([work.known(), promise]);
      clearTimeout(timer);
      return this.#shown(work.action);
    }
    const found = this.#records.find(number);
    if (!found.ok || found.value === undefined) throw new Error(`there is no action ${number}`);
    return published(found.value);
  }

  actions(query: ActionQuery): Result<readonly Action[]> {
    const actions = this.#records.list(query);
    return actions.ok ? success(actions.value.map((action) => this.#shown(action))) : actions;
  }

  audit(query: {
    readonly before?: number | undefined;
    readonly limit: number;
  }): ReturnType<Control['audit']> {
    const broken = this.#log.check();
    if (!broken.ok) return broken;
    const entries = this.#log.entries(query.before, query.limit);
    return entries.ok ? success({ entries: entries.value, broken: broken.value }) : entries;
  }

  groups(): ReturnType<Control['groups']> {
    return this.#groups.list();
  }

  saveGroup(group: Parameters<Control['saveGroup']>[0]): Promise<Result<void>> {
    return this.#groups.save(group);
  }

  removeGroup(name: string): Promise<Result<void>> {
    return this.#groups.remove(name);
  }

  groupMembers(name: string): ReturnType<Control['groupMembers']> {
    return this.#groups.members(name);
  }

  async run(key: string, command: string, placement: ProgramRun['placement']): Promise<Result<ProgramRun>> {
    if (this.#unlock.until === null) return failure(lockedProblem());
    return this.#runs.start(key, command, placement);
  }

  runs(): readonly ProgramRun[] {
    return this.#runs.list();
  }

  stopRun(number: number): Result<void> {
    return this.#runs.stop(number);
  }

  async close(): Promise<void> {
    this.#ends?.close();
    this.#runs.close();
    for (const work of this.#works.values()) work.close();
    this.#closing.abort();
    this.#unlock.lock('Changes are locked: mosview was closed.');
    this.#log.close();
  }

  /** Records that a plan is being carried out, and sets to it. Undefined when `isWanted` says no at that moment. */
  #begin(plan: PlanWithDeeds, who: string, isWanted?: () => boolean): Result<DeedAction | undefined> {
    const steps = plan.steps.map((step) => {
      const state = step.verdict === 'change' ? ('waiting' as const) : step.verdict;
      return { ...step, state, now: null, outcome: step.verdict === 'impossible' ? step.why : '' };
    });
    const begun = this.#records.begin(
      {
        time: Date.now(),
        who,
        title: plan.title,
        order: plan.order,
        steps,
        state: stateOf(steps),
        undoes: plan.order.kind === 'undo' ? plan.order.action : null,
        undoneBy: null,
        ended: null,
        undoable: false,
        program: this.#records.program,
      },
      isWanted,
    );
    if (begun.ok && begun.value !== undefined) {
      const work = this.#keep(begun.value, false);
      this.#tell(work.action);
      this.#tellState();
      this.#do(work, carryOut(work, this.#tools));
    }
    return begun;
  }

  /** What earlier programs left unknown is looked at again, never written again. */
  #takeUp(): void {
    const abandoned = this.#records.abandoned();
    if (!abandoned.ok) return this.#onProblem(abandoned.problem);
    for (const { action, ended } of abandoned.value) {
      const work = this.#keep(action, ended);
      const byNode = Map.groupBy(action.steps.keys(), (index) => work.step(index).node);
      const follows = [...byNode].map(([key, indexes]) => follow(work, key, indexes, this.#tools));
      this.#do(
        work,
        Promise.all(follows).then(() => undefined),
      );
    }
  }

  #keep(action: DeedAction, isEnded: boolean): Work {
    const work = new Work(action, isEnded, this.#records, {
      onChange: (changed) => {
        this.#tell(changed);
        if (changed.state !== 'running') this.#tellState();
      },
      onProblem: this.#onProblem,
    });
    this.#works.set(action.number, work);
    return work;
  }

  #do(work: Work, task: Promise<void>): void {
    void task.finally(() => this.#works.delete(work.action.number));
  }

  /** Tells of an action, and of those whose being undone depends on it. */
  #tell(action: DeedAction): void {
    this.#options.onAction(this.#shown(action));
    let { undoes } = action;
    while (undoes !== null) {
      const found = this.#records.find(undoes);
      if (!found.ok || found.value === undefined) return;
      this.#options.onAction(published(found.value));
      ({ undoes } = found.value);
    }
  }

  /** An action as others see it: as it stands now, with what later ones did to it. */
  #shown(action: DeedAction): Action {
    const live = this.#works.get(action.number)?.action;
    if (live === undefined || live.state === 'running') return published(live ?? action);
    const recorded = this.#records.find(action.number);
    return published(recorded.ok ? (recorded.value ?? live) : live);
  }

  async #undoAtEnd(action: DeedAction, keys: ReadonlySet<string>): Promise<void> {
    const reason = 'its time was over';
    const plan = await this.#planner.plan({ kind: 'undo', action: action.number, reason }, keys);
    if (!plan.ok || this.#closing.signal.aborted) return;
    // Two programs may have seen the end at the same time: the one that records it first does it.
    const isWanted = (): boolean => {
      const others = this.#records.undoing(action.number);
      return (
        others.ok &&
        !others.value.some(({ who, steps }) => who === TIMER && steps.some(({ node }) => keys.has(node)))
      );
    };
    const begun = this.#begin(plan.value, TIMER, isWanted);
    if (!begun.ok) this.#onProblem(begun.problem);
  }

  #tellState(): void {
    this.#options.onState(this.state());
  }
}

function lockedProblem(): Problem {
  return problem('locked', 'Changes are locked. Unlock them first.');
}
