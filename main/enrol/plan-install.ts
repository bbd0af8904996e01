/** What an installation will do: pure rules from what was found on the nodes and what the authority knows. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { NodeEntry } from '../../common/contract/contract.ts';
import type { AgentNodePlan } from '../../common/model/agent-install.ts';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import {
  AGENT_PORT,
  agentAddressSchema,
  type ClusterMap,
  type ClusterMember,
} from '../../common/trust/map.ts';
import { targetText } from '../cluster/cluster.ts';
import { fingerprintOf, isAuthority, type Authority, type NewMember } from './authority.ts';
import type { NodeFacts } from './facts.ts';
import { OLDEST_NODE } from './facts.ts';
import { RUNTIME_MACHINE, type AgentPackage, type PackedFile } from './package.ts';
import { NODE_FILES } from './script.ts';

/** Certificates that end within this time are renewed. */
const RENEW_MILLISECONDS = 365 * 86_400_000;
/** What is left free on the node's disk besides what is copied. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** A node as the check left it: what is there, or why it could not be checked. */
export interface CheckedNode {
  readonly entry: NodeEntry;
  readonly checked:
    | { readonly facts: NodeFacts; readonly address: string | undefined }
    | { readonly refusal: string };
  /** What the operator chose for it. */
  readonly wishes: { readonly id?: number | undefined; readonly address?: string | undefined };
}

/** A node's plan, with what carrying it out needs. */
export interface NodeInstall {
  readonly entry: NodeEntry;
  readonly shown: AgentNodePlan;
  /** What it will be in the map; undefined where it is refused. */
  readonly member: NewMember | undefined;
  /** Whether it is enrolled anew. */
  readonly enrols: boolean;
  /** Whether something of ours is there that is put back when something fails. */
  readonly renews: boolean;
  readonly copies: readonly PackedFile[];
}

/** Plans every node, in their order. `port` is for nodes that are new. */
export function planInstall(
  nodes: readonly CheckedNode[],
  {
    authority,
    agentPackage,
    port,
  }: {
    readonly authority: Authority;
    readonly agentPackage: AgentPackage;
    readonly port: number | undefined;
  },
): readonly NodeInstall[] {
  const wished = nodes.flatMap(({ wishes }) => wishes.id ?? []);
  const taken = new Set(authority.given.map(({ id }) => id).concat(wished));
  const seats = new Map<string, string>();
  const used = new Map<number, string>();
  return nodes.map((node) => {
    const { entry, checked, wishes } = node;
    if ('refusal' in checked) return refused(entry, 'It could not be looked at.', checked.refusal);
    const { facts } = checked;
    const there = thereWords(facts, authority);
    const unfit = unfitness(facts, authority, agentPackage);
    if (unfit !== '') return refused(entry, there, unfit);
    const before = memberOf(authority.map, entry.name, facts.certificate);
    const reached = plainAddress(checked.address ?? '');
    const id = wishes.id ?? before?.id ?? idOfName(entry.name, authority) ?? lowestFree(taken);
    taken.add(id);
    const member: NewMember = {
      id,
      name: before?.name ?? entry.name,
      address: wishes.address ?? before?.address ?? reached,
      port: port ?? before?.port ?? AGENT_PORT,
    };
    const why =
      (member.address === reached && wishes.address === undefined && isOwn(reached)
        ? `It was reached at ${reached}, where no other node can reach it; give its address with --addresses.`
        : memberTrouble(member, before, authority)) ||
      clash(used.get(id), `has id ${id} too; give them different ones`) ||
      clash(
        seats.get(`${member.address} ${member.port}`),
        'is the same machine, or has the same address and port',
      ) ||
      portTrouble(member, facts);
    if (why !== '') return refused(entry, there, why, id);
    used.set(id, entry.name);
    seats.set(`${member.address} ${member.port}`, entry.name);
    const copies = copiesFor(facts, agentPackage);
    const enrols = !isGood(member, before, facts);
    return {
      entry,
      member,
      enrols,
      renews: facts.sums.has('command'),
      copies,
      shown: {
        name: entry.name,
        target: targetText(entry),
        id,
        there,
        steps: stepsOf(member, { facts, authority, copies, enrols }),
        notes: notesOf(member, facts, authority, before),
        refusal: '',
      },
    };
  });
}

