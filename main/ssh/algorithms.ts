/**
 * Which algorithms are offered to a host: what both the OpenSSH configuration allows and ssh2 understands, in ssh2's
 * order of speed; those of old hosts only where the configuration names them, as with `ssh` itself.
 */
import type { Algorithms } from 'ssh2';
import type { KnownKey } from './known-hosts.ts';

/** Allowed algorithms per kind, with commas between as `ssh -G` prints them. */
export interface AllowedAlgorithms {
  readonly kex: string;
  readonly serverHostKey: string;
  readonly cipher: string;
  readonly hmac: string;
}

const UNDERSTOOD = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group15-sha512',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group17-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group1-sha1',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
    'ssh-dss',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
    'aes256-cbc',
    'aes192-cbc',
    'aes128-cbc',
    '3des-cbc',
  ],
  hmac: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha1-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1',
    'hmac-md5',
  ],
} as const satisfies Record<keyof AllowedAlgorithms, readonly string[]>;

/** Offered where there is no configuration: everything but what OpenSSH has given up. */
export const DEFAULT_ALGORITHMS: AllowedAlgorithms = {
  kex: UNDERSTOOD.kex.slice(0, 11).join(),
  serverHostKey: UNDERSTOOD.serverHostKey.slice(0, 6).join(),
  cipher: UNDERSTOOD.cipher.slice(0, 6).join(),
  hmac: UNDERSTOOD.hmac.slice(0, 6).join(),
};

/** The configuration's name of each kind, for messages. */
const DIRECTIVES = {
  kex: 'KexAlgorithms',
  serverHostKey: 'HostKeyAlgorithms',
  cipher: 'Ciphers',
  hmac: 'MACs',
} as const satisfies Record<keyof AllowedAlgorithms, string>;

/** What is offered, or the directive of which nothing is left. */
export type Offer = { readonly offer: Algorithms } | { readonly nothingLeft: string };

/** Offers made before: a thousand hosts share a few, and ssh2 keeps each as long as its connection. */
const offers = new Map<string, Offer>();
const MOST_OFFERS = 100;

/**
 * The offer. Host key algorithms of keys that are known already come first, so that a host's second key is no false
 * alarm.
 */
export function algorithmsToOffer(allowed: AllowedAlgorithms, known: readonly KnownKey[]): Offer {
  const trusted = known.filter((key) => key.marker === 'none');
  const knownTypes = [...new Set(trusted.map((key) => key.keyType))].sort();
  const key = [allowed.kex, allowed.serverHostKey, allowed.cipher, allowed.hmac, knownTypes.join()].join(' ');
  let offer = offers.get(key);
  if (offer === undefined) {
    offer = makeOffer(allowed, new Set(knownTypes));
    if (offers.size >= MOST_OFFERS) offers.clear();
    offers.set(key, offer);
  }
  return offer;
}

function makeOffer(allowed: AllowedAlgorithms, knownTypes: ReadonlySet<string>): Offer {
  const kinds = ['kex', 'serverHostKey', 'cipher', 'hmac'] as const;
  const left = Object.fromEntries(
    kinds.map((kind) => {
      const names = allowed[kind].split(',');
      return [kind, UNDERSTOOD[kind].filter((name) => names.includes(name))];
    }),
  ) as Record<keyof AllowedAlgorithms, string[]>;
  const empty = kinds.find((kind) => left[kind].length === 0);
  if (empty !== undefined) return { nothingLeft: DIRECTIVES[empty] };
  const isKnown = (name: string): boolean => knownTypes.has(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  left.serverHostKey = [
    ...left.serverHostKey.filter(isKnown),
    ...left.serverHostKey.filter((name) => !isKnown(name)),
  ];
  return { offer: left as Algorithms };
}
