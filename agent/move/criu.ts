/**
 * criu's commands as a move needs them: a dump that leaves the frozen job whole, and a restore that stops at a gate when
 * everything is rebuilt and nothing has run. criu runs inside the job's own namespaces (facts: design C).
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { DELETED_FILE_LIMIT } from '../checks/index.ts';
import { FIRST_PID } from '../job/namespace.ts';
import { kill } from '../job/runs.ts';
import { inSession, PERL, TERMINAL } from '../job/session.ts';
import { roundFolder } from './rounds.ts';

const READY = 'gate.ready';
const GO = 'gate.go';
const DUMP_LOG = 'dump.log';
const RESTORE_LOG = 'restore.log';
/** The descriptor by which criu offers the memory that it has left out, after all else is written. */
const PAGES_SOCKET = 3;
/** The answer that none is wanted. Source: criu's page-xfer.c, a page server's order: u32 code (close by force), u32, u64, u64. */
const NO_PAGES = Buffer.alloc(24);
NO_PAGES.writeUInt32LE(0x1024);

/**
 * criu runs it at every stage. At post-restore everything is rebuilt and no task has run: it gives the terminal to the group
 * that had it, if that is still there (0x5410 is TIOCSPGRP), tells and waits. Anything but `go`, and the agent's end too,
 * makes criu kill what it has built.
 */
const GATE_SCRIPT = `#!/bin/sh
[ "$CRTOOLS_SCRIPT_ACTION" = post-restore ] || exit 0
if [ -n "$MOSVIEW_FOREGROUND" ]; then
  ${PERL} -e '$SIG{TTOU} = "IGNORE"; ioctl(STDIN, 0x5410, pack("i", @ARGV))' "$MOSVIEW_FOREGROUND" <${TERMINAL}
fi
echo ready >"$MOSVIEW_GATE/${READY}"
read -r word <"$MOSVIEW_GATE/${GO}" && [ "$word" = go ]
`;

export interface Criu {
  /** The command, by its path. */
  readonly command: string;
  /** The gate's script, in a folder from which programs may be started; /run is often none. */
  readonly gate: string;
}

