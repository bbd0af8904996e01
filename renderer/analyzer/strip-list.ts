/** Which strips are listed and in which order. Pure. */
import type { NodeStatistics, RecordedNode } from '../../common/model/history.ts';
import { knownNodes } from '../../common/model/known-node.ts';
import { compareNames } from '../words/order.ts';
import type { StripMetric } from './strip-data.ts';

/** What strips are sorted by. */
export const STRIP_SORTS = ['name', 'mean', 'max', 'down'] as const;
export type StripSort = (typeof STRIP_SORTS)[number];

export interface StripOrder {
  readonly sort: StripSort;
  readonly descending: boolean;
}

/** A strip with the numbers beside it; NaN where there is none. Mean and max in percent, down in seconds. */
export interface StripRow {
  readonly key: string;
  readonly name: string;
  /** Place in the order of names, where node10 comes after node9. */
  readonly rank: number;
  readonly mean: number;
  readonly max: number;
  readonly down: number;
}

/** The nodes in the order of their names. */
export function byName<Node extends { readonly name: string }>(nodes: readonly Node[]): readonly Node[] {
  return nodes.toSorted((a, b) => compareNames(a.name, b.name));
}

/**
 * The nodes that were there in a range: those of the present cluster, and those with values, or known to be down, in it.
 * Everything recorded once counts until the statistics of the range are known.
 */
export function nodesOfRange<Node extends RecordedNode>(
  nodes: readonly Node[],
  statistics: readonly NodeStatistics[] | undefined,
  present: ReadonlySet<string>,
): readonly Node[] {
  if (statistics === undefined) return nodes;
  const there = new Set(present);
  for (const { key, load, memoryUsed, secondsDown } of statistics) {
    if (!Number.isNaN(load.mean) || !Number.isNaN(memoryUsed.mean) || secondsDown > 0) there.add(key);
  }
  return nodes.filter(({ key }) => there.has(key));
}

/** How many nodes were recorded at other times only. One that is listed is none of them, whatever it was known by before. */
export function countOthers(recorded: readonly RecordedNode[], listed: ReadonlySet<string>): number {
  return knownNodes(recorded).filter(({ keys }) => !keys.some((key) => listed.has(key))).length;
}

/**
 * The rows of nodes, which come in the order of their names. The highest CPU use is not among the statistics; its mean
 * comes from elsewhere.
 */
export function stripRows(
  nodes: readonly RecordedNode[],
  statistics: readonly NodeStatistics[],
  cpuMeans: ReadonlyMap<string, number>,
  metric: StripMetric,
): readonly StripRow[] {
  const known = new Map(statistics.map((each) => [each.key, each] as const));
  return nodes.map(({ key, name }, rank) => {
    const node = known.get(key);
    const spread = metric === 'memory' ? node?.memoryUsed : node?.load;
    const numbers =
      metric === 'cpu'
        ? { mean: cpuMeans.get(key) ?? NaN, max: NaN }
        : { mean: spread?.mean ?? NaN, max: spread?.max ?? NaN };
    return { ...numbers, key, name, rank, down: node?.secondsDown ?? NaN };
  });
}

/** Whether a name contains one of the words of a filter; every name passes an empty one. */
export function passes(filter: string): (name: string) => boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return (name) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word));
}

/** The rows that pass a filter, in order; those without a number come last. */
export function arrangeStrips(
  rows: readonly StripRow[],
  filter: string,
  order: StripOrder,
): readonly StripRow[] {
  const pass = passes(filter);
  const found = rows.filter(({ name }) => pass(name));
  const sign = order.descending ? -1 : 1;
  const { sort } = order;
  if (sort === 'name') return found.toSorted((a, b) => sign * (a.rank - b.rank));
  return found.toSorted((a, b) => {
    const [left, right] = [a[sort], b[sort]];
    const unknown = Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    if (unknown !== 0) return unknown;
    return (Number.isNaN(left) ? 0 : sign * (left - right)) || a.rank - b.rank;
  });
}

/** The order after a title was chosen: numbers largest first, the same one turned round. */
export function nextStripOrder(order: StripOrder, sort: StripSort): StripOrder {
  return order.sort === sort
    ? { sort, descending: !order.descending }
    : { sort, descending: sort !== 'name' };
}
