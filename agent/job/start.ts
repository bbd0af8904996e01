/**
 * Starts a job in its namespaces: with the caller's user, groups, folder, environment, limits and mask, and with real
 * pipes as its streams, because criu moves those and not Node's, or with a terminal of its own.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import type { WindowSize } from '../keeper/protocol.ts';
import { startOf } from '../proc/process.ts';
import { JobCgroup } from './cgroup.ts';
import { childrenOf, FIRST_PID, firstOf } from './namespace.ts';
import { inSession, PERL, TERMINAL } from './session.ts';

/** Limits as /proc/PID/limits names them and as prlimit(1) does. */
const LIMITS: Readonly<Record<string, string>> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
};

/** A busy machine may take long over a few programs. */
const BEGIN_MILLISECONDS = 30_000;
const LOOK_MILLISECONDS = 2;

/** What a job inherits of the process that asks for it. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly folder: string;
  /** Octal, as umask(1) takes it. */
  readonly umask: string;
  /** -20..19. */
  readonly nice: number;
  /** How gladly the kernel ends it when memory is short, -1000..1000; the agent's own must not be inherited. */
  readonly oomScoreAdjust: number;
  /** Soft and hard limit by prlimit's name, `SOFT:HARD`. */
  readonly limits: Readonly<Record<string, string>>;
  /** By name, both as bytes in latin1. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What a job's terminal takes over from its caller's. */
export interface TerminalSettings {
  readonly size: WindowSize;
  /** As `stty -g` tells them and stty takes them. */
  readonly modes: string;
}

/** The limits in /proc/PID/limits, by prlimit's names, as `SOFT:HARD`. */
export function parseLimits(text: string): Readonly<Record<string, string>> {
  const limits: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^(Max [a-z ]+?) {2,}(\S+) +(\S+)/.exec(line);
    const name = match === null ? undefined : LIMITS[match[1] ?? ''];
    if (match !== null && name !== undefined) limits[name] = `${match[2]}:${match[3]}`;
  }
  return limits;
}

/**
 * As root in the job's namespaces: makes the pipes, whose far ends a sleep each holds for now, or takes the terminal, and
 * tells that they are there.
 * Descriptor 3, where the environment comes from, stays open as 5; what the agent itself had open is closed.
 */
const LAUNCH = `
exec 5<&3 3<&- 6>&1
for fd in /proc/self/fd/*; do [ "\${fd##*/}" -gt 9 ] && eval "exec \${fd##*/}>&-"; done
holder() { exec sleep infinity 5<&- 6>&-; }
if [ "$3" ]; then exec 0<>${TERMINAL} 1>&0; stty "$3"; else exec 0< <(holder) 1> >(holder); fi
exec 9> >(holder)
if [ "$1" = merged ]; then exec 8>&1; else exec 8> >(holder); fi
exec 2>&8
{ echo "$2" >/proc/self/oom_score_adj; } 2>/dev/null
shift 3
echo ready >&6
exec 6>&-
exec "$@"
`;

/** Joins the job's group of processes, then launches. */
const BEGIN = [
  '/bin/bash',
  '--norc',
  '-c',
  'echo 0 >"$1/cgroup.procs" && shift && exec /bin/bash --norc -c "$0" mosview "$@"',
  LAUNCH,
];

/**
 * As root: io_uring is as if this kernel had none, because criu cannot move it, and programs that would like it do without;
 * Node and others open rings at their start whether they need them or not. A filter of system calls travels with the job.
 * Perl is part of every Debian and can make the call; without it such programs stay at home.
 */
const WITHOUT_RINGS = `
my ($prctl, @words) = @ARGV;
my $filter = pack('(SCCL)4', 0x20, 0, 0, 0, 0x15, 0, 1, 425, 0x06, 0, 0, 0x00050026, 0x06, 0, 0, 0x7fff0000);
syscall($prctl, 22, 2, pack('S x![P] P', 4, $filter));
exec { $words[0] } @words;
`;
/** Number of the system call prctl. */
const PRCTL: Readonly<Record<string, string>> = { x64: '157', arm64: '167' };

/** As the user: takes the environment and nothing else, then becomes the job's first process. */
const BECOME = `
umask "$1"; shift
unset OLDPWD PWD SHLVL PATH
while IFS= read -r -d '' -u 5 entry; do [ "$entry" = go ] && break; export "$entry"; done
unset entry
exec 5<&-
exec /bin/sh -c "$0" mosview-job "$@"
`;

/** The job's first process: it keeps descriptor 9 to itself and writes the exit status there. */
const FIRST = 'exec 2>/dev/null; trap : HUP INT QUIT TERM USR1 USR2; (exec "$@" 2>&8 8>&- 9>&-); echo $? >&9';