function refused(entry: NodeEntry, there: string, refusal: string, id: number | null = null): NodeInstall {
  const shown = { name: entry.name, target: targetText(entry), id, there, steps: [], notes: [], refusal };
  return { entry, shown, member: undefined, enrols: false, renews: false, copies: [] };
}

/** The member that a node is already: by its certificate, or where that is gone by its name. */
export function memberOf(
  { nodes }: ClusterMap,
  name: string,
  certificate: X509Certificate | undefined,
): ClusterMember | undefined {
  const fingerprint = certificate && fingerprintOf(certificate);
  return (
    nodes.find((member) => member.certificate === fingerprint) ?? nodes.find((member) => member.name === name)
  );
}

/** The id that a node of this name had, where nobody has it now. */
function idOfName(name: string, { given, map }: Authority): number | undefined {
  return given.find((one) => one.name === name && !map.nodes.some(({ id }) => id === one.id))?.id;
}

function lowestFree(taken: ReadonlySet<number>): number {
  let id = 1;
  while (taken.has(id)) id += 1;
  return id;
}

/** Why this machine cannot have the agent, in words; empty where it can. */
function unfitness(facts: NodeFacts, authority: Authority, { agent, node }: AgentPackage): string {
  if (facts.system !== 'Linux')
    return `It runs ${facts.system || 'no system that says its name'}; the agent needs Linux.`;
  if (!facts.isRoot) {
    return 'The login is not root. Log in as root (root@HOST), or set "writePrefix": "sudo -n" for this node in the settings.';
  }
  if (facts.missingTools.length > 0) return `It lacks ${facts.missingTools.join(', ')}; install them there.`;
  if (
    facts.certificate !== undefined &&
    (facts.authority === undefined || !isAuthority(authority, facts.authority))
  ) {
    const other =
      /^CN=mosview authority (.*)$/.exec(facts.authority?.subject ?? '')?.[1] ?? 'of another authority';
    return `It belongs to cluster ${other}, whose authority is not the one of ${authority.cluster} here. Remove it from there first.`;
  }
  if (facts.node === undefined) {
    const wanted = `There is no Node ${OLDEST_NODE} or newer on it`;
    if (facts.machine !== RUNTIME_MACHINE) {
      return `${wanted}, and the one that mosview brings is for ${RUNTIME_MACHINE}, not for ${facts.machine}. Install Node there.`;
    }
    if (node === undefined) return `${wanted}, and this mosview brings none. Install Node there.`;
    const needed = facts.sums.get('node') === node.sum ? 0 : node.bytes;
    if (facts.free < agent.bytes + needed + SPARE_BYTES) {
      return `Its disk has ${megabytes(facts.free)} free where the files go; ${megabytes(agent.bytes + needed + SPARE_BYTES)} are needed.`;
    }
  }
  return '';
}

function memberTrouble(member: NewMember, before: ClusterMember | undefined, { map }: Authority): string {
  const { id, address, port } = member;
  if (id > MAX_NODE_ID) return 'There is no free id any more.';
  if (address === '') return 'It does not say at which address it was reached; give one with --addresses.';
  if (!agentAddressSchema.safeParse(address).success)
    return `"${address}" is no address; give one with --addresses.`;
  const others = map.nodes.filter((node) => node !== before);
  const same = others.find((node) => node.id === id);
  if (same !== undefined)
    return `Id ${id} is that of ${same.name}; take another, or remove ${same.name} first.`;
  if (before !== undefined && before.id !== id) {
    return `It is node ${before.id} already; remove it first to give it id ${id}.`;
  }
  const beside = others.find((node) => node.address === address && node.port === port);
  return beside === undefined
    ? ''
    : `${beside.name} (node ${beside.id}) is at ${address} port ${port} already.`;
}

function portTrouble({ port }: NewMember, facts: NodeFacts): string {
  const isOurs = facts.status !== undefined || facts.sums.has('command');
  return !isOurs && facts.listening.has(port)
    ? `Something listens at its TCP port ${port} already; give another with --port.`
    : '';
}

/** An address that only the machine itself can use is taken only where the operator gave it. */
function isOwn(address: string): boolean {
  return isIP(address) !== 0 && /^(?:127\.|::1$)/.test(address);
}

