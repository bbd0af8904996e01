/**
 * A deed is what one step of a plan does, as numbers: the operations that do it, those that show its effect, and what
 * their replies mean. Pure. Kept in the audit log, so that a deed can be looked at again and undone after a restart.
 */
import { z } from 'zod';
import { actionSchema, actionStepSchema } from '../../common/model/control.ts';
import { countWords } from '../../common/model/count-words.ts';
import { LIST_TEXT, MOST_AFFINITY } from '../../common/model/mattx.ts';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import { processRefSchema, type ProcessInfo } from '../../common/model/process.ts';
import { assertNever } from '../../common/model/result.ts';
import { STATUS } from '../../common/model/status.ts';
import type { AdminFile, Operation, OperationReply } from '../../common/wire/operations.ts';
import { whereabouts } from '../nodes/openmosix26/place.ts';
import { mattxSettings } from './mattx-settings.ts';

const ofProcess = { pid: processRefSchema.shape.pid, started: processRefSchema.shape.started };

export const deedSchema = z.discriminatedUnion('kind', [
  /** A switch of a node, which its status bits show too. */
  z.object({
    kind: z.literal('switch'),
    setting: z.enum(['block', 'stay', 'lstay', 'quiet', 'nomfs']),
    value: z.union([z.literal(0), z.literal(1)]),
  }),
  z.object({
    kind: z.literal('number'),
    file: z.enum(['speed', 'decayinterval', 'slowdecay', 'fastdecay']),
    value: z.int(),
  }),
  z.object({ kind: z.literal('clear'), what: z.enum(['expel', 'bring']) }),
  z.object({
    kind: z.literal('move'),
    ...ofProcess,
    /** A node's id, 0 for home, -1 for the best. */
    to: z.int().min(-1).max(MAX_NODE_ID),
    /** Set for a guest: the id of its home and its number there, 0 where unknown, and its name there where that can be asked. */
    guest: z
      .object({ home: z.int().min(0), pid: z.int().min(0), ref: processRefSchema.nullable() })
      .nullable(),
  }),
  /** One command of MattX. */
  z.object({
    kind: z.literal('mattx'),
    command: z.enum(['balancer', 'debug', 'mattxfs', 'affinity']),
    value: z.int().min(0).max(MOST_AFFINITY),
  }),
  /** A whole list of MattX, written only where `before` stands, in the terms of the operation. */
  z.object({
    kind: z.literal('pins'),
    list: z.enum(['exclude', 'include']),
    before: z.string(),
    after: z.string().regex(LIST_TEXT),
  }),
  /** A move on MattX of a process at its home; 0 brings it home. */
  z.object({ kind: z.literal('send'), ...ofProcess, to: z.int().min(0).max(MAX_NODE_ID) }),
  /**
   * A move on openMosix for 2.6 of a process at its home: to node `to`, 0 for home, which has `address`, empty for home.
   */
  z.object({
    kind: z.literal('where'),
    ...ofProcess,
    to: z.int().min(0).max(MAX_NODE_ID),
    address: z.union([z.literal(''), z.ipv4()]),
  }),
  z.object({ kind: z.literal('lock'), ...ofProcess, value: z.union([z.literal(0), z.literal(1)]) }),
  z.object({ kind: z.literal('signal'), ...ofProcess, signal: z.enum(['STOP', 'CONT', 'TERM', 'KILL']) }),
  z.object({ kind: z.literal('renice'), ...ofProcess, nice: z.int().min(-20).max(19) }),
]);
export type Deed = z.infer<typeof deedSchema>;
export type Move = Extract<Deed, { kind: 'move' }>;

/** A step with its deed; null where nothing is to be done. */
export const deedStepSchema = actionStepSchema.extend({ deed: deedSchema.nullable() });
export type DeedStep = z.infer<typeof deedStepSchema>;

/** An action as it is kept: with its deeds, and the running program that began it. */
export const deedActionSchema = actionSchema.extend({
  steps: z.array(deedStepSchema),
  /** `machine:process`, to tell whether it can still be at work. */
  program: z.string(),
});
export type DeedAction = z.infer<typeof deedActionSchema>;

