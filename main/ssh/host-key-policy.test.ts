/** The whole matrix of host key decisions. */
import { describe, expect, it } from 'vitest';
import { decideHostKey, type HostKeyStrictness } from './host-key-policy.ts';
import type { KnownKey } from './known-hosts.ts';

function key(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body.padEnd(40, '.'))]);
}

function entry(keyType: string, body: string, marker: KnownKey['marker'] = 'none'): KnownKey {
  return { marker, keyType, key: key(keyType, body), source: 'known_hosts line 1' };
}

const shown = key('ssh-ed25519', 'shown');
const same = entry('ssh-ed25519', 'shown');
const other = entry('ssh-ed25519', 'other');
const otherType = entry('ssh-rsa', 'rsa');
const revoked = entry('ssh-ed25519', 'shown', 'revoked');
const otherRevoked = entry('ssh-ed25519', 'other', 'revoked');
const authority = entry('ssh-ed25519', 'authority', 'cert-authority');
const authorityWithThisKey = entry('ssh-ed25519', 'shown', 'cert-authority');

const strictnesses = ['yes', 'ask', 'accept-new', 'no'] as const;
/** `trust`, `trust and store`, `prompt`, or the problem code of a refusal. */
type Words = string;

function decide(strictness: HostKeyStrictness, background: boolean, entries: readonly KnownKey[]): Words {
  const verdict = decideHostKey({ key: shown, strictness, background }, entries);
  if (verdict.kind === 'refuse') return verdict.code;
  if (verdict.kind === 'prompt') return 'prompt';
  return verdict.store ? 'trust and store' : 'trust';
}

describe('decisions that hold whatever StrictHostKeyChecking says, in the background or not', () => {
  const cases: readonly [name: string, entries: readonly KnownKey[], expected: Words][] = [
    ['the same key', [same], 'trust'],
    ['the same key beside another of its type', [other, same], 'trust'],
    ['the same key beside one of another type', [otherType, same], 'trust'],
    ['the same key beside another that is revoked', [otherRevoked, same], 'trust'],
    ['another key of the same type', [other], 'changed-host-key'],
    ['only a key of another type', [otherType], 'changed-host-key'],
    ['another key beside a certificate authority', [authority, other], 'changed-host-key'],
    ['the key revoked', [revoked], 'revoked-host-key'],
    ['the key revoked though it is trusted elsewhere', [same, revoked], 'revoked-host-key'],
    ['the key revoked beside another', [other, revoked], 'revoked-host-key'],
  ];
  for (const strictness of strictnesses) {
    for (const background of [false, true]) {
      it.each(cases)(`${strictness}, background ${background}: %s`, (_name, entries, expected) => {
        expect(decide(strictness, background, entries)).toBe(expected);
      });
    }
  }
});

describe('an unknown key', () => {
  const unknown: readonly [name: string, entries: readonly KnownKey[]][] = [
    ['nothing known', []],
    ['only another key revoked', [otherRevoked]],
    ['only a certificate authority', [authority]],
    [
      'only an authority with this very key, which vouches for certificates and not for itself',
      [authorityWithThisKey],
    ],
  ];
  describe.each(unknown)('%s', (_name, entries) => {
    it.each([
      ['yes', 'unknown-host-key'],
      ['ask', 'prompt'],
      ['accept-new', 'trust and store'],
      ['no', 'trust'],
    ] as const)('StrictHostKeyChecking %s gives %s', (strictness, expected) => {
      expect(decide(strictness, false, entries)).toBe(expected);
    });

    it.each(strictnesses)('is refused in the background with %s', (strictness) => {
      expect(decide(strictness, true, entries)).toBe('unknown-host-key');
    });
  });
});

it('refuses what is no key', () => {
  const verdict = decideHostKey({ key: Buffer.from('no key'), strictness: 'no', background: false }, []);
  expect(verdict).toMatchObject({ kind: 'refuse', code: 'protocol-error' });
});

it('names the file and line of the key that differs', () => {
  const verdict = decideHostKey({ key: shown, strictness: 'ask', background: false }, [otherType, other]);
  expect(verdict).toMatchObject({
    reason: 'shows another ssh-ed25519 key than the one known (known_hosts line 1)',
  });
});
