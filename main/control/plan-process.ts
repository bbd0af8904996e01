/** Plans what is to be done to a process: from its intent and the lists that were read to a step. Pure. */
import { dirname } from 'node:path/posix';
import { capabilitiesOf, whyUnable } from '../../common/model/capability.ts';
import { foreignTo } from '../../common/model/dialect.ts';
import type { ProcessChange, Target } from '../../common/model/control.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { forbids, reasonInWords } from '../../common/model/process-words.ts';
import { assertNever } from '../../common/model/result.ts';
import { STATUS } from '../../common/model/status.ts';
import { OTHER_PROCESS, type Deed, type Move } from './deed.ts';
import type { Facts, NodeFacts } from './facts.ts';
import type { Intent, Left } from './intent.ts';
import { impossible, moveWords, treeOf, unknownNode, type PlannedStep, type StepBase } from './step.ts';
import { homeOfGuest, mattxSignalRefusal, mattxTargetRefuses, planMattxMove } from './plan-mattx-process.ts';
import { planWhereMove, whereTargetRefuses } from './plan-where.ts';
import type { ControlNode, ControlNodes } from './types.ts';

type ProcessIntent = Extract<Intent, { kind: 'process' }>;
type Place = ProcessInfo['place'];

/** The steps that an intent on a process becomes; more than one only where MattX takes several for it. */
export function planProcessSteps(
  intent: ProcessIntent,
  facts: Facts,
  nodes: ControlNodes,
): readonly PlannedStep[] {
  const { ref, change, left } = intent;
  const found = facts.get(ref.node);
  const info = found?.processes.get(ref.pid);
  if (change.kind === 'move' && found?.why === '' && info?.started === ref.started) {
    if (found.node.dialect === 'mattx') return planMattxMove(info, found, change.to, left, facts, nodes);
    if (found.node.dialect === 'openmosix26')
      return [planWhereMove(info, found.node, change.to, left, nodes)];
  }
  return [processStep(intent, facts, nodes)];
}

function processStep(intent: ProcessIntent, facts: Facts, nodes: ControlNodes): PlannedStep {
  const { ref, change } = intent;
  const what = wordsOf(change);
  const found = facts.get(ref.node);
  if (found === undefined) return unknownNode(ref.node, what, afterOf(change));
  const { node } = found;
  const info = found.processes.get(ref.pid);
  const base: StepBase = {
    node: node.key,
    nodeName: node.name,
    process: { pid: ref.pid, started: ref.started, command: info?.command ?? intent.command },
    what,
    file: '',
    before: null,
    after: afterOf(change),
  };
  if (found.why !== '') return impossible(base, found.why);
  const capabilities = capabilitiesOf(node.dialect);
  const isPlacing = change.kind === 'move' || change.kind === 'lock';
  if (!(isPlacing ? capabilities.migration : capabilities.signals)) return impossible(base, capabilities.why);
  const unable = change.kind === 'lock' ? whyUnable(node.dialect, 'lock') : '';
  if (unable !== '') return impossible(base, unable);
  if (info === undefined) return impossible(base, 'it has ended, or left this node');
  if (info.started !== ref.started) return impossible(base, OTHER_PROCESS);
  if (change.kind === 'move') {
    return node.dialect === 'agent' && info.place.kind === 'guest'
      ? atItsHome(base, intent, info.place, facts, nodes)
      : moveStep(base, intent, change.to, info, found, facts, nodes);
  }
  if (info.place.kind === 'elsewhere' && info.place.guest) {
    return impossible(base, `it is a guest from ${info.place.address}; this is done at its home`);
  }
  if (info.place.kind !== 'guest') return ownStep(base, intent, info, found);
  if (node.dialect !== 'mattx') return atItsHome(base, intent, info.place, facts, nodes);
  const guest = homeOfGuest(info, found, facts, nodes);
  return typeof guest === 'string'
    ? impossible(base, guest)
    : ofHome(base, intent, guest.info, guest.home, facts, nodes);
}

function wordsOf(change: ProcessChange): string {
  switch (change.kind) {
    case 'move':
      return moveWords(change.to);
    case 'lock':
      return change.on ? 'lock' : 'unlock';
    case 'signal':
      return `SIG${change.signal}`;
    case 'renice':
      return `priority ${change.nice}`;
    default:
      return assertNever(change);
  }
}