export interface StartedJob {
  /** Number of the job's first process in our /proc. */
  readonly pid: number;
  /** Lets it begin, and waits until it is itself. The far ends of its pipes must be open: nothing else holds them then. */
  begin(): Promise<void>;
}

export interface StartOptions {
  readonly init: number;
  readonly cgroup: string;
  readonly caller: Caller;
  readonly command: readonly string[];
  /** Standard error goes where standard output goes. */
  readonly merged: boolean;
  /** Of its terminal, which is there already. */
  readonly modes: string | undefined;
}

/** Prepares a job up to the moment before it begins. Problem: not-available with the tools' own words. */
export async function startJob(options: StartOptions): Promise<Result<StartedJob>> {
  const { init, cgroup, caller, command, merged, modes } = options;
  const names = Object.keys(caller.environment);
  const plain = names.filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  const prctl = PRCTL[process.arch];
  const limits = Object.entries(caller.limits).map(([name, value]) => `--${name}=${value}`);
  const odd = names
    .filter((name) => !plain.includes(name))
    .map((name) => `${name}=${caller.environment[name]}`);
  const child = spawn(
    'nsenter',
    [
      '-t',
      String(init),
      '-m',
      '-p',
      '-i',
      '-u',
      `--wdns=${caller.folder}`,
      ...(modes === undefined ? ['setsid', ...BEGIN] : inSession(BEGIN, FIRST_PID - 1)),
      cgroup,
      merged ? 'merged' : 'apart',
      String(caller.oomScoreAdjust),
      modes ?? '',
      ...(existsSync(PERL) && prctl !== undefined ? [PERL, '-e', WITHOUT_RINGS, prctl] : []),
      // Without any it would tell all limits to a terminal.
      ...(limits.length === 0 ? [] : ['prlimit', ...limits]),
      'nice',
      '-n',
      // Added to our own, which the tools inherit.
      String(caller.nice - getPriority()),
      'setpriv',
      '--reuid',
      String(caller.uid),
      '--regid',
      String(caller.gid),
      ...(caller.groups.length === 0 ? ['--clear-groups'] : ['--groups', caller.groups.join(',')]),
      '/bin/bash',
      '--norc',
      '-c',
      BECOME,
      FIRST,
      caller.umask,
      ...(odd.length === 0 ? [] : ['/usr/bin/env', ...odd]),
      ...command,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
      env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' },
    },
  );
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let words = '';
  child.stdout?.once('data', () => resolve(true));
  child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()));
  child.once('error', ({ message }) => {
    words += message;
    resolve(false);
  });
  child.once('close', () => resolve(false));
  // Unlike its standard input it is not closed when the tool that enters the namespaces has ended.
  const environment = child.stdio[3];
  environment?.on('error', () => undefined);
  const ready = await promise;
  const pid = firstOf(new JobCgroup(cgroup).pids());
  // The shell says so through its standard output, in whose place the pipe is only again a moment later.
  if (ready && pid !== undefined) await closed(`/proc/${pid}/fd/6`);
  if (!ready || pid === undefined || !(environment instanceof Writable))
    return failure(problem('not-available', `The job could not be started. ${firstLine(words)}`, words));
  const holders = childrenOf(pid);
  return success({
    pid,
    async begin() {
      for (const holder of holders) process.kill(holder, 'SIGKILL');
      const entries = plain.map((name) => `${name}=${caller.environment[name] ?? ''}\0`).join('');
      environment.end(Buffer.from(`${entries}go\0`, 'latin1'), () => {
        // It would stop with the job and not go on with it.
        child.kill('SIGKILL');
        child.unref();
      });
      await becomes(pid, '/bin/sh');
      // A job with processes that are no part of it could not be moved.
      while (holders.some((holder) => startOf(holder) !== undefined)) await wait(LOOK_MILLISECONDS);
    },
  });
}

/** Waits until a process has closed a descriptor. */
async function closed(descriptor: string): Promise<void> {
  const deadline = Date.now() + BEGIN_MILLISECONDS;
  while (existsSync(descriptor) && Date.now() < deadline) await wait(LOOK_MILLISECONDS);
}

/** Waits until a process is another program: what it is before is no part of the job, and not the same everywhere. */
async function becomes(pid: number, program: string): Promise<void> {
  const deadline = Date.now() + BEGIN_MILLISECONDS;
  const isOther = (): boolean => startOf(pid) !== undefined && programOf(pid) !== program;
  while (isOther() && Date.now() < deadline) await wait(LOOK_MILLISECONDS);
}

function programOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0];
  } catch {
    return undefined;
  }
}

function firstLine(words: string): string {
  return words.trim().split('\n')[0] ?? '';
}