/** The file below the cluster's folder that a deed on a node writes. */
export function adminFileOf(deed: Extract<Deed, { kind: 'switch' | 'number' | 'clear' }>): AdminFile {
  switch (deed.kind) {
    case 'switch':
      return `admin/${deed.setting}`;
    case 'number':
      return `admin/${deed.file}`;
    case 'clear':
      return `admin/${deed.what}`;
    default:
      return assertNever(deed);
  }
}

/** The one operation that changes something. */
export function act(deed: Deed): Operation {
  switch (deed.kind) {
    case 'switch':
    case 'number':
      return { kind: 'write', file: adminFileOf(deed), value: deed.value };
    case 'clear':
      return { kind: 'write', file: adminFileOf(deed), value: 1 };
    case 'move': {
      const { pid, started, to } = deed;
      return { kind: deed.guest === null ? 'move' : 'migrate', pid, started, value: to };
    }
    case 'mattx':
      return { kind: 'admin', command: deed.command, value: deed.value };
    case 'pins':
      return { kind: 'pins', list: deed.list, before: deed.before, after: `=${deed.after}` };
    case 'send':
      return { kind: 'send', pid: deed.pid, started: deed.started, to: deed.to };
    case 'where':
      return { kind: 'where', pid: deed.pid, started: deed.started, target: deed.address || 'home' };
    case 'lock':
      return { kind: 'lock', pid: deed.pid, started: deed.started, value: deed.value };
    case 'signal':
      return { kind: 'signal', pid: deed.pid, started: deed.started, signal: deed.signal };
    case 'renice':
      return { kind: 'renice', pid: deed.pid, started: deed.started, nice: deed.nice };
    default:
      return assertNever(deed);
  }
}

/** What is read right before the write: the value that undo writes back. Null where the plan's must do. */
export function glance(deed: Deed): Operation | null {
  switch (deed.kind) {
    case 'switch':
    case 'number':
      return { kind: 'read', file: adminFileOf(deed) };
    case 'move':
      return deed.guest === null ? { kind: 'place', pid: deed.pid, started: deed.started } : null;
    case 'mattx':
      return { kind: 'settings' };
    case 'lock':
      return { kind: 'place', pid: deed.pid, started: deed.started };
    // Of a list the node itself looks right before it writes; of a move the plan knows where undo goes back to.
    case 'pins':
    case 'send':
    case 'where':
    case 'clear':
    case 'signal':
    case 'renice':
      return null;
    default:
      return assertNever(deed);
  }
}

/** The value in the reply to a glance; null where it says nothing. */
export function glanced(deed: Deed, reply: OperationReply | undefined): string | null {
  if (reply?.kind !== 'text') return null;
  if (deed.kind === 'mattx') return mattxSettings(reply)?.commands[deed.command] ?? null;
  return numberIn(reply.texts[deed.kind === 'lock' ? LOCK : 0]);
}

/** The lines of `place`. */
export const [WHERE, LOCK] = [0, 2] as const;

/** What shows the effect on node `id`. Signals and priorities show in the list of processes instead. */
export function look(deed: Deed, id: number): readonly Operation[] {
  switch (deed.kind) {
    case 'switch':
      return [
        { kind: 'read', file: adminFileOf(deed) },
        { kind: 'read', file: `nodes/${id}/status` },
      ];
    case 'number':
      return deed.file === 'speed'
        ? [
            { kind: 'read', file: 'admin/speed' },
            { kind: 'read', file: `nodes/${id}/speed` },
          ]
        : [{ kind: 'read', file: adminFileOf(deed) }];
    case 'clear':
      return [{ kind: 'count', what: deed.what === 'expel' ? 'guests' : 'away' }];
    case 'mattx':
    case 'pins':
      return [{ kind: 'settings' }];
    case 'move':
    case 'send':
    case 'where':
    case 'lock':
      return [{ kind: 'place', pid: deed.pid, started: deed.started }];
    case 'signal':
    case 'renice':
      return [];
    default:
      return assertNever(deed);
  }
}

/** Whether its effect shows in the list of processes. */
export function showsInList(deed: Deed): boolean {
  return deed.kind === 'signal' || deed.kind === 'renice';
}

