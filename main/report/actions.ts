/** The parts of a report about operators: what they ordered, what came of it, what it did to the cluster; checkpoints. */
import type { Action } from '../../common/model/control.ts';
import type { Checkpoint } from '../../common/model/history.ts';
import { effectOf } from './effect.ts';
import { longTable, tableOf, type Cell, type Rows, type TableBlock } from './model.ts';
import type { ReportContext } from './build.ts';
import type { Selection } from './selection.ts';
import { answerOf, type ReportSource } from './source.ts';

/** Actions read at once; they carry every step. */
const PAGE = 100;
/** Actions whose effect is read before they are written. */
const ROWS = 50;

/** What a report keeps of an action: all of them are in memory, as people give orders by the hundred. */
export interface BriefAction {
  readonly number: number;
  readonly begun: number;
  readonly ended: number | null;
  readonly who: string;
  readonly title: string;
  readonly reason: string;
  readonly state: Action['state'];
  readonly steps: number;
  /** Steps that are so: read back, or so before. */
  readonly good: number;
  readonly undoneBy: number | null;
}

/** The actions begun in the range on the chosen nodes, oldest first. Throws ProblemError. */
export async function actionsOf(
  source: ReportSource,
  { from, to, keys, allNodes }: Selection,
): Promise<readonly BriefAction[]> {
  const chosen = new Set(keys);
  const found: BriefAction[] = [];
  let before: number | undefined;
  for (;;) {
    const page = await answerOf(source.actions({ from, to, before, limit: PAGE }));
    for (const action of page) {
      if (allNodes || action.steps.some(({ node }) => chosen.has(node))) found.push(brief(action));
    }
    if (page.length < PAGE) return found.toReversed();
    before = page.at(-1)?.number;
  }
}

function brief({ number, time, ended, who, title, order, state, steps, undoneBy }: Action): BriefAction {
  const good = steps.filter((step) => step.state === 'verified' || step.state === 'same').length;
  const { reason } = order;
  return { number, begun: time, ended, who, title, reason, state, steps: steps.length, good, undoneBy };
}

const RESULTS: Readonly<Record<Action['state'], string>> = {
  running: 'running',
  done: 'done',
  partly: 'done in part',
  failed: 'failed',
};

/** The actions as a table. */
export function actionsTable(context: ReportContext, actions: readonly BriefAction[]): TableBlock {
  return longTable({
    name: 'actions',
    title: 'What was ordered',
    empty: 'Nothing was ordered through mosview.',
    columns: [
      { name: 'action', title: 'No.', kind: 'id', width: 5 },
      { name: 'begun', title: 'Begun', kind: 'time', width: 19 },
      { name: 'ended', title: 'Ended', kind: 'time', width: 0 },
      { name: 'who', title: 'By', kind: 'text', width: 14 },
      { name: 'title', title: 'What', kind: 'text', width: 26 },
      { name: 'reason', title: 'Reason', kind: 'text', width: 18 },
      { name: 'result', title: 'Result', kind: 'text', width: 0 },
      { name: '', title: 'Result', kind: 'text', width: 17 },
      { name: 'steps', title: 'Steps', kind: 'count', width: 0 },
      { name: 'steps_verified', title: 'Verified', kind: 'count', width: 0 },
      { name: 'undone_by', title: 'Undone by', kind: 'id', width: 0 },
      { name: 'efficiency_before_percent', title: 'Before', kind: 'percent', width: 9 },
      { name: 'efficiency_after_percent', title: 'After', kind: 'percent', width: 9 },
      { name: 'efficiency_change', title: 'Change', kind: 'points', width: 9 },
    ],
    rows: actionRows(context, actions),
  });
}

async function* actionRows({ source, signal }: ReportContext, actions: readonly BriefAction[]): Rows {
  for (let first = 0; first < actions.length; first += ROWS) {
    const rows: (readonly Cell[])[] = [];
    for (const action of actions.slice(first, first + ROWS)) {
      signal.throwIfAborted();
      const { begun, ended } = action;
      const { before, after } = await effectOf(source.history, begun, ended);
      rows.push([
        action.number,
        begun,
        ended,
        action.who,
        action.title,
        action.reason,
        action.state,
        resultWords(action),
        action.steps,
        action.good,
        action.undoneBy,
        before,
        after,
        after - before,
      ]);
    }
    yield rows;
  }
}

function resultWords({ state, steps, good, undoneBy }: BriefAction): string {
  const words = state === 'partly' ? `${RESULTS[state]}, ${good} of ${steps}` : RESULTS[state];
  return undoneBy === null ? words : `${words}; undone by ${undoneBy}`;
}

/** The checkpoints as a table. */
export function checkpointsTable(checkpoints: readonly Checkpoint[]): TableBlock {
  return tableOf(
    {
      name: 'checkpoints',
      title: 'Checkpoints',
      empty: 'No checkpoint was set.',
      columns: [
        { name: 'time', title: 'Time', kind: 'time', width: 19 },
        { name: 'who', title: 'By', kind: 'text', width: 20 },
        { name: 'text', title: 'Text', kind: 'text', width: 60 },
      ],
    },
    checkpoints.map(({ time, who, text }) => [time, who, text]),
  );
}

/** The checkpoints of the range, oldest first. Throws ProblemError. */
export async function checkpointsOf({ source, selection }: ReportContext): Promise<readonly Checkpoint[]> {
  const { from, to } = selection;
  return (await answerOf(source.history.ask('marks', { from, to, pixels: 1 }))).checkpoints;
}
