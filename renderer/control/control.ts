/** Whether changes are allowed now, and every action this window has heard of, fed by pushes. */
import { createSignal, onCleanup, type Accessor } from 'solid-js';
import type { CallInput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import type { Action, ControlState } from '../../common/model/control.ts';
import { success, type Result } from '../../common/model/result.ts';
import { call } from '../back-end.ts';

/** What the views read and do. */
export interface Control {
  readonly state: Accessor<ControlState>;
  /** Actions by their number, as last heard; those that ran before this window opened are there after `load`. */
  readonly actions: Accessor<ReadonlyMap<number, Action>>;
  /** Whether changes are allowed. */
  unlocked(): boolean;
  /** Allows changes for so many minutes, 1 to 480; that is written to the audit log. Problems: as the call `unlock`. */
  unlock(minutes: number): Promise<Result<void>>;
  /** Forbids them again at once. */
  lock(): Promise<void>;
  /** Asks again whether changes are allowed. */
  refresh(): Promise<void>;
  /** Reads the newest actions, or those before a number, and keeps them; says how many came. */
  load(query: { readonly before?: number; readonly limit: number }): Promise<number>;
  /** Takes an action that was heard of in an answer; an older state of it than is known is left out. */
  take(action: Action): void;
}

const LOCKED: ControlState = { unlockedUntil: null, running: [] };

/** Starts listening; it ends with the owner. `onProblem` hears what goes wrong. */
export function createControl(onProblem: (problem: Problem) => void): Control {
  const [state, setState] = createSignal<ControlState>(LOCKED);
  const [actions, setActions] = createSignal<ReadonlyMap<number, Action>>(new Map());
  /** How many of the newest actions the views want to know. */
  let newest = 0;
  let lost = false;

  function keep(given: readonly Action[]): void {
    setActions(new Map([...actions(), ...given.map((action) => [action.number, action] as const)]));
  }

  async function refresh(): Promise<void> {
    const result = await call('control', {});
    if (result.ok) setState(result.value);
    else if (result.problem.code !== 'connection-lost') onProblem(result.problem);
  }

  async function load(query: CallInput<'actions'>): Promise<number> {
    if (query.before === undefined) newest = query.limit;
    const result = await call('actions', query);
    if (result.ok) keep(result.value.actions);
    else if (result.problem.code !== 'connection-lost') onProblem(result.problem);
    return result.ok ? result.value.actions.length : 0;
  }

  /** What was pushed while the way to main was lost is read when it is back. */
  function connectionChanged(connected: boolean): void {
    if (connected && lost) {
      void refresh();
      if (newest > 0) void load({ limit: newest });
    }
    lost = !connected;
  }

  onCleanup(window.mosview.on('control', setState));
  onCleanup(window.mosview.on('action', (push) => keep([push.action])));
  onCleanup(window.mosview.onConnection(connectionChanged));
  void refresh();

  return {
    state,
    actions,
    unlocked: () => state().unlockedUntil !== null,
    async unlock(minutes) {
      const result = await call('unlock', { minutes });
      if (!result.ok) return result;
      setState(result.value);
      return success(undefined);
    },
    async lock() {
      const result = await call('lock', {});
      if (result.ok) setState(result.value);
      else onProblem(result.problem);
    },
    refresh,
    load,
    take(action) {
      if (!actions().has(action.number)) keep([action]);
    },
  };
}
