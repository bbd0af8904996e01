/**
 * Takes two needless costs out of each packet that ssh2 1.17 sends or receives, which together are nearly half of the
 * whole: found by profiling a thousand connections (`npm run bench -- ssh`).
 */
import { createSecretKey } from 'node:crypto';
import type { Socket } from 'node:net';
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
 * Lets a connection's ciphers keep their keys as key objects. ssh2 makes a cipher for each packet, and Node 24 takes 20
 * to 40 microseconds to see that bytes are no key object (it throws and catches two errors).
 */
export function keepKeysReady(connection: Client | Connection): void {
  connection.on('handshake', () => {
    const { _protocol: protocol } = connection as unknown as WithCiphers;
    for (const cipherField of CIPHER_FIELDS) {
      const cipher = protocol?.[cipherField];
      if (cipher === undefined) continue;
      for (const field of KEY_FIELDS) {
        const key = cipher[field];
        if (key instanceof Uint8Array) cipher[field] = createSecretKey(key);
      }
    }
  });
}

/**
 * Lets all that is written to a socket in one turn leave it together: ssh2 writes length, content and tag of a packet one
 * by one, which without Nagle's delay are three system calls here and three wake-ups at the far side.
 */
export function joinWrites(socket: Socket): void {
  const write = socket.write.bind(socket) as (...parameters: unknown[]) => boolean;
  let joining = false;
  socket.write = (...parameters: unknown[]): boolean => {
    if (!joining) {
      joining = true;
      socket.cork();
      process.nextTick(() => {
        joining = false;
        socket.uncork();
      });
    }
    return write(...parameters);
  };
}
