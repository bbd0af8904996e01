/**
 * The list of a node's processes, from the lines that resources/operator.sh gives for `list`. Pure. Formats: proc(5) and
 * the openMosix facts 1.7, 2.1 and 2.2.
 */
import { PAGE_BYTES } from '../../common/model/metric.ts';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import type { ProcessInfo, ProcessPlace } from '../../common/model/process.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import type { OperationReply } from '../../common/wire/operations.ts';
import { guestIdentity } from './agent/guest.ts';
import { mattxReasons, ownProcesses } from './mattx-reasons.ts';
import { portPlace, portReasons, type IdOfAddress } from './openmosix26/list.ts';
import { shownText } from './node-text.ts';

const MAX_PID = 4_194_304;
const NAME_LENGTH = 64;
const COMMAND_LENGTH = 1000;
const REASON_LENGTH = 200;
const MAX_REASONS = 32;

/** Places in /proc/PID/stat, counted from the first field behind the name. */
const STAT = { state: 0, parent: 1, utime: 11, stime: 12, nice: 16, started: 19, rss: 21 } as const;

/** The files of a process and, of a guest, of remote/PID; lines are parted by line feeds, and empty is no file. */
interface Files {
  stat: string;
  cmdline: string;
  status: string;
  where: string;
  nmigs: string;
  lock: string;
  cantmove: string;
  wchan: string;
  stay: string;
  debug: string;
  from: string;
  stats: string;
  identity: string;
}

/** What is said of a process' state, by /proc/PID/stat or remote/PID/stats. */
interface Life {
  readonly name: string;
  readonly state: string;
  readonly cpuTicks: number;
  readonly nice: number;
  readonly parent: number;
  readonly started: number;
  readonly pages: number;
}

/**
 * Every process of a list, by number. `before` is the list before of the same node, for the percent of CPU; `selfId` the
 * node's own id, under which nothing is away; `idOf` says whose an address is, where the node knows only those.
 */
export function processesFrom(
  list: Extract<OperationReply, { kind: 'list' }>,
  before?: { readonly processes: readonly ProcessInfo[] },
  selfId?: number,
  idOf: IdOfAddress = () => undefined,
): readonly ProcessInfo[] {
  const { files, users, chain, onlyJobs } = sorted(list.lines);
  const alive = new Map([...files].flatMap(([pid, of]) => [[pid, lifeOf(of)] as const]));
  const own =
    chain === undefined
      ? undefined
      : ownProcesses(
          chain,
          [...alive].flatMap(([pid, life]) => (life ? [{ pid, parent: life.parent, name: life.name }] : [])),
        );
  const isPort = [...files.values()].some(({ debug }) => debug !== '');
  /** Where a process is and why it stays, in the terms of what the node speaks. */
  function standing(
    pid: number,
    of: Files,
    life: Life,
  ): Pick<ProcessInfo, 'place'> & { readonly reasons: readonly string[] } {
    const { cmdline, status, wchan } = of;
    if (isPort && own !== undefined) {
      const stay = reasonsOf(of.stay);
      return {
        place: portPlace(of.where, of.debug, selfId, idOf),
        reasons: portReasons({ ...life, pid, cmdline, stay }, own),
      };
    }
    const place = placeOf(of, life.name, selfId);
    if (onlyJobs && place.kind === 'unknown') return { place, reasons: ['no_job'] };
    if (own === undefined) return { place, reasons: reasonsOf(of.cantmove) };
    const reasons = mattxReasons({ ...life, pid, place, status, wchan, cmdline }, own);
    // A line that is left over says nothing of where the process of its number is: it runs here.
    return { place: reasons.includes('left_over') ? { kind: 'home' } : place, reasons };
  }
  const known = new Map(before?.processes.map((process) => [process.pid, process]));
  const processes: ProcessInfo[] = [];
  for (const [pid, of] of files) {
    const life = alive.get(pid);
    if (life === undefined) continue;
    const uid = uidOf(of.status);
    const age = Math.max(0, list.uptime - life.started / list.ticksPerSecond);
    const cpuSeconds = life.cpuTicks / list.ticksPerSecond;
    const { place, reasons } = standing(pid, of, life);
    const name = shownText(
      place.kind === 'guest' && own === undefined ? guestName(of, life.name) : life.name,
      NAME_LENGTH,
    );
    const lock = countOf(of.lock);
    const earlier = known.get(pid);
    processes.push({
      pid,
      parent: life.parent,
      started: life.started,
      uid,
      user: (uid !== null && users.get(uid)) || String(uid ?? ''),
      name,
      command:
        shownText(of.cmdline || (guestIdentity(of.identity)?.command ?? of.identity), COMMAND_LENGTH) || name,
      place,
      state: life.state,
      cpuSeconds,
      cpuPercent: earlier?.started === life.started ? percent(earlier, cpuSeconds, age) : null,
      memory: life.pages * PAGE_BYTES,
      nice: life.nice,
      age,
      migrations: countOf(of.nmigs),
      locked: lock === null ? null : lock !== 0,
      reasons: [...reasons],
    });
  }
  return processes.sort((one, other) => one.pid - other.pid);
}

/**
 * The files by process, the users' names by number, of MattX the numbers of the operator's shell and its parents, and whether
 * only the agent's jobs have files there.
 */
