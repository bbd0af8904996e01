/** One process as /proc tells of it, before anything is judged. */
import { parseDescriptorInfo, type DescriptorInfo } from './fdinfo.ts';
import { parseMaps, type Mapping } from './maps.ts';
import type { Proc } from '../proc/proc.ts';
import { parseStat } from '../proc/stat.ts';
import { parseStatus } from '../proc/status.ts';

/** The namespaces that are compared, by their names in /proc/PID/ns. */
export const NAMESPACES = [
  'net',
  'mnt',
  'user',
  'pid',
  'pid_for_children',
  'ipc',
  'uts',
  'cgroup',
  'time',
] as const;
export type NamespaceName = (typeof NAMESPACES)[number];
export type Namespaces = Readonly<Partial<Record<NamespaceName, string>>>;

/** An open file, pipe, socket or object of the kernel. */
export interface Descriptor {
  readonly number: number;
  /** What the link in /proc/PID/fd shows. */
  readonly target: string;
  readonly info: DescriptorInfo;
}

export interface ProcessView {
  readonly pid: number;
  readonly name: string;
  /** Its number in the innermost PID namespace. */
  readonly insidePid: number;
  /** Clock ticks (1/100 s) since the node's start. */
  readonly started: number;
  readonly threads: number;
  /** Number of its controlling terminal among the pseudo terminals. */
  readonly terminal: number | undefined;
  /** Bytes that an image of it holds. */
  readonly resident: number;
  /** Bytes of locked memory. */
  readonly locked: number;
  /** The processes that trace one of its threads. */
  readonly tracers: readonly number[];
  /** The scheduling policies of its threads by number, each once. */
  readonly policies: readonly number[];
  readonly namespaces: Namespaces;
  /** Paths: of its program, its working directory and its root. */
  readonly program: string | undefined;
  readonly workingDirectory: string | undefined;
  readonly rootDirectory: string | undefined;
  readonly descriptors: readonly Descriptor[];
  readonly mappings: readonly Mapping[];
}

export function readNamespaces(proc: Proc, pid: number): Namespaces {
  return Object.fromEntries(NAMESPACES.map((name) => [name, proc.link(`${pid}/ns/${name}`)]));
}

function readDescriptors(proc: Proc, pid: number): readonly Descriptor[] {
  const descriptors: Descriptor[] = [];
  for (const number of proc.numbers(`${pid}/fd`)) {
    const target = proc.link(`${pid}/fd/${number}`);
    const info = proc.text(`${pid}/fdinfo/${number}`);
    if (target === undefined || info === undefined) continue;
    descriptors.push({ number, target, info: parseDescriptorInfo(info) });
  }
  return descriptors;
}

/** What only the threads' own files tell: each thread may have a policy and a tracer of its own. */
function readThreads(proc: Proc, pid: number): Pick<ProcessView, 'tracers' | 'policies'> {
  const policies = new Set<number>();
  const tracers = new Set<number>();
  for (const thread of proc.numbers(`${pid}/task`)) {
    const stat = parseStat(proc.text(`${pid}/task/${thread}/stat`) ?? '');
    if (stat !== undefined) policies.add(stat.policy);
    tracers.add(parseStatus(proc.text(`${pid}/task/${thread}/status`) ?? '').tracer);
  }
  tracers.delete(0);
  return { policies: [...policies], tracers: [...tracers] };
}

const ENDED = new Set(['Z', 'X']);

/** Undefined when the process has ended: a zombie holds nothing that could stand in the way. */
export function readProcess(proc: Proc, pid: number): ProcessView | undefined {
  const stat = parseStat(proc.text(`${pid}/stat`) ?? '');
  const statusText = proc.text(`${pid}/status`);
  if (stat === undefined || statusText === undefined || ENDED.has(stat.state)) return undefined;
  const status = parseStatus(statusText);
  return {
    pid,
    name: stat.name,
    insidePid: status.pids.at(-1) ?? pid,
    started: stat.started,
    threads: status.threads,
    terminal: stat.terminal,
    resident: status.resident,
    locked: status.locked,
    ...(status.threads > 1
      ? readThreads(proc, pid)
      : { tracers: status.tracer === 0 ? [] : [status.tracer], policies: [stat.policy] }),
    namespaces: readNamespaces(proc, pid),
    program: proc.link(`${pid}/exe`),
    workingDirectory: proc.link(`${pid}/cwd`),
    rootDirectory: proc.link(`${pid}/root`),
    descriptors: readDescriptors(proc, pid),
    mappings: parseMaps(proc.text(`${pid}/maps`) ?? ''),
  };
}
