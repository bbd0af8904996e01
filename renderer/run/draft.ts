/** The program an operator is about to start, as the form holds it, and what it becomes. */
import type { CallInput } from '../../common/contract/contract.ts';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { PlacementRule, ProgramRun } from '../../common/model/control.ts';
import { assertNever, failure, success, type Result } from '../../common/model/result.ts';
import { count } from '../words/format.ts';
import { idsInRange, MOST_COPIES, type Where } from './placement.ts';

/** What the form holds; numbers are as typed, NaN where nothing is. */
export interface Draft {
  readonly command: string;
  /** Key of the home node; empty while none is chosen. */
  readonly home: string;
  readonly where: Where;
  readonly node: number;
  readonly first: number;
  readonly last: number;
  readonly inverse: boolean;
  readonly job: PlacementRule['job'];
  readonly decay: PlacementRule['decay'];
}

export const EMPTY_DRAFT: Draft = {
  command: '',
  home: '',
  where: 'free',
  node: NaN,
  first: NaN,
  last: NaN,
  inverse: false,
  job: 'unsaid',
  decay: 'usual',
};

/** What to call; a problem names what is missing. `ids` are those of the nodes a program can be sent to, ascending. */
export function startOf(draft: Draft, ids: readonly number[]): Result<CallInput<'run'>> {
  const command = draft.command.trim();
  if (command === '') return failure(problem('bad-input', 'Give the command to run.'));
  if (draft.home === '') return failure(problem('bad-input', 'Choose the home node.'));
  const where = whereOf(draft, ids);
  if (typeof where === 'object' && 'code' in where) return failure(where);
  return success({ key: draft.home, command, placement: { where, job: draft.job, decay: draft.decay } });
}

function whereOf(draft: Draft, ids: readonly number[]): PlacementRule['where'] | Problem {
  switch (draft.where) {
    case 'free':
    case 'nomig':
    case 'home':
      return draft.where;
    case 'node':
      return ids.includes(draft.node)
        ? { node: draft.node }
        : problem('bad-input', 'Choose the node it is to run on.');
    case 'each': {
      const each = idsInRange(ids, draft.first, draft.last, draft.inverse);
      if (Number.isNaN(draft.first + draft.last)) {
        return problem('bad-input', 'Give the first and the last node.');
      }
      if (each.length === 0) return problem('bad-input', 'No node is in that range.');
      return each.length > MOST_COPIES
        ? problem(
            'bad-input',
            `That are ${count(each.length)} nodes; at most ${MOST_COPIES} can be started on.`,
          )
        : { each: [...each] };
    }
    default:
      return assertNever(draft.where);
  }
}

/** The form filled with a program that was started before. */
export function draftOf({ node, command, placement }: ProgramRun): Draft {
  const { where, job, decay } = placement;
  const base: Draft = { ...EMPTY_DRAFT, command, home: node, job, decay };
  if (typeof where === 'string') return { ...base, where };
  if ('node' in where) return { ...base, where: 'node', node: where.node };
  return { ...base, where: 'each', first: Math.min(...where.each), last: Math.max(...where.each) };
}
