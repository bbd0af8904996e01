/**
 * Ranges of time as the windows of the past choose them: how one is zoomed and moved, how it is written in an address,
 * and the ranges visited, with the way back. Pure; all times in milliseconds.
 */

/** A span of time since 1970, [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What an operator looks at: the last so many milliseconds, which go on with the time (live), or a span that stays. */
export type Range =
  | { readonly kind: 'last'; readonly milliseconds: number }
  | ({ readonly kind: 'between' } & Span);

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The ranges that are offered by name. */
export const PRESETS = [
  { name: '10 min', milliseconds: 10 * MINUTE },
  { name: '1 h', milliseconds: HOUR },
  { name: '6 h', milliseconds: 6 * HOUR },
  { name: '24 h', milliseconds: DAY },
  { name: '7 d', milliseconds: 7 * DAY },
  { name: '30 d', milliseconds: 30 * DAY },
  { name: '1 y', milliseconds: 365 * DAY },
] as const;

/** Values come once a second: less than ten of them say nothing. */
export const SHORTEST = 10 * SECOND;
/** Longer than anything is kept. */
export const LONGEST = 20 * 365 * DAY;

/** The range of the last so many milliseconds, held within what can be shown. */
export function last(milliseconds: number): Range {
  return { kind: 'last', milliseconds: held(milliseconds, SHORTEST, LONGEST) };
}

/** The shortest range offered by name that shows the whole of a record so long, up to a day. */
export function fitting(milliseconds: number): Range {
  const preset = PRESETS.find((each) => each.milliseconds >= Math.min(milliseconds, DAY));
  return last(preset?.milliseconds ?? DAY);
}

/** The range between two times, at least SHORTEST and at most LONGEST long, in whole milliseconds after 1970. */
export function between(from: number, to: number): Range {
  const length = held(to - from, SHORTEST, LONGEST);
  const start = Math.max(0, Math.round((from + to - length) / 2));
  return { kind: 'between', from: start, to: start + Math.round(length) };
}

function held(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}

/** The span that a range is at a time. */
export function spanOf(range: Range, now: number): Span {
  return range.kind === 'last'
    ? { from: Math.max(0, now - range.milliseconds), to: now }
    : { from: range.from, to: range.to };
}

export function lengthOf(range: Range): number {
  return range.kind === 'last' ? range.milliseconds : range.to - range.from;
}

/**
 * A range that shows `factor` times as much, with the time `around` kept at its place. It does not go beyond now. While
 * live and without a time to zoom around it stays live.
 */
export function zoomed(range: Range, factor: number, now: number, around?: number): Range {
  if (range.kind === 'last' && around === undefined) return last(range.milliseconds * factor);
  const span = spanOf(range, now);
  const centre = around ?? (span.from + span.to) / 2;
  const length = held((span.to - span.from) * factor, SHORTEST, LONGEST);
  const share = (centre - span.from) / (span.to - span.from);
  return notBeyond(centre - share * length, length, now);
}

/** A range that begins so many milliseconds later, or earlier; it does not go beyond now. */
export function moved(range: Range, by: number, now: number): Range {
  const { from, to } = spanOf(range, now);
  return notBeyond(from + by, to - from, now);
}

/** The span of a length that begins at a time, moved back where it would end in the future. */
function notBeyond(from: number, length: number, now: number): Range {
  const start = Math.max(0, Math.min(from, Math.max(now, length) - length));
  return between(start, start + length);
}

/** As the address of a window writes a range; see the contract's openWindow. */
export function rangeText(range: Range): string {
  return range.kind === 'last'
    ? `last-${Math.round(range.milliseconds)}`
    : `${Math.round(range.from)}-${Math.round(range.to)}`;
}

/** Reads what rangeText wrote; undefined for anything else. */
export function parseRange(text: string | null): Range | undefined {
  const [, begin = '', end = ''] = /^(last|\d{1,16})-(\d{1,16})$/.exec(text ?? '') ?? [];
  if (end === '') return undefined;
  if (begin === 'last') return last(Number(end));
  return Number(end) > Number(begin) ? between(Number(begin), Number(end)) : undefined;
}

/** The ranges visited, oldest first, and which of them is shown. */
export interface Visited {
  readonly ranges: readonly Range[];
  readonly at: number;
}

/** Ranges kept for the way back. */
const MOST_VISITED = 100;

export function firstVisit(range: Range): Visited {
  return { ranges: [range], at: 0 };
}

/** The range that is shown. */
export function shown(visited: Visited): Range {
  return visited.ranges[visited.at] ?? last(DAY);
}

/** Goes to a range; with `joined` it takes the place of the one shown, as the steps of one turn of a wheel do. */
export function visit(visited: Visited, range: Range, joined: boolean): Visited {
  if (rangeText(range) === rangeText(shown(visited))) return visited;
  const before = visited.ranges.slice(0, visited.at + (joined ? 0 : 1));
  const ranges = [...before, range].slice(-MOST_VISITED);
  return { ranges, at: ranges.length - 1 };
}

/** One range back (-1) or forward (1), where there is one. */
export function step(visited: Visited, by: -1 | 1): Visited {
  return { ...visited, at: held(visited.at + by, 0, visited.ranges.length - 1) };
}
