/** Planning an installation: which machines can have the agent, which ids they get, and what the operator is told. */
import { Readable } from 'node:stream';
import { createHash, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { requestWords } from '../../common/trust/enrolment.ts';
import { valueOf } from '../../test/harness/value-of.ts';
import { enrolNode, newAuthority, withoutNode, type Authority } from './authority.ts';
import type { NodeFacts } from './facts.ts';
import type { AgentPackage, PackedFile } from './package.ts';
import { planInstall, type CheckedNode } from './plan-install.ts';

const packed = (file: PackedFile['file'], text: string, bytes = text.length): PackedFile => ({
  file,
  sum: createHash('sha256').update(text).digest('hex'),
  bytes,
  read: () => Readable.from([text]),
});
const agentPackage: AgentPackage = {
  agent: packed('agent', 'agent', 500_000),
  node: packed('node', 'node', 120_000_000),
  units: [packed('keeperUnit', 'keeper'), packed('agentUnit', 'agent')],
  command: (node) => packed('command', `exec ${node}`),
};
const machine: NodeFacts = {
  system: 'Linux',
  machine: 'x86_64',
  kernel: '6.12.107',
  release: 'Debian GNU/Linux 13 (trixie)',
  isRoot: true,
  hasSystemd: true,
  criu: '4.1.1',
  node: { path: '/usr/bin/node', version: '22.14.0' },
  missingTools: [],
  sums: new Map(),
  certificate: undefined,
  authority: undefined,
  status: undefined,
  jobs: 0,
  listening: new Set([22]),
  free: 1e12,
};

/** Nodes n1 and n2 are in it, n3 was. */
let authority: Authority;
let stranger: Authority;
const certificates = new Map<number, X509Certificate>();

beforeAll(async () => {
  stranger = await newAuthority('other');
  authority = await newAuthority('lab');
  for (const id of [1, 2, 3]) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const signature = sign('sha256', Buffer.from(requestWords(pem)), privateKey).toString('base64');
    const member = { id, name: `n${id}`, address: `10.0.0.${id}`, port: 5428 };
    const entry = { name: member.name, host: member.name };
    const enrolled = valueOf(await enrolNode(authority, member, entry, { publicKey: pem, signature }));
    certificates.set(id, new X509Certificate(enrolled.enrolment.certificate));
    authority = enrolled.authority;
  }
  authority = withoutNode(authority, 3);
});

const checked = (
  name: string,
  facts: Partial<NodeFacts> = {},
  wishes: CheckedNode['wishes'] = {},
  address = '10.0.0.9',
): CheckedNode => ({
  entry: { name, host: name },
  checked: { facts: { ...machine, ...facts }, address },
  wishes,
});
const plan = (...nodes: CheckedNode[]) => planInstall(nodes, { authority, agentPackage, port: undefined });
const refusal = (node: CheckedNode): string => plan(node)[0]?.shown.refusal ?? '';
const own = (id: number): Partial<NodeFacts> => ({
  certificate: certificates.get(id),
  authority: new X509Certificate(authority.certificate),
});

test('a fit machine gets the lowest id that nobody ever had, at the address where it was reached', () => {
  const [{ member, enrols, shown }] = plan(checked('new')) as [ReturnType<typeof plan>[number]];
  expect(member).toEqual({ id: 4, name: 'new', address: '10.0.0.9', port: 5428 });
  expect({ enrols, refusal: shown.refusal, notes: shown.notes }).toEqual({
    enrols: true,
    refusal: '',
    notes: [],
  });
  expect(shown.steps).toEqual([
    'copy /usr/local/lib/mosview/mosview-agent.mjs (0.5 MB)',
    'copy /usr/local/bin/mos (1 kB)',
    'copy /etc/systemd/system/mosview-keeper.service (1 kB)',
    'copy /etc/systemd/system/mosview-agent.service (1 kB)',
    'make a key there, and enrol it as node 4 of cluster lab at 10.0.0.9 port 5428 (TCP and UDP)',
    'enable and start mosview-keeper and mosview-agent',
    'wait until the agent answers as node 4',
  ]);
});

test('several new machines get ids one after the other', () => {
  const nodes = plan(checked('a', {}, {}, '10.0.0.7'), checked('b', {}, {}, '10.0.0.8'));
  expect(nodes.map(({ shown }) => shown.id)).toEqual([4, 5]);
});

