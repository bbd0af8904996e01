/**
 * Plans moves on openMosix' port to 2.6, which takes an address and says yes to much that it does not do: what cannot come of
 * it is refused here, with its reason. Pure. Source: the openMosix facts 2.2 and 6.
 */
import type { Target } from '../../common/model/control.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { reasonInWords } from '../../common/model/process-words.ts';
import { assertNever } from '../../common/model/result.ts';
import { addressBook } from '../nodes/addresses.ts';
import type { Left } from './intent.ts';
import { impossible, moveWords, whereFile, type PlannedStep, type StepBase } from './step.ts';
import type { ControlNode, ControlNodes } from './types.ts';

/** The step that a move of a process becomes, in the list of `node`. */
export function planWhereMove(
  info: ProcessInfo,
  node: ControlNode,
  target: Target,
  left: Left | null,
  nodes: ControlNodes,
): PlannedStep {
  const { pid, started, command, place } = info;
  const at = whereFrom(info);
  const to = target === 'home' || target === node.id ? 0 : target;
  const step: StepBase = {
    node: node.key,
    nodeName: node.name,
    process: { pid, started, command },
    what: moveWords(to === 0 ? 'home' : to),
    file: whereFile(node, pid),
    before: at.before,
    after: to === 'best' ? '-1' : String(to),
  };
  if (at.before === null) return impossible(step, at.why);
  if (to === 'best') {
    return impossible(step, 'openMosix for 2.6 knows no loads and chooses no node; name one');
  }
  if (at.before === step.after) return { ...step, verdict: 'same', why: '', undo: null, deed: null };
  if (left !== null && at.before !== left.value) {
    return impossible(step, `it is ${at.before} now, not ${left.value} as action ${left.action} left it`);
  }
  if (to === 0) {
    // One that is away comes home whatever it is: what forbids leaving does not hold it there.
    const isKnown = place.kind === 'away';
    const why = isKnown ? '' : 'no known node has the address where it is, so this cannot be undone';
    const deed = { kind: 'where' as const, pid, started, to, address: '' };
    return { ...step, verdict: 'change', why, undo: isKnown ? at.before : null, deed };
  }
  if (at.before !== '0')
    return impossible(step, 'it is away, and can only go home from there; bring it home first');
  const reasons = info.reasons.map(reasonInWords);
  if (reasons.length > 0) return impossible(step, `it cannot move: ${reasons.join(', ')}`);
  const other = nodes.ofId(to);
  const refusal = whereTargetRefuses(other, to);
  if (refusal !== '') return impossible(step, refusal);
  const address = other === undefined ? { why: '' } : addressFor(other, nodes);
  if (typeof address !== 'string') return impossible(step, address.why);
  return {
    ...step,
    verdict: 'change',
    why: '',
    undo: '0',
    deed: { kind: 'where', pid, started, to, address },
  };
}

/** Where a process is in the terms of a step; null, and why, where it can be sent from here nowhere. */
function whereFrom({ place }: ProcessInfo): { readonly before: string | null; readonly why: string } {
  switch (place.kind) {
    case 'home':
      return { before: '0', why: '' };
    case 'away':
      return { before: String(place.id), why: '' };
    case 'elsewhere':
      return place.guest
        ? {
            before: null,
            why: `it is a guest; it is sent from its home, which has the address ${place.address}`,
          }
        : { before: place.address, why: '' };
    case 'guest':
      return { before: null, why: `it is a guest; it is sent from its home, node ${place.id}` };
    case 'moving':
      return { before: null, why: 'it is on its way; look again when it has arrived' };
    case 'unknown':
      return { before: null, why: 'the node does not say where it is' };
    default:
      return assertNever(place);
  }
}

/** Why a node takes no process, in words; empty where it may. */
export function whereTargetRefuses(target: ControlNode | undefined, id: number): string {
  if (target === undefined) return `there is no node ${id} in the cluster`;
  if (!target.reachable) {
    return `${target.name} does not answer on its own connection (${target.why}), so that it may be dead`;
  }
  return target.dialect === 'openmosix26' ? '' : `${target.name} has no openMosix for 2.6`;
}

/** The address that the kernel is given for a node; in words why there is none. */
function addressFor(target: ControlNode, nodes: ControlNodes): string | { readonly why: string } {
  const all = nodes.all().map(({ id, addresses = [] }) => ({ id, addresses }));
  const book = addressBook(all);
  const own = (target.addresses ?? []).filter((address) => isIpv4(address));
  if (own.length === 0)
    return { why: `no IPv4 address of ${target.name} is known; write it as its host in the settings` };
  const sole = own.filter((address) => book.get(address) === target.id);
  if (sole.length === 0)
    return { why: `another node has the address of ${target.name}, too: ${own.join(', ')}` };
  const taken = sole.find(isTaken);
  return taken ?? { why: `the kernel does not take the address of ${target.name}: ${sole.join(', ')}` };
}

function isIpv4(address: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(address);
}

/** Whether every version of the port takes it: no part is 255, and neither the first nor the last is 0. */
function isTaken(address: string): boolean {
  const parts = address.split('.').map(Number);
  return parts.every((part) => part < 255) && parts[0] !== 0 && parts.at(-1) !== 0;
}
