/** Who answers for which time: every moment belongs to the first history that recorded then. Pure functions. */

/** A stretch of time, [from, to), in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A stretch of time and the place of the history that answers for it. */
export interface Segment extends Span {
  readonly reader: number;
}

/** Holes up to so many milliseconds are no seam: a start, or a slow second. */
const SMALL_HOLE = 10_000;

/**
 * Divides [from, to) among histories, given in order of preference by what each recorded. What none recorded belongs to
 * the first. The segments are in order of time, without holes, neighbours of different histories.
 */
export function divide(recorded: readonly (readonly Span[])[], { from, to }: Span): readonly Segment[] {
  const claims: Segment[] = [];
  let free: readonly Span[] = [{ from, to }];
  for (const [reader, spans] of recorded.entries()) {
    const own = joinSpans(spans, SMALL_HOLE);
    claims.push(...free.flatMap((hole) => overlaps(own, hole).map((span) => ({ ...span, reader }))));
    free = free.flatMap((hole) => without(hole, own)).filter((hole) => hole.to - hole.from > SMALL_HOLE);
  }
  const segments: Segment[] = [];
  const add = (segment: Segment): void => {
    const last = segments.at(-1);
    if (segment.to <= segment.from) return;
    if (last?.reader === segment.reader) segments[segments.length - 1] = { ...last, to: segment.to };
    else segments.push(segment);
  };
  let time = from;
  for (const claim of claims.toSorted((one, other) => one.from - other.from)) {
    add({ reader: claim.from - time > SMALL_HOLE ? 0 : claim.reader, from: time, to: claim.from });
    add(claim);
    time = claim.to;
  }
  add({ reader: to - time > SMALL_HOLE ? 0 : (segments.at(-1)?.reader ?? 0), from: time, to });
  return segments;
}

/** Spans in order of time, those that touch or overlap, or have only a hole up to `hole` between them, made one. */
export function joinSpans(spans: readonly Span[], hole = 0): readonly Span[] {
  const joined: Span[] = [];
  for (const { from, to } of spans.toSorted((one, other) => one.from - other.from)) {
    const last = joined.at(-1);
    if (last !== undefined && from - last.to <= hole) {
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    } else joined.push({ from, to });
  }
  return joined;
}

/** What of `spans` lies within `hole`. */
function overlaps(spans: readonly Span[], hole: Span): readonly Span[] {
  return spans
    .map(({ from, to }) => ({ from: Math.max(from, hole.from), to: Math.min(to, hole.to) }))
    .filter(({ from, to }) => from < to);
}

/** What of `hole` no span covers; the spans are in order and apart. */
function without(hole: Span, spans: readonly Span[]): readonly Span[] {
  const left: Span[] = [];
  let from = hole.from;
  for (const span of overlaps(spans, hole)) {
    if (span.from > from) left.push({ from, to: span.from });
    from = span.to;
  }
  if (from < hole.to) left.push({ from, to: hole.to });
  return left;
}
