/** Where the metrics endpoint listens: reading `--metrics ADDRESS:PORT`, and whether only this machine reaches it. */
import { isIP } from 'node:net';
import { problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';

/** A place to listen; port 0 for a free one. */
export interface ListenAddress {
  /** An IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:9464`, `[::1]:9464`, or a port alone for loopback. Problems: bad-input. */
export function parseListenAddress(text: string): Result<ListenAddress> {
  const match = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '127.0.0.1';
  const port = wholeNumber(match?.[3] ?? '');
  if (port <= 65_535 && isIP(host) !== 0) return success({ host, port });
  return failure(
    problem('bad-input', `--metrics takes an address with a port, such as 127.0.0.1:9464, not "${text}"`),
  );
}

/** The address as it stands in a URL. */
export function hostText({ host }: Pick<ListenAddress, 'host'>): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Whether only programs of this machine can reach the address. */
export function isLoopback({ host }: Pick<ListenAddress, 'host'>): boolean {
  return host.startsWith('127.') || host === '::1';
}
