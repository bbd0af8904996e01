/**
 * From the nodes of a cluster to entries for the settings: how each is reached from here, by the operator's own SSH
 * configuration where it names them, and otherwise as the node that was asked. Pure.
 */
import { nodeEntrySchema, type Candidate, type NodeEntry } from '../../common/contract/contract.ts';
import type { CandidateList } from '../ssh/index.ts';
import type { FoundCluster } from './cluster.ts';
import { key } from './join.ts';
import { SOURCE_WORDS, type FoundNode } from './types.ts';

/** What the SSH configuration says of hosts. */
export type ConfigView = Pick<CandidateList, 'candidates' | 'addresses' | 'patternOf'>;

export interface CandidateFacts {
  /** The entry of the node that was asked, and the same written out, as its SSH configuration has it. */
  readonly asked: NodeEntry;
  readonly way: NodeEntry;
  readonly config: ConfigView;
  /** The settings as they are, with the ids that their nodes have in this cluster. */
  readonly known: readonly { readonly entry: NodeEntry; readonly id: number | undefined }[];
}

/** What there is to choose from. */
export interface Candidates {
  /** The nodes of the cluster that have an address, and the one that was asked. */
  readonly nodes: readonly Candidate[];
  /** Hosts that the SSH configuration has beside the one that was asked, of which the node itself says nothing. */
  readonly beside: readonly Candidate[];
}

export function candidatesOf(cluster: FoundCluster, facts: CandidateFacts): Candidates {
  const { asked, config, known } = facts;
  const knownHosts = new Set(known.flatMap(({ entry }) => [key(entry.host), key(entry.name)]));
  for (const [candidate, address] of config.addresses) {
    if (knownHosts.has(key(candidate.entry.host))) knownHosts.add(key(address));
  }
  const knownIds = new Set(known.flatMap(({ id }) => id ?? []));
  const byHost = new Map<string, NodeEntry>();
  for (const [{ entry }, address] of config.addresses) {
    // Of several names for one address the first is taken.
    for (const host of [entry.name, address]) if (!byHost.has(key(host))) byHost.set(key(host), entry);
  }
  const named = new Set<string>();
  const nodes = cluster.nodes.flatMap((node): Candidate[] => {
    const isSelf = node.id === cluster.self;
    // The node that was asked is reached whatever is said of it.
    const address = node.addresses[0] ?? (isSelf ? asked.host : undefined);
    if (address === undefined) return [];
    const host = node.addresses.map((each) => byHost.get(key(each))).find((each) => each !== undefined);
    if (host !== undefined) named.add(host.name);
    const wish = isSelf ? { ...asked, id: node.id } : entryOf(node.id, address, host, cluster, facts);
    const entry = nodeEntrySchema.safeParse(wish);
    if (!entry.success) return [];
    const isKnown =
      knownIds.has(node.id) || [entry.data.host, ...node.addresses].some((each) => knownHosts.has(key(each)));
    const pattern = host === undefined ? config.patternOf(address) : undefined;
    return [{ entry: entry.data, about: aboutOf(node, entry.data, isSelf, pattern), known: isKnown }];
  });
  const beside = config.candidates
    .filter(({ entry }) => !named.has(entry.name) && isBeside(entry.name, asked.host, config))
    .map(({ entry, about }) => ({
      entry,
      about: `${about}, beside ${asked.host} in the SSH configuration`,
      known: knownHosts.has(key(entry.name)) || knownHosts.has(key(entry.host)),
    }));
  return { nodes, beside };
}

function entryOf(
  id: number,
  address: string,
  named: NodeEntry | undefined,
  { behind }: FoundCluster,
  { asked, way, config }: CandidateFacts,
): NodeEntry {
  const rights = {
    ...(asked.root === undefined ? {} : { root: asked.root }),
    ...(asked.writePrefix === undefined ? {} : { writePrefix: asked.writePrefix }),
  };
  if (named !== undefined) return { ...named, id, ...rights };
  // What a Host line says of this address is the operator's will.
  if (config.patternOf(address) !== undefined) return { name: address, host: address, id, ...rights };
  const jump = behind ? [way.jump, hopText(way)].filter((hop) => hop !== undefined).join(',') : way.jump;
  return {
    name: address,
    host: address,
    id,
    ...(way.user === undefined ? {} : { user: way.user }),
    ...(way.port === undefined || way.port === 22 || behind ? {} : { port: way.port }),
    ...(jump === undefined ? {} : { jump }),
    ...(way.identityFiles === undefined ? {} : { identityFiles: way.identityFiles }),
    ...rights,
  };
}

function hopText({ user, host, port }: NodeEntry): string {
  const address = host.includes(':') ? `[${host}]` : host;
  return `${user === undefined ? '' : `${user}@`}${address}${port === undefined ? '' : `:${port}`}`;
}

function aboutOf(node: FoundNode, entry: NodeEntry, isSelf: boolean, pattern: string | undefined): string {
  const [first, ...further] = node.addresses;
  const words = [
    `node ${node.id}`,
    ...(first === undefined || entry.host === first ? [] : [`at ${first}`]),
    ...(further.length === 0 ? [] : [`also ${further.join(', ')}`]),
    ...(isSelf ? ['the node that was asked'] : []),
    ...(isSelf || entry.jump === undefined ? [] : [`through ${entry.jump}`]),
    ...(isSelf || pattern === undefined ? [] : [`by Host ${pattern}`]),
    `from ${node.sources.map((source) => SOURCE_WORDS[source]).join(', ')}`,
  ];
  return words.join(', ');
}

/** Hosts of one row: their names differ only in numbers, or one pattern of a Host line is for both. */
function isBeside(name: string, asked: string, config: ConfigView): boolean {
  if (key(name) === key(asked)) return false;
  const shape = (text: string): string => key(text).replace(/\d+/g, '#');
  if (/\d/.test(asked) && !/^[\d.:]+$/.test(asked) && shape(name) === shape(asked)) return true;
  const pattern = config.patternOf(name);
  return pattern !== undefined && pattern === config.patternOf(asked);
}
