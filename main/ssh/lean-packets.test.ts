import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { KeyObject } from 'node:crypto';
import ssh2 from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import { newKeyPair } from '../demo/key-pair.ts';
import { joinWrites, makeLean, passStraight } from './lean-packets.ts';

const ending: (() => void)[] = [];

afterEach(() => {
  for (const end of ending.splice(0)) end();
});

async function socketPair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  const [far] = (await once(server, 'connection')) as [Socket];
  ending.push(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

describe('writes that are joined', () => {
  test('arrive in their order, and each write of one turn in one piece', async () => {
    const { near, far } = await socketPair();
    joinWrites(near);
    near.write('length ');
    near.write(Buffer.from('content '));
    near.write('tag');
    const [piece] = (await once(far, 'data')) as [Buffer];
    expect(piece.toString()).toBe('length content tag');
    near.write('next');
    near.end(' and last');
    const [rest] = (await once(far, 'data')) as [Buffer];
    expect(rest.toString()).toBe('next and last');
  });

  test('call back when they are done, and say when the far side does not keep up', async () => {
    const { near } = await socketPair();
    joinWrites(near);
    await new Promise((resolve) => near.write('x', resolve));
    expect(near.write('x'.repeat(1_000_000))).toBe(false);
  });
});

describe('a stream that passes straight', () => {
  test('gives all that comes, in its order, before and after it flows, and its end', async () => {
    const stream = new Readable({ read: () => undefined });
    passStraight(stream);
    stream.push('waiting ');
    const got: string[] = [];
    stream.setEncoding('latin1');
    stream.on('data', (chunk: Buffer | string) => got.push(chunk.toString()));
    stream.push('early ');
    await new Promise(setImmediate);
    stream.push('straight ');
    stream.pause();
    stream.push('kept');
    stream.resume();
    stream.push(null);
    await once(stream, 'end');
    expect(got.join('')).toBe('waiting early straight kept');
  });
});

describe('ciphers with keys kept ready', () => {
  test.each([
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'chacha20-poly1305@openssh.com',
  ] as const)('carry data both ways with %s, after a new key exchange, too', async (cipher) => {
    const key = newKeyPair('test').private;
    const { near, far } = await socketPair();
    let askAnew = (): void => undefined;
    const server = new ssh2.Server({ hostKeys: [key], algorithms: { cipher: [cipher] } }, (connection) => {
      makeLean(connection, far);
      askAnew = () => connection.rekey();
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => context.accept());
      connection.on('session', (accept) => {
        accept().on('exec', (acceptCommand) => {
          const channel = acceptCommand();
          channel.pipe(channel);
        });
      });
    });
    server.injectSocket(far);
    const client = new ssh2.Client();
    makeLean(client, near);
    client.connect({
      sock: near,
      username: 'x',
      hostVerifier: () => true,
      authHandler: ['none'],
      algorithms: { cipher: [cipher] },
    });
    await once(client, 'ready');
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
      client.exec('echo', (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    channel.write('before');
    expect(String((await once(channel, 'data'))[0])).toBe('before');
    const again = once(client, 'handshake');
    askAnew();
    await again;
    channel.write('after');
    expect(String((await once(channel, 'data'))[0])).toBe('after');
    client.destroy();
  });

  test('are found where ssh2 has them', async () => {
    const key = newKeyPair('test').private;
    const { near, far } = await socketPair();
    const server = new ssh2.Server({ hostKeys: [key] }, (connection) =>
      connection.on('error', () => undefined),
    );
    server.injectSocket(far);
    const client = new ssh2.Client();
    makeLean(client, near);
    client.on('error', () => undefined);
    client.connect({ sock: near, username: 'x', hostVerifier: () => true });
    await once(client, 'handshake');
    const require = createRequire(import.meta.url);
    const { bindingAvailable } = require('ssh2/lib/protocol/crypto.js') as { bindingAvailable: boolean };
    const { _protocol: protocol } = client as unknown as {
      _protocol: Record<string, Record<string, unknown>>;
    };
    // With compiled ciphers there is no key to keep.
    const kind = bindingAvailable ? 'undefined' : 'KeyObject';
    const kindOf = (value: unknown): string => (value instanceof KeyObject ? 'KeyObject' : typeof value);
    expect(kindOf(protocol['_cipher']?.['_encKey'])).toBe(kind);
    expect(kindOf(protocol['_decipher']?.['_decipherKey'])).toBe(kind);
    client.destroy();
  });
});
