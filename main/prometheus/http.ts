/** Requests to a Prometheus-like server: with its headers and account, in bounded time, with a bounded answer. */
import { readFile } from 'node:fs/promises';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { fileProblem } from '../settings/files.ts';
import type { ServerAccess } from './settings.ts';

/** Longest part of a server's words that is shown. */
const WORDS = 300;

export interface ServerRequest {
  readonly method: 'GET' | 'POST';
  /** In place of the settings' own URL. */
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** Milliseconds for the whole answer. */
  readonly timeout: number;
  /** Bytes of the answer that are read; a longer one is cut off. */
  readonly mostBytes: number;
  readonly signal: AbortSignal;
}

/** What a server answered. All of it is untrusted. */
export interface ServerAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Seconds that the server wants to be left alone; 0 where it does not say. */
  readonly retryAfter: number;
  /** Where a redirect leads; empty for none. */
  readonly location: string;
  readonly text: string;
  readonly isCutOff: boolean;
}

/**
 * Asks a server; redirects are not followed, because a POST would become something else. Problems: host-unreachable,
 * timeout, cancelled, and for the password's file file-unreadable and permission-denied.
 */
export async function askServer(access: ServerAccess, request: ServerRequest): Promise<Result<ServerAnswer>> {
  const account = await authorization(access);
  if (!account.ok) return account;
  const timeout = AbortSignal.timeout(request.timeout);
  const place = shownUrl(access.url);
  try {
    const response = await fetch(request.url ?? access.url, {
      method: request.method,
      headers: { ...access.headers, ...account.value, ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: 'manual',
      signal: AbortSignal.any([request.signal, timeout]),
    });
    const { text, isCutOff } = await readBounded(response, request.mostBytes);
    return success({
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      retryAfter: Number(/^\d{1,6}$/.exec(response.headers.get('retry-after') ?? '')?.[0] ?? 0),
      location: response.headers.get('location') ?? '',
      text,
      isCutOff,
    });
  } catch (error) {
    if (request.signal.aborted)
      return failure(problem('cancelled', `The request to ${place} was cancelled.`));
    if (timeout.aborted) {
      return failure(problem('timeout', `${place} did not answer within ${request.timeout / 1000} s.`));
    }
    return failure(problem('host-unreachable', `${place} could not be reached: ${causeOf(error)}.`));
  }
}

/** A URL without its query, which may hold a secret. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** The beginning of what a server said, as one printable line in quotes; empty where it said nothing. */
export function wordsOf(text: string): string {
  const line = text
    .slice(0, 4 * WORDS)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return line === '' ? '' : `: "${line.slice(0, WORDS)}"`;
}

/** What an answer means that has nothing to do with what was asked: the wrong address, or an account that may not. */
export function refusalOf(access: ServerAccess, answer: ServerAnswer, service: string): Problem | undefined {
  const place = shownUrl(access.url);
  const words = wordsOf(answer.text);
  const { status } = answer;
  if (status === 401 || status === 403) {
    const account =
      access.basicAuth === undefined
        ? 'a request without account'
        : `the account ${access.basicAuth.username}`;
    return problem('authentication-failed', `${place} refused ${account} (${status})${words}.`);
  }
  if (status >= 300 && status < 400) {
    const target = URL.parse(answer.location, access.url);
    const where = target === null ? 'elsewhere' : `to ${shownUrl(target.href)}`;
    return problem('server-refused', `${place} leads ${where}; write that address into the settings.`);
  }
  if (status === 404 || status === 405) {
    return problem('server-refused', `There is no ${service} at ${place} (${status})${words}.`);
  }
  if (status < 300 && answer.contentType.startsWith('text/html')) {
    return problem('server-refused', `At ${place} is a web page, no ${service}${words}.`);
  }
  return undefined;
}

async function authorization({ basicAuth }: ServerAccess): Promise<Result<Readonly<Record<string, string>>>> {
  if (basicAuth === undefined) return success({});
  const { username, passwordFile } = basicAuth;
  try {
    const [password = ''] = (await readFile(passwordFile, 'utf8')).split(/\r?\n/, 1);
    const account = Buffer.from(`${username}:${password}`).toString('base64');
    return success({ Authorization: `Basic ${account}` });
  } catch (error) {
    return failure(fileProblem(error, `The password of ${username} could not be read from ${passwordFile}`));
  }
}

async function readBounded(
  response: Response,
  mostBytes: number,
): Promise<{ readonly text: string; readonly isCutOff: boolean }> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const part of body ?? []) {
    parts.push(part);
    bytes += part.length;
    if (bytes > mostBytes) break;
  }
  return { text: Buffer.concat(parts).toString('utf8', 0, mostBytes), isCutOff: bytes > mostBytes };
}

/** fetch says only "fetch failed"; the reason is in the cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof AggregateError) return causeOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
