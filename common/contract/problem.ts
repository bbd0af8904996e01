/**
 * The closed list of problem codes. Every code says what the operator can do about it; a new failure takes one of
 * these codes or, with a reason, adds one here. Free of schemas, so that the window can use it.
 */
import type { Problem } from './problem-schema.ts';
export type { Problem };

/** Every problem code with what the operator can do about it. */
export const PROBLEMS = {
  'authentication-failed': 'Check the user name and the key or password for this host, then connect again.',
  'unknown-host-key': 'Compare the fingerprint on the machine itself, then accept it once in the window.',
  'changed-host-key':
    'Stop: the host shows another key than before. If it was reinstalled, forget its old key; otherwise somebody may be in between.',
  'revoked-host-key':
    'The key is marked @revoked in known_hosts. Do not connect until the host has a new key.',
  'host-unreachable':
    'Check that the host is switched on, that its name and port are right, and the network to it.',
  'hop-failed': 'The jump host in the detail could not be passed. Check it on its own first.',
  'connection-lost': 'The connection ended; it is tried again by itself.',
  'no-shell':
    'The login shell did not start /bin/sh. Check the account on that host; its output is in the detail.',
  'not-a-cluster-node':
    'Neither openMosix nor MattX nor a readable /proc was found there. Check the host, or set the root folder of its files.',
  'protocol-error': 'The node sent something that is not a sample. The beginning of it is in the detail.',
  'permission-denied': 'The login lacks the right to do this. Use root, or a user that may.',
  locked: 'Changes are locked. Unlock them first; that is written to the audit log and ends by itself.',
  'server-refused':
    'The server in the message did not do what it was asked. Correct its address, account or limits there or in the settings.',
  'cannot-move': 'The reason is in the message; the process runs on where it was.',
  timeout: 'No answer in time. Check the load of the host and the network, then try again.',
  cancelled: 'It was cancelled; start it again when wanted.',
  'bad-input': 'Correct the value named in the message.',
  'not-found': 'Check the name in the message; what it names may also be gone by now.',
  'file-unreadable': 'Check the path and its permissions.',
  'disk-full': 'Free space on the disk of the file in the message; recording goes on by itself then.',
  'history-damaged':
    'A mosview that records sets a damaged file aside and goes on with all that can be read of it; nothing else changes it.',
  'audit-broken':
    'The audit log was changed from outside. Keep a copy of the file; it is not repaired, and goes on after the break.',
  'history-newer':
    'The history was written by a newer mosview. Update this one, or choose another data folder.',
  'data-folder-in-use': 'Another mosview works on this data folder. Close it, or choose another with --data.',
  'recorder-changed': 'Nothing needs to be done. A time in which nobody recorded is hatched in the analyzer.',
  'nobody-records':
    'Start what has ended again. Or close this program and start mosview on the folder: it records itself then.',
  'not-available': 'This host of the program cannot do it; the message says why.',
  'internal-error': 'This is a fault in mosview. Please report it with the detail.',
} as const;

/** A problem code. */
export type ProblemCode = keyof typeof PROBLEMS;

/** Makes a problem. */
export function problem(code: ProblemCode, message: string, detail = ''): Problem {
  return { code, message: message.slice(0, 2000), detail: detail.slice(0, 4000) };
}

/** A problem as an exception, for the far side of the bridge, where a call is a promise. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(theProblem: Problem) {
    super(theProblem.message);
    this.problem = theProblem;
  }

  get code(): ProblemCode {
    return this.problem.code;
  }
}