function afterOf(change: ProcessChange): string {
  switch (change.kind) {
    case 'move':
      return String(numberOf(change.to));
    case 'lock':
      return change.on ? '1' : '0';
    case 'signal':
      return change.signal;
    case 'renice':
      return String(change.nice);
    default:
      return assertNever(change);
  }
}

/** The number that openMosix' files take for a target. */
function numberOf(target: Target): number {
  if (target === 'home') return 0;
  return target === 'best' ? -1 : target;
}

/** The file of a process, beside the cluster's folder; with the agent it is in it. */
function fileOf(node: ControlNode, pid: number, name: string): string {
  const tree = treeOf(node);
  return `${node.dialect === 'agent' ? tree : dirname(tree)}/${pid}/${name}`;
}

function same(base: StepBase, why = ''): PlannedStep {
  return { ...base, verdict: 'same', why, undo: null, deed: null };
}

function moveStep(
  base: StepBase,
  { ref, left }: ProcessIntent,
  target: Target,
  info: ProcessInfo,
  { node }: NodeFacts,
  facts: Facts,
  nodes: ControlNodes,
): PlannedStep {
  const { place } = info;
  const at = whereFrom(place, node.id);
  if (at === null) {
    const why = info.reasons.map(reasonInWords).join(', ');
    return impossible(base, why || 'the node does not say where it is; its kernel may not move it');
  }
  const homeId = place.kind === 'guest' ? place.id : node.id;
  const to = target === homeId ? 0 : numberOf(target);
  const deed: Move = {
    kind: 'move',
    pid: ref.pid,
    started: ref.started,
    to,
    guest: place.kind === 'guest' ? guestOf(place, facts, nodes) : null,
  };
  const step = {
    ...base,
    file: fileOf(node, ref.pid, deed.guest === null ? 'goto' : 'migrate'),
    before: String(at),
    after: String(to),
  };
  if (at === to) return same(step);
  const changed = changedSince(left, step);
  if (changed !== '') return impossible(step, changed);
  const reasons = info.reasons.filter(forbids).map(reasonInWords);
  if (reasons.length > 0) return impossible(step, `it cannot move: ${reasons.join(', ')}`);
  const refusal = to > 0 ? targetRefuses(node.dialect, to, nodes) : '';
  if (refusal !== '') return impossible(step, refusal);
  const isUndoable = deed.guest === null || deed.guest.ref !== null;
  const why = isUndoable ? '' : 'its home cannot be asked, so this cannot be undone';
  return { ...step, verdict: 'change', why, undo: isUndoable ? step.before : null, deed };
}

/** Where it is, 0 at home; null where the node does not say. */
function whereFrom(place: Place, self: number): number | null {
  switch (place.kind) {
    case 'home':
      return 0;
    case 'away':
      return place.id;
    case 'guest':
      return self;
    case 'elsewhere':
    case 'moving':
    case 'unknown':
      return null;
    default:
      return assertNever(place);
  }
}

function guestOf(
  place: Extract<Place, { kind: 'guest' }>,
  facts: Facts,
  nodes: ControlNodes,
): NonNullable<Move['guest']> {
  const node = nodes.ofId(place.id)?.key;
  const atHome = node === undefined ? undefined : facts.get(node)?.processes.get(place.pid);
  const ref =
    node === undefined || atHome === undefined ? null : { node, pid: place.pid, started: atHome.started };
  return { home: place.id, pid: place.pid, ref };
}

/** Why a node takes no process of a home that speaks `home`, as far as it is known; empty where it may. */
export function targetRefuses(home: ControlNode['dialect'], id: number, nodes: ControlNodes): string {
  const target = nodes.ofId(id);
  if (home === 'mattx') return mattxTargetRefuses(target, id);
  if (home === 'openmosix26') return whereTargetRefuses(target, id);
  if (target === undefined) return `there is no node ${id} in the cluster`;
  const foreign = foreignTo(home, target.dialect);
  if (foreign !== '') return `${target.name} is ${foreign}`;
  // Unknown bits (NaN) hinder nothing: the kernel decides.
  if ((target.status & STATUS.up) === 0 && !Number.isNaN(target.status)) return `${target.name} is down`;
  return (target.status & STATUS.block) === 0 ? '' : `${target.name} refuses guests (block)`;
}

/** For undo: says so where somebody else changed it since; empty otherwise. */
function changedSince(left: Left | null, { before }: StepBase): string {
  return left === null || before === left.value
    ? ''
    : `it is ${before ?? 'unknown'} now, not ${left.value} as action ${left.action} left it`;
}

