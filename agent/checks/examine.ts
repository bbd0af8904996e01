/** Looks at a job before it is moved, or while it is away: why it cannot move, and what it needs where it goes. */
import { dirname } from 'node:path';
import { errorCode } from '../error-code.ts';
import { filesInUse, identityAt, type FileUse } from './files.ts';
import { shownPath } from '../proc/kernel-text.ts';
import type { Mapping } from './maps.ts';
import { mountOf, parseMountInfo, type Mount } from '../proc/mountinfo.ts';
import { fileNeeds, placeOf, type FileNeed, type Needs } from './needs.ts';
import { nodeFacts } from './node-facts.ts';
import { mappedOutside, openOutside } from './outside.ts';
import { Proc } from '../proc/proc.ts';
import { readNamespaces, readProcess, type ProcessView } from './process.ts';
import { reason, type Reason } from './reason.ts';
import {
  ageRule,
  fileRules,
  objectRules,
  processRules,
  socketRules,
  terminalRules,
  withoutCrowds,
} from './rules.ts';
import { socketKinds, type SocketKinds } from './socket-kinds.ts';
import { targetKind } from './target-kind.ts';

export interface ExamineOptions {
  /** Where /proc is; the agent's own. */
  readonly proc?: string;
  /** The time that ages are counted to, in milliseconds since 1970. */
  readonly now: number;
  /** Seconds that a job must have lived at this node. */
  readonly minimumAgeSeconds: number;
  /** The first process of the job's PID namespace, in the same numbers as `pids`; it is no part of the job. */
  readonly initPid: number;
}

/** What was found; empty of everything when all processes have ended. */
export interface Examination {
  /** At most one of each word and process; empty when the job may move. */
  readonly reasons: readonly Reason[];
  readonly needs: Needs;
  /** Bytes of memory that travel: anonymous, shared and swapped. */
  readonly residentBytes: number;
  readonly threads: number;
  /** The processes' numbers in their innermost PID namespace. */
  readonly insidePids: readonly number[];
}

/** Everything read of a job's processes at one moment, and what could not be. */
export interface Tree {
  readonly pids: readonly number[];
  readonly views: readonly ProcessView[];
  readonly unreadable: readonly Reason[];
  readonly mounts: readonly Mount[];
}

export function readTree(proc: Proc, pids: readonly number[]): Tree {
  const views: ProcessView[] = [];
  const unreadable: Reason[] = [];
  for (const pid of pids) {
    try {
      const view = readProcess(proc, pid);
      if (view !== undefined) views.push(view);
    } catch (error) {
      const text = `Process ${pid} could not be looked at (${errorCode(error)}); the agent has to run as root.`;
      unreadable.push(reason('unreadable', text));
    }
  }
  const mounts = parseMountInfo(proc.text(`${views[0]?.pid ?? 'self'}/mountinfo`) ?? '');
  return { pids, views, unreadable, mounts };
}

const IN_MEMORY = new Set(['tmpfs', 'ramfs', 'hugetlbfs']);

/**
 * Whether a mapping may be memory that others share. A shared mapping of a file on disk that is only read is no more than
 * a file that is read.
 */
function maySpan({ shared, writable, target }: Mapping, mounts: readonly Mount[]): boolean {
  if (!shared) return false;
  const { path, deleted } = shownPath(target);
  return writable || deleted || IN_MEMORY.has(mountOf(path, mounts)?.type ?? '');
}

function sharingRules(proc: Proc, { pids, views, mounts }: Tree): readonly Reason[] {
  const mappings = views.flatMap((view) =>
    view.mappings.filter((mapping) => maySpan(mapping, mounts)).map((mapping) => ({ ...mapping, view })),
  );
  return mappedOutside(proc, pids, mappings).flatMap(({ identity, pid }) => {
    const own = mappings.find((mapping) => mapping.identity === identity);
    if (own === undefined) return [];
    const { view, target } = own;
    const text = `Process ${view.pid} (${view.name}) shares memory (${target}) with process ${pid}, which is not of its job.`;
    return [reason('monkey', text)];
  });
}

