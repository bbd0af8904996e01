/**
 * From the sections that a node printed to the nodes of its cluster, each once, and to what the operator should know
 * before adding them: two network cards, an own name on 127.0.0.1, different ids. Pure.
 */
import { isIPv4 } from 'node:net';
import { MAX_NODE_ID } from '../../common/model/node.ts';
import { wholeNumber } from '../../common/model/whole-number.ts';
import { readMap } from '../nodes/openmosix/map.ts';
import { shownText } from '../nodes/node-text.ts';
import { parseAgent } from './agent.ts';
import { joinFindings, key } from './join.ts';
import { parseMattxNodes } from './mattx.ts';
import { cardTo, parseRoutes } from './network.ts';
import type { Section, SectionName } from './script.ts';
import { parseSetpe } from './setpe.ts';
import { MOST_NODES, type Finding, type Findings, type FoundNode } from './types.ts';

/** Where the discovery daemon of MattX sends what it has to say. */
const MATTX_MULTICAST = '239.0.0.1';
const NOTHING: Findings = { findings: [], notes: [] };
const WORD_LENGTH = 100;
/** Most node numbers that a sentence lists. */
const MOST_IDS = 20;

/** A cluster as one of its nodes knows it. */
export interface FoundCluster {
  readonly nodes: readonly FoundNode[];
  /** The id of the node that was asked; undefined where it says none. */
  readonly self: number | undefined;
  /**
   * Whether the cluster is on another network card of that node than the one that answered, so that the others are to be
   * reached through it.
   */
  readonly behind: boolean;
  readonly notes: readonly string[];
}

export function clusterFrom(sections: ReadonlyMap<SectionName, Section>): FoundCluster {
  const text = (name: SectionName): string => sections.get(name)?.text ?? '';
  const setpe = parseSetpe(text('setpe'));
  const mattx = parseMattxNodes(text('mattx'));
  const agent = parseAgent(text('agent'), text('enrolled'));
  const map = mapFindings(sections.get('map'));
  const folders = folderFindings(text('nodes'));
  const all = [setpe, mattx, agent, folders, map];
  const { nodes, notes } = joinFindings(all.flatMap((part) => part.findings));
  const mospe = wholeNumber(text('mospe').trim());
  const self = mattx.self ?? (mospe >= 1 && mospe <= MAX_NODE_ID ? mospe : (setpe.self ?? agent.self));
  const own = nodes.find((node) => node.id === self);
  const locals = text('local').split('\n').filter(isIPv4);
  const answering = text('ssh').split(' ')[2] ?? '';
  const behind = isBehind(own, answering);
  return {
    nodes,
    self,
    behind,
    notes: [
      ...all.flatMap((part) => part.notes),
      ...notes,
      ...ownIdNotes(nodes, self, locals),
      ...(own !== undefined && behind ? [twoCards(own, answering)] : []),
      ...(map.findings.length + setpe.findings.length === 0 ? [] : loopbackNotes(sections, own)),
      ...(mattx.self === undefined ? [] : multicastNotes(own, text('routes'))),
      ...withoutAddress(nodes.filter((node) => node !== own)),
    ],
  };
}

/** The map's nodes; one that is wrong gives none, with the line and its fault. */
function mapFindings(section: Section | undefined): Findings {
  if (section === undefined) return NOTHING;
  const map = readMap(section.text);
  if (!map.ok) {
    const fault = shownText(Buffer.from(map.problem.message).toString('latin1'), 300);
    return { findings: [], notes: [`${section.file} is not used. ${fault}.`] };
  }
  const nodes = map.value.slice(0, MOST_NODES);
  return {
    findings: nodes.map(({ id, addresses }) => ({ source: 'map', id, addresses })),
    notes:
      nodes.length < map.value.length
        ? [`${section.file} has ${map.value.length} nodes; the first ${MOST_NODES} are used.`]
        : [],
  };
}

