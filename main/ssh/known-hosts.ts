/**
 * Reads and writes the known_hosts format: which keys a file names for a host. Pure; malformed lines are reported and
 * passed over, as OpenSSH does.
 */
import { createHash, createHmac } from 'node:crypto';
import { patternMatcher } from './patterns.ts';

/** A key that a known_hosts line names for the hosts it matches. */
export interface KnownKey {
  /** `revoked` keys are never accepted; a `cert-authority` signs host certificates, which are not understood here. */
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** As in the file, `ssh-ed25519`. */
  readonly keyType: string;
  /** The key in SSH wire format. */
  readonly key: Buffer;
  /** File and line, for messages. */
  readonly source: string;
}

/** A known_hosts file, parsed. */
export interface KnownHosts {
  /** Keys of the lines that match the name (`host`, or `[host]:port` where the port is not 22). */
  keysFor(name: string): readonly KnownKey[];
  /** What was not understood, one sentence per line of the file. */
  readonly complaints: readonly string[];
}

type HostMatcher = (name: string) => boolean;

/** The name under which known_hosts lists a host. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** A line of known_hosts for a key. */
export function formatKnownHost(name: string, key: Buffer): string {
  return `${name} ${keyTypeOf(key) ?? 'unknown'} ${key.toString('base64')}`;
}

/** The type a public key in SSH wire format begins with; undefined where it is no key. */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 8) return undefined;
  const length = key.readUInt32BE(0);
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined;
  const type = key.toString('latin1', 4, 4 + length);
  return /^[\w@.-]+$/.test(type) ? type : undefined;
}

/** The fingerprint as `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Parses a known_hosts file; `file` names it in sources and complaints. */
export function parseKnownHosts(text: string, file: string): KnownHosts {
  const exact = new Map<string, KnownKey[]>();
  const others: { readonly matches: HostMatcher; readonly known: KnownKey }[] = [];
  const complaints: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const source = `${file} line ${index + 1}`;
    const parsed = parseLine(line, source);
    if (typeof parsed === 'string') {
      complaints.push(`${source} ${parsed}`);
    } else if (/[|*?!]/.test(parsed.hosts)) {
      others.push({ matches: hostMatcher(parsed.hosts), known: parsed.known });
    } else {
      for (const name of parsed.hosts.toLowerCase().split(',')) {
        const keys = exact.get(name);
        if (keys === undefined) exact.set(name, [parsed.known]);
        else keys.push(parsed.known);
      }
    }
  }
  // Hashed lines cost one HMAC each and name, so that a name is looked up once.
  const answers = new Map<string, readonly KnownKey[]>();
  return {
    complaints,
    keysFor(name) {
      const wanted = name.toLowerCase();
      let keys = answers.get(wanted);
      if (keys === undefined) {
        keys = [
          ...(exact.get(wanted) ?? []),
          ...others.filter((other) => other.matches(wanted)).map((other) => other.known),
        ];
        answers.set(wanted, keys);
      }
      return keys;
    },
  };
}

function parseLine(line: string, source: string): { hosts: string; known: KnownKey } | string {
  const fields = line.split(/\s+/);
  let marker: KnownKey['marker'] = 'none';
  if (fields[0]?.startsWith('@') === true) {
    const word = fields.shift();
    if (word === '@revoked') marker = 'revoked';
    else if (word === '@cert-authority') marker = 'cert-authority';
    else return 'has an unknown marker and is passed over';
  }
  const [hosts, keyType, base64] = fields;
  if (hosts === undefined || keyType === undefined || base64 === undefined) {
    return 'is incomplete and is passed over';
  }
  if (/^\d+$/.test(keyType)) return 'holds a key of SSH protocol 1, which is not used any more';
  const key = Buffer.from(base64, 'base64');
  if (keyTypeOf(key) !== keyType) return 'holds no key of the type it names and is passed over';
  if (hosts.startsWith('|') && parseHashed(hosts) === undefined) {
    return 'has a hashed name that is not understood and is passed over';
  }
  return { hosts, known: { marker, keyType, key, source } };
}

function parseHashed(hosts: string): { salt: Buffer; hash: string } | undefined {
  const match = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/.exec(hosts);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { salt: Buffer.from(match[1], 'base64'), hash: match[2] };
}

function hostMatcher(hosts: string): HostMatcher {
  const hashed = parseHashed(hosts);
  if (hashed !== undefined) {
    return (name) => createHmac('sha1', hashed.salt).update(name).digest('base64') === hashed.hash;
  }
  return patternMatcher(hosts.toLowerCase().split(','));
}
