/** Joins what the sources say into one node per id, and says where they contradict each other. Pure. */
import { SOURCES, SOURCE_WORDS, type Finding, type FoundNode, type Source } from './types.ts';

/** Most contradictions that are told one by one. */
const MOST_NOTES = 10;

interface Growing {
  readonly id: number;
  readonly addresses: string[];
  readonly sources: Source[];
}

/**
 * One node per id, in the order of ids. An address belongs to one node: the one that the more trusted source gives it to.
 * Whatever disagrees with that is left out and told.
 */
export function joinFindings(findings: readonly Finding[]): {
  readonly nodes: readonly FoundNode[];
  readonly notes: readonly string[];
} {
  const nodes = new Map<number, Growing>();
  const owners = new Map<string, Growing>();
  const notes: string[] = [];
  for (const { source, id, addresses } of SOURCES.flatMap((each) =>
    findings.filter((finding) => finding.source === each),
  )) {
    const free: string[] = [];
    let foreign: { readonly address: string; readonly owner: Growing } | undefined;
    for (const address of addresses) {
      const owner = owners.get(key(address));
      if (owner === undefined) free.push(address);
      else if (owner.id !== id) foreign ??= { address, owner };
    }
    const known = nodes.get(id);
    if (foreign !== undefined) notes.push(twoIds(foreign.address, foreign.owner, id, source));
    // A node of which all addresses are another one's is that other one.
    if (known === undefined && foreign !== undefined && free.length === 0) continue;
    const node = known ?? { id, addresses: [], sources: [] };
    const before = node.addresses[0];
    if (before !== undefined && free[0] !== undefined && !addresses.some((each) => has(node, each))) {
      notes.push(twoAddresses(id, before, node.sources, free[0], source));
    }
    nodes.set(id, node);
    if (!node.sources.includes(source)) node.sources.push(source);
    for (const address of free) {
      node.addresses.push(address);
      owners.set(key(address), node);
    }
  }
  return { nodes: [...nodes.values()].sort((one, other) => one.id - other.id), notes: shortened(notes) };
}

/** Names are the same whatever their letters' case. */
export function key(address: string): string {
  return address.toLowerCase();
}

function has(node: Growing, address: string): boolean {
  return node.addresses.some((own) => key(own) === key(address));
}

function twoIds(address: string, owner: Growing, id: number, source: Source): string {
  const [first] = owner.sources;
  const where = first === undefined || first === source ? '' : ` in ${SOURCE_WORDS[first]}`;
  const why =
    source === 'mattx'
      ? 'MattX keeps the rows of nodes that are gone, so that one of them is left over'
      : 'all nodes need the same map: correct it, and have setpe read it again on each of them';
  return `Different ids: ${address} is node ${owner.id}${where} and node ${id} in ${SOURCE_WORDS[source]}; node ${owner.id} is used. ${why}.`;
}

function twoAddresses(
  id: number,
  before: string,
  sources: readonly Source[],
  address: string,
  source: Source,
): string {
  const [first] = sources;
  const where = first === undefined ? '' : ` in ${SOURCE_WORDS[first]}`;
  return `Node ${id} is ${before}${where} and ${address} in ${SOURCE_WORDS[source]}. Where it has two network cards, the map should name the second one as ALIAS; otherwise the map was changed after it was read.`;
}

function shortened(notes: readonly string[]): readonly string[] {
  return notes.length <= MOST_NOTES
    ? notes
    : [...notes.slice(0, MOST_NOTES), `… and ${notes.length - MOST_NOTES} more contradictions like these.`];
}
