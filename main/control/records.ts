/** Actions as the audit log holds them: written line by line, and rebuilt from those lines for whoever asks. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Action, ActionStep, AuditEntry, StepState } from '../../common/model/control.ts';
import { jsonOf } from '../../common/model/json.ts';
import { success, type Result } from '../../common/model/result.ts';
import type { AuditLog } from './audit.ts';
import { deedActionSchema, deedStepSchema, type DeedAction, type DeedStep } from './deed.ts';
import type { ActionQuery } from './types.ts';
import { isUndoable } from './undo.ts';

/** An action without an end is at work no longer than this; after that its program is taken for dead. */
const LONGEST_MILLISECONDS = 20 * 60_000;

/** Unknown steps are not looked at again when they are older than this: too much else may have happened since. */
const OLDEST_MILLISECONDS = 24 * 60 * 60_000;
/** How many actions back unknown steps are looked for. */
const ACTIONS_BACK = 200;

/** What is said of a step whose program ended before it could say more. */
const CUT_OFF = 'mosview ended before it was known what came of it';

/** Where an action stands, from its steps. */
export function stateOf(steps: readonly { readonly state: StepState }[]): Action['state'] {
  const has = (...states: readonly StepState[]) => steps.some(({ state }) => states.includes(state));
  if (has('waiting', 'written')) return 'running';
  if (!has('no-effect', 'refused', 'impossible', 'unknown')) return 'done';
  return has('verified', 'same', 'unknown') ? 'partly' : 'failed';
}

/** The actions of an audit log. */
export class Records {
  /** The name of this running program in actions; its random part tells it from a later one of the same number. */
  readonly program = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  readonly #log: AuditLog;
  readonly #who: string;

  constructor(log: AuditLog, who: string) {
    this.#log = log;
    this.#who = who;
  }

  /** Records that an action begins, before anything is written; undefined when `isWanted` says no under the log's lock. */
  begin(
    action: Omit<DeedAction, 'number'>,
    isWanted: () => boolean = () => true,
  ): Result<DeedAction | undefined> {
    let begun: DeedAction | undefined;
    const { time, who } = action;
    const added = this.#log.append((number) => {
      if (!isWanted()) return undefined;
      begun = { ...action, number };
      return { time, who, kind: 'begun', action: number, text: action.title, body: JSON.stringify(begun) };
    });
    return added.ok ? success(begun) : added;
  }

  /** Records the end of an action with all that came of it. */
  end(action: DeedAction): Result<unknown> {
    const words = { done: 'done', partly: 'done in part', failed: 'failed', running: 'running' };
    const text = `${action.title}: ${words[action.state]}`;
    return this.#append('ended', action.number, text, action);
  }

  /** Records that the state of a step became known after its action had ended. */
  step(action: DeedAction, index: number): Result<unknown> {
    const step = action.steps[index];
    if (step === undefined) throw new Error(`action ${action.number} has no step ${index}`);
    const outcome = step.outcome === '' ? '' : ` (${step.outcome})`;
    const text = `${step.nodeName}: ${step.what} is ${step.state}${outcome}`;
    return this.#append('step', action.number, text, { index, step });
  }

  /** Actions, newest first. */
  list(query: ActionQuery): Result<readonly DeedAction[]> {
    const numbers = this.#log.actions(query);
    if (!numbers.ok) return numbers;
    return this.#each(numbers.value);
  }

  /** Actions begun after number `after` that are to end by themselves. */
  ending(after: number): Result<readonly DeedAction[]> {
    const numbers = this.#log.ending(after);
    return numbers.ok ? this.#each(numbers.value) : numbers;
  }

  /** One action; undefined where there is none of that number. */
  find(number: number): Result<DeedAction | undefined> {
    const lines = this.#log.ofAction(number);
    if (!lines.ok) return lines;
    const action = rebuilt(lines.value, this.program)?.action;
    if (action === undefined) return success(undefined);
    const undoneBy = this.#undoneBy(number);
    if (!undoneBy.ok) return undoneBy;
    return success(withUndo(action, undoneBy.value));
  }

  /** Actions with unknown steps that no program watches any more; `ended` where their end was recorded. */
  abandoned(): Result<readonly Rebuilt[]> {
    const numbers = this.#log.actions({ limit: ACTIONS_BACK });
    if (!numbers.ok) return numbers;
    const found: Rebuilt[] = [];
    for (const number of numbers.value) {
      const lines = this.#log.ofAction(number);
      if (!lines.ok) return lines;
      const whole = rebuilt(lines.value, this.program);
      if (whole === undefined || Date.now() - whole.action.time > OLDEST_MILLISECONDS) break;
      const isUnknown = whole.action.steps.some(({ state }) => state === 'unknown');
      if (isUnknown && !isAlive(whole.action.program, this.program)) found.push(whole);
    }
    return success(found);
  }

  /** The actions that undo this one and were not undone themselves, newest first. */
  undoing(number: number): Result<readonly DeedAction[]> {
    const numbers = this.#log.undoing(number);
    if (!numbers.ok) return numbers;
    const actions = this.#each(numbers.value);
    return actions.ok ? success(actions.value.filter(({ undoneBy }) => undoneBy === null)) : actions;
  }

  /** The newest action that undid this one, with its state; null where there is none that did anything. */
  #undoneBy(number: number): Result<DeedAction | null> {
    const actions = this.undoing(number);
    return actions.ok ? success(actions.value.find(({ state }) => state !== 'failed') ?? null) : actions;
  }

  #each(numbers: readonly number[]): Result<readonly DeedAction[]> {
    const actions: DeedAction[] = [];
    for (const number of numbers) {
      const found = this.find(number);
      if (!found.ok) return found;
      if (found.value !== undefined) actions.push(found.value);
    }
    return success(actions);
  }

  #append(kind: 'ended' | 'step', action: number, text: string, body: unknown): Result<unknown> {
    return this.#log.append(() => ({
      time: Date.now(),
      who: this.#who,
      kind,
      action,
      text,
      body: JSON.stringify(body),
    }));
  }
}

