/** TLS between agents over real sockets: who gets in, and that others learn nothing and send nothing. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type ConnectionOptions, type Server, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Result } from '../../common/model/result.ts';
import { makeNodeCertificate } from '../../main/enrol/certificates.ts';
import { EnrolledNodes } from '../../test/harness/enrolled-nodes.ts';
import type { Identity } from './identity.ts';
import { clientOptions, peerNode, serverOptions } from './tls.ts';

let nodes: EnrolledNodes;
let one: Identity;
let two: Identity;
let server: Server;
/** What came to the server, over any connection. */
let heard: string[];
let peers: Result<number>[];

beforeAll(async () => {
  nodes = await EnrolledNodes.start();
  const [first, second] = await nodes.enrol(1, 2);
  if (first === undefined || second === undefined) throw new Error('Not enrolled.');
  one = first;
  two = second;
});
afterAll(() => nodes.close());

beforeEach(async () => {
  heard = [];
  peers = [];
  server = createServer(serverOptions(one), (socket) => {
    const peer = peerNode(socket, one.map);
    peers.push(peer);
    socket.on('data', (data: Buffer) => heard.push(data.toString())).on('error', () => undefined);
    if (peer.ok) socket.end('the secret');
    else socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await once(server, 'close');
});

/** Everything a client gets that connects and says a word. */
async function talk(options: ConnectionOptions): Promise<{ readonly got: string; readonly error: string }> {
  const { port } = server.address() as AddressInfo;
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, ...options });
  let got = '';
  let error = '';
  socket.on('data', (data: Buffer) => (got += data.toString()));
  socket.on('error', ({ message }: Error) => (error = message));
  socket.on('secureConnect', () => socket.end('a word'));
  await once(socket, 'close').catch(() => undefined);
  return { got, error };
}

/** A client that cares for nothing about the server. */
const careless = { rejectUnauthorized: false, servername: '' } as const;

async function learnsNothing(options: ConnectionOptions): Promise<void> {
  expect((await talk(options)).got).toBe('');
  expect(heard).toEqual([]);
  expect(peers).toEqual([]);
}

test('two nodes of a cluster know each other', async () => {
  expect(await talk(clientOptions(two, 1))).toEqual({ got: 'the secret', error: '' });
  expect(peers).toEqual([{ ok: true, value: 2 }]);
  expect(heard).toEqual(['a word']);
});

test('without a certificate nothing is learnt and nothing sent', () => learnsNothing(careless));

test('with a certificate of another authority nothing is learnt and nothing sent', async () => {
  const others = await EnrolledNodes.start();
  const [stranger] = await others.enrol(2);
  others.close();
  await learnsNothing({ ...careless, key: stranger!.key, cert: stranger!.certificate });
});

test('with an expired certificate nothing is learnt and nothing sent', async () => {
  await learnsNothing({ ...careless, key: two.key, cert: await certificate(2, Date.now() - 1000) });
});

test('an older version of TLS is refused', () =>
  learnsNothing({ ...careless, key: two.key, cert: two.certificate, maxVersion: 'TLSv1.2' }));

test('a certificate of the authority that the map does not name gets and gives nothing', async () => {
  const old = await certificate(2, Date.now() + 60_000);
  const { got } = await talk({ ...careless, key: two.key, cert: old });
  expect(got).toBe('');
  expect(heard).toEqual([]);
  expect(peers).toMatchObject([{ ok: false, problem: { code: 'permission-denied' } }]);
});

test('a client sends nothing to a node that is not the one it means', async () => {
  const { got, error } = await talk(clientOptions(two, 2));
  expect({ got, error }).toEqual({ got: '', error: 'node 1 answered for 2' });
  expect(heard).toEqual([]);
});

test('a client sends nothing to a server of another authority', async () => {
  const others = await EnrolledNodes.start();
  const [stranger] = await others.enrol(2);
  others.close();
  const { error } = await talk(clientOptions(stranger!, 1));
  expect(error).not.toBe('');
  expect(heard).toEqual([]);
});

/** A certificate of the authority for node 2's key. */
function certificate(id: number, until: number): Promise<string> {
  const publicKey = createPublicKey(createPrivateKey(two.key))
    .export({ type: 'spki', format: 'pem' })
    .toString();
  return makeNodeCertificate(nodes.authority, { cluster: 'test', id, publicKey, until });
}