/** What one look shows. `now` is the value found, in the terms of the step's before and after. */
export type Sight =
  | { readonly kind: 'so'; readonly now: string | null; readonly words: string }
  /** `said`: why, where the node says so itself. */
  | { readonly kind: 'not-so'; readonly now: string | null; readonly words: string; readonly said?: string }
  /** The node has taken the write back, and says why. */
  | { readonly kind: 'refused'; readonly now: string | null; readonly words: string }
  /** A guest has left the node; where it is only its home knows. */
  | { readonly kind: 'left' }
  | { readonly kind: 'ended'; readonly words: string }
  /** The node did not answer this one. */
  | { readonly kind: 'unanswered' };

/** What the replies to `look`, or the node's processes, say of a deed; `before` as in its step. */
export function sight(
  deed: Deed,
  before: string | null,
  replies: readonly OperationReply[],
  processes: readonly ProcessInfo[],
): Sight {
  switch (deed.kind) {
    case 'switch':
    case 'number':
      return settingSight(deed, replies);
    case 'clear':
      return clearSight(deed.what, replies[0]);
    case 'mattx':
    case 'pins':
      return mattxSight(deed, replies[0]);
    case 'send': {
      const reply = replies[0];
      const now = reply?.kind === 'text' ? numberIn(reply.texts[WHERE]) : null;
      if (now === null) return otherwise(reply, null, 'the node does not say where it is');
      return now === String(deed.to) ? so(now) : otherwise(reply, now, 'it is at');
    }
    case 'move':
      return moveSight(deed, before, replies[0]);
    case 'where':
      return whereSight(deed, replies[0]);
    case 'lock': {
      const reply = replies[0];
      const now = reply?.kind === 'text' ? numberIn(reply.texts[LOCK]) : null;
      return now === String(deed.value) ? so(now) : otherwise(reply, now, 'its lock is');
    }
    case 'signal':
    case 'renice':
      return listSight(deed, processes);
    default:
      return assertNever(deed);
  }
}

function settingSight(
  deed: Extract<Deed, { kind: 'switch' | 'number' }>,
  [file, shown]: readonly OperationReply[],
): Sight {
  if (file?.kind === 'unanswered') return file;
  const now = file?.kind === 'text' ? numberIn(file.texts[0]) : null;
  if (now !== String(deed.value)) return otherwise(file, now, 'it is');
  if (shown === undefined) return so(now);
  if (shown.kind === 'unanswered') return shown;
  const told = Number(shown.kind === 'text' ? (numberIn(shown.texts[0]) ?? NaN) : NaN);
  const agrees =
    deed.kind === 'switch'
      ? told >= 0 && ((told & STATUS[deed.setting]) !== 0) === (deed.value === 1)
      : told === deed.value;
  return agrees ? so(now) : { kind: 'not-so', now, words: 'its file says so, its status does not' };
}

function mattxSight(
  deed: Extract<Deed, { kind: 'mattx' | 'pins' }>,
  reply: OperationReply | undefined,
): Sight {
  const settings = mattxSettings(reply);
  if (deed.kind === 'mattx') {
    const now = settings?.commands[deed.command] ?? null;
    return now === String(deed.value) ? so(now) : otherwise(reply, now, 'it is');
  }
  const list = settings?.lists[deed.list] ?? null;
  const now = list?.text ?? null;
  return list?.token === `=${deed.after}` ? so(deed.after) : otherwise(reply, now, 'it is');
}

function clearSight(what: 'expel' | 'bring', reply: OperationReply | undefined): Sight {
  if (reply?.kind !== 'done' || reply.value === undefined) return otherwise(reply, null, '');
  const now = leftWords(what, reply.value);
  if (reply.value === 0) return so(now);
  return { kind: 'not-so', now, words: what === 'expel' ? `${now} left` : `${reply.value} still away` };
}

/** How many processes there are that are to go. */
export function leftWords(what: 'expel' | 'bring', count: number): string {
  if (what === 'bring') return count === 0 ? 'none away' : `${count} away`;
  return count === 0 ? 'no guests' : countWords(count, 'guest');
}

