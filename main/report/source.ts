/** What a report is made from: the history, the actions of the audit log, and the groups of processes. */
import { ProblemError, type Problem } from '../../common/contract/problem.ts';
import type { Action, Group } from '../../common/model/control.ts';
import type { Result } from '../../common/model/result.ts';
import type { ActionQuery } from '../control/types.ts';
import type { Past } from '../prometheus/past.ts';

export interface ReportSource {
  readonly history: Past;
  readonly groups: readonly Group[];
  /** Newest first, a page at a time by `before`. */
  actions(query: ActionQuery): Result<readonly Action[]>;
}

/** The value of a result; throws its problem, which the one who makes the report catches. */
export async function answerOf<Value>(result: Promise<Result<Value>> | Result<Value>): Promise<Value> {
  const settled = await result;
  if (settled.ok) return settled.value;
  throw new ProblemError(settled.problem);
}

/** The same, or undefined where this history cannot tell: not every kind of history answers every question. */
export async function answerIfAny<Value>(result: Promise<Result<Value>>): Promise<Value | undefined> {
  const settled = await result;
  return !settled.ok && settled.problem.code === 'not-available' ? undefined : answerOf(settled);
}

/** Ends a report with a problem. */
export function stop(trouble: Problem): never {
  throw new ProblemError(trouble);
}
