/** The parts of the history, what a choice costs and what it deletes, in words. */
import type { HistoryPart } from '../../common/model/retention.ts';
import { assertNever } from '../../common/model/result.ts';
import { count, dateAndTime, diskSize } from '../words/format.ts';
import type { Cost, Deletion, TotalCost } from './estimate.ts';

/** Every part as it is named and explained. */
export const PART_WORDS: Readonly<Record<HistoryPart, { readonly title: string; readonly about: string }>> = {
  '1s': { title: 'Values of every second', about: 'As they were measured' },
  '10s': { title: 'Values of every 10 s', about: 'Lowest, mean and highest' },
  '1m': { title: 'Values of every minute', about: 'Lowest, mean and highest' },
  '1h': { title: 'Values of every hour', about: 'Lowest, mean and highest' },
  processes: { title: 'Process lists', about: 'Of every node, with where each ran' },
  migrations: { title: 'Migrations', about: 'Every move once, with its cause' },
};

/** A number of days: `3 hours`, `12 days`, `2.5 years`. */
export function daysWords(days: number): string {
  if (days === Infinity) return 'for ever';
  if (days < 2) return `${count(days * 24)} hours`;
  if (days < 730) return `${count(days)} days`;
  return `${(days / 365).toFixed(1)} years`;
}

/** What a part will take, with the limit that is reached first. */
export function costWords(cost: Cost): string {
  switch (cost.kind) {
    case 'known':
      return cost.by === 'days'
        ? `${diskSize(cost.bytes)} after ${daysWords(cost.days)}`
        : `${diskSize(cost.bytes)}, reaches back ${daysWords(cost.days)}`;
    case 'growing':
      return `grows by ${diskSize(cost.bytesPerDay)} a day, without end`;
    case 'unknown':
      return cost.most === Infinity
        ? 'not known yet, and no limit'
        : `not known yet, at most ${diskSize(cost.most)}`;
    default:
      return assertNever(cost);
  }
}

/** What all parts will take; a dash while that is not known. */
export function totalWords(total: TotalCost | undefined): string {
  if (total === undefined) return '–';
  const { bytes, certain, growing } = total;
  if (!certain && bytes === 0 && growing === 0) return 'not known yet';
  const words = certain ? diskSize(bytes) : `at least ${diskSize(bytes)}`;
  return growing > 0 ? `${words}, and ${diskSize(growing)} more every day` : words;
}

/** What is deleted of a part. */
export function deletionWords({ part, bytes, from, before }: Deletion): string {
  return `${PART_WORDS[part].title}: about ${diskSize(bytes)}, from ${dateAndTime(from)} to ${dateAndTime(before)}`;
}
