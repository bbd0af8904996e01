/** Plans and actions in words: how many steps stand where, and why those that failed did. */
import type { Action, ActionStep, Plan, PlanStep, StepState } from '../../common/model/control.ts';
import { count, plainText } from './format.ts';

/** The words of each step state, beside its colour. */
export const STEP_WORDS: Readonly<Record<StepState, string>> = {
  waiting: 'not begun',
  written: 'written, effect awaited',
  verified: 'verified',
  'no-effect': 'accepted, no effect',
  refused: 'refused',
  impossible: 'impossible',
  same: 'was so already',
  unknown: 'not known yet',
};

/** The words of each verdict of a plan. */
export const VERDICT_WORDS: Readonly<Record<PlanStep['verdict'], string>> = {
  change: 'will change',
  same: 'already so',
  impossible: 'impossible',
};

/** The words of each state of an action. */
export const ACTION_WORDS: Readonly<Record<Action['state'], string>> = {
  running: 'running',
  done: 'done',
  partly: 'partly done',
  failed: 'failed',
};

/** States in the order they are told: first what went well, then what did not, then what is still to come. */
const TOLD: readonly StepState[] = [
  'same',
  'no-effect',
  'refused',
  'impossible',
  'unknown',
  'written',
  'waiting',
];

/**
 * How far an action is: `2 of 3 verified, 1 refused: node3: Permission denied`. The reason told is the first one;
 * while guests are awaited it is how many are left.
 */
export function progressWords(action: Action): string {
  const { steps } = action;
  if (steps.length === 0) return ACTION_WORDS[action.state];
  const verified = steps.filter((step) => step.state === 'verified').length;
  const rest = TOLD.map((state) => ({
    state,
    steps: steps.filter((step) => step.state === state).length,
  })).filter((each) => each.steps > 0);
  const parts = rest.map((each) => `${count(each.steps)} ${STEP_WORDS[each.state]}`);
  const reason = firstReason(steps);
  return [`${count(verified)} of ${count(steps.length)} verified`, ...parts].join(', ') + reason;
}

function firstReason(steps: readonly ActionStep[]): string {
  const telling = steps.find(
    (step) => step.outcome !== '' && step.state !== 'verified' && step.state !== 'same',
  );
  return telling === undefined ? '' : `: ${plainText(telling.nodeName)}: ${plainText(telling.outcome)}`;
}

/** Whether a step ended otherwise than it was meant to. */
export function isTrouble(state: StepState): boolean {
  return state === 'no-effect' || state === 'refused' || state === 'impossible' || state === 'unknown';
}

/** How many steps of a plan have each verdict: `47 will change, 2 impossible`. */
export function planCounts(
  plan: Plan,
): readonly { readonly verdict: PlanStep['verdict']; readonly steps: number }[] {
  return (['impossible', 'change', 'same'] as const)
    .map((verdict) => ({ verdict, steps: plan.steps.filter((step) => step.verdict === verdict).length }))
    .filter((each) => each.steps > 0);
}