function folderFindings(text: string): Findings {
  const ids = text
    .split('\n')
    .map(wholeNumber)
    .filter((id) => id >= 1 && id <= MAX_NODE_ID);
  const findings = ids.slice(0, MOST_NODES).map((id): Finding => ({ source: 'nodes', id, addresses: [] }));
  const beyond = `openMosix knows ${ids.length} nodes; the first ${MOST_NODES} are used.`;
  return { findings, notes: ids.length > MOST_NODES ? [beyond] : [] };
}

/** Whether none of the node's addresses in the cluster is the one at which it answered; names cannot be compared. */
function isBehind(own: FoundNode | undefined, answering: string): boolean {
  if (own === undefined || !isIPv4(answering) || own.addresses.length === 0) return false;
  return own.addresses.every((address) => isIPv4(address) && address !== answering);
}

function twoCards(own: FoundNode, answering: string): string {
  return `Two network cards: the cluster knows this node as ${own.addresses.join(' and ')}, and here it answers at ${answering}. The other nodes are therefore reached through it, as their jump host; where they can be reached straight, take "jump" out of their entries.`;
}

/** The map may give one of the node's own addresses to another id than the kernel runs under. */
function ownIdNotes(
  nodes: readonly FoundNode[],
  self: number | undefined,
  locals: readonly string[],
): readonly string[] {
  const others = nodes.filter(
    (node) =>
      node.id !== self &&
      node.addresses.some((address) => !address.startsWith('127.') && locals.includes(address)),
  );
  return self === undefined
    ? []
    : others.map(
        (node) =>
          `Different ids: this node runs as node ${self}, but ${node.addresses[0] ?? ''}, which is one of its own addresses, is node ${node.id}. Have setpe read the same map on every node.`,
      );
}

/** setpe finds itself by the own name, which must not stand for the loopback. Source: openMosix facts 3.6. */
function loopbackNotes(
  sections: ReadonlyMap<SectionName, Section>,
  own: FoundNode | undefined,
): readonly string[] {
  const name = shownText((sections.get('hostname')?.text ?? '').trim(), WORD_LENGTH);
  const names = new Set([key(name), key(name.split('.')[0] ?? '')]);
  for (const line of (sections.get('hosts')?.text ?? '').split('\n')) {
    const [address = '', ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!isIPv4(address) || !address.startsWith('127.')) continue;
    if (!words.some((word) => names.has(key(word)))) continue;
    return [
      `The own name ${name} stands for ${address} in /etc/hosts, so that setpe does not find this node in a map ("my IP address (127.0.0.1) is not there"). Give the name its address in the cluster${own?.addresses[0] === undefined ? '' : `, ${own.addresses[0]},`} there.`,
    ];
  }
  return [];
}

/** MattX' discovery speaks on the card of the default route, whatever the cluster's network is. Source: MattX facts 9. */
function multicastNotes(own: FoundNode | undefined, routesText: string): readonly string[] {
  const routes = parseRoutes(routesText);
  const [address = ''] = own?.addresses ?? [];
  const cluster = cardTo(address, routes);
  const multicast = cardTo(MATTX_MULTICAST, routes);
  if (cluster === undefined || cluster === multicast) return [];
  const goes =
    multicast === undefined ? 'no network card at all' : `${multicast}, where the default route goes`;
  return [
    `Multicast: MattX looks for nodes at ${MATTX_MULTICAST}, which leaves this node by ${goes}, but its address in the cluster, ${address}, is on ${cluster}. Nodes that are missing are found after "ip route add ${MATTX_MULTICAST}/32 dev ${cluster}" on every node.`,
  ];
}

function withoutAddress(nodes: readonly FoundNode[]): readonly string[] {
  const ids = nodes.filter((node) => node.addresses.length === 0).map((node) => String(node.id));
  if (ids.length === 0) return [];
  const listed = ids.slice(0, MOST_IDS).join(', ');
  const more = ids.length > MOST_IDS ? ` and ${ids.length - MOST_IDS} more` : '';
  return [
    `Nothing there says the address of ${ids.length === 1 ? 'node' : 'nodes'} ${listed}${more}. Where setpe -r or the map is on another node, ask that one; otherwise add them by hand.`,
  ];
}