function fifoRules(proc: Proc, pids: readonly number[], uses: readonly FileUse[]): readonly Reason[] {
  const fifos = uses.filter(({ kind }) => kind === 'fifo');
  const outside = openOutside(proc, pids, new Set(fifos.map(({ path }) => path)));
  return fifos.flatMap(({ view, path, how }) => {
    const pid = outside.get(path);
    if (pid === undefined) return [];
    const text = `Process ${view.pid} (${view.name}) uses the FIFO ${path} together with process ${pid}, which is not of its job: it ${how}.`;
    return [reason('fifo_outside', text)];
  });
}

function socketInodes(views: readonly ProcessView[]): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const { descriptors } of views) {
    for (const { target } of descriptors) {
      const kind = targetKind(target);
      if (kind.kind === 'socket') inodes.add(kind.inode);
    }
  }
  return inodes;
}

/** The folders that the job's bound unix sockets lie in: each is made anew in its folder. */
async function socketFolders(
  proc: Proc,
  { views: [first], mounts }: Tree,
  inodes: ReadonlySet<string>,
  { unix }: SocketKinds,
): Promise<readonly FileNeed[]> {
  const folders = new Map<string, FileNeed>();
  for (const inode of inodes) {
    const path = dirname(unix.get(inode)?.path ?? '');
    if (!path.startsWith('/') || folders.has(path)) continue;
    const identity = await identityAt(`${proc.root}/${first?.pid ?? 'self'}/root${path}`);
    if (identity === undefined) continue;
    const { kind, size, device, inode: number } = identity;
    folders.set(path, {
      path,
      kind,
      use: 'read',
      size,
      device,
      inode: number,
      number: '',
      ...placeOf(path, mounts),
    });
  }
  return [...folders.values()];
}

/** Seconds that the node had been up at a time of the clock. */
function uptimeAt(proc: Proc, now: number): number {
  const uptime = Number.parseFloat(proc.text('uptime') ?? '0');
  return uptime + (now - Date.now()) / 1000;
}

/** What is said of a tree that has been read, whatever its age, and the files it uses. */
export async function judgeTree(
  proc: Proc,
  tree: Tree,
  initPid: number,
): Promise<{ readonly reasons: readonly Reason[]; readonly files: readonly FileNeed[] }> {
  const { pids, views } = tree;
  const [first] = views;
  const inodes = socketInodes(views);
  const inside = new Set(pids);
  const masters = new Set(
    views.flatMap(({ descriptors }) => descriptors.flatMap(({ info }) => info.master ?? [])),
  );
  const init = readNamespaces(proc, initPid);
  const [uses, kinds] = await Promise.all([
    filesInUse(proc, views, tree.mounts),
    socketKinds(proc, first?.pid ?? 0, inodes),
  ]);
  const reasons = [
    ...tree.unreadable,
    ...views.flatMap((view) => processRules(view, init, first ?? view)),
    ...views.flatMap((view) => objectRules(view, inside)),
    ...views.flatMap((view) => terminalRules(view, masters)),
    ...uses.flatMap((use) => fileRules(use)),
    ...views.flatMap((view) => socketRules(view, kinds, inodes)),
    ...sharingRules(proc, tree),
    ...fifoRules(proc, pids, uses),
  ];
  const folders = await socketFolders(proc, tree, inodes, kinds);
  const files = new Map([...folders, ...fileNeeds(uses)].map((file) => [file.path, file]));
  return { reasons: withoutCrowds(reasons), files: [...files.values()] };
}

/**
 * Examines one job. `pids` are all processes of its tree in the agent's own numbers. A process that ends meanwhile is left
 * out. Nothing is done to the job; a file on a server that does not answer holds up this answer, not the agent.
 */
export async function examine(pids: readonly number[], options: ExamineOptions): Promise<Examination> {
  const proc = new Proc(options.proc);
  const tree = readTree(proc, pids);
  const { views } = tree;
  const young = ageRule(views, uptimeAt(proc, options.now), options.minimumAgeSeconds);
  const { reasons, files } = await judgeTree(proc, tree, options.initPid);
  const residentBytes = views.reduce((sum, { resident }) => sum + resident, 0);
  const insidePids = views.map(({ insidePid }) => insidePid);
  return {
    reasons: [...young, ...reasons],
    needs: { ...nodeFacts(proc), insidePids, residentBytes, files: [...files] },
    residentBytes,
    threads: views.reduce((sum, { threads }) => sum + threads, 0),
    insidePids,
  };
}
