/**
 * Plans moves on MattX, whose kernel refuses nothing: everything that must not be done is refused here, with its reason.
 * Pure. Source: the MattX facts, "what a client must never do".
 */
import { whyUnable } from '../../common/model/capability.ts';
import type { Target } from '../../common/model/control.ts';
import { affinityOfSpeed, bestTarget } from '../../common/model/mattx.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { reasonInWords } from '../../common/model/process-words.ts';
import { assertNever } from '../../common/model/result.ts';
import type { Facts, NodeFacts } from './facts.ts';
import type { Intent, Left } from './intent.ts';
import { adminFile, impossible, moveWords, unknownNode, type PlannedStep, type StepBase } from './step.ts';
import type { ControlNode, ControlNodes } from './types.ts';

/** Shown while the order says only "the best" and none was found. */
const SENT_HOME_FIRST = 'MattX cannot send it on from where it is: it goes home first';

/** A process at its home, whom all orders of MattX go to. */
interface AtHome {
  readonly info: ProcessInfo;
  readonly home: NodeFacts;
}

/** The steps that a move becomes: one, or for a process that is away two, home and then on. */
export function planMattxMove(
  info: ProcessInfo,
  found: NodeFacts,
  target: Target,
  left: Left | null,
  facts: Facts,
  nodes: ControlNodes,
): readonly PlannedStep[] {
  const atHome = info.place.kind === 'guest' ? homeOfGuest(info, found, facts, nodes) : { info, home: found };
  if (typeof atHome === 'string') return [impossible(baseOf(info, found.node, target, null), atHome)];
  const { home } = atHome;
  const own = atHome.info;
  const at = own.place.kind === 'away' ? own.place.id : 0;
  const base = baseOf(own, home.node, target, String(at));
  const refusal = whyNotMoved(own);
  if (refusal !== '') return [impossible(base, refusal)];
  const to = target === 'best' ? bestOf(nodes, home.node.id) : numberOf(target, home.node.id);
  if (to === undefined)
    return [impossible(base, 'no node of MattX says enough of its load and its affinity')];
  const step = { ...base, after: String(to) };
  if (at === to)
    return [
      {
        ...step,
        verdict: 'same',
        why: target === 'best' ? 'it is at the best node' : '',
        undo: null,
        deed: null,
      },
    ];
  if (left !== null && step.before !== left.value) {
    return [impossible(step, `it is ${at} now, not ${left.value} as action ${left.action} left it`)];
  }
  if (at === 0 && own.state === 'T')
    return [impossible(step, 'it is stopped; MattX would take it for one that is on its way')];
  const refused = to === 0 ? '' : mattxTargetRefuses(nodes.ofId(to), to);
  if (refused !== '') return [impossible(step, refused)];
  const change = { verdict: 'change' as const, why: '' };
  const { pid, started } = own;
  if (at === 0) return [{ ...step, ...change, undo: '0', deed: { kind: 'send', pid, started, to } }];
  const homeward: PlannedStep = {
    ...step,
    ...change,
    what: moveWords('home'),
    after: '0',
    why: to === 0 ? '' : SENT_HOME_FIRST,
    undo: to === 0 ? String(at) : null,
    deed: { kind: 'send', pid, started, to: 0 },
  };
  if (to === 0) return [homeward];
  const onward: PlannedStep = {
    ...step,
    ...change,
    why: 'once it has come home',
    undo: String(at),
    deed: { kind: 'send', pid, started, to },
  };
  return [homeward, onward];
}

/** The steps of a drain that bring own processes home, or send guests home from their home nodes. None is undone. */
export function planHoming(
  { node: key, who }: Extract<Intent, { kind: 'homing' }>,
  facts: Facts,
  nodes: ControlNodes,
): readonly PlannedStep[] {
  const what = who === 'own' ? 'bring own processes home' : 'send guests home';
  const found = facts.get(key);
  if (found === undefined) return [unknownNode(key, what, '0')];
  const base: StepBase = {
    node: key,
    nodeName: found.node.name,
    process: null,
    what,
    file: '',
    before: null,
    after: '0',
  };
  if (found.why !== '') return [impossible(base, found.why)];
  const listed = [...found.processes.values()];
  const homeward = (info: ProcessInfo, home: NodeFacts): readonly PlannedStep[] =>
    planMattxMove(info, home, 'home', null, facts, nodes).map((step) => ({ ...step, undo: null }));
  if (who === 'own') {
    const away = listed.filter(({ place }) => place.kind === 'away');
    return away.flatMap((info) => homeward(info, found));
  }
  const byHome = Map.groupBy(listed, ({ place }) => (place.kind === 'guest' ? place.id : 0));
  byHome.delete(0);
  return [...byHome].flatMap(([id, guests]): readonly PlannedStep[] => {
    const home = homeFacts(id, facts, nodes);
    if (typeof home === 'string') {
      return guests.map((info) => impossible(baseOf(info, found.node, 'home', null), home));
    }
    // Every process of that home that is away here goes: no pairs need to be told apart.
    const away = [...home.processes.values()].filter(
      ({ place }) => place.kind === 'away' && place.id === found.node.id,
    );
    return away.flatMap((info) => homeward(info, home));
  });
}

