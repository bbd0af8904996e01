/** A node's identity: how it comes to be, and everything that makes it unusable, in words. */
import { createHash, createPrivateKey, createPublicKey, sign, X509Certificate } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { enrolmentRequestSchema } from '../../common/trust/enrolment.ts';
import { writeMap } from '../../common/trust/map.ts';
import { enrolNode, type Authority } from '../../main/enrol/authority.ts';
import { makeNodeCertificate } from '../../main/enrol/certificates.ts';
import { EnrolledNodes } from '../../test/harness/enrolled-nodes.ts';
import { valueOf } from '../../test/harness/value-of.ts';
import { enrolCommand } from './command.ts';
import { acceptEnrolment, acceptMap, createRequest } from './enrol.ts';
import { IDENTITY_FILES, loadIdentity } from './identity.ts';
import { watchIdentity } from './renewed.ts';

let other: EnrolledNodes;
let nodes: EnrolledNodes;
let folder: string;
const entry = { name: 'new', host: 'new' };
const file = (name: keyof typeof IDENTITY_FILES): string => join(folder, IDENTITY_FILES[name]);

beforeAll(async () => {
  other = await EnrolledNodes.start('other');
  await other.enrol(3);
});
beforeEach(async () => {
  nodes = await EnrolledNodes.start('lab');
  await nodes.enrol(3);
  folder = nodes.folderOf(3);
  return () => nodes.close();
});
afterAll(() => other.close());

async function reason(): Promise<string> {
  const identity = await loadIdentity(folder);
  return identity.ok ? 'usable' : identity.problem.message;
}

test('an enrolled node knows its id, its cluster and until when', async () => {
  const { node, map, clusterKey, until } = valueOf(await loadIdentity(folder));
  expect({ node, cluster: map.cluster, bytes: clusterKey.length }).toEqual({
    node: 3,
    cluster: 'lab',
    bytes: 32,
  });
  expect(until).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000);
});

test('its files are for nobody else, and no others are left', () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.values(IDENTITY_FILES).toSorted());
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test('a node that was never enrolled says so', async () => {
  rmSync(folder, { recursive: true });
  expect(await reason()).toContain(`belongs to no cluster: ${folder} is not there`);
});

test.each(Object.keys(IDENTITY_FILES) as (keyof typeof IDENTITY_FILES)[])(
  'a missing %s is named',
  async (name) => {
    rmSync(file(name));
    expect(await reason()).toContain(`${file(name)} is not there`);
  },
);

test('a key that others may read is refused, as ssh does', async () => {
  chmodSync(file('key'), 0o640);
  expect(await reason()).toContain(`Others may read ${file('key')} (0640)`);
});

test('a map that others may change is refused', async () => {
  chmodSync(file('map'), 0o666);
  expect(await reason()).toContain(`Others may change ${file('map')}`);
});

test('the key of another node is noticed', async () => {
  writeFileSync(file('key'), readFileSync(join(other.folderOf(3), IDENTITY_FILES.key)));
  expect(await reason()).toContain('node.key is not the key of node.crt');
});

test('a certificate of another authority is noticed', async () => {
  writeFileSync(file('authority'), readFileSync(join(other.folderOf(3), IDENTITY_FILES.authority)));
  expect(await reason()).toContain('was not given by the authority');
});

test('a map of another authority is noticed', async () => {
  writeFileSync(file('map'), other.map);
  expect(await reason()).toContain('signature is not that of this cluster');
});

test('an expired certificate says since when, and what to do', async () => {
  useCertificate(await certificate(3, Date.now() - 60_000), nodes.authority);
  expect(await reason()).toMatch(/has expired on .*install the agent again/);
});

test('an older certificate of the same id is not taken', async () => {
  writeFileSync(file('certificate'), await certificate(3, Date.now() + 60_000));
  expect(await reason()).toContain('names another certificate for node 3');
});

test('a node that was taken out of the map sees that it was', async () => {
  nodes.remove(3);
  writeFileSync(file('map'), nodes.map);
  expect(await reason()).toContain('node 3 is not in the cluster');
});

