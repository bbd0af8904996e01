/** Joins what histories say of nodes over parts of a range into what holds for the whole of it. Pure functions. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import type { NodeStatistics, Spread } from '../../../common/model/history.ts';

type Statistics = HistoryAnswer<'statistics'>;
type Top = HistoryAnswer<'top'>['nodes'];

/**
 * The statistics of parts of a range, given in order of time, as those of the whole. Lowest, mean and highest are exact;
 * the value that 95 of 100 do not exceed cannot be had from parts, and is NaN where more than one part has values.
 */
export function joinStatistics(parts: readonly Statistics[]): Statistics {
  const nodes = new Map<string, NodeStatistics>();
  for (const part of parts) {
    for (const node of part.nodes) {
      const before = nodes.get(node.key);
      nodes.set(node.key, before === undefined ? node : joinNode(before, node));
    }
  }
  const coarsest = parts.toSorted((one, other) => other.resolution - one.resolution)[0];
  return { nodes: [...nodes.values()], resolution: coarsest?.resolution ?? 1 };
}

function joinNode(one: NodeStatistics, next: NodeStatistics): NodeStatistics {
  const spread = (a: Spread, b: Spread): Spread => joinSpread(a, one.secondsUp, b, next.secondsUp);
  return {
    key: one.key,
    id: next.id,
    name: next.name,
    load: spread(one.load, next.load),
    memoryUsed: spread(one.memoryUsed, next.memoryUsed),
    speed: latest(one.speed, next.speed),
    cpus: latest(one.cpus, next.cpus),
    memoryTotal: latest(one.memoryTotal, next.memoryTotal),
    secondsUp: one.secondsUp + next.secondsUp,
    secondsDown: one.secondsDown + next.secondsDown,
    secondsUnknown: one.secondsUnknown + next.secondsUnknown,
  };
}

function joinSpread(one: Spread, secondsOne: number, next: Spread, secondsNext: number): Spread {
  if (Number.isNaN(one.mean)) return next;
  if (Number.isNaN(next.mean)) return one;
  const seconds = secondsOne + secondsNext;
  const share = seconds > 0 ? secondsNext / seconds : 0.5;
  return {
    min: Math.min(one.min, next.min),
    mean: one.mean + (next.mean - one.mean) * share,
    max: Math.max(one.max, next.max),
    p95: NaN,
  };
}

function latest(one: number, next: number): number {
  return Number.isNaN(next) ? one : next;
}

/** Lists of the highest means over parts of a range as that of the whole; each part counts by its seconds. */
export function joinTop(
  parts: readonly { readonly nodes: Top; readonly seconds: number }[],
  limit: number,
): Top {
  const sums = new Map<string, { readonly node: Top[number]; sum: number; seconds: number }>();
  for (const { nodes, seconds } of parts) {
    for (const node of nodes) {
      const { sum, seconds: before } = sums.get(node.key) ?? { sum: 0, seconds: 0 };
      sums.set(node.key, { node, sum: sum + node.mean * seconds, seconds: before + seconds });
    }
  }
  return [...sums.values()]
    .map(({ node, sum, seconds }) => ({ ...node, mean: sum / seconds }))
    .sort((one, other) => other.mean - one.mean)
    .slice(0, limit);
}
