import { describe, expect, it } from 'vitest';
import { classifyError, errorFacts, failed, failedAtHop, plainText, type Place } from './failure.ts';

const connect: Place = { name: 'n1', address: '10.0.0.1:22', phase: 'connect' };
const handshake: Place = { ...connect, phase: 'handshake' };
const connected: Place = { ...connect, phase: 'connected' };

function judged(
  error: { message?: string; code?: unknown; level?: unknown },
  place: Place,
): { code: string; retry: boolean } {
  const { problem, retry } = classifyError({ message: '', ...error }, place);
  return { code: problem.code, retry };
}

describe('errors of the system', () => {
  it.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
    'ECONNRESET',
  ])('%s while connecting is an unreachable host, tried again', (code) => {
    expect(judged({ code }, connect)).toEqual({ code: 'host-unreachable', retry: true });
  });

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('%s of a connection that was up is its loss', (code) => {
    expect(judged({ code }, connected)).toEqual({ code: 'connection-lost', retry: true });
  });

  it('says that this computer allows no more connections', () => {
    expect(judged({ code: 'EMFILE' }, connect)).toEqual({ code: 'not-available', retry: true });
  });

  it('looks into an error of several addresses', () => {
    const inner = Object.assign(new Error('connect ECONNREFUSED ::1:22'), { code: 'ECONNREFUSED' });
    expect(errorFacts(new AggregateError([inner]))).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('errors of the handshake', () => {
  it('names what is not in common, and does not try again', () => {
    const message = 'Handshake failed: no matching key exchange algorithm';
    const { problem, retry } = classifyError({ message, level: 'handshake' }, handshake);
    expect(problem.code).toBe('protocol-error');
    expect(problem.message).toContain('no key exchange algorithm in common');
    expect(retry).toBe(false);
  });

  it('knows an HTTP server by its greeting', () => {
    const { problem } = classifyError(
      { message: 'Connection lost before handshake' },
      { ...handshake, greeting: 'HTTP/1.1 400 Bad Request\r\n' },
    );
    expect(problem.message).toBe('What answers at 10.0.0.1:22 is no SSH server.');
    expect(problem.detail).toContain('HTTP/1.1 400');
  });

  it('knows a server of protocol 1', () => {
    const { problem } = classifyError(
      { message: 'Invalid identification string' },
      { ...handshake, greeting: 'SSH-1.5-OpenSSH_2.1\n' },
    );
    expect(problem.message).toContain('protocol 1');
  });

  it('tries again where the connection ends before a greeting, as MaxStartups does', () => {
    expect(judged({ message: 'Connection lost before handshake' }, handshake)).toEqual({
      code: 'host-unreachable',
      retry: true,
    });
  });
});

it('takes too many authentication failures for what they are, and does not try again', () => {
  expect(judged({ message: 'Too many authentication failures', code: 2 }, handshake)).toEqual({
    code: 'authentication-failed',
    retry: false,
  });
});

it('tries again after keepalives without an answer', () => {
  expect(judged({ message: 'Keepalive timeout', level: 'client-timeout' }, connected)).toEqual({
    code: 'connection-lost',
    retry: true,
  });
});

describe('a failure at a jump host', () => {
  it('names the host and the reason, and keeps whether it is tried again', () => {
    const cause = failed('host-unreachable', 'gate:22 refuses connections.');
    const { problem, retry } = failedAtHop('gate', cause);
    expect(problem.code).toBe('hop-failed');
    expect(problem.message).toBe('The jump host gate could not be passed: gate:22 refuses connections.');
    expect(retry).toBe(true);
    expect(failedAtHop('gate', failed('authentication-failed', '')).retry).toBe(false);
  });

  it('stays the one of the first host that failed', () => {
    const first = failedAtHop('outer', failed('timeout', 'x'));
    expect(failedAtHop('inner', first)).toBe(first);
  });
});

it('takes control characters out of untrusted text and bounds it', () => {
  expect(plainText('a\u001b[31mred\u0007\r\nb\u202e', 100)).toBe('a [31mred b');
  expect(plainText('x'.repeat(20), 5)).toBe('xxxxx…');
});
