/** What can be changed of nodes, how their switches stand now, and what a drain has come to; all in words. */
import type { NodeState } from '../../common/contract/block.ts';
import { capabilitiesOf, whyUnable, type Ability } from '../../common/model/capability.ts';
import { dialectTitle, membershipWords } from '../../common/model/dialect.ts';
import type { Action } from '../../common/model/control.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { errnoName, STATUS, type NodeSetting } from '../../common/model/status.ts';
import { clockTime, count, plainText } from './format.ts';

/** What each switch does while it is on, short enough to stand below it. */
export const SWITCH_WORDS: Readonly<Record<NodeSetting, string>> = {
  block: 'refuse guests',
  stay: 'no automatic migration from here',
  lstay: 'keep local processes here',
  quiet: 'no load information in or out',
  nomfs: 'no cluster file system',
};

/** A node with what this second says of it. `status` is NaN where it is not known now. */
export interface NodeNow {
  readonly info: NodeInfo;
  readonly state: NodeState;
  readonly status: number;
  readonly speed: number;
}

/** Why nothing can be changed of a node, in words that go on from its name; empty where it can. */
export function whyNoChange({ info }: NodeNow): string {
  if (info.connection.kind === 'none') return 'mosview has no login there; it is seen through other nodes';
  if (info.connection.kind !== 'connected') return 'there is no connection to it now';
  const capabilities = capabilitiesOf(info.dialect);
  return capabilities.settings ? '' : capabilities.why;
}

/** Which of several nodes cannot be changed, and why: told once for all that have the same reason. */
export function unchangeable(nodes: readonly NodeNow[]): string {
  const reasons = Map.groupBy(
    nodes.filter((node) => whyNoChange(node) !== ''),
    whyNoChange,
  );
  return [...reasons]
    .map(
      ([why, those]) => `Nothing can be changed on ${nodeNames(those.map(({ info }) => info.name))}: ${why}.`,
    )
    .join(' ');
}

/**
 * Why none of some nodes can do a thing, as a sentence; empty where one can. `trouble`: why nothing at all can be changed
 * of them.
 */
export function whyNone(nodes: readonly NodeNow[], ability: Ability, trouble: string): string {
  if (trouble !== '') return trouble;
  const reasons = nodes
    .filter((node) => whyNoChange(node) === '')
    .map(({ info }) => whyUnable(info.dialect, ability));
  if (reasons.includes('')) return '';
  return [...new Set(reasons)].map((why) => `${why}.`).join(' ');
}

/** Some names in full, many by their number: `node1, node2 and 14 more`. */
export function nodeNames(names: readonly string[], most = 4): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most - 1).join(', ')} and ${count(names.length - most + 1)} more`;
}

/** How one switch stands on some nodes. */
export interface SwitchState {
  /** As a checkbox that may stand in between says it; `unknown` where no node tells. */
  readonly checked: 'true' | 'false' | 'mixed' | 'unknown';
  readonly words: string;
}

/** Reads a switch from the status bits. A node that is not up tells nothing of its present switches. */
export function switchState(nodes: readonly NodeNow[], setting: NodeSetting): SwitchState {
  const known = nodes.filter((node) => node.state === 'up' && node.status >= 0);
  const on = known.filter((node) => (node.status & STATUS[setting]) !== 0).length;
  if (known.length === 0) return { checked: 'unknown', words: 'unknown' };
  const silent = nodes.length - known.length;
  const more = silent === 0 ? '' : `, ${count(silent)} unknown`;
  if (on === 0) return { checked: 'false', words: `off${more}` };
  if (on === known.length) return { checked: 'true', words: `on${more}` };
  return { checked: 'mixed', words: `${count(on)} of ${count(nodes.length)} on${more}` };
}

/** Whether the cluster's part runs on a node, which is shown and never changed from here. */
export function clusterWords({ info, state, status }: NodeNow): string {
  if (status < 0 && info.dialect !== null) {
    return `${dialectTitle(info.dialect)} does not reach it (${errnoName(status)}).`;
  }
  if (!Number.isNaN(status)) {
    return membershipWords(info.dialect, (status & STATUS.up) !== 0 ? 'runs' : 'configured');
  }
  // It answers on its own connection, and has no id of a cluster.
  const isOutside = state === 'up' && !info.key.startsWith('id:');
  return membershipWords(info.dialect, isOutside ? 'outside' : 'unknown');
}

/** A drain that is in force or under way, for some of the nodes it concerns. */
export interface Drain {
  readonly action: Action;
  readonly nodes: readonly NodeInfo[];
  readonly words: string;
}

/** The drains of the given nodes that are not ended, newest first. */
export function drainsOf(nodes: readonly NodeInfo[], actions: Iterable<Action>): readonly Drain[] {
  return [...actions]
    .filter(({ order, undoneBy, undoable, state }) => {
      return order.kind === 'drain' && undoneBy === null && (undoable || state === 'running');
    })
    .toSorted((a, b) => b.number - a.number)
    .map((action) => ({ action, nodes: nodes.filter((node) => concerns(action, node)) }))
    .filter((drain) => drain.nodes.length > 0)
    .map((drain) => ({ ...drain, words: drainWords(drain.action, drain.nodes) }));
}

function concerns({ steps }: Action, node: NodeInfo): boolean {
  return steps.some((step) => step.node === node.key && step.verdict !== 'impossible');
}

/** `draining, 3 guests left`, then `drained by anna until 14:00 (disk is replaced)`. */
function drainWords(action: Action, nodes: readonly NodeInfo[]): string {
  const { order } = action;
  const until = order.kind === 'drain' && order.until !== null ? ` until ${clockTime(order.until)}` : '';
  const reason = order.reason === '' ? '' : ` (${plainText(order.reason)})`;
  const left = action.steps
    .filter((step) => nodes.some((node) => node.key === step.node))
    .filter((step) => step.outcome !== '' && (step.state === 'written' || step.state === 'waiting'))
    .map((step) => plainText(step.outcome));
  if (action.state === 'running') return [`draining${until}`, ...new Set(left)].join(', ') + reason;
  return `drained by ${plainText(action.who)}${until}${reason}`;
}
