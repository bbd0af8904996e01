/** Plans what is to be done to a node: from its intents and what was read there to steps. Pure. */
import type { NodeChange } from '../../common/model/control.ts';
import { abilityOf, whyUnable } from '../../common/model/capability.ts';
import { assertNever } from '../../common/model/result.ts';
import { STATUS } from '../../common/model/status.ts';
import { adminFileOf, leftWords, numberIn, type Deed } from './deed.ts';
import { statusFile, type NodeFacts } from './facts.ts';
import { wordsOf, type Intent, type Left } from './intent.ts';
import { planMattxNodeStep } from './plan-mattx-node.ts';
import { impossible, treeOf, unknownNode, type PlannedStep, type StepBase } from './step.ts';

type NodeDeed = Extract<Deed, { kind: 'switch' | 'number' | 'clear' }>;

/** The step that an intent on a node becomes. */
export function planNodeStep(
  intent: Extract<Intent, { kind: 'node' }>,
  facts: NodeFacts | undefined,
): PlannedStep {
  const what = wordsOf(intent.change);
  if (facts === undefined) return unknownNode(intent.node, what, '');
  const { node } = facts;
  const deed = deedOf(intent.change);
  if (deed === null || (node.dialect === 'mattx' && facts.why === '')) {
    return planMattxNodeStep(intent, facts);
  }
  const base: StepBase = {
    node: node.key,
    nodeName: node.name,
    process: null,
    what,
    file: `${treeOf(node)}/${adminFileOf(deed)}`,
    before: null,
    after: afterOf(deed),
  };
  if (facts.why !== '') return impossible(base, facts.why);
  const unable = whyUnable(node.dialect, abilityOf(intent.change));
  if (unable !== '') return impossible(base, unable);
  return deed.kind === 'clear' ? clearStep(base, deed, facts) : settingStep(base, deed, facts, intent.left);
}

/** What openMosix does for a change; null for one that only MattX knows. */
function deedOf(change: NodeChange): NodeDeed | null {
  switch (change.kind) {
    case 'setting':
      return { kind: 'switch', setting: change.setting, value: change.on ? 1 : 0 };
    case 'expel':
    case 'bring':
      return { kind: 'clear', what: change.kind };
    case 'speed':
      return { kind: 'number', file: 'speed', value: change.speed };
    case 'decay':
      return { kind: 'number', file: change.which, value: change.value };
    case 'affinity':
    case 'mattx':
    case 'pins':
    case 'pin-self':
      return null;
    default:
      return assertNever(change);
  }
}

function afterOf(deed: NodeDeed): string {
  return deed.kind === 'clear' ? leftWords(deed.what, 0) : String(deed.value);
}

/** The status bits a node shows of itself; NaN where they could not be read. */
function statusIn({ node, replies }: NodeFacts): number {
  const reply = replies.get(statusFile(node.id));
  const status = reply?.kind === 'text' ? Number(numberIn(reply.texts[0]) ?? NaN) : NaN;
  return status >= 0 ? status : NaN;
}

function settingStep(
  base: StepBase,
  deed: Exclude<NodeDeed, { kind: 'clear' }>,
  facts: NodeFacts,
  left: Left | null,
): PlannedStep {
  const reply = facts.replies.get(adminFileOf(deed));
  switch (reply?.kind) {
    case 'missing':
      return impossible(base, 'the node has no such file');
    case 'refused':
      return impossible(base, `the node does not let this login read it: ${reply.words}`);
    case undefined:
    case 'unanswered':
      return impossible(base, 'the connection ended before the node answered');
    case 'text':
    case 'done':
    case 'gone':
    case 'other':
    case 'list':
      break;
    default:
      return assertNever(reply);
  }
  const status = statusIn(facts);
  const shown = deed.kind === 'switch' && !Number.isNaN(status) ? bit(status, deed.setting) : null;
  const before = (reply.kind === 'text' ? numberIn(reply.texts[0]) : null) ?? shown;
  const step = { ...base, before };
  const disagrees = shown !== null && shown !== before;
  if (before === base.after && !disagrees)
    return { ...step, verdict: 'same', why: '', undo: null, deed: null };
  if (left !== null && before !== left.value && before !== base.after) {
    const is = before ?? 'something unreadable';
    return impossible(step, `it is ${is} now, not ${left.value} as action ${left.action} left it`);
  }
  const why = disagrees ? `its status says ${shown} at present` : '';
  return { ...step, verdict: 'change', why, undo: before === base.after ? null : before, deed };
}

function bit(status: number, setting: keyof typeof STATUS): string {
  return (status & STATUS[setting]) === 0 ? '0' : '1';
}

function clearStep(
  base: StepBase,
  deed: Extract<NodeDeed, { kind: 'clear' }>,
  facts: NodeFacts,
): PlannedStep {
  const [name, guard] = deed.what === 'expel' ? (['guests', 'block'] as const) : (['away', 'lstay'] as const);
  const reply = facts.replies.get(name);
  const count = reply?.kind === 'done' ? (reply.value ?? null) : null;
  const step = { ...base, before: count === null ? null : leftWords(deed.what, count), undo: null };
  // Without the guard another process may come or go before this is written.
  if (count === 0 && bit(statusIn(facts), guard) === '1') {
    return { ...step, verdict: 'same', why: '', deed: null };
  }
  return { ...step, verdict: 'change', why: '', deed };
}
