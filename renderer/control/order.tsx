/**
 * The way of an order through the window: planned, allowed, looked at, applied, and followed to its end. Every view makes
 * one of these and renders its layer once.
 */
import { createSignal, For, Match, Show, Switch, type Accessor, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Action, OrderInput, Plan } from '../../common/model/control.ts';
import { call } from '../back-end.ts';
import { plainText } from '../words/format.ts';
import { ActionStrip } from './action-strip.tsx';
import { createControl, type Control } from './control.ts';
import { PlanDialog } from './plan-dialog.tsx';
import { UnlockDialog } from './unlock-dialog.tsx';

/** A question to the operator, with what the answer is given to. */
type Question =
  | {
      readonly kind: 'unlock';
      readonly title: string;
      readonly mayLook: boolean;
      readonly answer: (answer: number | 'look' | undefined) => void;
    }
  | {
      readonly kind: 'plan';
      readonly plan: Plan;
      readonly notice: string;
      /** The reason, or undefined for no. */
      readonly answer: (reason: string | undefined) => void;
    };

/** What the views order with. */
export interface Orders {
  readonly control: Control;
  /**
   * Plans an order and carries it out; asks where that is needed, and always when `look` is set. Resolves with the action
   * when it has begun, with undefined when the operator said no or it could not be begun, which is then told. Orders are
   * taken one after the other.
   */
  order(order: OrderInput, options?: { readonly look?: boolean }): Promise<Action | undefined>;
  /** Numbers of the actions whose strips are shown, oldest first. */
  readonly followed: Accessor<readonly number[]>;
  /** Takes an action's strip away; the action goes on. */
  dismiss(action: number): void;
  /** The question now open. */
  readonly question: Accessor<Question | undefined>;
}

/** Makes the way; `onProblem` hears what goes wrong. */
export function createOrders(
  onProblem: (problem: Problem) => void,
  control: Control = createControl(onProblem),
): Orders {
  const [question, setQuestion] = createSignal<Question>();
  const [followed, setFollowed] = createSignal<readonly number[]>([]);
  let last: Promise<unknown> = Promise.resolve();

  function askUnlock(title: string, mayLook: boolean): Promise<number | 'look' | undefined> {
    return new Promise((resolve) => {
      setQuestion({ kind: 'unlock', title, mayLook, answer: (answer) => (setQuestion(), resolve(answer)) });
    });
  }

  function askPlan(plan: Plan, notice: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      setQuestion({ kind: 'plan', plan, notice, answer: (answer) => (setQuestion(), resolve(answer)) });
    });
  }

  async function makePlan(order: OrderInput): Promise<Plan | undefined> {
    const result = await call('plan', { order });
    if (result.ok) return result.value;
    onProblem(result.problem);
    return undefined;
  }

  /** Allows changes where they are locked; `look` is the wish to see the plan only. */
  async function allow(title: string, mayLook: boolean): Promise<'allowed' | 'look' | 'refused'> {
    if (control.unlocked()) return 'allowed';
    const answer = await askUnlock(title, mayLook);
    if (answer === undefined) return 'refused';
    if (answer === 'look') return 'look';
    const result = await control.unlock(answer);
    if (result.ok) return 'allowed';
    onProblem(result.problem);
    return 'refused';
  }

  /** The plan that is to be applied, after all questions; undefined for none. */
  async function settle(order: OrderInput, look: boolean): Promise<Plan | undefined> {
    let plan = await makePlan(order);
    if (plan === undefined) return undefined;
    const writes = plan.steps.some((step) => step.verdict === 'change');
    const allowed = writes ? await allow(plan.title, true) : 'look';
    if (allowed === 'refused') return undefined;
    if (!look && allowed === 'allowed' && !mustLook(plan)) return plan;
    for (let notice = ''; ; notice = 'Something changed meanwhile. This is how it stands now.') {
      const reason = await askPlan(plan, notice);
      if (reason === undefined) return undefined;
      if (reason === plan.order.reason) return plan;
      const again = await makePlan({ ...plan.order, reason });
      if (again === undefined || sameSteps(plan, again)) return again;
      plan = again;
    }
  }

  async function carryOut(order: OrderInput, look: boolean): Promise<Action | undefined> {
    for (let mustShow = look; ; mustShow = true) {
      const plan = await settle(order, mustShow);
      if (plan === undefined || (await allow(plan.title, false)) !== 'allowed') return undefined;
      const result = await call('apply', { plan: plan.id });
      if (result.ok) {
        follow(result.value);
        return result.value;
      }
      // A plan that was looked at for too long is made again; one that was locked out in between is asked for again.
      order = plan.order;
      if (result.problem.code !== 'not-found' && result.problem.code !== 'locked') {
        onProblem(result.problem);
        return undefined;
      }
      await control.refresh();
    }
  }

  /** Those that went well make room for the new one; those that did not stay until they are dismissed. */
  function follow(action: Action): void {
    control.take(action);
    const kept = followed().filter((number) => control.actions().get(number)?.state !== 'done');
    setFollowed([...kept.filter((number) => number !== action.number), action.number]);
  }

  return {
    control,
    question,
    followed,
    order(order, options) {
      const mine = last.then(() => carryOut(order, options?.look ?? false));
      last = mine.catch(() => undefined);
      return mine;
    },
    dismiss: (action) => setFollowed(followed().filter((number) => number !== action)),
  };
}

function mustLook(plan: Plan): boolean {
  return plan.confirm || plan.steps.some((step) => step.verdict === 'impossible');
}

/** Whether two plans would do the same to the same. */
function sameSteps(a: Plan, b: Plan): boolean {
  return JSON.stringify(a.steps) === JSON.stringify(b.steps);
}

/** The order that undoes an action. */
export function undoOf(action: number): OrderInput {
  return { kind: 'undo', action };
}

/** The dialogs and strips of a window's orders; rendered once, as the last child of the window's column. */
export function OrderLayer(props: { readonly orders: Orders }): JSX.Element {
  const orders = props.orders;
  const action = (number: number) => orders.control.actions().get(number);
  /** An undone action leaves: its undoing has a strip of its own. */
  const shown = () => orders.followed().filter((number) => action(number)?.undoneBy === null);
  return (
    <>
      <section class="action-strips" aria-label="What you ordered" role="status">
        <For each={shown()}>
          {(number) => (
            <Show when={action(number)}>
              {(shownAction) => (
                <ActionStrip
                  action={shownAction()}
                  onUndo={() => void orders.order(undoOf(number))}
                  onDismiss={() => orders.dismiss(number)}
                />
              )}
            </Show>
          )}
        </For>
      </section>
      <Show when={orders.question()} keyed>
        {(question) => (
          <Switch>
            <Match when={question.kind === 'unlock' && question}>
              {(unlock) => (
                <UnlockDialog
                  waiting={plainText(unlock().title)}
                  {...(unlock().mayLook ? { onLook: () => unlock().answer('look') } : {})}
                  onUnlock={(minutes) => unlock().answer(minutes)}
                  onCancel={() => unlock().answer(undefined)}
                />
              )}
            </Match>
            <Match when={question.kind === 'plan' && question}>
              {(look) => (
                <PlanDialog
                  plan={look().plan}
                  notice={look().notice}
                  onApply={(reason) => look().answer(reason)}
                  onCancel={() => look().answer(undefined)}
                />
              )}
            </Match>
          </Switch>
        )}
      </Show>
    </>
  );
}