function sorted(lines: readonly string[]) {
  const files = new Map<number, Files>();
  const users = new Map<number, string>();
  let chain: readonly number[] | undefined;
  let onlyJobs = false;
  for (const line of lines) {
    const colon = line.indexOf(':');
    const path = line.slice(0, colon);
    const text = line.slice(colon + 1);
    if (path === 'passwd') {
      const [user = '', , uid = ''] = text.split(':');
      const number = wholeNumber(uid);
      if (!Number.isNaN(number) && !users.has(number)) users.set(number, shownText(user, NAME_LENGTH));
      continue;
    }
    if (path === 'own') {
      chain = text.split(' ').map(wholeNumber);
      continue;
    }
    if (path === 'jobs') onlyJobs = true;
    const slash = path.lastIndexOf('/');
    const pid = Number(path.slice(path.startsWith('remote/') ? 'remote/'.length : 0, slash));
    if (!Number.isInteger(pid) || pid < 1 || pid > MAX_PID) continue;
    let of = files.get(pid);
    if (of === undefined) files.set(pid, (of = noFiles()));
    const file = path.slice(slash + 1);
    if (isFile(of, file)) of[file] = of[file] === '' ? text : `${of[file]}\n${text}`;
  }
  return { files, users, chain, onlyJobs };
}

function noFiles(): Files {
  return {
    stat: '',
    cmdline: '',
    status: '',
    where: '',
    nmigs: '',
    lock: '',
    cantmove: '',
    wchan: '',
    stay: '',
    debug: '',
    from: '',
    stats: '',
    identity: '',
  };
}

function isFile(files: Files, name: string): name is keyof Files {
  return Object.hasOwn(files, name);
}

/** What the process does; undefined when it ended while it was listed. */
function lifeOf({ stat, stats }: Files): Life | undefined {
  const here = statLife(stat);
  if (stats === '') return here;
  // Of a guest the local process may know less than openMosix does.
  const value = (field: string): string => new RegExp(`(?:^|\\s)${field}=(\\S+)`).exec(stats)?.[1] ?? '';
  return {
    name: here?.name ?? '',
    parent: here?.parent ?? 0,
    started: here?.started ?? 0,
    state: shownText(value('state').slice(0, 1), 1) || (here?.state ?? '?'),
    cpuTicks: Math.max(here?.cpuTicks ?? 0, number(value('utime'))),
    nice: value('nice') === '' ? (here?.nice ?? 0) : number(value('nice')),
    pages: Math.max(here?.pages ?? 0, number(value('rss'))),
  };
}

function statLife(stat: string): Life | undefined {
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ', STAT.rss + 1);
  const started = fields[STAT.started] ?? '';
  if (close < 0 || !/^\d{1,15}$/.test(started)) return undefined;
  const at = (field: keyof typeof STAT): number => number(fields[STAT[field]] ?? '');
  return {
    name: stat.slice(stat.indexOf('(') + 1, close),
    state: shownText((fields[STAT.state] ?? '').slice(0, 1), 1),
    cpuTicks: at('utime') + at('stime'),
    nice: at('nice'),
    parent: Math.max(0, at('parent')),
    started: Number(started),
    pages: Math.max(0, at('rss')),
  };
}

/** A number of a file's; 0 where it is none. */
function number(text: string): number {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** The number of the user it acts as, the second of real, effective, saved and file system's. */
function uidOf(status: string): number | null {
  const uid = wholeNumber(status.split(/\s+/, 3)[2] ?? '');
  return Number.isNaN(uid) ? null : uid;
}

/** A guest's own name: openMosix calls its local process remote(PID), the agent leaves it. */
function guestName({ cmdline, identity }: Files, localName: string): string {
  if (guestIdentity(identity) !== undefined && localName !== '') return localName;
  const [program = ''] = (cmdline || identity).split(' ', 1);
  return program.slice(program.lastIndexOf('/') + 1) || localName;
}

function placeOf({ from, where, identity }: Files, name: string, selfId: number | undefined): ProcessPlace {
  const home = wholeNumber(from.split(/\s/, 1)[0] ?? '');
  if (home >= 1 && home <= MAX_NODE_ID) {
    const pid = wholeNumber(/^remote\((\d+)\)$/.exec(name)?.[1] ?? '') || guestIdentity(identity)?.pid;
    return { kind: 'guest', id: home, pid: pid ?? 0 };
  }
  const id = countOf(where);
  if (id === null || id > MAX_NODE_ID) return { kind: 'unknown' };
  return id === 0 || id === selfId ? { kind: 'home' } : { kind: 'away', id };
}

/** The whole number in a file; null where there is none. */
function countOf(text: string): number | null {
  const count = wholeNumber(text.trim());
  return Number.isNaN(count) ? null : count;
}

function reasonsOf(cantmove: string): string[] {
  return cantmove
    .split('\n', MAX_REASONS)
    .map((line) => shownText(line, REASON_LENGTH))
    .filter((reason) => reason !== '');
}

/** Percent of one CPU since the list before, by the node's own clock. */
function percent(before: ProcessInfo, cpuSeconds: number, age: number): number | null {
  const seconds = age - before.age;
  return seconds > 0 ? Math.max(0, (100 * (cpuSeconds - before.cpuSeconds)) / seconds) : null;
}