function moveSight(deed: Move, before: string | null, reply: OperationReply | undefined): Sight {
  if (deed.guest !== null) {
    if (reply?.kind === 'gone' || reply?.kind === 'other') return { kind: 'left' };
    if (reply?.kind === 'text') return { kind: 'not-so', now: before, words: 'it is still here' };
    return otherwise(reply, null, '');
  }
  const now = reply?.kind === 'text' ? numberIn(reply.texts[WHERE]) : null;
  if (now === null) return otherwise(reply, null, 'the node does not say where it is');
  return arrived(deed.to, before, now) ? so(now) : otherwise(reply, now, 'it is at');
}

function whereSight(deed: Extract<Deed, { kind: 'where' }>, reply: OperationReply | undefined): Sight {
  const at = reply?.kind === 'text' ? whereabouts(reply.texts[WHERE] ?? '') : undefined;
  switch (at?.kind) {
    case undefined:
      return otherwise(reply, null, 'the node does not say where it is');
    case 'queued':
    case 'migrating':
      return { kind: 'not-so', now: at.kind, words: `it is still on its way (${at.kind})` };
    case 'home':
      return deed.to === 0 ? so('0') : { kind: 'not-so', now: '0', words: 'it is at home' };
    case 'at':
      return deed.to !== 0 && at.address === deed.address
        ? so(String(deed.to))
        : { kind: 'not-so', now: at.address, words: `it is at ${at.address}` };
    default:
      return assertNever(at);
  }
}

/** Whether `where` is what a move wanted. */
export function arrived(to: number, before: string | null, where: string): boolean {
  return to === -1 ? where !== before : where === String(to);
}

function listSight(
  deed: Extract<Deed, { kind: 'signal' | 'renice' }>,
  processes: readonly ProcessInfo[],
): Sight {
  const found = processes.find(({ pid, started }) => pid === deed.pid && started === deed.started);
  const isEnd = deed.kind === 'signal' && (deed.signal === 'TERM' || deed.signal === 'KILL');
  if (found === undefined) return isEnd ? so('gone') : { kind: 'ended', words: 'it has ended' };
  if (deed.kind === 'renice') {
    const now = String(found.nice);
    return found.nice === deed.nice ? so(now) : { kind: 'not-so', now, words: `its priority is ${now}` };
  }
  const { state } = found;
  if (isEnd && state === 'Z') {
    return { kind: 'so', now: 'Z', words: 'it has ended; its parent has not taken note of it yet' };
  }
  const isSo = !isEnd && (state === 'T') === (deed.signal === 'STOP');
  return isSo ? so(state) : { kind: 'not-so', now: state, words: `its state is ${state}` };
}

function so(now: string): Sight {
  return { kind: 'so', now, words: '' };
}

/** A look that does not show what was wanted: what it shows instead, or why nothing. */
function otherwise(reply: OperationReply | undefined, now: string | null, words: string): Sight {
  switch (reply?.kind) {
    case undefined:
    case 'unanswered':
      return { kind: 'unanswered' };
    case 'gone':
      return { kind: 'ended', words: 'it has ended' };
    case 'other':
      return { kind: 'ended', words: OTHER_PROCESS };
    case 'missing':
      return { kind: 'not-so', now, words: 'the node has no such file' };
    case 'refused':
      return { kind: 'not-so', now, words: `it cannot be read: ${reply.words}` };
    case 'text':
    case 'done':
    case 'list':
      return { kind: 'not-so', now, words: now === null ? words : `${words} ${now}` };
    default:
      return assertNever(reply);
  }
}

/** What is said of a number that was given to another process. */
export const OTHER_PROCESS = 'its number belongs to another process now';

/** Milliseconds until a deed without visible effect is called so. */
export function patience(deed: Deed): number {
  switch (deed.kind) {
    case 'switch':
    case 'number':
    case 'lock':
    case 'mattx':
    case 'pins':
      return 6000;
    case 'clear':
      return 60_000;
    case 'move':
    case 'send':
    case 'where':
      return 20_000;
    case 'signal':
    case 'renice':
      return 5000;
    default:
      return assertNever(deed);
  }
}

/** Whether it must still hold a second later: some kernels take a setting back. */
export function mustHold(deed: Deed): boolean {
  return ['switch', 'number', 'lock', 'mattx', 'pins'].includes(deed.kind);
}

/** The whole number that a node's text is, without blanks and leading zeros; null for anything else. */
export function numberIn(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return /^-?\d{1,9}$/.test(trimmed) ? String(Number(trimmed)) : null;
}
