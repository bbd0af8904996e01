/**
 * Takes needless costs out of each packet that ssh2 1.17 sends or receives, which together are nearly half of the
 * whole: found by profiling a thousand connections (`npm run bench -- ssh`).
 */
import { createSecretKey } from 'node:crypto';
import type { Duplex, Readable } from 'node:stream';
import type { Client, Connection } from 'ssh2';

/** Fields of ssh2 that hold the ciphers, and a key in them; where they have other names, all is as without this. */
const CIPHER_FIELDS = ['_cipher', '_decipher'] as const;
const KEY_FIELDS = [
  '_encKey',
  '_encKeyMain',
  '_encKeyPktLen',
  '_decipherKey',
  '_decKeyMain',
  '_decKeyPktLen',
  '_macKey',
] as const;

type Cipher = Partial<Record<(typeof KEY_FIELDS)[number], unknown>>;

interface WithCiphers {
  readonly _protocol?: Readonly<Partial<Record<(typeof CIPHER_FIELDS)[number], Cipher>>>;
}

/**
 * Makes the packets of a connection cheap where ssh2 runs without its compiled ciphers (scripts/ciphers.mjs): it makes a
 * cipher for each packet then, and Node 24 takes 20 to 40 microseconds to see that bytes are no key object (it throws and
 * catches two errors), so the keys become key objects; and it writes a packet in three pieces, so these are joined.
 */
export function makeLean(connection: Client | Connection, stream: Duplex): void {
  let joined = false;
  connection.on('handshake', () => {
    if (keepKeysReady(connection) && !joined) {
      joined = true;
      joinWrites(stream);
    }
  });
}

/** Whether there were keys as bytes. */
function keepKeysReady(connection: Client | Connection): boolean {
  const { _protocol: protocol } = connection as unknown as WithCiphers;
  let found = false;
  for (const cipherField of CIPHER_FIELDS) {
    const cipher = protocol?.[cipherField];
    if (cipher === undefined) continue;
    for (const field of KEY_FIELDS) {
      const key = cipher[field];
      if (!(key instanceof Uint8Array)) continue;
      cipher[field] = createSecretKey(key);
      found = true;
    }
  }
  return found;
}

/**
 * Lets all that is written to a stream in one turn leave it together: length, content and tag of a packet one by one are
 * three system calls here, and without Nagle's delay three wake-ups at the far side.
 */
export function joinWrites(stream: Duplex): void {
  const write = stream.write.bind(stream) as (...parameters: unknown[]) => boolean;
  let joining = false;
  stream.write = (...parameters: unknown[]): boolean => {
    if (!joining) {
      joining = true;
      stream.cork();
      process.nextTick(() => {
        joining = false;
        stream.uncork();
      });
    }
    return write(...parameters);
  };
}

/**
 * Hands what arrives on a flowing stream to its listeners at once, past the stream's queue. Only for streams whose
 * listeners take everything as it comes.
 */
export function passStraight(stream: Readable): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null || stream.readableFlowing !== true || stream.readableLength > 0) {
      return push(chunk, encoding);
    }
    stream.emit('data', chunk);
    return true;
  };
}
