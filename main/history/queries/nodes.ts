/** The nodes of a history: those on disk in the order of their numbers, with the latest names, then those not there yet. */
import type { RecordedNode } from '../../../common/model/history.ts';
import type { HistoryView } from './view.ts';

/** All nodes ever recorded, or those of some keys, in the order of the keys and without those that never were. */
export function nodesOf({ tables, rows }: HistoryView, keys?: readonly string[]): readonly RecordedNode[] {
  const known = new Map(tables.nodes().map((node) => [node.key, node]));
  for (const node of rows) known.set(node.key, node);
  if (keys === undefined) return [...known.values()];
  return keys.flatMap((key) => known.get(key) ?? []);
}
