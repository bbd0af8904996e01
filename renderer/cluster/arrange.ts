/** Which nodes the table shows and in which order: the filter and the sort, as pure functions over one second. */
import type { BlockView } from '../../common/contract/block.ts';
import { PROBLEMS } from '../../common/contract/problem.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import { assertNever } from '../../common/model/result.ts';
import { connectionProblem, connectionWords, settingsWords } from '../words/node-words.ts';
import { compareNames } from '../words/order.ts';

/** Columns of the table in their order. */
export const COLUMNS = [
  'state',
  'id',
  'name',
  'speed',
  'load',
  'memory',
  'cpus',
  'settings',
  'connection',
] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** The order the operator chose. */
export interface Sort {
  readonly column: ColumnName;
  readonly descending: boolean;
}

export const DEFAULT_SORT: Sort = { column: 'id', descending: false };

/** Columns where the large values are the interesting ones, so that the first click brings them to the top. */
const LARGEST_FIRST: ReadonlySet<ColumnName> = new Set(['speed', 'load', 'memory', 'cpus', 'settings']);

/** The sort after a column's title was chosen: a new column in its own direction, the same one turned round. */
export function nextSort(sort: Sort, column: ColumnName): Sort {
  return sort.column === column
    ? { column, descending: !sort.descending }
    : { column, descending: LARGEST_FIRST.has(column) };
}

/** Reads a remembered sort; the default for a text that is none. */
export function parseSort(text: string | null): Sort {
  const [name, direction] = (text ?? '').split(' ');
  const column = COLUMNS.find((each) => each === name);
  return column === undefined ? DEFAULT_SORT : { column, descending: direction === 'descending' };
}

/** A sort as it is remembered. */
export function sortText(sort: Sort): string {
  return `${sort.column} ${sort.descending ? 'descending' : 'ascending'}`;
}

/** The place of each node, by slot, in the order of names, where node10 comes after node9. */
export function rankNames(nodes: readonly NodeInfo[]): ReadonlyMap<number, number> {
  const byName = nodes.toSorted((a, b) => compareNames(a.name, b.name));
  return new Map(byName.map((node, rank) => [node.slot, rank]));
}

/** The share of a node's memory that is used, 0..100; NaN while unknown. */
export function memoryPercent(block: BlockView, slot: number): number {
  const total = block.value('memoryTotal', slot);
  return total > 0 ? Math.max(0, (100 * (total - block.value('memoryFree', slot))) / total) : NaN;
}

/** Worst first, so that sorting by state brings trouble to the top. */
const STATE_ORDER = { failed: 0, down: 1, stale: 2, connecting: 3, up: 4 } as const;

const CONNECTION_ORDER: Readonly<Record<ConnectionState['kind'], number>> = {
  failed: 0,
  asking: 1,
  waiting: 2,
  connecting: 3,
  queued: 4,
  connected: 5,
  none: 6,
};

const PROBLEM_CODES = Object.keys(PROBLEMS);

/** Everything the arrangement is made from. */
export interface Arrangement {
  readonly nodes: readonly NodeInfo[];
  readonly block: BlockView;
  /** From rankNames over the same nodes. */
  readonly nameRanks: ReadonlyMap<number, number>;
  /** Words that all must occur in a node's id, name, state, target, settings or connection. */
  readonly filter: string;
  readonly sort: Sort;
}

/**
 * The nodes that pass the filter, sorted. Missing values come last in both directions; ties keep the order of ids, so
 * that equal rows never change places.
 */
export function arrange(input: Arrangement): readonly NodeInfo[] {
  const { block, nameRanks, sort } = input;
  const nodes = filterNodes(input.nodes, block, input.filter);
  const keys = Float64Array.from(nodes, (node) => sortKey(node, block, nameRanks, sort.column));
  const direction = sort.descending ? -1 : 1;
  const order = Uint32Array.from(nodes, (_node, index) => index);
  order.sort((a, b) => compareKeys(keys[a], keys[b], direction) || tie(nodes[a], nodes[b]));
  return Array.from(order, (index) => nodes[index] as NodeInfo);
}

function compareKeys(a = NaN, b = NaN, direction: number): number {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -direction : direction;
}

function tie(a: NodeInfo | undefined, b: NodeInfo | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return a.id - b.id || a.slot - b.slot;
}

function sortKey(
  node: NodeInfo,
  block: BlockView,
  nameRanks: ReadonlyMap<number, number>,
  column: ColumnName,
): number {
  switch (column) {
    case 'state':
      return STATE_ORDER[block.state(node.slot)];
    case 'id':
      return node.id;
    case 'name':
      return nameRanks.get(node.slot) ?? NaN;
    case 'memory':
      return memoryPercent(block, node.slot);
    case 'settings':
      return settingsKey(block.value('status', node.slot));
    case 'connection':
      return connectionKey(node);
    case 'speed':
    case 'load':
    case 'cpus':
      return block.value(column, node.slot);
    default:
      return assertNever(column);
  }
}

/** The switches alone, without the bits for configured and up. */
function settingsKey(status: number): number {
  return status >= 0 ? status & ~3 : NaN;
}

function connectionKey(node: NodeInfo): number {
  const code = connectionProblem(node.connection)?.code;
  const reason = code === undefined ? 0 : PROBLEM_CODES.indexOf(code);
  return CONNECTION_ORDER[node.connection.kind] * 1000 + reason * 2 + (node.observer ? 0 : 1);
}

function filterNodes(nodes: readonly NodeInfo[], block: BlockView, filter: string): readonly NodeInfo[] {
  const terms = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (terms.length === 0) return nodes;
  return nodes.filter((node) => {
    const text = searchText(node, block);
    return terms.every((term) => text.includes(term));
  });
}

function searchText(node: NodeInfo, block: BlockView): string {
  const settings = settingsWords(block.value('status', node.slot));
  const words = [node.id, node.name, node.target, block.state(node.slot), settings, connectionWords(node, 0)];
  return words.join('\n').toLowerCase();
}
