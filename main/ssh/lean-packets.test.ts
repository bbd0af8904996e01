import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { KeyObject } from 'node:crypto';
import ssh2 from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import { newKeyPair } from '../demo/key-pair.ts';
import { joinWrites, keepKeysReady } from './lean-packets.ts';

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
      keepKeysReady(connection);
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
    keepKeysReady(client);
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
    keepKeysReady(client);
    client.on('error', () => undefined);
    client.connect({ sock: near, username: 'x', hostVerifier: () => true });
    await once(client, 'handshake');
    const { _protocol: protocol } = client as unknown as {
      _protocol: Record<string, Record<string, unknown>>;
    };
    expect(protocol['_cipher']?.['_encKey']).toBeInstanceOf(KeyObject);
    expect(protocol['_decipher']?.['_decipherKey']).toBeInstanceOf(KeyObject);
    client.destroy();
  });
});
