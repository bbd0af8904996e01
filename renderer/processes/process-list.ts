/**
 * Which processes a list shows and in which order: filter, sort, and the rule by which rows keep their places. Pure
 * functions.
 */
import { isAway, isGuest, whyItStays } from '../../common/model/process-words.ts';
import { assertNever } from '../../common/model/result.ts';
import { cannotMove } from './process-commands.ts';
import { entryId, type ProcessEntry } from './process-entry.ts';
import { placeWords, stateWord } from './process-words.ts';

/** Columns of a list of processes in their order. */
export const PROCESS_COLUMNS = [
  'pid',
  'node',
  'user',
  'command',
  'where',
  'state',
  'cpu',
  'memory',
  'time',
  'nice',
  'moves',
  'locked',
  'why',
] as const;
export type ProcessColumn = (typeof PROCESS_COLUMNS)[number];

/** The order the operator chose. */
export interface ProcessSort {
  readonly column: ProcessColumn;
  readonly descending: boolean;
}

export const BUSIEST_FIRST: ProcessSort = { column: 'cpu', descending: true };

/** Columns whose large values are the interesting ones: the first click brings them to the top. */
const LARGEST_FIRST: ReadonlySet<ProcessColumn> = new Set([
  'cpu',
  'memory',
  'time',
  'nice',
  'moves',
  'locked',
]);

/** The sort after a column's title was chosen: a new column in its own direction, the same one turned round. */
export function nextProcessSort(sort: ProcessSort, column: ProcessColumn): ProcessSort {
  return sort.column === column
    ? { column, descending: !sort.descending }
    : { column, descending: LARGEST_FIRST.has(column) };
}

/** Reads a remembered sort; busiest first for a text that is none. */
export function parseProcessSort(text: string | null): ProcessSort {
  const [name, direction] = (text ?? '').split(' ');
  const column = PROCESS_COLUMNS.find((each) => each === name);
  return column === undefined ? BUSIEST_FIRST : { column, descending: direction === 'descending' };
}

/** A sort as it is remembered. */
export function processSortText(sort: ProcessSort): string {
  return `${sort.column} ${sort.descending ? 'descending' : 'ascending'}`;
}

/** Narrower views of a list, one at a time. */
export const PROCESS_VIEWS = {
  all: { title: 'All', about: 'Every process of the node' },
  migrated: { title: 'Migrated', about: 'Only processes of this node that run on another one' },
  guests: { title: 'Guests', about: 'Only processes of other nodes that run here' },
  movable: { title: 'Movable', about: 'Only processes that can be sent to another node' },
} as const;
export type ProcessView = keyof typeof PROCESS_VIEWS;

function belongsTo(view: ProcessView, { info }: ProcessEntry): boolean {
  switch (view) {
    case 'all':
      return true;
    case 'migrated':
      return isAway(info);
    case 'guests':
      return isGuest(info);
    case 'movable':
      return cannotMove(info) === '';
    default:
      return assertNever(view);
  }
}

/** What a list is made from. */
export interface ProcessArrangement {
  readonly entries: readonly ProcessEntry[];
  readonly view: ProcessView;
  /** Words that all must occur in number, user, command, place, state or reason. */
  readonly filter: string;
  readonly sort: ProcessSort;
}

/** The processes that pass, sorted; unknown values last, ties by number, so that equal rows never change places. */
export function arrangeProcesses(input: ProcessArrangement): readonly ProcessEntry[] {
  const terms = input.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const direction = input.sort.descending ? -1 : 1;
  return input.entries
    .filter((entry) => belongsTo(input.view, entry) && matches(entry, terms))
    .map((entry) => ({ entry, key: sortKey(entry, input.sort.column) }))
    .sort((a, b) => compareKeys(a.key, b.key, direction) || a.entry.info.pid - b.entry.info.pid)
    .map(({ entry }) => entry);
}

function matches(entry: ProcessEntry, terms: readonly string[]): boolean {
  if (terms.length === 0) return true;
  const { info } = entry;
  const words = [
    info.pid,
    entry.nodeName,
    info.user,
    info.name,
    info.command,
    placeWords(info.place, () => ''),
    stateWord(info.state),
    ...whyItStays(info),
  ];
  const text = words.join('\n').toLowerCase();
  return terms.every((term) => text.includes(term));
}

type SortKey = number | string;

function compareKeys(a: SortKey, b: SortKey, direction: number): number {
  if (a === b) return 0;
  if (isMissing(a)) return isMissing(b) ? 0 : 1;
  if (isMissing(b)) return -1;
  return a < b ? -direction : direction;
}

function isMissing(key: SortKey): boolean {
  return key === '' || Number.isNaN(key);
}

function sortKey({ info, nodeName }: ProcessEntry, column: ProcessColumn): SortKey {
  switch (column) {
    case 'pid':
      return info.pid;
    case 'node':
      return nodeName;
    case 'user':
      return info.user.toLowerCase();
    case 'command':
      return info.command.toLowerCase();
    case 'where':
      return placeKey(info.place);
    case 'state':
      return stateWord(info.state);
    case 'cpu':
      return info.cpuPercent ?? NaN;
    case 'memory':
      return info.memory;
    case 'time':
      return info.cpuSeconds;
    case 'nice':
      return info.nice;
    case 'moves':
      return info.migrations ?? NaN;
    case 'locked':
      return info.locked === null ? NaN : Number(info.locked);
    case 'why':
      return whyItStays(info).join('; ').toLowerCase();
    default:
      return assertNever(column);
  }
}

/** Between two kinds of places in the order; more than any id of a node. */
const KIND = 100_000;

/** Those away first, by their node, then guests by theirs, each with those of no known node last; then who is on its way, or at home. */
function placeKey(place: ProcessEntry['info']['place']): number {
  switch (place.kind) {
    case 'away':
      return place.id;
    case 'guest':
      return KIND + place.id;
    case 'elsewhere':
      return (place.guest ? 2 * KIND : KIND) - 1;
    case 'moving':
      return 2 * KIND;
    case 'home':
      return 3 * KIND;
    case 'unknown':
      return NaN;
    default:
      return assertNever(place);
  }
}

/** A row of the list; an ended process keeps its row, greyed, as long as rows keep their places. */
export interface ProcessRow {
  readonly id: string;
  readonly entry: ProcessEntry;
  readonly ended: boolean;
}

/** Rows in a fresh order. */
export function freshRows(arranged: readonly ProcessEntry[]): readonly ProcessRow[] {
  return arranged.map((entry) => ({ id: entryId(entry.ref), entry, ended: false }));
}

/**
 * Rows that keep their places, so that nothing moves under the pointer or a selection: known ones stay where they are
 * with their new values, ended ones stay and say so, new ones are added at the end.
 */
export function keepPlaces(
  shown: readonly ProcessRow[],
  entries: readonly ProcessEntry[],
  arranged: readonly ProcessEntry[],
): readonly ProcessRow[] {
  const now = new Map(entries.map((entry) => [entryId(entry.ref), entry]));
  const known = new Set(shown.map((row) => row.id));
  const kept = shown.map((row) => {
    const entry = now.get(row.id);
    return entry === undefined ? { ...row, ended: true } : { id: row.id, entry, ended: false };
  });
  return [...kept, ...freshRows(arranged).filter((row) => !known.has(row.id))];
}