/** The process at its home that a guest is; in words why it cannot be told. */
export function homeOfGuest(
  guest: ProcessInfo,
  found: NodeFacts,
  facts: Facts,
  nodes: ControlNodes,
): AtHome | string {
  if (guest.place.kind !== 'guest') return 'it is no guest';
  if (guest.reasons.includes('left_over')) return reasonInWords('left_over');
  const home = homeFacts(guest.place.id, facts, nodes);
  if (typeof home === 'string') return home;
  const isAlike = (other: ProcessInfo): boolean => other.command === guest.command && other.uid === guest.uid;
  const away = [...home.processes.values()].filter(
    (info) => info.place.kind === 'away' && info.place.id === found.node.id && isAlike(info),
  );
  const [info] = away;
  if (info === undefined) return `it is a guest; ${home.node.name}, its home, does not say that it is here`;
  return away.length === 1
    ? { info, home }
    : `it is a guest, and ${away.length} of them look alike; choose it at its home, ${home.node.name}`;
}

function homeFacts(id: number, facts: Facts, nodes: ControlNodes): NodeFacts | string {
  const node = nodes.ofId(id);
  const home = node === undefined ? undefined : facts.get(node.key);
  const why = home?.why ?? node?.why ?? '';
  return home === undefined || why !== ''
    ? `it is a guest; this is done at its home, node ${id}, which cannot be asked${why === '' ? '' : `: ${why}`}`
    : home;
}

function baseOf(
  { pid, started, command }: ProcessInfo,
  node: ControlNode,
  target: Target,
  before: string | null,
): StepBase {
  const after = typeof target === 'number' ? String(target) : target === 'home' ? '0' : '-1';
  return {
    node: node.key,
    nodeName: node.name,
    process: { pid, started, command },
    what: moveWords(target),
    file: adminFile(node),
    before,
    after,
  };
}

function whyNotMoved({ place, reasons }: ProcessInfo): string {
  if (reasons.includes('left_over')) return reasonInWords('left_over');
  if (place.kind === 'unknown') return 'the node does not say where it is';
  // One that is away comes home whatever it is: what forbids leaving does not hold it there.
  return place.kind === 'away' || reasons.length === 0
    ? ''
    : `it cannot move: ${reasons.map(reasonInWords).join(', ')}`;
}

function numberOf(target: number | 'home', home: number): number {
  return target === 'home' || target === home ? 0 : target;
}

/**
 * Where a process runs best: 0 for its home. Only nodes that answer on their own connection count; the load that the model
 * has of a MattX node is already the one for its affinity.
 */
function bestOf(nodes: ControlNodes, home: number): number | undefined {
  const targets = nodes
    .all()
    .filter((node) => node.dialect === 'mattx' && node.reachable)
    .map(({ id, load, speed, cpus }) => ({ id, load, affinity: affinityOfSpeed(speed, cpus) }));
  const best = bestTarget(targets);
  return best === home ? 0 : best;
}

/** Why a node of MattX takes no process, in words; empty where it may. A dead one would freeze it for good. */
export function mattxTargetRefuses(target: ControlNode | undefined, id: number): string {
  if (target === undefined) return `there is no node ${id} in the cluster`;
  if (!target.reachable)
    return `${target.name} does not answer on its own connection (${target.why}); what is sent to a dead node is lost`;
  return target.dialect === 'mattx' ? '' : `${target.name} has no MattX`;
}

/** Why a signal or a priority cannot be given to a process that is at home here; empty where it can. */
export function mattxSignalRefusal(
  { place, reasons }: ProcessInfo,
  change: 'STOP' | 'CONT' | 'TERM' | 'KILL' | 'renice' | 'lock',
): string {
  if (reasons.includes('left_over')) return reasonInWords('left_over');
  if (change === 'lock') return whyUnable('mattx', 'lock');
  if (place.kind !== 'away') return '';
  switch (change) {
    case 'CONT':
      return 'it is away, and here is only its deputy: continued, it would run at home and away';
    case 'STOP':
      return 'it is away, and here is only its deputy, which is stopped already; bring it home first';
    case 'renice':
      return 'it is away, and here is only its deputy; bring it home first';
    case 'TERM':
    case 'KILL':
      return '';
    default:
      return assertNever(change);
  }
}