/** An action with what later actions did to it. */
function withUndo(action: DeedAction, by: DeedAction | null): DeedAction {
  const mayUndo = action.state !== 'running' && (by === null || by.state === 'partly');
  return { ...action, undoneBy: by?.number ?? null, undoable: mayUndo && action.steps.some(isUndoable) };
}

/** An action from its lines, and whether its end is one of them. */
interface Rebuilt {
  readonly action: DeedAction;
  readonly ended: boolean;
}

/** An action from its lines, oldest first; undefined where there is no readable one. */
function rebuilt(lines: readonly AuditEntry[], self: string): Rebuilt | undefined {
  let action: DeedAction | undefined;
  let ended = false;
  for (const { kind, body, time } of lines) {
    if (kind === 'begun' || kind === 'ended') {
      const parsed = deedActionSchema.safeParse(jsonOf(body));
      if (parsed.success) action = { ...parsed.data, ended: kind === 'ended' ? time : null };
      ended ||= kind === 'ended' && parsed.success;
    } else if (kind === 'step' && action !== undefined) {
      const late = lateStepSchema.safeParse(jsonOf(body));
      if (late.success && late.data.index < action.steps.length) {
        action = withStep(action, late.data.index, late.data.step);
      }
    }
  }
  if (action === undefined) return undefined;
  const isOver = ended || (isAlive(action.program, self) && Date.now() - action.time < LONGEST_MILLISECONDS);
  return { action: isOver ? action : cutOff(action), ended };
}

const lateStepSchema = z.object({ index: z.int().min(0), step: deedStepSchema });

/** An action with another step in place of one, and the state that follows. */
export function withStep(action: DeedAction, index: number, step: DeedStep): DeedAction {
  const steps = action.steps.with(index, step);
  return { ...action, steps, state: stateOf(steps) };
}

/** An action whose program ended before it was done: what it had begun is unknown. */
function cutOff(action: DeedAction): DeedAction {
  const steps = action.steps.map((step): DeedStep =>
    step.state === 'waiting' ? { ...step, state: 'unknown', outcome: CUT_OFF } : step,
  );
  return { ...action, steps, state: stateOf(steps) };
}

/** Whether a program still runs, seen from `self`; one on another machine is taken to. */
function isAlive(program: string, self: string): boolean {
  if (program === self) return true;
  const [host, pid] = program.split(':');
  if (host !== hostname()) return true;
  if (Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    // Another user's process is one, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** An action as the contract knows it. */
export function published({ program: _program, ...action }: DeedAction): Action {
  return {
    ...action,
    steps: action.steps.map(({ deed: _deed, ...step }): ActionStep => step),
  };
}