/** A lock, a signal or a priority of a process that is at home here, wherever it runs. */
function ownStep(
  base: StepBase,
  { ref, change, left }: ProcessIntent,
  info: ProcessInfo,
  { node }: NodeFacts,
): PlannedStep {
  const { pid, started } = ref;
  const refusal =
    node.dialect === 'mattx' && change.kind !== 'move'
      ? mattxSignalRefusal(info, change.kind === 'signal' ? change.signal : change.kind)
      : '';
  if (refusal !== '') return impossible(base, refusal);
  switch (change.kind) {
    case 'lock': {
      const before = info.locked === null ? null : info.locked ? '1' : '0';
      const step = { ...base, file: fileOf(node, pid, 'lock'), before };
      if (before === null) return impossible(step, 'the node shows no lock of it');
      return changing(step, left, before, { kind: 'lock', pid, started, value: change.on ? 1 : 0 });
    }
    case 'renice': {
      const before = String(info.nice);
      if (node.dialect === 'agent' && info.place.kind !== 'unknown') return impossible(base, ONLY_DEPUTY);
      return changing({ ...base, before }, left, before, { kind: 'renice', pid, started, nice: change.nice });
    }
    case 'signal':
      return signalStep({ ...base, before: info.state }, change.signal, {
        kind: 'signal',
        pid,
        started,
        signal: change.signal,
      });
    case 'move':
      throw new Error('a move is planned elsewhere');
    default:
      return assertNever(change);
  }
}

/** The agent runs a job in processes of its own, here too. */
const ONLY_DEPUTY = 'it is the deputy of a job, whose own priority it does not change';

function changing(step: StepBase, left: Left | null, undo: string, deed: Deed): PlannedStep {
  if (step.before === step.after) return same(step);
  const changed = changedSince(left, step);
  return changed === '' ? { ...step, verdict: 'change', why: '', undo, deed } : impossible(step, changed);
}

function signalStep(
  step: StepBase,
  signal: Extract<Deed, { kind: 'signal' }>['signal'],
  deed: Deed,
): PlannedStep {
  const stopped = step.before === 'T';
  switch (signal) {
    case 'STOP':
      return stopped ? same(step) : { ...step, verdict: 'change', why: '', undo: 'CONT', deed };
    case 'CONT':
      return stopped ? { ...step, verdict: 'change', why: '', undo: 'STOP', deed } : same(step);
    case 'TERM':
    case 'KILL': {
      if (step.before === 'Z') return same(step, 'it has ended already');
      const why = stopped && signal === 'TERM' ? 'it is stopped, and ends only when it is continued' : '';
      return { ...step, verdict: 'change', why, undo: null, deed };
    }
    default:
      return assertNever(signal);
  }
}

/**
 * Locks, signals and priorities belong to the process at its home, and with the agent moves too: the guest is only where it
 * computes.
 */
function atItsHome(
  base: StepBase,
  intent: ProcessIntent,
  place: Extract<Place, { kind: 'guest' }>,
  facts: Facts,
  nodes: ControlNodes,
): PlannedStep {
  const { ref } = guestOf(place, facts, nodes);
  const home = ref === null ? undefined : facts.get(ref.node);
  const info = ref === null ? undefined : home?.processes.get(ref.pid);
  if (ref === null || home === undefined || info === undefined) {
    const why =
      place.pid === 0 ? 'and this node does not say which process it is there' : 'which cannot be asked';
    const words = `it is a guest; this is done at its home, node ${place.id}, ${why}`;
    return impossible(base, words);
  }
  return ofHome(base, intent, info, home, facts, nodes);
}

/** A step on a guest, as one on the process that it is at its home. */
function ofHome(
  base: StepBase,
  intent: ProcessIntent,
  info: ProcessInfo,
  home: NodeFacts,
  facts: Facts,
  nodes: ControlNodes,
): PlannedStep {
  const { pid, started, command } = info;
  const { key, name } = home.node;
  const atHome = { ...base, node: key, nodeName: name, process: { pid, started, command } };
  const ofIt = { ...intent, ref: { node: key, pid, started } };
  return intent.change.kind === 'move'
    ? moveStep(atHome, ofIt, intent.change.to, info, home, facts, nodes)
    : ownStep(atHome, ofIt, info, home);
}
