/** The rules: from what a job's processes, files and sockets are to the reasons why it stays. Pure. */
import type { FileUse } from './files.ts';
import { NAMESPACES, type NamespaceName, type Namespaces, type ProcessView } from './process.ts';
import { reason, type Reason, type ReasonWord } from './reason.ts';
import type { SocketKinds } from './socket-kinds.ts';
import { realTimePolicy } from '../proc/stat.ts';
import { targetKind } from './target-kind.ts';

/** Bytes on disk of a deleted file that still travels in the image: criu's --ghost-limit. */
export const DELETED_FILE_LIMIT = 64 << 20;

function who({ pid, name }: ProcessView): string {
  return `Process ${pid} (${name})`;
}

const MEGABYTE = 1 << 20;

/** Clock ticks in a second as /proc counts; the same on every machine that Node runs on. */
const TICKS = 100;

/** A job is as old as its oldest process; after a move it is counted from its arrival. `uptime` in seconds. */
export function ageRule(views: readonly ProcessView[], uptime: number, minimum: number): readonly Reason[] {
  const age = uptime - Math.min(...views.map(({ started }) => started)) / TICKS;
  if (views.length === 0 || age >= minimum) return [];
  return [
    reason('too_young', `The job is ${age.toFixed(1)} s old here; it stays until it is ${minimum} s old.`),
  ];
}

/** Those that the whole tree must share with the job's init; the others only have to be one and the same in the tree. */
const OF_THE_INIT = new Set<NamespaceName>(['net', 'mnt', 'user', 'pid', 'pid_for_children']);

/** Scheduling, tracing, locked memory and namespaces. `first` is the tree's first process. */
export function processRules(view: ProcessView, init: Namespaces, first: ProcessView): readonly Reason[] {
  const reasons: Reason[] = [];
  const say = (word: ReasonWord, text: string): void => {
    reasons.push(reason(word, `${who(view)} ${text}.`));
  };
  for (const policy of view.policies) {
    const name = realTimePolicy(policy);
    if (name !== undefined) say('rt_sched', `has real-time scheduling (${name})`);
  }
  for (const tracer of view.tracers) say('traced', `is traced by process ${tracer}`);
  if (view.locked > 0) say('mem_lock', `has ${view.locked / 1024} kB of locked memory`);
  for (const name of NAMESPACES) {
    const own = view.namespaces[name];
    const expected = OF_THE_INIT.has(name) ? init[name] : first.namespaces[name];
    // A namespace that cannot be read is that of a process that ends, or one that this kernel does not have.
    if (own === undefined || expected === undefined || own === expected) continue;
    say(
      'namespace',
      `is in a namespace of its own (${name === 'pid_for_children' ? 'pid, for its children' : name})`,
    );
  }
  return reasons;
}

/** Objects of the kernel that have no path: of descriptors and of mappings. `inside` are the job's processes. */
export function objectRules(view: ProcessView, inside: ReadonlySet<number>): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const { number, target, info } of view.descriptors) {
    const kind = targetKind(target);
    if (info.process !== undefined && info.process > 0 && !inside.has(info.process)) {
      const text = `${who(view)} has a pidfd of process ${info.process}, which is not of its job, open as ${number}.`;
      reasons.push(reason('pidfd', text));
    }
    if (kind.kind === 'refused')
      reasons.push(reason(kind.word, `${who(view)} has ${kind.what} open as ${number}.`));
  }
  for (const { target } of view.mappings) {
    const kind = targetKind(target);
    if (kind.kind === 'refused')
      reasons.push(reason(kind.word, `${who(view)} has ${kind.what} in its memory.`));
  }
  return reasons;
}

/** The job's own terminal by its other name, the maker of pseudo terminals, and those: 136..143. Numbers of Linux' devices.txt. */
const TERMINAL = /^(5:[02]|1(3[6-9]|4[0-3]):\d+)$/;
/** null, zero, full, random and urandom. */
const HARMLESS_DEVICE = /^1:[35789]$/;

/**
 * Pseudo terminals travel with the job, or are made anew for it where it comes to. It sees only its own; one of others is of
 * a mount that it does not see.
 */
export function isTerminal({ kind, number }: Pick<FileUse, 'kind' | 'number'>): boolean {
  return kind === 'character' && TERMINAL.test(number);
}

/** Those of NVIDIA, of the kernel's direct rendering (226) and of AMD's compute interface. */
function isGpu({ path, number }: FileUse): boolean {
  return /^\/dev\/(nvidia|dri\/|kfd)/.test(path) || /^(195|226):/.test(number);
}

