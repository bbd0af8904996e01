/**
 * The part of a report that says what its values are of: when nothing was recorded, what comes from the server of older
 * times, and that this is missing while the server does not answer.
 */
import type { Problem } from '../../common/contract/problem.ts';
import { divide, type Span } from '../history/joined/segments.ts';
import type { HistoryReader } from '../history/types.ts';
import type { ReportContext } from './build.ts';
import { tableOf, type Block } from './model.ts';
import { answerIfAny } from './source.ts';
import { dateAndTime, spanWords } from './words.ts';

export type { Span } from '../history/joined/segments.ts';

/** Spans without a recording that are listed one by one. */
const GAPS = 50;
/** A second is the finest that is recorded: what is not two of them long is a range that begins or ends within one. */
const SHORTEST_GAP = 2000;

export interface Coverage {
  /** The spans of the range in which anything was recorded, oldest first. */
  readonly recordings: readonly Span[];
  /** What lies between them. */
  readonly gaps: readonly Span[];
  /** Those of which the values come from the server. */
  readonly borrowed: readonly Span[];
}

/** Looks what a range holds; where the history cannot tell, all of it counts as recorded. Throws ProblemError. */
export async function coverageOf({ source: { history }, selection }: ReportContext): Promise<Coverage> {
  const { from, to } = selection;
  const recordings = await recordingsOf(history, selection);
  const gaps = gapsBetween(selection, recordings);
  if (history.server === undefined) return { recordings, gaps, borrowed: [] };
  const own = await recordingsOf(history.own, selection);
  const borrowed = divide([own, recordings], { from, to }).filter(({ reader }) => reader === 1);
  return { recordings, gaps, borrowed };
}

async function recordingsOf(history: HistoryReader, { from, to }: Span): Promise<readonly Span[]> {
  const answer = await answerIfAny(history.ask('states', { from, to, limit: 1 }));
  return answer?.recordings ?? [{ from, to }];
}

/** What lies between the recordings. */
export function gapsBetween({ from, to }: Span, recordings: readonly Span[]): readonly Span[] {
  const gaps: Span[] = [];
  let at = from;
  for (const span of recordings) {
    if (span.from - at >= SHORTEST_GAP) gaps.push({ from: at, to: span.from });
    at = Math.max(at, span.to);
  }
  if (to - at >= SHORTEST_GAP) gaps.push({ from: at, to });
  return gaps;
}

/** Says when nothing was recorded, so that nobody takes it for a quiet time, and whose values are not of this machine. */
export function* coverageBlocks(
  { gaps, borrowed }: Coverage,
  { source: { history } }: ReportContext,
): Generator<Block> {
  if (gaps.length > 0) {
    const missing = missingWords(history.server);
    const result = missing === '' ? 'What happened then is not in this report.' : missing;
    const text = `Nothing was recorded${missing === '' ? '' : ' here'} ${whenWords(gaps)}: mosview did not run. ${result}`;
    yield { kind: 'note', text, warning: true };
    if (gaps.length > 1) yield gapTable(gaps);
  }
  if (borrowed.length > 0 && history.server !== undefined) {
    const text = `The values ${whenWords(borrowed)} come from ${history.server.url}. It has no migrations, states of nodes or checkpoints: those of that time are not in this report.`;
    yield { kind: 'note', text, warning: false };
  }
}

/** Why older times are missing; empty while they are not. */
export function missingWords(server: { readonly problem: Problem | undefined } | undefined): string {
  return server?.problem === undefined ? '' : `Older times are missing. ${server.problem.message}`;
}

function whenWords(spans: readonly Span[]): string {
  const total = spanWords(spans.reduce((sum, { from, to }) => sum + to - from, 0) / 1000);
  const [first] = spans;
  return spans.length === 1 && first !== undefined
    ? `from ${dateAndTime(first.from)} to ${dateAndTime(first.to)} (${total})`
    : `for ${total} of this time`;
}

function gapTable(gaps: readonly Span[]): Block {
  const title =
    gaps.length > GAPS
      ? `Times without any recording, the longest ${GAPS} of ${gaps.length}`
      : 'Times without any recording';
  const shown = gaps
    .toSorted((one, other) => other.to - other.from - (one.to - one.from))
    .slice(0, GAPS)
    .sort((one, other) => one.from - other.from);
  return tableOf(
    {
      name: 'gaps',
      title,
      empty: '',
      columns: [
        { name: 'from', title: 'From', kind: 'time', width: 3 },
        { name: 'to', title: 'To', kind: 'time', width: 3 },
        { name: 'seconds', title: 'Length', kind: 'seconds', width: 2 },
      ],
    },
    shown.map(({ from, to }) => [from, to, (to - from) / 1000]),
  );
}
