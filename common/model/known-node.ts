/**
 * The nodes of a history as people mean them. What is recorded of a node stands under its key: `id:5` is a cluster's own
 * number, `host:gate` a name of the settings. Until its first answer, and before a cluster took it in, a node is known by
 * its name only, so two keys may be one node. A number or a name may be that of several nodes; a key never is.
 */
import { problem } from '../contract/problem.ts';
import { countWords } from './count-words.ts';
import type { RecordedNode } from './history.ts';
import { failure, success, type Result } from './result.ts';

/** A node, by the latest number and name of its lasting key. */
export interface KnownNode extends RecordedNode {
  /** Every key under which it was recorded, the lasting one first. */
  readonly keys: readonly string[];
}

/** Nodes that are named where something cannot be told. */
const NAMED = 8;

/** The nodes behind the keys of a history, in the order of their numbers. */
export function knownNodes(recorded: readonly RecordedNode[]): readonly KnownNode[] {
  const ofClusters = Map.groupBy(
    recorded.filter(({ key }) => key.startsWith('id:')),
    ({ name }) => `host:${name}`,
  );
  /** The node that a name became; none where several of a cluster were called so. */
  const became = ({ key }: RecordedNode): RecordedNode | undefined => {
    const [only, ...others] = ofClusters.get(key) ?? [];
    return others.length === 0 ? only : undefined;
  };
  const before = Map.groupBy(recorded, became);
  return (before.get(undefined) ?? [])
    .map((node) => ({ ...node, keys: [node, ...(before.get(node) ?? [])].map(({ key }) => key) }))
    .sort((one, other) => one.id - other.id || (one.key < other.key ? -1 : 1));
}

/** The shortest that means each node and no other: its number, or where that may be another node, too, its key. */
export function shortNames(nodes: readonly KnownNode[]): readonly string[] {
  const meant = new Map<string, Set<KnownNode>>();
  for (const node of nodes) {
    for (const word of [String(node.id), node.name])
      meant.set(word, (meant.get(word) ?? new Set()).add(node));
  }
  return nodes.map(({ id, key }) => (meant.get(String(id))?.size === 1 ? String(id) : key));
}

/** The node that a key, a number or a name means. Problems: not-found, bad-input (it may be several). */
export function nodeCalled(nodes: readonly KnownNode[], name: string): Result<KnownNode> {
  const byKey = nodes.find(({ keys }) => keys.includes(name));
  if (byKey !== undefined) return success(byKey);
  const [found, ...others] = nodes.filter((node) => String(node.id) === name || node.name === name);
  if (found !== undefined && others.length === 0) return success(found);
  if (found === undefined) {
    const words =
      nodes.length === 0
        ? 'it has none at all'
        : `it has ${listed(nodes.map((node) => node.name || node.key))}`;
    return failure(problem('not-found', `The history has no node "${name}"; ${words}.`));
  }
  const several = [found, ...others].map((node) => `${node.name} (number ${node.id}, ${node.key})`);
  const words = `"${name}" may be ${countWords(several.length, 'node')}: ${listed(several)}. Name the one you mean by its key, such as ${found.key}.`;
  return failure(problem('bad-input', words));
}

function listed(names: readonly string[]): string {
  if (names.length > NAMED) return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' and ');
}
