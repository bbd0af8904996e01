/** Spans of time over a strip: what was never recorded, and in which state a node was. Pure. */
import type { StateSpan } from '../../common/model/history.ts';
import type { Span } from '../time/range.ts';

/**
 * The parts of `within` that no recording covers; recordings may overlap and come in any order. Holes shorter than
 * `shortest` milliseconds are left out: they are not to be seen.
 */
export function uncovered(recordings: readonly Span[], within: Span, shortest: number): readonly Span[] {
  const holes: Span[] = [];
  let covered = within.from;
  for (const { from, to } of recordings.toSorted((a, b) => a.from - b.from)) {
    if (from > covered) holes.push({ from: covered, to: Math.min(from, within.to) });
    covered = Math.max(covered, to);
    if (covered >= within.to) break;
  }
  if (covered < within.to) holes.push({ from: covered, to: within.to });
  return holes.filter((hole) => hole.to - hole.from >= shortest);
}

/** The spans of each node in which it was not up, oldest first; `connecting` says nothing about a node. */
export function troubles(spans: readonly StateSpan[]): ReadonlyMap<string, readonly StateSpan[]> {
  const byNode = new Map<string, StateSpan[]>();
  for (const span of spans) {
    if (span.state === 'up' || span.state === 'connecting') continue;
    const known = byNode.get(span.key);
    if (known === undefined) byNode.set(span.key, [span]);
    else known.push(span);
  }
  return byNode;
}

/** The span that a time lies in, or that is less than `reach` milliseconds away from it. */
export function spanAt<Each extends Span>(
  spans: readonly Each[],
  time: number,
  reach: number,
): Each | undefined {
  return (
    spans.find((span) => time >= span.from && time < span.to) ??
    spans.find((span) => time >= span.from - reach && time < span.to + reach)
  );
}

/** Milliseconds of spans that lie within another. */
export function lengthWithin(spans: readonly Span[], within: Span): number {
  return spans.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, within.to) - Math.max(from, within.from)),
    0,
  );
}
