/** A plan, and an action with its outcome, as they are printed: tables for people, one JSON value for scripts. */
import type { Action, ActionStep, Plan, PlanStep, StepState } from '../../common/model/control.ts';
import { table, type Column } from './table.ts';
import { printable } from './terminal-prompter.ts';

/** One write, as printed. What was read back and came of it is there when it was carried out. */
export interface PrintedStep {
  /** The process it concerns; its command is untrusted. */
  readonly process: { readonly pid: number; readonly command: string } | null;
  readonly what: string;
  readonly file: string;
  readonly before: string | null;
  readonly after: string;
  readonly verdict: PlanStep['verdict'];
  readonly why: string;
  readonly state?: StepState;
  readonly now?: string | null;
}

/** A node of the order. */
export interface PrintedNode {
  readonly key: string;
  readonly name: string;
  /** True where all was read back and is so, or was so already; else the reason. Null of a plan. */
  readonly verified: true | string | null;
  readonly steps: readonly PrintedStep[];
}

export interface PrintedOrder {
  readonly title: string;
  /** Number in the audit log; null of a plan. */
  readonly action: number | null;
  /** `planned` where nothing was written. */
  readonly state: 'planned' | Action['state'];
  readonly undoable: boolean;
  readonly notes: readonly string[];
  readonly nodes: readonly PrintedNode[];
}

/** A plan that was only made. */
export function printedPlan({ title, steps, notes }: Plan): PrintedOrder {
  const nodes = byNode(steps).map(({ key, name, steps: own }) => ({
    key,
    name,
    verified: null,
    steps: own.map(printedStep),
  }));
  return { title, action: null, state: 'planned', undoable: false, notes, nodes };
}

/** An action as far as it is known. */
export function printedAction({ number, title, state, undoable, steps }: Action): PrintedOrder {
  const nodes = byNode(steps).map(({ key, name, steps: own }) => {
    const reasons = own.filter((step) => !isSo(step.state)).map(resultOf);
    return {
      key,
      name,
      verified: reasons.length === 0 || [...new Set(reasons)].join('; '),
      steps: own.map((step) => ({ ...printedStep(step), state: step.state, now: step.now })),
    };
  });
  return { title, action: number, state, undoable, notes: [], nodes };
}

/** The exit code: 0 when every node is verified, or of a plan when nothing in it is impossible. */
export function exitCodeOf({ nodes }: PrintedOrder): 0 | 1 {
  const good = nodes.every(({ verified, steps }) =>
    verified === null ? steps.every(({ verdict }) => verdict !== 'impossible') : verified === true,
  );
  return good ? 0 : 1;
}

/** The steps of a plan as a table, with what is impossible and why. */
export function planTable({ title, steps, notes }: Plan): string {
  const heads: Column[] = [
    ['FILE', 'left'],
    ['OLD', 'right'],
    ['NEW', 'right'],
    ['NOTE', 'left'],
  ];
  const rows = steps.map((step) => [
    step.file === '' ? '-' : step.file,
    step.before ?? '-',
    step.after,
    { change: step.why, same: 'is so already', impossible: `impossible: ${step.why}` }[step.verdict],
  ]);
  return [title, stepTable(steps, heads, rows), ...notes].join('\n');
}

/** The outcome of an action as a table, and one sentence. */
export function actionTable(action: Action): string {
  const heads: Column[] = [
    ['OLD', 'right'],
    ['NOW', 'right'],
    ['RESULT', 'left'],
  ];
  const rows = action.steps.map((step) => [step.before ?? '-', step.now ?? '-', resultOf(step)]);
  const { nodes } = printedAction(action);
  const verified = nodes.filter((node) => node.verified === true).length;
  const sum =
    nodes.length === 1
      ? `${verified === 1 ? 'Verified' : 'Not verified'}.`
      : `${verified} of ${nodes.length} nodes verified.`;
  const undo = action.undoable ? ` "mosview undo ${action.number}" takes it back.` : '';
  return [
    action.title,
    stepTable(action.steps, heads, rows),
    `${sum} It is action ${action.number} of the audit log.${undo}`,
  ].join('\n');
}

/** One line for whoever waits: how many nodes are done, and what is awaited. */
export function progressLine(action: Action): string {
  const { nodes } = printedAction(action);
  const awaited = action.steps.find(
    ({ state }) => state === 'written' || state === 'unknown' || state === 'waiting',
  );
  const done = nodes.filter((node) => node.verified === true).length;
  const words = awaited === undefined ? '' : `; ${awaited.nodeName}: ${awaited.what}, ${resultOf(awaited)}`;
  return printable(`Action ${action.number}: ${done} of ${nodes.length} nodes verified${words}`).replaceAll(
    '\n',
    ' ',
  );
}

function stepTable(
  steps: readonly PlanStep[],
  heads: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const hasProcesses = steps.some((step) => step.process !== null);
  return table(
    [['NODE', 'left'], ...(hasProcesses ? [['PROCESS', 'left'] as const] : []), ['WHAT', 'left'], ...heads],
    steps.map((step, index) => {
      const process = step.process === null ? '' : `${step.process.pid} ${shortened(step.process.command)}`;
      return [step.nodeName, ...(hasProcesses ? [process] : []), step.what, ...(rows[index] ?? [])];
    }),
  );
}

/** A command line is as long as a table can bear. */
export function shortened(command: string, most = 60): string {
  return command.length > most ? `${command.slice(0, most - 1)}…` : command;
}

const STATE_WORDS: Readonly<Record<StepState, string>> = {
  waiting: 'not begun',
  written: 'written, not verified yet',
  verified: 'verified',
  'no-effect': 'accepted, no effect',
  refused: 'refused',
  impossible: 'impossible',
  same: 'was so already',
  unknown: 'not known whether it was written',
};

/** States whose outcome says by itself how it ended. */
const SPOKEN: ReadonlySet<StepState> = new Set(['no-effect', 'unknown']);

function resultOf({ state, outcome }: ActionStep): string {
  if (outcome === '') return STATE_WORDS[state];
  return SPOKEN.has(state) ? outcome : `${STATE_WORDS[state]}: ${outcome}`;
}

function isSo(state: StepState): boolean {
  return state === 'verified' || state === 'same';
}

function printedStep({ process, what, file, before, after, verdict, why }: PlanStep): PrintedStep {
  const named = process && { pid: process.pid, command: process.command };
  return { process: named, what, file, before, after, verdict, why };
}

function byNode<Step extends PlanStep>(
  steps: readonly Step[],
): readonly { readonly key: string; readonly name: string; readonly steps: readonly Step[] }[] {
  return [...Map.groupBy(steps, (step) => step.node)].map(([key, own]) => ({
    key,
    name: own[0]?.nodeName ?? key,
    steps: own,
  }));
}
