/**
 * Decides whether a host's key is trusted. Pure, so that the whole matrix is tested directly; the caller owns the
 * question to the operator and the storing.
 */
import type { ProblemCode } from '../../common/contract/problem.ts';
import { assertNever } from '../../common/model/result.ts';
import { keyTypeOf, type KnownKey } from './known-hosts.ts';

/** What `StrictHostKeyChecking` says about keys that are not known. */
export type HostKeyStrictness = 'yes' | 'ask' | 'accept-new' | 'no';

/** The key a host shows, and the circumstances. */
export interface HostKeyRequest {
  /** In SSH wire format. */
  readonly key: Buffer;
  readonly strictness: HostKeyStrictness;
  /** True while a connection that was up before is made again by itself: nobody is asked, nothing new is trusted. */
  readonly background: boolean;
}

/** What to do. A refusal says why, in the words that follow the host's name. */
export type HostKeyVerdict =
  | { readonly kind: 'trust'; readonly known: boolean; readonly store: boolean }
  | { readonly kind: 'prompt' }
  | { readonly kind: 'refuse'; readonly code: ProblemCode; readonly reason: string };

/** Decides about a key, from every key that the known_hosts files and the own store name for this host. */
export function decideHostKey(request: HostKeyRequest, entries: readonly KnownKey[]): HostKeyVerdict {
  const shown = keyTypeOf(request.key);
  if (shown === undefined) {
    return { kind: 'refuse', code: 'protocol-error', reason: 'shows something that is no host key' };
  }
  const revoked = entries.find((entry) => entry.marker === 'revoked' && entry.key.equals(request.key));
  if (revoked !== undefined) {
    return {
      kind: 'refuse',
      code: 'revoked-host-key',
      reason: `shows a key that is marked @revoked (${revoked.source})`,
    };
  }
  const trusted = entries.filter((entry) => entry.marker === 'none');
  if (trusted.some((entry) => entry.key.equals(request.key))) {
    return { kind: 'trust', known: true, store: false };
  }
  const other = trusted.find((entry) => entry.keyType === shown) ?? trusted[0];
  if (other !== undefined) {
    return {
      kind: 'refuse',
      code: 'changed-host-key',
      reason:
        other.keyType === shown
          ? `shows another ${shown} key than the one known (${other.source})`
          : `shows a ${shown} key, but only its ${other.keyType} key is known (${other.source})`,
    };
  }
  if (request.background) {
    return {
      kind: 'refuse',
      code: 'unknown-host-key',
      reason: 'shows an unknown key, and a connection made again by itself never trusts one',
    };
  }
  switch (request.strictness) {
    case 'no':
      return { kind: 'trust', known: false, store: false };
    case 'accept-new':
      return { kind: 'trust', known: false, store: true };
    case 'yes':
      return {
        kind: 'refuse',
        code: 'unknown-host-key',
        reason: 'shows an unknown key, and StrictHostKeyChecking is yes',
      };
    case 'ask':
      return { kind: 'prompt' };
    default:
      return assertNever(request.strictness);
  }
}
