/** What taking the agent off will do: pure rules from what was found on a node and what the authority knows. */
import type { NodeEntry } from '../../common/contract/contract.ts';
import type { AgentNodePlan } from '../../common/model/agent-install.ts';
import { countWords } from '../../common/model/count-words.ts';
import { targetText } from '../cluster/cluster.ts';
import { plainText } from '../ssh/failure.ts';
import { isAuthority, type Authority } from './authority.ts';
import type { NodeFacts } from './facts.ts';
import { memberOf, type CheckedNode } from './plan-install.ts';
import { removalSteps } from './remove.ts';
import { sentences } from './sentences.ts';

/** A node's plan, with what carrying it out needs. */
export interface NodeRemoval {
  readonly entry: NodeEntry;
  readonly shown: AgentNodePlan;
  /** Only the map is changed. */
  readonly forgets: boolean;
}

/** Plans one node; `forget` it where it cannot be reached. */
export function planRemoval(
  { entry, checked }: Pick<CheckedNode, 'entry' | 'checked'>,
  authority: Authority,
  forget: boolean,
): NodeRemoval {
  const known = 'facts' in checked ? checked.facts.certificate : undefined;
  const member = memberOf(authority.map, entry.name, known);
  const shown = { name: entry.name, target: targetText(entry), id: member?.id ?? null };
  if ('refusal' in checked) {
    const forgets = forget && member !== undefined;
    const there = `It could not be looked at: ${checked.refusal}`;
    const steps = forgets ? ['take it out of the map; nothing is done on it'] : [];
    const refusal = forgets
      ? ''
      : sentences(checked.refusal, '(--forget takes it out of the map all the same.)');
    return { entry, forgets, shown: { ...shown, there, steps, notes: [], refusal } };
  }
  const { facts } = checked;
  const refusal = unfitness(facts, authority, member !== undefined);
  return {
    entry,
    forgets: false,
    shown: {
      ...shown,
      there: statusWords(facts, member?.id),
      steps: refusal === '' ? removalSteps() : [],
      notes:
        facts.jobs > 0
          ? [`There is work on it: ${countWords(facts.jobs, 'job')}, running or at home there.`]
          : [],
      refusal,
    },
  };
}

/** Why nothing can be removed there, in words; empty where it can. */
function unfitness(facts: NodeFacts, authority: Authority, isMember: boolean): string {
  const { cluster } = authority;
  if (facts.authority !== undefined && !isAuthority(authority, facts.authority)) {
    return `It belongs to another cluster than ${cluster}.`;
  }
  if (!facts.isRoot) return 'The login is not root.';
  return !hasAgent(facts) && !isMember
    ? `There is no agent on it, and it is not in the map of ${cluster}.`
    : '';
}

function hasAgent({ sums, certificate }: NodeFacts): boolean {
  return sums.size > 0 || certificate !== undefined;
}

/** How the agent of a node is that should be the one of this id. */
export function statusWords(facts: NodeFacts, id: number | undefined): string {
  const { status, jobs } = facts;
  if (status === undefined) return hasAgent(facts) ? 'an agent that does not answer' : 'no agent';
  const wrong = id === undefined || status.id === id ? '' : `, but it says that it is node ${status.id}`;
  const hold = status.criu === '' ? '' : `; ${plainText(status.criu, 300)}`;
  return `up, ${countWords(jobs, 'job')}${wrong}${hold}`;
}
