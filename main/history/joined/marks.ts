/** Joins what stands on a time line: states of nodes, checkpoints and counts of migrations. Pure functions. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import { joinedNumber } from '../../../common/model/log-number.ts';
import type { Checkpoint, StateSpan } from '../../../common/model/history.ts';
import { joinSpans, type Segment } from './segments.ts';

type States = HistoryAnswer<'states'>;
type Marks = HistoryAnswer<'marks'>;

/** The states of nodes, each history's within its own segments, oldest first; `answers` by place of the history. */
export function joinStates(
  answers: readonly (States | undefined)[],
  segments: readonly Segment[],
  limit: number,
): States {
  const pieces = segments
    .flatMap((segment) => (answers[segment.reader]?.spans ?? []).map((span) => clipped(span, segment)))
    .filter((span) => span.from < span.to)
    .sort((one, other) => one.from - other.from);
  const spans: StateSpan[] = [];
  const last = new Map<string, number>();
  for (const piece of pieces) {
    const place = last.get(piece.key) ?? -1;
    const before = spans[place];
    const goesOn =
      before !== undefined &&
      before.to >= piece.from &&
      before.state === piece.state &&
      before.reason === piece.reason;
    if (goesOn) spans[place] = { ...before, to: piece.to };
    else last.set(piece.key, spans.push(piece) - 1);
  }
  return {
    spans: spans.slice(0, limit),
    recordings: [...joinSpans(answers.flatMap((answer) => answer?.recordings ?? []))],
    more: spans.length > limit || answers.some((answer) => answer?.more === true),
  };
}

function clipped(span: StateSpan, { from, to }: Segment): StateSpan {
  return { ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) };
}

/** Checkpoints of all; counts of migrations from the history to which a pixel belongs. */
export function joinMarks(answers: readonly (Marks | undefined)[], segments: readonly Segment[]): Marks {
  const counts = segments.flatMap(({ reader, from, to }, index) => {
    const { migrationTimes = [], migrationCounts = [] } = answers[reader] ?? {};
    // The first pixel may begin before the range.
    const begin = index === 0 ? -Infinity : from;
    return [...migrationTimes].flatMap((time, pixel) =>
      time >= begin && time < to ? [[time, migrationCounts[pixel] ?? 0] as const] : [],
    );
  });
  return {
    checkpoints: [...joinCheckpoints(answers.map((answer) => answer?.checkpoints ?? []))],
    migrationTimes: Float64Array.from(counts, ([time]) => time),
    migrationCounts: Float64Array.from(counts, ([, count]) => count),
  };
}

/** Every checkpoint once, in order of time; the same one in two histories is the preferred one's. */
function joinCheckpoints(lists: readonly (readonly Checkpoint[])[]): readonly Checkpoint[] {
  const known = new Map<string, Checkpoint>();
  for (const [log, checkpoints] of lists.entries()) {
    for (const checkpoint of checkpoints) {
      const name = JSON.stringify([checkpoint.time, checkpoint.who, checkpoint.text]);
      if (!known.has(name)) known.set(name, { ...checkpoint, number: joinedNumber(log, checkpoint.number) });
    }
  }
  return [...known.values()].sort((one, other) => one.time - other.time);
}