test('a member keeps id, name, address and identity, whatever it is called now', () => {
  const [node] = plan(checked('10.9.9.9', own(2), {}, '10.9.9.9'));
  expect(node).toMatchObject({ member: { id: 2, name: 'n2', address: '10.0.0.2' }, enrols: false });
});

test('a member whose address changes is enrolled anew', () => {
  expect(plan(checked('n2', own(2), { address: '10.1.0.2' }))[0]).toMatchObject({
    member: { id: 2, address: '10.1.0.2' },
    enrols: true,
  });
});

test('a machine of a member that has lost its key takes the place, and that is said', () => {
  const [node] = plan(checked('n1'));
  expect(node).toMatchObject({ member: { id: 1 }, enrols: true });
  expect(node?.shown.notes).toEqual(['It takes the place of n1 (node 1), which had its key somewhere else.']);
});

test('an id that was given before goes to the same name again, or to whom it is given by hand, with a note', () => {
  expect(plan(checked('n3'))[0]?.member?.id).toBe(3);
  const [node] = plan(checked('new', {}, { id: 3 }));
  expect(node?.shown.notes).toEqual(['Id 3 was that of n3 before, whose certificate is not taken any more.']);
});

test('ids and addresses of others are not given', () => {
  expect(refusal(checked('new', {}, { id: 1 }))).toContain('Id 1 is that of n1');
  expect(refusal(checked('n2', own(2), { id: 7 }))).toContain('It is node 2 already');
  expect(refusal(checked('new', {}, { address: '10.0.0.1' }))).toContain(
    'n1 (node 1) is at 10.0.0.1 port 5428',
  );
  expect(plan(checked('a'), checked('b'))[1]?.shown.refusal).toContain('a is the same machine');
});

test('an address that only the machine itself can use is taken only by hand', () => {
  expect(refusal(checked('new', {}, {}, '::ffff:127.0.0.1'))).toContain('It was reached at 127.0.0.1');
  expect(refusal(checked('new', {}, { address: '127.0.0.1' }))).toBe('');
});

test('a runtime is copied where there is no Node, as far as it fits', () => {
  const bare = { node: undefined };
  expect(plan(checked('new', bare))[0]?.shown.steps[0]).toBe('copy /usr/local/lib/mosview/node (120.0 MB)');
  expect(refusal(checked('new', { ...bare, machine: 'aarch64' }))).toContain('for x86_64, not for aarch64');
  expect(refusal(checked('new', { ...bare, free: 1e8 }))).toContain('100.0 MB free');
});

test('what is there already is not copied again', () => {
  const sums = new Map([['agent', agentPackage.agent.sum] as const, ['command', 'old'] as const]);
  const [node] = plan(checked('n1', { ...own(1), sums, hasSystemd: false }));
  expect(node?.copies.map(({ file }) => file)).toEqual(['command']);
  expect(node?.shown.steps).toContain('replace /usr/local/bin/mos (1 kB)');
});

test.each([
  [{ system: 'FreeBSD' }, 'the agent needs Linux'],
  [{ isRoot: false }, 'The login is not root'],
  [{ missingTools: ['setsid'] }, 'lacks setsid'],
  [{ listening: new Set([5428]) }, 'listens at its TCP port 5428'],
])('a machine with %j is refused with the reason', (facts, words) => {
  expect(refusal(checked('new', facts))).toContain(words);
});

test('a node of another authority is refused, also when that has the same name', () => {
  const facts = { certificate: certificates.get(1), authority: new X509Certificate(stranger.certificate) };
  expect(refusal(checked('new', facts))).toContain('It belongs to cluster other');
});

test('what will not work there is said', () => {
  const notes = (facts: Partial<NodeFacts>): string =>
    plan(checked('new', facts))[0]?.shown.notes.join() ?? '';
  expect(notes({ criu: '' })).toContain('There is no criu');
  expect(notes({ criu: '3.17.1', kernel: '6.13.0-rc1' })).toContain('4.1 or newer is needed');
  expect(notes({ criu: '3.17.1', kernel: '6.1.0-50' })).toBe('');
  expect(notes({ hasSystemd: false })).toContain('not started again');
});
