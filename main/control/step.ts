/** Steps of a plan with their deeds, and the few ways to make one. */
import { basename, dirname } from 'node:path/posix';
import type { PlanStep, Target } from '../../common/model/control.ts';
import type { ControlNode } from './types.ts';
import type { Deed } from './deed.ts';

/** A step of a plan; its deed is null unless the verdict is `change`. */
export interface PlannedStep extends PlanStep {
  readonly deed: Deed | null;
}

/** What is known of a step before its verdict. */
export type StepBase = Omit<PlannedStep, 'verdict' | 'why' | 'undo' | 'deed'>;

/** Where openMosix' files are, or the agent's, which has the same, unless the node says otherwise. */
export function treeOf({ root, dialect }: ControlNode): string {
  return root ?? (dialect === 'agent' ? '/run/mosview/hpc' : '/proc/hpc');
}

/** Where MattX takes its commands, unless a node says otherwise. */
const MATTX_ROOT = '/proc/mattx';

/** The file that every order on a MattX node is written to. */
export function adminFile({ root = MATTX_ROOT }: ControlNode): string {
  return `${root}/admin`;
}

/** The folder of openMosix' port to 2.6 in that of a shell's own process, unless a node says otherwise. */
const PORT_ROOT = '/proc/self/om';

/** The file that moves a process of openMosix for 2.6. */
export function whereFile({ root = PORT_ROOT }: ControlNode, pid: number): string {
  return `${dirname(dirname(root))}/${pid}/${basename(root)}/where`;
}

const SENT = 'send to node ';

/** A move in words, for its step. */
export function moveWords(target: Target): string {
  if (target === 'home') return 'bring home';
  return target === 'best' ? 'send to the best node' : `${SENT}${target}`;
}

/** The id of the node that a step sends a process to, as it would be typed; undefined for any other step. */
export function sentTo({ what, after }: Pick<PlanStep, 'what' | 'after'>): string | undefined {
  return what.startsWith(SENT) ? after : undefined;
}

/** A step that cannot be done, and why in words. */
export function impossible(base: StepBase, why: string): PlannedStep {
  return { ...base, verdict: 'impossible', why, undo: null, deed: null };
}

/** A step on a node that is not known any more. */
export function unknownNode(node: string, what: string, after: string): PlannedStep {
  const base = { node, nodeName: node, process: null, what, file: '', before: null, after };
  return impossible(base, 'there is no such node any more');
}
