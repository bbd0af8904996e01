/**
 * A job's namespaces: own process numbers, so that all of them are free wherever it is restored, and own mounts, so that
 * /proc is its own and so are all terminals. Process 1 in it is a sleep that outlives the agent and never moves.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { numbersOf, startOf } from '../proc/process.ts';
import { SESSION_ROOM } from './session.ts';

/** The number that the job's first process gets inside. */
export const FIRST_PID = 100;
/** criu's own processes in the namespace need this many numbers that the job does not have. */
const ROOM = 200;
/** A job that starts programs all the time gets about this many numbers while its move is prepared. */
const NEXT = 5000;
const PID_LIMIT = 30_000;
const INIT =
  'mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /dev/pts && ' +
  'echo "$1" >/proc/sys/kernel/ns_last_pid && trap "" CHLD && echo ready && exec sleep infinity >/dev/null';

export interface NamespaceOptions {
  /** Own System V and host name namespaces too: at home, where criu finds them as the job's and carries them along. */
  readonly home: boolean;
  /** Numbers before the job's first one are left for its session. */
  readonly session?: boolean;
  /** Numbers inside that the job has or, where it begins, undefined. */
  readonly taken?: readonly number[];
  /** The number that was given last where it is now: until it stops, it may get those that follow. */
  readonly last?: number;
}

/** Makes the namespaces and answers the number of their process 1 in our /proc. Problem: not-available. */
export async function createNamespace(options: NamespaceOptions): Promise<Result<number>> {
  const { home, session = false, taken, last = 0 } = options;
  const base = taken === undefined ? FIRST_PID - 1 - (session ? SESSION_ROOM : 0) : freeRange(taken, last);
  const child = spawn(
    'unshare',
    [
      ...(home ? ['--ipc', '--uts'] : []),
      '--mount',
      '--propagation',
      'slave',
      '--pid',
      '--fork',
      '--mount-proc',
      '/bin/sh',
      '-c',
      INIT,
      'mosview-init',
      String(base),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let words = '';
  child.stdout.once('data', () => resolve(true));
  child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
  child.once('error', () => resolve(false));
  child.once('exit', () => resolve(false));
  const ready = await promise;
  const [init] = ready ? childrenOf(child.pid ?? 0) : [];
  // The namespace lives by its process 1 alone.
  child.kill('SIGKILL');
  child.unref();
  return init === undefined
    ? failure(problem('not-available', 'A namespace for the job could not be made (unshare).', words))
    : success(init);
}

/** The last number before a range that is free of the taken ones, and of those that the job may take next. */
function freeRange(taken: readonly number[], last: number): number {
  for (let base = 300; base < PID_LIMIT; base += ROOM) {
    const isNext = base + ROOM > last && base < last + NEXT;
    if (!isNext && !taken.some((pid) => pid > base && pid <= base + ROOM)) return base;
  }
  return PID_LIMIT;
}

/** The number that was given last in the namespace of a process: that of a shell which is started there and tells it. */
export async function lastPid(init: number): Promise<number> {
  const shell = spawn('nsenter', ['-t', String(init), '-p', '/bin/sh', '-c', 'echo $$'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let words = '';
  shell.stdout.on('data', (chunk: Buffer) => (words += chunk.toString()));
  await new Promise((resolve) => {
    shell.once('close', resolve);
    shell.once('error', resolve);
  });
  return Number(words);
}

/** Of these processes the job's first one, unless that has ended. */
export function firstOf(pids: readonly number[]): number | undefined {
  return pids.find((pid) => {
    const numbers = numbersOf(pid);
    return numbers.length > 1 && numbers.at(-1) === FIRST_PID && startOf(pid) !== undefined;
  });
}

/** Numbers of a process' children in our /proc. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
      .trim()
      .split(' ')
      .map(Number)
      .filter(Boolean);
  } catch {
    return [];
  }
}
