import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, formatKnownHost, keyTypeOf, knownHostName, parseKnownHosts } from './known-hosts.ts';

const ED = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const OTHER = 'AAAAC3NzaC1lZDI1NTE5AAAAICtLYsJb9OaFsCm2m0cwSvtvPt4gMLJcyWAhOmtsqKmz';

function keysFor(text: string, name: string): string[] {
  return parseKnownHosts(text, 'known_hosts')
    .keysFor(name)
    .map(({ key }) => key.toString('base64'));
}

function hashed(name: string, salt = Buffer.from('01234567890123456789')): string {
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

describe('names', () => {
  it('finds a plain name, whatever its letter case', () => {
    expect(keysFor(`Node1.Example ssh-ed25519 ${ED} comment here`, 'NODE1.example')).toEqual([ED]);
  });

  it('finds each name of a list', () => {
    const text = `n1,10.0.0.1,fe80::1 ssh-ed25519 ${ED}`;
    expect(keysFor(text, '10.0.0.1')).toEqual([ED]);
    expect(keysFor(text, 'fe80::1')).toEqual([ED]);
    expect(keysFor(text, 'n2')).toEqual([]);
  });

  it('tells ports apart', () => {
    const text = `[n1]:2222 ssh-ed25519 ${ED}\nn1 ssh-ed25519 ${OTHER}`;
    expect(keysFor(text, knownHostName('n1', 2222))).toEqual([ED]);
    expect(keysFor(text, knownHostName('n1', 22))).toEqual([OTHER]);
  });

  it('understands wildcards', () => {
    const text = `*.cluster,n? ssh-ed25519 ${ED}`;
    expect(keysFor(text, 'a.b.cluster')).toEqual([ED]);
    expect(keysFor(text, 'n7')).toEqual([ED]);
    expect(keysFor(text, 'n77')).toEqual([]);
    expect(keysFor(text, 'xcluster')).toEqual([]);
  });

  it('takes a name out again with a negated pattern, wherever it stands', () => {
    const text = `*.cluster,!gate.cluster ssh-ed25519 ${ED}`;
    expect(keysFor(text, 'n1.cluster')).toEqual([ED]);
    expect(keysFor(text, 'gate.cluster')).toEqual([]);
  });

  it('does not let pattern characters act as regular expressions', () => {
    expect(keysFor(`a.b*(x)+ ssh-ed25519 ${ED}`, 'aXb(x)')).toEqual([]);
  });

  it('finds hashed names, with a port too', () => {
    const text = `${hashed('n1')} ssh-ed25519 ${ED}\n${hashed('[n1]:2222')} ssh-ed25519 ${OTHER}`;
    expect(keysFor(text, 'n1')).toEqual([ED]);
    expect(keysFor(text, '[N1]:2222')).toEqual([OTHER]);
    expect(keysFor(text, 'n2')).toEqual([]);
  });

  it('matches a pattern of many stars quickly', () => {
    expect(keysFor(`${'*'.repeat(60)}x ssh-ed25519 ${ED}`, 'a'.repeat(200))).toEqual([]);
  });
});

describe('markers', () => {
  it.each([
    ['@revoked', 'revoked'],
    ['@cert-authority', 'cert-authority'],
  ])('reads %s', (word, marker) => {
    const [known] = parseKnownHosts(`${word} * ssh-ed25519 ${ED}`, 'f').keysFor('[n1]:2222');
    expect(known).toMatchObject({ marker, source: 'f line 1' });
  });
});

describe('lines that are not understood', () => {
  const text = [
    '# a comment',
    '',
    'only-a-name',
    'n1 ssh-ed25519 !!!!',
    `n1 ssh-rsa ${ED}`,
    'n1 1024 35 1234567890',
    `@strange n1 ssh-ed25519 ${ED}`,
    `|1|bad ssh-ed25519 ${ED}`,
    `n1 ssh-ed25519 ${ED}`,
  ].join('\r\n');

  it('are passed over, and the rest is used', () => {
    expect(keysFor(text, 'n1')).toEqual([ED]);
  });

  it('are reported with their numbers, comments and blank lines not', () => {
    const { complaints } = parseKnownHosts(text, 'f');
    expect(complaints.map((complaint) => complaint.split(' ').slice(0, 3).join(' '))).toEqual([
      'f line 3',
      'f line 4',
      'f line 5',
      'f line 6',
      'f line 7',
      'f line 8',
    ]);
  });
});

it('reads back what it writes', () => {
  const line = formatKnownHost('[n1]:2222', Buffer.from(ED, 'base64'));
  expect(line).toBe(`[n1]:2222 ssh-ed25519 ${ED}`);
  expect(keysFor(line, '[n1]:2222')).toEqual([ED]);
});

it('gives the fingerprint that ssh-keygen prints', () => {
  // The published key of github.com.
  expect(fingerprintOf(Buffer.from(ED, 'base64'))).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
});

it.each([Buffer.alloc(0), Buffer.alloc(100, 255), Buffer.from('\0\0\0\x04a b\ncccc', 'latin1')])(
  'finds no type in what is no key',
  (bytes) => {
    expect(keyTypeOf(bytes)).toBeUndefined();
  },
);
