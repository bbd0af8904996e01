/** The part of a report about the times in which nodes were not up. */
import type { NodeState } from '../../common/contract/block.ts';
import { countWords } from '../../common/model/count-words.ts';
import type { NodeStatistics, StateSpan } from '../../common/model/history.ts';
import type { KnownNode } from '../../common/model/known-node.ts';
import { longTable, type Cell, type Rows, type TableBlock } from './model.ts';
import type { ReportContext } from './build.ts';
import { answerOf, type ReportSource } from './source.ts';
import { spanWords } from './words.ts';

/** Nodes whose states are asked for at once, and how many states an answer has at most. */
const NODES_AT_A_TIME = 50;
const SPANS = 10_000;

/** States in words; `connecting` and `up` are no trouble. */
const STATE_WORDS: Readonly<Record<NodeState, string>> = {
  up: 'up',
  connecting: 'connecting',
  down: 'down',
  failed: 'not reached',
  stale: 'no figures',
};

/** When chosen nodes were not up, and why. */
export function statesTable(context: ReportContext): TableBlock {
  return longTable({
    name: 'states',
    title: 'When nodes were not up',
    empty: 'No node was down or out of reach while mosview ran.',
    columns: [
      { name: 'node', title: 'Node', kind: 'node', width: 14 },
      { name: 'state', title: 'State', kind: 'text', width: 11, words: STATE_WORDS },
      { name: 'from', title: 'From', kind: 'time', width: 17 },
      { name: 'to', title: 'To', kind: 'time', width: 17 },
      { name: 'seconds', title: 'Length', kind: 'seconds', width: 12 },
      { name: 'reason', title: 'Reason', kind: 'text', width: 34 },
    ],
    rows: stateRows(context),
  });
}

async function* stateRows({ source, selection, signal }: ReportContext): Rows {
  const { from, to, nodes } = selection;
  for (let first = 0; first < nodes.length; first += NODES_AT_A_TIME) {
    const some = nodes.slice(first, first + NODES_AT_A_TIME);
    for await (const page of goneOn(pagesOf(source, some, from, to, signal))) {
      const rows = page.filter(isTrouble).map(({ node: { id, name }, ...span }): readonly Cell[] => {
        const { from: begin, to: end, state, reason } = span;
        return [{ id, name }, state, begin, end, (end - begin) / 1000, reason];
      });
      if (rows.length > 0) yield rows;
    }
  }
}

/** A state of a node over a time. */
type NodeSpan = StateSpan & { readonly node: KnownNode };
type Pages = AsyncGenerator<readonly NodeSpan[], void>;

/** The states of nodes, node by node. What is too much for one answer is asked for in halves: of the nodes, then of the time. */
async function* pagesOf(
  source: ReportSource,
  nodes: readonly KnownNode[],
  from: number,
  to: number,
  signal: AbortSignal,
): Pages {
  signal.throwIfAborted();
  const keys = nodes.flatMap((node) => node.keys);
  const { spans, more } = await answerOf(source.history.ask('states', { from, to, keys, limit: SPANS }));
  const half = Math.ceil(nodes.length / 2);
  const middle = Math.floor((from + to) / 2);
  if (more && nodes.length > 1) {
    yield* pagesOf(source, nodes.slice(0, half), from, to, signal);
    yield* pagesOf(source, nodes.slice(half), from, to, signal);
  } else if (more && middle > from) {
    yield* pagesOf(source, nodes, from, middle, signal);
    yield* pagesOf(source, nodes, middle, to, signal);
  } else {
    const byKey = Map.groupBy(spans, ({ key }) => key);
    yield nodes.flatMap((node) =>
      node.keys
        .flatMap((key) => byKey.get(key) ?? [])
        .sort((one, other) => one.from - other.from)
        .map((span) => ({ ...span, node })),
    );
  }
}

/** The same without the seams of halved times: a state that goes on beyond one is one. */
async function* goneOn(pages: Pages): Pages {
  let open: NodeSpan | undefined;
  for await (const page of pages) {
    const whole: NodeSpan[] = [];
    for (const span of page) {
      if (open !== undefined && goesOn(open, span)) {
        open = { ...open, to: span.to };
        continue;
      }
      if (open !== undefined) whole.push(open);
      open = span;
    }
    yield whole;
  }
  if (open !== undefined) yield [open];
}

function goesOn(one: NodeSpan, next: NodeSpan): boolean {
  return (
    one.key === next.key && one.to === next.from && one.state === next.state && one.reason === next.reason
  );
}

function isTrouble({ state }: StateSpan): boolean {
  return state !== 'up' && state !== 'connecting';
}

/** One sentence about the down times. */
export function downWords(statistics: readonly NodeStatistics[]): string {
  const down = statistics.filter(({ secondsDown }) => secondsDown > 0);
  if (down.length === 0) return 'No node was seen down.';
  const total = down.reduce((sum, { secondsDown }) => sum + secondsDown, 0);
  return `${countWords(down.length, 'node was', 'nodes were')} down at some time, ${spanWords(total)} together.`;
}
