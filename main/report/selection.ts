/** What a report is about: the names in a request found in the history and among the groups, its range checked. */
import { problem } from '../../common/contract/problem.ts';
import type { Group } from '../../common/model/control.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import type { ReportRequest } from '../../common/model/report.ts';
import { missingWords } from './coverage.ts';
import type { NodeCell } from './model.ts';
import { answerOf, stop, type ReportSource } from './source.ts';
import { dateAndTime } from './words.ts';

/** Shorter ranges hold nothing that could be told. */
const SHORTEST_MILLISECONDS = 1000;

/** A request with its names found. */
export interface Selection {
  readonly from: number;
  readonly to: number;
  /** The nodes it is about, in the order of their ids; one that was known by several keys comes once for each. */
  readonly nodes: readonly RecordedNode[];
  /** True where these are all nodes there are. */
  readonly allNodes: boolean;
  readonly groups: readonly Group[];
  readonly command: string;
  /** The name of any node of the history by its id. */
  readonly nodeOf: (id: number) => NodeCell;
}

/** Finds what a request names. Throws ProblemError: bad-input, not-found, and what the history says. */
export async function selectionOf(source: ReportSource, request: ReportRequest): Promise<Selection> {
  const { from, to } = request;
  if (!(to - from >= SHORTEST_MILLISECONDS)) {
    const words = `The report's range from ${dateAndTime(from)} to ${dateAndTime(to)} is empty or shorter than a second.`;
    stop(problem('bad-input', words));
  }
  // Until its first answer nobody knows what a server of older times has.
  await source.history.server?.known;
  const recorded = await answerOf(source.history.ask('recorded', {}));
  const known = recorded.nodes.toSorted(
    (one, other) => one.id - other.id || one.key.localeCompare(other.key),
  );
  const chosen = new Set(request.nodes.flatMap((name) => nodesNamed(known, name)));
  const names = new Map(known.map(({ id, name }) => [id, name]));
  const selection: Selection = {
    from,
    to,
    nodes: chosen.size === 0 ? known : known.filter((node) => chosen.has(node)),
    allNodes: chosen.size === 0,
    groups: [...new Set(request.groups)].map((name) => groupNamed(source.groups, name)),
    command: request.command,
    nodeOf: (id) => ({ id, name: names.get(id) ?? '' }),
  };
  await requireRecords(source, selection, recorded);
  return selection;
}

/** The node of a name, id or key, under every key it ever had: before its first answer it is known by its host only. */
function nodesNamed(nodes: readonly RecordedNode[], name: string): readonly RecordedNode[] {
  const found =
    nodes.find(({ key, id }) => key === name || key === `id:${name}` || String(id) === name) ??
    nodes.find((node) => node.name === name) ??
    stop(problem('not-found', `The history has no node "${name}".`));
  return nodes.filter(({ id }) => id === found.id);
}

function groupNamed(groups: readonly Group[], name: string): Group {
  const found = groups.find((group) => group.name === name);
  return found ?? stop(problem('not-found', `There is no group of processes "${name}".`));
}

/** A report of a time in which nothing was recorded would only look like one. */
async function requireRecords(
  { history }: ReportSource,
  { from, to }: Selection,
  recorded: { readonly from: number | null; readonly to: number | null },
): Promise<void> {
  if (recorded.from !== null && recorded.to !== null && recorded.from < to && recorded.to >= from) return;
  const { migrations } = await answerOf(history.ask('migrations', { from, to, limit: 1 }));
  if (migrations.length > 0) return;
  const reach =
    recorded.from === null || recorded.to === null
      ? 'the history is empty'
      : `the history reaches from ${dateAndTime(recorded.from)} to ${dateAndTime(recorded.to)}`;
  const range = `from ${dateAndTime(from)} to ${dateAndTime(to)}`;
  const words = `Nothing was recorded ${range}; ${reach}. ${missingWords(history.server)}`;
  stop(problem('not-found', words.trim()));
}