function clash(other: string | undefined, words: string): string {
  return other === undefined ? '' : `${other} ${words}.`;
}

/** Whether the node is what the map says, for long enough. */
function isGood(member: NewMember, before: ClusterMember | undefined, { certificate }: NodeFacts): boolean {
  return (
    before !== undefined &&
    certificate !== undefined &&
    before.certificate === fingerprintOf(certificate) &&
    before.address === member.address &&
    before.port === member.port &&
    certificate.validToDate.getTime() > Date.now() + RENEW_MILLISECONDS
  );
}

function copiesFor(facts: NodeFacts, { agent, node, command, units }: AgentPackage): readonly PackedFile[] {
  const wanted = [
    ...(facts.node === undefined && node !== undefined ? [node] : []),
    agent,
    command(facts.node?.path ?? NODE_FILES.node.path),
    ...(facts.hasSystemd ? units : []),
  ];
  return wanted.filter(({ file, sum }) => facts.sums.get(file) !== sum);
}

function thereWords(facts: NodeFacts, { cluster }: Authority): string {
  const { certificate, status } = facts;
  const agent =
    certificate === undefined
      ? 'no agent'
      : status === undefined
        ? `the agent of cluster ${cluster}, which does not answer`
        : `the agent of cluster ${cluster}, as node ${status.id}`;
  return [
    facts.release || facts.system,
    `kernel ${facts.kernel}`,
    facts.machine,
    facts.hasSystemd ? 'systemd' : 'no systemd',
    facts.criu === '' ? 'no criu' : `criu ${facts.criu}`,
    facts.node === undefined ? `no Node ${OLDEST_NODE}` : `Node ${facts.node.version}`,
    agent,
  ].join(', ');
}

function stepsOf(
  { id, address, port }: NewMember,
  {
    facts,
    authority,
    copies,
    enrols,
  }: {
    readonly facts: NodeFacts;
    readonly authority: Authority;
    readonly copies: readonly PackedFile[];
    readonly enrols: boolean;
  },
): string[] {
  return [
    ...copies.map(({ file, bytes }) => {
      const verb = facts.sums.has(file) ? 'replace' : 'copy';
      return `${verb} ${NODE_FILES[file].path} (${megabytes(bytes)})`;
    }),
    ...(enrols
      ? [
          `make a key there, and enrol it as node ${id} of cluster ${authority.cluster} at ${address} port ${port} (TCP and UDP)`,
        ]
      : []),
    facts.hasSystemd
      ? 'enable and start mosview-keeper and mosview-agent'
      : 'start the keeper and the agent, each in a session of its own',
    `wait until the agent answers as node ${id}`,
  ];
}

function notesOf(
  { id, name }: NewMember,
  facts: NodeFacts,
  { given }: Authority,
  before: ClusterMember | undefined,
): string[] {
  const earlier = given.find((one) => one.id === id);
  return [
    ...(earlier !== undefined && earlier.name !== name
      ? [`Id ${id} was that of ${earlier.name} before, whose certificate is not taken any more.`]
      : []),
    ...(before !== undefined && facts.certificate === undefined
      ? [`It takes the place of ${before.name} (node ${before.id}), which had its key somewhere else.`]
      : []),
    ...(facts.hasSystemd
      ? []
      : [
          'There is no systemd: the agent is not started again after a restart of the machine, nor when it ends.',
        ]),
    ...criuNotes(facts),
  ];
}

/** criu 3 fails on Linux 6.13 and newer, whose vdso has one mapping more; the first that knows it is 4.1. */
function criuNotes({ criu, kernel }: NodeFacts): string[] {
  if (criu === '') {
    return [
      'There is no criu: jobs cannot move to or from it, and only its load is told. Debian has it as the package criu.',
    ];
  }
  const isNewKernel = !isBefore(kernel, 6, 13);
  return isNewKernel && isBefore(criu, 4, 1)
    ? [
        `criu ${criu} fails on kernel ${kernel}; 4.1 or newer is needed, which Debian 13 has. Until then only its load is told.`,
      ]
    : [];
}

function isBefore(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

/** An IPv4 address as such, also where a socket of IPv6 saw it. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
