/** What is left behind by whoever should have taken it away: by agents on the lab's nodes, by the lab on this machine. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../../agent/paths.ts';

/** A node as it is looked at from outside. */
export interface Looked {
  readonly name: string;
  /** Its process 1. */
  readonly pid: number;
  readonly root: string;
  /** Its group in the tree of version 2. */
  readonly unifiedGroup: string;
  /** Processes that are meant to run, such as its agent. */
  readonly meant: readonly number[];
}

/** What there was on a node at one time. */
export type NodeBaseline = ReadonlySet<string>;

const NAMESPACES = ['pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup'] as const;
/** What criu and mount keep in /run to know it next time, and the lab's own folder. */
const KNOWN = ['/run/lab', '/run/mount', '/run/criu.kdat'];
/** Where an agent makes its jobs' groups, empty or not. */
const JOBS_GROUP = '/mosview';
/** Flat files that are there as long as their agent runs. */
const STANDING = new RegExp(`^${PATHS.files}/(admin|nodes|remote)(/|$)`);

/** Everything on a node that could be left behind, in words; the same thing has the same words later. */
export function thingsOn(node: Looked): NodeBaseline {
  const groups = foldersBelow(node.unifiedGroup);
  const processes = [node.unifiedGroup, ...groups]
    .flatMap((group) => numbersIn(join(group, 'cgroup.procs')))
    .filter((pid) => !node.meant.includes(pid));
  return new Set([
    ...mountsOf(node.pid).map((mount) => `mount ${mount}`),
    ...groups
      .map((group) => group.slice(node.unifiedGroup.length))
      .filter((group) => group !== JOBS_GROUP)
      .map((group) => `group ${group}`),
    ...filesBelow(node.root, '/run')
      .filter((path) => !STANDING.test(path))
      .map((path) => `file ${path}`),
    ...processes.map((pid) => `process ${pid} (${nameOf(pid)})`),
    ...processes.flatMap((pid) => foreignNamespaces(pid, node.pid)),
    ...node.meant.flatMap((pid) => heldNamespaces(pid, node.pid)),
  ]);
}

/** One line for each thing that was not there before. */
export function leftOn(node: Looked, before: NodeBaseline): readonly string[] {
  return [...thingsOn(node)].filter((thing) => !before.has(thing)).map((thing) => `${node.name}: ${thing}`);
}

/** What of this machine the lab could change, in words. */
export function thingsOfMachine(): ReadonlySet<string> {
  return new Set([
    ...mountsOf('self').map((mount) => `mount ${mount}`),
    ...readdirSync('/run').map((name) => `file /run/${name}`),
    ...readdirSync('/sys/class/net').map((name) => `network device ${name}`),
  ]);
}

/** Processes that are in one of these network namespaces. */
export function processesIn(networks: ReadonlySet<string>): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && networks.has(linkOf(`/proc/${name}/ns/net`) ?? ''))
    .map((pid) => `process ${pid} (${nameOf(Number(pid))})`);
}

/** What `link` points at, or undefined when it is gone. */
export function linkOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

function foreignNamespaces(pid: number, first: number): readonly string[] {
  return NAMESPACES.map((kind) => linkOf(`/proc/${pid}/ns/${kind}`))
    .filter((link, index) => link !== undefined && link !== linkOf(`/proc/${first}/ns/${NAMESPACES[index]}`))
    .map((link) => `namespace ${link}`);
}

/** Namespaces that a process keeps by an open file. */
function heldNamespaces(pid: number, first: number): readonly string[] {
  const own = new Set(NAMESPACES.map((kind) => linkOf(`/proc/${first}/ns/${kind}`)));
  return entriesOf(`/proc/${pid}/fd`)
    .map((name) => linkOf(`/proc/${pid}/fd/${name}`))
    .filter((link) => link !== undefined && /^[a-z]+:\[\d+\]$/.test(link) && !/^(pipe|socket)/.test(link))
    .filter((link) => !own.has(link))
    .map((link) => `namespace ${link} held by process ${pid}`);
}

function mountsOf(process: number | 'self'): readonly string[] {
  return readFileSync(`/proc/${process}/mountinfo`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[4] ?? '');
}

function filesBelow(root: string, folder: string): readonly string[] {
  return entriesOf(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (KNOWN.includes(path)) return [];
    return lstatSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()
      ? [path, ...filesBelow(root, path)]
      : [path];
  });
}

function foldersBelow(folder: string): readonly string[] {
  return entriesOf(folder)
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)
    .flatMap((path) => [path, ...foldersBelow(path)]);
}

function entriesOf(folder: string): readonly string[] {
  try {
    return existsSync(folder) ? readdirSync(folder) : [];
  } catch {
    // It went while it was looked at.
    return [];
  }
}

function numbersIn(file: string): readonly number[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'gone';
  }
}