/** Finds out whether criu works here and lays the gate's script down. Problem: not-available with criu's own words. */
export function prepareCriu(command: string, folder: string): Result<Criu> {
  const check = spawnSync(command, ['check'], { encoding: 'utf8' });
  if (check.error !== undefined)
    return failure(
      problem(
        'not-available',
        `criu is not installed here (${command}), so no process can be moved.`,
        check.error.message,
      ),
    );
  if (check.status !== 0) {
    const words = `${check.stdout}${check.stderr}`;
    return failure(problem('not-available', `criu does not work here: ${firstError(words)}`, words));
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const gate = join(folder, 'gate.sh');
  writeFileSync(gate, GATE_SCRIPT, { mode: 0o700 });
  return success({ command, gate });
}

/** A job that is here, and where its images go. */
interface Dumped {
  readonly init: number;
  readonly cgroup: string;
  readonly folder: string;
  /** Its private memory is left out; of what else is in the images nothing is missing. */
  readonly withoutMemory: boolean;
  /** It has a terminal, whose master is no part of it. */
  readonly terminal: boolean;
}

/** A criu that waits to dump; it is there before the job is frozen. */
export interface Dumper {
  /** Number of its process in our /proc. */
  readonly pid: number;
  /**
   * Writes the frozen job's images; afterwards it is still frozen. From here on nobody may signal it: criu that is killed
   * can take the job along. Problem: cannot-move with criu's reason.
   */
  dump(): Promise<Result<void>>;
  /** Ends it, unless it dumps; so does our own end. */
  cancel(): void;
}

/** Prepares the dump of a job that will be frozen. Makes the folder. */
export function prepareDump(criu: Criu, { init, cgroup, folder, withoutMemory, terminal }: Dumped): Dumper {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const command = [
    '/bin/sh',
    '-c',
    'read -r word && exec "$@" </dev/null',
    'mosview-dump',
    criu.command,
    'dump',
    '--leave-running',
    '--ghost-limit',
    `${DELETED_FILE_LIMIT}`,
    '-t',
    String(FIRST_PID),
    '-D',
    folder,
    '-o',
    DUMP_LOG,
    '-v1',
    '--freeze-cgroup',
    cgroup,
    '--manage-cgroups=ignore',
    ...(terminal ? ['--shell-job'] : []),
    ...(withoutMemory ? ['--lazy-pages', '--ps-socket', String(PAGES_SOCKET)] : []),
  ];
  const child = inNamespace(init, command, {}, withoutMemory ? ['pipe'] : []);
  const end = ended(child);
  const pages = child.stdio[PAGES_SOCKET];
  if (pages instanceof Socket) pages.on('error', () => undefined).end(NO_PAGES);
  return {
    pid: child.pid ?? 0,
    async dump() {
      child.stdin?.end('dump\n');
      const code = await end;
      return code === 0 ? success(undefined) : failure(criuProblem('read', folder, DUMP_LOG, code));
    },
    cancel() {
      child.stdin?.end();
    },
  };
}

/** A criu that waits to restore; everything that takes time before the images are there is done. */
export interface Restorer {
  /** Number of its process in our /proc, with its start the way to know it again. */
  readonly pid: number;
  /**
   * Restores the last of the rounds in the folder `images`, up to the gate; the group `foreground` gets the terminal's keys.
   * Problem: cannot-move with criu's reason.
   */
  restore(images: string, round: number, foreground?: number): Promise<Result<void>>;
  /** Opens the gate; true when criu said that the job runs. */
  open(): Promise<boolean>;
  /** Ends it, whatever it does; before the gate is opened nothing of the job has run. */
  cancel(): void;
}

/** Prepares a restore into the namespaces and the group. `folder` holds the gate. */
export function prepareRestore(
  criu: Criu,
  options: {
    readonly init: number;
    readonly cgroup: string;
    readonly folder: string;
    /** The job gets the terminal that is in the namespaces. */
    readonly terminal: boolean;
  },
): Result<Restorer> {
  const { init, cgroup, folder, terminal } = options;
  const fifos = [join(folder, READY), join(folder, GO)] as const;
  for (const fifo of fifos) rmSync(fifo, { force: true });
  if (spawnSync('mkfifo', ['-m', '0600', ...fifos]).status !== 0)
    return failure(problem('disk-full', `No gate could be made in ${folder}.`));
  const ready = new Socket({
    fd: openSync(fifos[0], constants.O_RDWR | constants.O_NONBLOCK),
    writable: false,
  });
  // While we hold it, the script finds its other end open; when we end, the script reads the end and criu undoes all.
  const go = openSync(fifos[1], constants.O_RDWR | constants.O_NONBLOCK);
  const script =
    'echo 0 >"$1/cgroup.procs" && input=$2 && shift 2 && read -r images && read -r MOSVIEW_FOREGROUND && ' +
    'export MOSVIEW_FOREGROUND && exec "$@" -D "$images" <>"$input"';
  const command = [
    '/bin/sh',
    '-c',
    script,
    'mosview-restore',
    cgroup,
    terminal ? TERMINAL : '/dev/null',
    criu.command,
    'restore',
    '-o',
    RESTORE_LOG,
    '-v1',
    '-d',
    ...(terminal ? ['--shell-job'] : []),
    '--manage-cgroups=ignore',
    '--action-script',
    criu.gate,
  ];
  const child = inNamespace(init, terminal ? inSession(command) : command, { MOSVIEW_GATE: folder });
  const end = ended(child);
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    ready.destroy();
    closeSync(go);
  };
  void end.then(close);
  return success({
    pid: child.pid ?? 0,
    async restore(images, round, foreground) {
      const atGate = new Promise<true>((resolve) => ready.once('data', () => resolve(true)));
      const last = roundFolder(images, round);
      child.stdin?.end(`${last}\n${foreground ?? ''}\n`);
      const code = await Promise.race([atGate, end]);
      return code === true ? success(undefined) : failure(criuProblem('rebuilt', last, RESTORE_LOG, code));
    },
    async open() {
      if (!isClosed) writeSync(go, 'go\n');
      return (await end) === 0;
    },
    cancel() {
      close();
      if (child.exitCode === null && child.pid !== undefined) kill(-child.pid);
    },
  });
}

/** A command inside the job's process and mount namespaces, in a process group of its own. */
function inNamespace(
  init: number,
  command: readonly string[],
  environment: Record<string, string> = {},
  more: readonly 'pipe'[] = [],
): ChildProcess {
  return spawn('nsenter', ['-t', String(init), '-m', '-p', '--wdns=/', ...command], {
    stdio: ['pipe', 'ignore', 'ignore', ...more],
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', ...environment },
  });
}

/** Its exit status; null when a signal ended it or it could not be started. */
function ended(child: ChildProcess): Promise<number | null> {
  child.stdin?.on('error', () => undefined);
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.once('error', () => resolve(null));
  });
}

function criuProblem(
  done: string,
  folder: string,
  log: string,
  code: number | null,
): ReturnType<typeof problem> {
  let words = '';
  let isFull = false;
  try {
    isFull = statfsSync(folder).bavail === 0;
    words = readFileSync(join(folder, log), 'utf8');
    isFull ||= words.includes(NO_SPACE);
  } catch {
    // It ended before its first word, or the move was given up and its folder is gone.
  }
  if (isFull)
    return problem('disk-full', `There is no room for the images of the process in ${folder}.`, words);
  const why = code === null ? 'criu was ended by a signal' : firstError(words);
  return problem('cannot-move', `The process could not be ${done}: ${why}.`, words.slice(-3000));
}

/** criu says so wherever root may not raise limits, and goes on. */
const HARMLESS = "rlimit: Can't setup RLIMIT_NOFILE for self";

/** As criu says it, also when what was written has been taken away by the time that we look. */
const NO_SPACE = 'No space left on device';

/** The first error in criu's words, which the others follow from, without its place in criu's code. */
function firstError(words: string): string {
  const line = words.split('\n').find((one) => one.includes('Error (') && !one.includes(HARMLESS));
  return line?.replace(/^.*Error \([^)]*\): /, '').replace(/[.\n]+$/, '') ?? 'it gave no reason';
}
