import { generateKeyPairSync, verify } from 'node:crypto';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { parseKeyFile, signWith, type PrivateKey } from './key-file.ts';

const kinds = [
  ['ed25519', 'ssh-ed25519'],
  ['rsa', 'ssh-rsa'],
  ['ecdsa', 'ecdsa-sha2-nistp256'],
] as const;

function pkcs8(kind: 'ed25519' | 'rsa' | 'ecdsa', passphrase?: string): string {
  const { privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : kind === 'ecdsa'
        ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
        : generateKeyPairSync('ed25519');
  return privateKey
    .export({
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString();
}

/** ssh2 makes one ed25519 key in about 180 that it cannot read itself. */
function opensshKeys(
  kind: 'ed25519' | 'rsa' | 'ecdsa',
  passphrase?: string,
): { private: string; public: string } {
  const bits = kind === 'rsa' ? { bits: 2048 } : kind === 'ecdsa' ? { bits: 256 } : {};
  const lock = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 1 };
  for (;;) {
    const keys = ssh2.utils.generateKeyPairSync(kind, { ...bits, ...lock } as never);
    if (!(ssh2.utils.parseKey(keys.private, passphrase) instanceof Error)) return keys;
  }
}

function key(text: string, passphrase?: string): PrivateKey {
  const parsed = parseKeyFile(text, passphrase);
  if (parsed.kind !== 'key') throw new Error(JSON.stringify(parsed));
  return parsed.key;
}

describe.each(kinds)('a PKCS#8 key of type %s', (kind, type) => {
  const text = pkcs8(kind);

  it('has its public half in SSH format', () => {
    const publicKey = ssh2.utils.parseKey(key(text).publicKey);
    expect(publicKey).not.toBeInstanceOf(Error);
    expect(publicKey).toMatchObject({ type });
  });

  it('signs so that the public half verifies', () => {
    const mine = key(text);
    const hash = kind === 'rsa' ? 'sha512' : undefined;
    const signature = signWith(mine, Buffer.from('data'), hash);
    const publicKey = ssh2.utils.parseKey(mine.publicKey);
    if (publicKey instanceof Error) throw publicKey;
    const own = kind === 'ecdsa' ? 'sha256' : (hash ?? null);
    expect(verify(own, Buffer.from('data'), publicKey.getPublicPEM(), signature)).toBe(true);
  });
});

it('asks for the passphrase of an encrypted PKCS#8 key and opens it', () => {
  const text = pkcs8('ed25519', 'secret');
  expect(parseKeyFile(text)).toEqual({ kind: 'encrypted', publicKey: undefined });
  expect(parseKeyFile(text, 'wrong').kind).toBe('bad');
  expect(parseKeyFile(text, 'secret').kind).toBe('key');
});

describe.each(kinds)('an OpenSSH key of type %s', (kind, type) => {
  const plain = opensshKeys(kind);
  const locked = opensshKeys(kind, 'secret');

  it('is read', () => {
    const mine = key(plain.private);
    expect(mine.publicKey.toString('base64')).toBe(plain.public.split(' ')[1]);
    expect(ssh2.utils.parseKey(mine.publicKey)).toMatchObject({ type });
  });

  it('shows its public half while it is locked', () => {
    const parsed = parseKeyFile(locked.private);
    expect(parsed.kind === 'encrypted' && parsed.publicKey?.toString('base64')).toBe(
      locked.public.split(' ')[1],
    );
  });

  it('opens with its passphrase only', () => {
    expect(parseKeyFile(locked.private, 'wrong').kind).toBe('bad');
    expect(parseKeyFile(locked.private, 'secret').kind).toBe('key');
  });
});

describe('what is no private key', () => {
  it('says that a public key was named', () => {
    const parsed = parseKeyFile('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA comment');
    expect(parsed.kind === 'bad' && parsed.reason).toContain('public key');
  });

  it.each([
    '',
    'hello',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n-----END OPENSSH PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from('openssh-key-v1\0\xff\xff\xff\xff', 'latin1').toString('base64')}\n-----END OPENSSH PRIVATE KEY-----`,
  ])('says why (%#)', (text) => {
    const parsed = parseKeyFile(text);
    expect(parsed.kind).toBe('bad');
  });
});
