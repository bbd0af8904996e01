/** A plan carried out with both its beginning and its end in the audit log. */
import type { AgentOutcome, AgentPlan, AgentProgress } from '../../common/model/agent-install.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { success, type Result } from '../../common/model/result.ts';
import { AuditLog } from '../control/audit.ts';
import type { Enroller, EnrolPlan } from './index.ts';

export interface Recording {
  /** Where the audit log is. */
  readonly dataFolder: string;
  readonly who: string;
  readonly onProblem: (problem: Problem) => void;
  readonly onProgress: (progress: AgentProgress) => void;
}

/**
 * Carries a plan out. Nothing is begun when that cannot be recorded; an end that cannot is told to `onProblem`. Problems:
 * those of the audit log.
 */
export async function carryOutRecorded(
  enroller: Enroller,
  plan: EnrolPlan,
  { dataFolder, who, onProblem, onProgress }: Recording,
): Promise<Result<AgentOutcome>> {
  const opened = AuditLog.open(dataFolder, who, onProblem);
  if (!opened.ok) return opened;
  const log = opened.value;
  const write = (text: string, body: unknown): Result<unknown> =>
    log.append(() => ({
      time: Date.now(),
      who,
      kind: 'agent',
      action: null,
      text: text.slice(0, 1000),
      body: JSON.stringify(body),
    }));
  try {
    const begun = write(beginning(plan.shown), plan.shown);
    if (!begun.ok) return begun;
    const outcome = await enroller.carryOut(plan, onProgress);
    const ended = write(end(outcome), outcome);
    if (!ended.ok) onProblem(ended.problem);
    return success(outcome);
  } finally {
    log.close();
  }
}

function beginning({ kind, cluster, nodes }: AgentPlan): string {
  const names = nodes.filter(({ refusal }) => refusal === '').map(({ name }) => name);
  return kind === 'install'
    ? `The agent of cluster ${cluster} is to be installed on ${names.join(', ')}.`
    : `The agent of cluster ${cluster} is to be removed from ${names.join(', ')}.`;
}

function end({ kind, cluster, nodes }: AgentOutcome): string {
  const done = nodes.filter(({ state }) => state === 'done');
  const failed = nodes.filter(({ state }) => state !== 'done').map(({ name, words }) => `${name}: ${words}`);
  const what = kind === 'install' ? 'is installed on' : 'is removed from';
  return [`The agent of cluster ${cluster} ${what} ${done.length} of ${nodes.length} nodes.`, ...failed].join(
    ' ',
  );
}