function deviceReason(use: FileUse): Reason | undefined {
  const { view, kind, number, path, how, mapped } = use;
  if (kind !== 'character' && kind !== 'block') return undefined;
  if (isTerminal(use) || (kind === 'character' && HARMLESS_DEVICE.test(number))) return undefined;
  const text = `${who(view)} uses the device ${path} (${number}): it ${how}.`;
  if (isGpu(use)) return reason('gpu', text);
  return reason(mapped ? 'mmap_dev' : 'device_open', text);
}

/** criu carries `/dev/tty` only together with the master of the terminal that it stands for; the keeper has the job's own. */
export function terminalRules(view: ProcessView, masters: ReadonlySet<number>): readonly Reason[] {
  if (view.terminal !== undefined && masters.has(view.terminal)) return [];
  return view.descriptors
    .filter(({ target }) => target === '/dev/tty')
    .map(({ number }) => {
      const text = `${who(view)} has /dev/tty open as ${number}: only a terminal's own name moves.`;
      return reason('device_open', text);
    });
}

function deletedReason({ view, deleted, path, taken, names, how }: FileUse): Reason | undefined {
  if (!deleted) return undefined;
  const text = `${who(view)} uses ${path}, which is deleted (it ${how}),`;
  if (names > 0) return reason('file_deleted', `${text} but has another name elsewhere.`);
  if (taken <= DELETED_FILE_LIMIT) return undefined;
  const [has, limit] = [taken, DELETED_FILE_LIMIT].map((bytes) => `${Math.ceil(bytes / MEGABYTE)} MB`);
  return reason('file_deleted', `${text} and takes ${has}; up to ${limit} travel along.`);
}

/** One use of a file: its device, mount, locks, and whether it is gone. */
export function fileRules(use: FileUse): readonly Reason[] {
  const { view, path, how, mount, mapped, queue, locks } = use;
  const reasons: (Reason | undefined)[] = [deviceReason(use), deletedReason(use)];
  if (queue) reasons.push(reason('message_queue', `${who(view)} uses the message queue ${path}: it ${how}.`));
  else if (mount === undefined && !mapped) {
    reasons.push(
      reason('file_mount', `${who(view)} uses ${path} of a mount that its job does not see: it ${how}.`),
    );
  }
  for (const lock of locks) {
    const [type = ''] = lock.split(' ');
    reasons.push(reason('file_lock', `${who(view)} holds a lock (${type}) on ${path}.`));
  }
  return reasons.filter((one) => one !== undefined);
}

function networkReason(view: ProcessView, number: number, kinds: SocketKinds, inode: string): Reason {
  const socket = kinds.network.get(inode);
  const text = (what: string): string => `${who(view)} has ${what} open as ${number}.`;
  if (socket === undefined) {
    return reason(
      'sockets',
      text('a socket of a kind that no table of the kernel lists (such as vsock, or one not bound yet)'),
    );
  }
  const { table, listening, local, remote } = socket;
  if (listening) return reason('node_address', text(`a socket that listens at ${local}`));
  if (table.startsWith('tcp')) return reason('sockets', text(`a TCP connection from ${local} to ${remote}`));
  if (local !== '') return reason('node_address', text(`a socket (${table}) at ${local}`));
  return reason('node_address', text(`a socket (${table}) of this node's network`));
}

/** Sockets: only unix sockets move, and of connected ones only those with both ends in the job. */
export function socketRules(
  view: ProcessView,
  kinds: SocketKinds,
  inside: ReadonlySet<string>,
): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const { number, target } of view.descriptors) {
    const kind = targetKind(target);
    if (kind.kind !== 'socket') continue;
    const { inode } = kind;
    const unix = kinds.unix.get(inode);
    if (unix === undefined) {
      reasons.push(networkReason(view, number, kinds, inode));
      continue;
    }
    if (!unix.connected) continue;
    const say = (text: string): void => {
      reasons.push(reason('sockets', `${who(view)} has a unix connection open as ${number}${text}.`));
    };
    if (typeof kinds.peers === 'string') {
      say(`, and ${kinds.peers}`);
      continue;
    }
    const peer = kinds.peers.get(inode);
    if (peer === undefined) say(', and ss does not show where it leads');
    else if (peer === '0') say(', the other end of which is closed or not accepted yet');
    else if (!inside.has(peer)) say(' to a process outside the job');
  }
  return reasons;
}

/** At most one reason of each word and process; the number of those left out is said. */
export function withoutCrowds(reasons: readonly Reason[]): readonly Reason[] {
  const groups = Map.groupBy(reasons, ({ word, text }) => `${word} ${/^Process \d+/.exec(text)?.[0] ?? ''}`);
  return [...groups.values()].flatMap(([first, ...others]): readonly Reason[] => {
    if (first === undefined) return [];
    return others.length === 0
      ? [first]
      : [{ ...first, text: `${first.text} And ${others.length} more of this kind.` }];
  });
}
