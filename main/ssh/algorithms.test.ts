import { expect, it } from 'vitest';
import { algorithmsToOffer, DEFAULT_ALGORITHMS } from './algorithms.ts';
import type { KnownKey } from './known-hosts.ts';

function known(keyType: string, marker: KnownKey['marker'] = 'none'): KnownKey {
  return { marker, keyType, key: Buffer.alloc(0), source: '' };
}

function offer(allowed: Partial<typeof DEFAULT_ALGORITHMS>, keys: readonly KnownKey[] = []): unknown {
  const result = algorithmsToOffer({ ...DEFAULT_ALGORITHMS, ...allowed }, keys);
  return 'offer' in result ? result.offer : result.nothingLeft;
}

it('offers nothing of old hosts by itself', () => {
  const text = JSON.stringify(offer({}));
  expect(text).not.toMatch(/group[\w-]*sha1"|cbc|"ssh-rsa|ssh-dss|md5/);
});

it('offers what the configuration allows on top, after the rest', () => {
  expect(offer({ kex: 'diffie-hellman-group1-sha1,sntrup761x25519-sha512,curve25519-sha256' })).toMatchObject(
    {
      kex: ['curve25519-sha256', 'diffie-hellman-group1-sha1'],
    },
  );
});

it('leaves out what the configuration takes away', () => {
  expect(offer({ cipher: 'aes256-ctr' })).toMatchObject({ cipher: ['aes256-ctr'] });
});

it('names the directive of which nothing is left', () => {
  expect(offer({ hmac: 'umac-64@openssh.com' })).toBe('MACs');
});

it('puts the types of known keys first, so that a second key is no false alarm', () => {
  expect(offer({}, [known('ssh-rsa')])).toMatchObject({
    serverHostKey: [
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ],
  });
});

it('does not take revoked keys for known', () => {
  expect(offer({}, [known('ssh-rsa', 'revoked')])).toMatchObject({
    serverHostKey: DEFAULT_ALGORITHMS.serverHostKey.split(','),
  });
});
