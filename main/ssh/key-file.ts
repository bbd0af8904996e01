/**
 * Reads private key files: OpenSSH's own format, PEM (PKCS#1, SEC1, PKCS#8) and PuTTY's version 2. Pure. A key is parsed
 * once into a KeyObject, for parsing it again on every signature costs eleven times the signature.
 */
import { createPrivateKey, createPublicKey, sign, type KeyObject, type webcrypto } from 'node:crypto';
import ssh2 from 'ssh2';

/** A private key, ready to sign. */
export interface PrivateKey {
  /** In SSH wire format. */
  readonly publicKey: Buffer;
  readonly secret: KeyObject;
}

/** What a file holds. */
export type KeyFile =
  | { readonly kind: 'key'; readonly key: PrivateKey }
  /** `publicKey` where the format shows it without the passphrase. */
  | { readonly kind: 'encrypted'; readonly publicKey: Buffer | undefined }
  | { readonly kind: 'bad'; readonly reason: string };

const CURVES: ReadonlyMap<string, string> = new Map([
  ['P-256', 'nistp256'],
  ['P-384', 'nistp384'],
  ['P-521', 'nistp521'],
]);

const OPENSSH_HEADER = 'openssh-key-v1\0';

/** Parses the text of a private key file. With a passphrase, `encrypted` is never the answer: a wrong one is `bad`. */
export function parseKeyFile(text: string, passphrase?: string): KeyFile {
  if (/^(?:ssh-|ecdsa-|sk-)\S+ \S+/.test(text)) {
    return { kind: 'bad', reason: 'holds a public key; the private key is the file without .pub' };
  }
  if (passphrase === undefined) {
    const encrypted = encryption(text);
    if (encrypted !== undefined) return { kind: 'encrypted', publicKey: encrypted.publicKey };
  }
  try {
    const key = /-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(text)
      ? parsePkcs8(text, passphrase)
      : parseBySsh2(text, passphrase);
    return typeof key === 'string' ? { kind: 'bad', reason: key } : { kind: 'key', key };
  } catch (error) {
    return { kind: 'bad', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Signs; `hash` is given for RSA, where the server chooses it. The answer is what ssh2 expects of an agent. */
export function signWith(key: PrivateKey, data: Buffer, hash: string | undefined): Buffer {
  return sign(hash ?? ownHash(key.secret), data, key.secret);
}

function ownHash(secret: KeyObject): string | null {
  if (secret.asymmetricKeyType === 'ed25519') return null;
  switch (secret.asymmetricKeyDetails?.namedCurve ?? '') {
    case 'prime256v1':
      return 'sha256';
    case 'secp384r1':
      return 'sha384';
    case 'secp521r1':
      return 'sha512';
    default:
      return 'sha1';
  }
}

function encryption(text: string): { readonly publicKey: Buffer | undefined } | undefined {
  const openssh = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1];
  if (openssh !== undefined) {
    const blob = Buffer.from(openssh, 'base64');
    if (!blob.toString('latin1').startsWith(OPENSSH_HEADER)) return undefined;
    // string cipher, string kdf, string its options, uint32 number of keys, string public key
    const [cipher, , , , publicKey] = readFields(blob.subarray(OPENSSH_HEADER.length), [
      's',
      's',
      's',
      'n',
      's',
    ]);
    return cipher === undefined || cipher.toString('latin1') === 'none' ? undefined : { publicKey };
  }
  const isEncrypted =
    /^Proc-Type: 4,ENCRYPTED/m.test(text) ||
    text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----') ||
    /^Encryption: (?!none)/m.test(text);
  return isEncrypted ? { publicKey: undefined } : undefined;
}

function readFields(blob: Buffer, kinds: readonly ('s' | 'n')[]): (Buffer | undefined)[] {
  let at = 0;
  return kinds.map((kind) => {
    if (at + 4 > blob.length) return undefined;
    const length = kind === 'n' ? 0 : blob.readUInt32BE(at);
    const field = blob.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return field.length === length ? field : undefined;
  });
}

function parseBySsh2(text: string, passphrase: string | undefined): PrivateKey | string {
  const parsed: unknown = ssh2.utils.parseKey(text, passphrase);
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as ReturnType<typeof ssh2.utils.parseKey>;
  if (key instanceof Error) return key.message;
  if (!key.isPrivateKey()) return 'holds no private key';
  return { publicKey: key.getPublicSSH(), secret: createPrivateKey(key.getPrivatePEM()) };
}

function parsePkcs8(text: string, passphrase: string | undefined): PrivateKey | string {
  const secret = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
  const publicKey = wireFormat(createPublicKey(secret).export({ format: 'jwk' }));
  return publicKey === undefined
    ? `holds a key of a kind SSH does not use (${secret.asymmetricKeyType})`
    : { publicKey, secret };
}

function wireFormat(jwk: webcrypto.JsonWebKey): Buffer | undefined {
  const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  if (jwk.kty === 'RSA') return wire('ssh-rsa', unsigned(bytes(jwk.e)), unsigned(bytes(jwk.n)));
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return wire('ssh-ed25519', bytes(jwk.x));
  const curve = CURVES.get(jwk.crv ?? '');
  if (jwk.kty !== 'EC' || curve === undefined) return undefined;
  return wire(
    `ecdsa-sha2-${curve}`,
    Buffer.from(curve),
    Buffer.concat([Buffer.of(4), bytes(jwk.x), bytes(jwk.y)]),
  );
}

/** An SSH mpint of an unsigned number: a zero in front where the first bit is set. */
function unsigned(number: Buffer): Buffer {
  return (number[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), number]) : number;
}

function wire(type: string, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(
    [Buffer.from(type), ...fields].flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
}
