/** The analyzer in words: readings, resolutions, states, what was never recorded. */
import type { StateSpan } from '../../common/model/history.ts';
import type { Resolution } from '../../common/model/retention.ts';
import type { Span } from '../time/range.ts';
import { bytes, count, dateAndTime, percent, plainText, span } from '../words/format.ts';
import type { StatisticsColumn } from './statistics.ts';
import type { Reading } from './strip-data.ts';
import { lengthWithin } from './spans.ts';

/** What one value stands for. */
export const RESOLUTION_WORDS: Readonly<Record<Resolution, string>> = {
  1: 'one value a second',
  10: 'means of 10 s',
  60: 'means of 1 min',
  3600: 'means of 1 h',
};

/** A reading with its spread: `40 %, 3 % to 98 %`. */
export function readingWords(reading: Reading | undefined): string {
  if (reading === undefined) return 'no value';
  const { min, mean, max } = reading;
  return min === max ? percent(mean) : `${percent(mean)}, ${percent(min)} to ${percent(max)}`;
}

/** Only the spread, short: `3–98`; empty where there is none. */
export function spreadWords(reading: Reading | undefined): string {
  if (reading === undefined) return '';
  const [low, high] = [count(reading.min), count(reading.max)];
  return low === high ? '' : `${low}–${high}`;
}

/** A state with its reason: `down: ENETUNREACH`. */
export function stateWords({ state, reason }: StateSpan): string {
  return reason === '' ? state : `${state}: ${plainText(reason)}`;
}

/** A length of time from milliseconds. */
export function lengthWords(milliseconds: number): string {
  return span(milliseconds / 1000);
}

/** How much of a range was never recorded, and from when on there is anything; empty where nothing is missing. */
export function missingWords(holes: readonly Span[], within: Span, since: number | null | undefined): string {
  if (since === null) return 'Nothing was recorded yet.';
  if (since !== undefined && since >= within.to)
    return `The record begins at ${dateAndTime(since)}, after this range.`;
  const missing = lengthWithin(holes, within);
  const begins =
    since !== undefined && since > within.from ? ` The record begins at ${dateAndTime(since)}.` : '';
  if (missing === 0) return begins.trim();
  const spans = holes.length === 1 ? '' : ` in ${count(holes.length)} spans`;
  return `Nothing was recorded for ${lengthWords(missing)} of this range${spans}.${begins}`;
}

/** A value of the statistics. */
export function statisticsWords(kind: StatisticsColumn['kind'], value: number): string {
  switch (kind) {
    case 'percent':
      return percent(value);
    case 'count':
      return count(value);
    case 'bytes':
      return bytes(value);
    default:
      return value === 0 ? '0' : span(value);
  }
}
