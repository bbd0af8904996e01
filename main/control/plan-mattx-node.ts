/** Plans what is to be done to a MattX node: one command of its admin file for each step. Pure. */
import { abilityOf, whyUnable } from '../../common/model/capability.ts';
import type { NodeChange } from '../../common/model/control.ts';
import { countWords } from '../../common/model/count-words.ts';
import {
  AFFINITY_PER_CPU,
  affinityOfSpeed,
  LIST_NAME,
  MOST_AFFINITY,
  namesOfList,
  whyNoList,
  type MattxList,
} from '../../common/model/mattx.ts';
import type { MattxCommand } from '../../common/wire/operations.ts';
import type { NodeFacts } from './facts.ts';
import { wordsOf, type Intent, type Left } from './intent.ts';
import { mattxSettings, type MattxSettings } from './mattx-settings.ts';
import { adminFile, impossible, type PlannedStep, type StepBase } from './step.ts';

/** The step that an intent on a MattX node becomes;  */
export function planMattxNodeStep(
  { change, left }: Extract<Intent, { kind: 'node' }>,
  facts: NodeFacts,
): PlannedStep {
  const { node, replies } = facts;
  const base: StepBase = {
    node: node.key,
    nodeName: node.name,
    process: null,
    what: wordsOf(change),
    file: adminFile(node),
    before: null,
    after: '',
  };
  if (facts.why !== '') return impossible(base, facts.why);
  const unable = whyUnable(node.dialect, abilityOf(change));
  if (unable !== '') return impossible(base, unable);
  const reply = replies.get('settings');
  if (reply?.kind === 'missing')
    return impossible(base, 'the node has no such file; MattX is not loaded there');
  if (reply?.kind === 'refused')
    return impossible(base, `the node does not let this login read it: ${reply.words}`);
  const settings = mattxSettings(reply);
  if (settings === undefined) return impossible(base, 'the connection ended before the node answered');
  return change.kind === 'pins' || change.kind === 'pin-self'
    ? pinsStep(base, change, settings, facts, left)
    : commandStep(base, change, settings, facts, left);
}

type CommandChange = Exclude<NodeChange, { kind: 'pins' | 'pin-self' }>;

/** The command that a change is, with its number; in words why there is none. */
function commandOf(
  change: CommandChange,
  cpus: number,
): { readonly command: MattxCommand; readonly value: number; readonly about: string } | string {
  if (change.kind === 'mattx') return { command: change.which, value: change.on ? 1 : 0, about: '' };
  if (change.kind === 'setting') {
    return {
      command: 'balancer',
      value: change.on ? 0 : 1,
      about: 'MattX says it as its balancer, the other way round',
    };
  }
  if (change.kind === 'affinity') {
    const about = change.affinity === 0 ? `0 is automatic, ${AFFINITY_PER_CPU} for each CPU` : '';
    return { command: 'affinity', value: change.affinity, about };
  }
  if (change.kind !== 'speed') return 'MattX has no such setting';
  if (!(cpus >= 1)) return 'how many CPUs it has is not known, and with it what affinity this speed is';
  const value = affinityOfSpeed(change.speed, cpus);
  if (value > MOST_AFFINITY)
    return `that would be an affinity of ${value}; at most ${MOST_AFFINITY} is written`;
  const about = `speed ${change.speed} on ${countWords(cpus, 'CPU')} is affinity ${value} (${AFFINITY_PER_CPU} for each CPU is the standard)`;
  return { command: 'affinity', value, about };
}

function commandStep(
  base: StepBase,
  change: CommandChange,
  { commands }: MattxSettings,
  { node }: NodeFacts,
  left: Left | null,
): PlannedStep {
  const found = commandOf(change, node.cpus);
  if (typeof found === 'string') return impossible(base, found);
  const { command, value, about } = found;
  const before = commands[command];
  const step = { ...base, before, after: String(value) };
  if (before === step.after) return { ...step, verdict: 'same', why: about, undo: null, deed: null };
  const changed = changedSince(step, left);
  if (changed !== '') return impossible(step, changed);
  return { ...step, verdict: 'change', why: about, undo: before, deed: { kind: 'mattx', command, value } };
}

function pinsStep(
  base: StepBase,
  change: Extract<NodeChange, { kind: 'pins' | 'pin-self' }>,
  { lists }: MattxSettings,
  facts: NodeFacts,
  left: Left | null,
): PlannedStep {
  const list: MattxList = change.kind === 'pins' ? change.list : 'exclude';
  const now = lists[list];
  if (now === null) return impossible(base, 'the node does not show its list');
  const step = { ...base, before: now.text };
  if (change.kind === 'pin-self' && !now.isPlain) {
    return impossible(
      step,
      'the list there holds more than names, so nothing is appended; edit it as a whole',
    );
  }
  const names =
    change.kind === 'pins' ? change.names : [...namesOfList(now.text), ...ownNames(facts, now.text)];
  const after = [...new Set(names)].join(',');
  const wanted = { ...step, after };
  const wrong = whyNoList(after);
  if (wrong !== '') return impossible(wanted, wrong);
  if (now.isPlain && after === now.text)
    return { ...wanted, verdict: 'same', why: '', undo: null, deed: null };
  if (change.kind === 'pins' && change.seen !== null && change.seen !== now.text) {
    return impossible(wanted, 'somebody else changed the list since it was shown; look at it again');
  }
  const changed = changedSince(wanted, left);
  if (changed !== '') return impossible(wanted, changed);
  const why = now.isPlain
    ? ''
    : 'what stands there holds more than names; all of it is replaced, without undo';
  const undo = now.isPlain ? now.text : null;
  return { ...wanted, verdict: 'change', why, undo, deed: { kind: 'pins', list, before: now.token, after } };
}

/** Names of mosview's own processes on a node that its exclude list lacks, as its balancer compares them. */
function ownNames({ processes }: NodeFacts, list: string): readonly string[] {
  const known = new Set(namesOfList(list));
  const own = [...processes.values()].filter(({ reasons }) => reasons.includes('mosview'));
  return own.map(({ name }) => name).filter((name) => LIST_NAME.test(name) && !known.has(name));
}

function changedSince({ before, after }: StepBase, left: Left | null): string {
  if (left === null || before === left.value || before === after) return '';
  return `it is ${before ?? 'something unreadable'} now, not ${left.value} as action ${left.action} left it`;
}
