/** What a report is about: the names in a request found in the history and among the groups, its range checked. */
import { problem } from '../../common/contract/problem.ts';
import type { Group } from '../../common/model/control.ts';
import { knownNodes, nodeCalled, type KnownNode } from '../../common/model/known-node.ts';
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
  /** The nodes it is about, in the order of their numbers. */
  readonly nodes: readonly KnownNode[];
  /** Their keys. */
  readonly keys: readonly string[];
  /** True where these are all nodes there are. */
  readonly allNodes: boolean;
  readonly groups: readonly Group[];
  readonly command: string;
  /** Nodes that are not chosen but have the number of one that is: migrations tell nodes apart by their numbers only. */
  readonly namesakes: readonly KnownNode[];
  /** Any node of the history by its number, and its key. */
  readonly nodeOf: (id: number) => NodeCell;
  readonly keyOf: (id: number) => string | undefined;
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
  const known = knownNodes(recorded.nodes);
  const chosen = new Set(request.nodes.map((name) => called(source, known, name)));
  const nodes = chosen.size === 0 ? known : known.filter((node) => chosen.has(node));
  const ids = new Set(nodes.map(({ id }) => id));
  // Of several nodes with one number that of a cluster comes last.
  const byId = new Map(known.map((node) => [node.id, node]));
  const selection: Selection = {
    from,
    to,
    nodes,
    keys: nodes.flatMap(({ keys }) => keys),
    allNodes: chosen.size === 0,
    groups: [...new Set(request.groups)].map((name) => groupNamed(source.groups, name)),
    command: request.command,
    namesakes: chosen.size === 0 ? [] : known.filter((node) => ids.has(node.id) && !chosen.has(node)),
    nodeOf: (id) => ({ id, name: byId.get(id)?.name ?? '' }),
    keyOf: (id) => byId.get(id)?.key,
  };
  await requireRecords(source, selection, recorded);
  return selection;
}

function called({ history }: ReportSource, nodes: readonly KnownNode[], name: string): KnownNode {
  const found = nodeCalled(nodes, name);
  if (found.ok) return found.value;
  const { code, message } = found.problem;
  return stop(
    problem(code, code === 'not-found' ? `${message} ${missingWords(history.server)}`.trim() : message),
  );
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