test('damaged files are named', async () => {
  for (const name of ['certificate', 'authority', 'clusterKey', 'key'] as const) {
    const before = readFileSync(file(name));
    writeFileSync(file(name), 'x');
    expect(await reason()).toContain(IDENTITY_FILES[name]);
    writeFileSync(file(name), before);
  }
});

test('an enrolment that is not for this request changes nothing', async () => {
  await createRequest(folder);
  const foreign = enrolmentRequestSchema.parse(JSON.parse(await createRequest(other.folderOf(4))));
  const member = { id: 4, name: 'n4', address: '127.0.0.1', port: 5004 };
  const { enrolment } = valueOf(await enrolNode(nodes.authority, member, entry, foreign));
  const accepted = await acceptEnrolment(folder, JSON.stringify(enrolment));
  expect(accepted).toMatchObject({ problem: { message: expect.stringContaining('not the key') as string } });
  expect(valueOf(await loadIdentity(folder)).node).toBe(3);
});

test('a request without proof of its key is refused by the authority', async () => {
  const request = enrolmentRequestSchema.parse(JSON.parse(await createRequest(folder)));
  const stolen = {
    ...request,
    publicKey: createPublicKey(readFileSync(file('key')))
      .export({ type: 'spki', format: 'pem' })
      .toString(),
  };
  const member = { id: 5, name: 'n5', address: '127.0.0.1', port: 5005 };
  expect(await enrolNode(nodes.authority, member, entry, stolen)).toMatchObject({
    problem: { code: 'bad-input' },
  });
});

test('a newer map is taken, an older one refused', async () => {
  const older = nodes.map;
  const [, newest] = await nodes.enrol(3, 9);
  expect(newest?.map.nodes.map(({ id }) => id)).toEqual([3, 9]);
  expect(await acceptMap(folder, older)).toMatchObject({ ok: false });
  expect(valueOf(await loadIdentity(folder)).map.version).toBe(newest?.map.version);
});

test('the command enrols over its standard streams', async () => {
  const target = nodes.folderOf(8);
  const run = async (word: string, input: string) => {
    const [output, errors] = [new PassThrough(), new PassThrough()];
    const status = await enrolCommand([word], {
      folder: target,
      input: Readable.from([input]),
      output,
      errors,
    });
    output.end();
    errors.end();
    return { status, output: await text(output), errors: await text(errors) };
  };
  expect(await run('show', '')).toMatchObject({
    status: 1,
    errors: expect.stringContaining('no cluster') as string,
  });
  const request = enrolmentRequestSchema.parse(JSON.parse((await run('request', '')).output));
  const member = { id: 8, name: 'n8', address: '127.0.0.1', port: 5008 };
  const { enrolment } = valueOf(await enrolNode(nodes.authority, member, entry, request));
  expect(JSON.parse((await run('accept', JSON.stringify(enrolment))).output)).toMatchObject({
    id: 8,
    cluster: 'lab',
  });
  expect(await run('map', other.map)).toMatchObject({ status: 1, output: '' });
  expect(JSON.parse((await run('show', '')).output)).toMatchObject({ id: 8, nodes: 2 });
});

test('who watches hears of a newer map', async () => {
  const versions = new PassThrough({ objectMode: true });
  const end = watchIdentity(folder, (identity) => void versions.write(valueOf(identity).map.version));
  await nodes.enrol(9);
  expect(await once(versions, 'data')).toEqual([nodes.authority.map.version]);
  end();
});

/** A certificate of the authority for the node's present key. */
function certificate(id: number, until: number): Promise<string> {
  const publicKey = createPublicKey(readFileSync(file('key')))
    .export({ type: 'spki', format: 'pem' })
    .toString();
  return makeNodeCertificate(nodes.authority, { cluster: 'lab', id, publicKey, until });
}

/** Puts a certificate into the folder, with a map that names it. */
function useCertificate(pem: string, { map, key }: Authority): void {
  const fingerprint = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
  writeFileSync(file('certificate'), pem);
  const renewed = { ...map, nodes: map.nodes.map((node) => ({ ...node, certificate: fingerprint })) };
  const signature = (words: string): string =>
    sign('sha256', Buffer.from(words), createPrivateKey(key)).toString('base64');
  writeFileSync(file('map'), writeMap(renewed, signature));
}
