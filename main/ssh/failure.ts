/**
 * Turns what sockets, ssh2 and files throw into problems with plain words. Pure, so that every case is tested directly.
 */
import { problem, type Problem, type ProblemCode } from '../../common/contract/problem.ts';

/** Why a connection could not be made or ended. */
export interface Failure {
  readonly problem: Problem;
  /** Whether trying again later may help; never for what only the operator can change. */
  readonly retry: boolean;
  /** `host:port` whose key was refused, where that was the reason. */
  readonly refusedKeyOf?: string;
}

/** Where something failed. */
export interface Place {
  /** The host as the operator calls it. */
  readonly name: string;
  /** `host:port`. */
  readonly address: string;
  readonly phase: 'connect' | 'handshake' | 'authentication' | 'connected';
  /** The first bytes the far side sent; decides whether it is an SSH server at all. Untrusted. */
  readonly greeting?: string;
}

/** The parts of an error that are looked at. */
export interface ErrorFacts {
  readonly message: string;
  readonly code?: unknown;
  readonly level?: unknown;
}

const RETRIED: ReadonlySet<ProblemCode> = new Set(['host-unreachable', 'connection-lost', 'timeout']);

/** A failure; whether it is retried follows from its code. */
export function failed(code: ProblemCode, message: string, detail = ''): Failure {
  return { problem: problem(code, message, plainText(detail, 4000)), retry: RETRIED.has(code) };
}

/** A problem as a failure; whether it is retried follows from its code. */
export function retried(theProblem: Problem): Failure {
  return { problem: theProblem, retry: RETRIED.has(theProblem.code) };
}

/** The same failure seen from behind a jump host that it happened at. */
export function failedAtHop(hop: string, cause: Failure): Failure {
  if (cause.problem.code === 'hop-failed' || cause.problem.code === 'cancelled') return cause;
  return {
    ...cause,
    problem: problem(
      'hop-failed',
      `The jump host ${hop} could not be passed: ${cause.problem.message}`,
      cause.problem.detail,
    ),
  };
}

/** Says what an error means at a place. */
export function classifyError(error: ErrorFacts, place: Place): Failure {
  const { name, address, phase } = place;
  const detail = plainText(error.message, 1000);
  const bySystem = typeof error.code === 'string' ? systemFailure(error.code, place, detail) : undefined;
  if (bySystem !== undefined) return bySystem;
  if (/too many authentication failures/i.test(error.message)) {
    return failed(
      'authentication-failed',
      `${name} ended the connection after too many keys. Name the right one with IdentityFile and IdentitiesOnly.`,
      detail,
    );
  }
  if (error.level === 'client-timeout') {
    return failed('connection-lost', `${name} has stopped answering.`, detail);
  }
  const missing = /no matching (.+)$/i.exec(error.message)?.[1];
  if (missing !== undefined) {
    return failed(
      'protocol-error',
      `${name} and mosview have no ${missing} in common. For an old host, allow it in ~/.ssh/config with ` +
        'KexAlgorithms, HostKeyAlgorithms, Ciphers or MACs, as ssh needs it too.',
      detail,
    );
  }
  if (phase === 'connected') {
    return failed('connection-lost', `The connection to ${name} was lost: ${detail}`);
  }
  const greeting = place.greeting ?? '';
  if (/^SSH-1\.[0-8]/m.test(greeting)) {
    return failed(
      'protocol-error',
      `${name} speaks SSH protocol 1 only, which is not safe any more.`,
      greeting,
    );
  }
  if (/identification string|greeting line/i.test(error.message) || isForeign(greeting)) {
    return failed('protocol-error', `What answers at ${address} is no SSH server.`, greeting);
  }
  if (/before handshake/i.test(error.message)) {
    return failed(
      'host-unreachable',
      `${name} closed the connection before greeting. It may limit new connections (MaxStartups), or refuse this address.`,
      detail,
    );
  }
  if (typeof error.code === 'number') {
    return failed('connection-lost', `${name} ended the connection: ${detail}`);
  }
  return failed('protocol-error', `The ${phase} with ${name} failed: ${detail}`);
}

/** Whether an error says that a file does not exist. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** What went wrong with a file, in words. */
export function describeFileError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user';
    case 'EISDIR':
      return 'is a folder';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Untrusted text for a line of the log or a message: no control characters, bounded. */
export function plainText(text: string, longest: number): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}

/** The facts of anything thrown; of several attempts at several addresses, the first. */
export function errorFacts(error: unknown): ErrorFacts {
  if (error instanceof AggregateError && error.errors.length > 0) return errorFacts(error.errors[0]);
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...('level' in error ? { level: error.level } : {}),
  };
}

function isForeign(greeting: string): boolean {
  return greeting !== '' && !/^SSH-/m.test(greeting);
}

function systemFailure(code: string, place: Place, detail: string): Failure | undefined {
  const { name, address, phase } = place;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'ENODATA':
      return failed('host-unreachable', `No address is known for ${address}.`, detail);
    case 'ECONNREFUSED':
      return failed('host-unreachable', `${address} refuses connections. Is sshd running there?`, detail);
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
      return failed('host-unreachable', `There is no way to ${address} in the network.`, detail);
    case 'EMFILE':
    case 'ENFILE':
      return {
        ...failed(
          'not-available',
          'This computer allows no more open connections; raise `ulimit -n`.',
          detail,
        ),
        retry: true,
      };
    case 'ETIMEDOUT':
      return phase === 'connected'
        ? failed('connection-lost', `${name} has stopped answering.`, detail)
        : failed('host-unreachable', `${address} does not answer.`, detail);
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      if (phase === 'connected')
        return failed('connection-lost', `The connection to ${name} was reset.`, detail);
      return isForeign(place.greeting ?? '')
        ? failed('protocol-error', `What answers at ${address} is no SSH server.`, place.greeting)
        : failed('host-unreachable', `${address} ended the connection at once.`, detail);
    default:
      return undefined;
  }
}
