/**
 * What a choice of retention costs on the disk and what it deletes, from what is there now. Pure functions; bytes, days,
 * and milliseconds since 1970. A megabyte has 1,000,000 bytes.
 */
import type { PartUse } from '../../common/model/history.ts';
import type { Keeping, Retention } from '../../common/model/retention.ts';

const MEGABYTE = 1_000_000;
const DAY = 86_400_000;

/** What a part will take on the disk when it has reached the limit of a choice. */
export type Cost =
  /** So many bytes in the end. `days` is how far back it reaches then; `by` the limit that is reached first. */
  | {
      readonly kind: 'known';
      readonly bytes: number;
      readonly days: number;
      readonly by: 'days' | 'megabytes';
    }
  /** No limit: it grows by so many bytes a day. */
  | { readonly kind: 'growing'; readonly bytesPerDay: number }
  /** Too little is recorded to tell its pace; never more than `most` bytes, Infinity for no limit. */
  | { readonly kind: 'unknown'; readonly most: number };

/** The cost of keeping a part that grows by so many bytes a day, NaN while that is not known. */
export function costOf({ days, megabytes }: Keeping, bytesPerDay: number): Cost {
  const most = megabytes === null ? Infinity : megabytes * MEGABYTE;
  if (Number.isNaN(bytesPerDay)) return { kind: 'unknown', most };
  const byAge = days === null ? Infinity : days * bytesPerDay;
  if (byAge === Infinity && most === Infinity) return { kind: 'growing', bytesPerDay };
  if (byAge <= most) return { kind: 'known', bytes: byAge, days: days ?? Infinity, by: 'days' };
  return { kind: 'known', bytes: most, days: most / bytesPerDay, by: 'megabytes' };
}

/** The sum of all parts. `certain` is false where a part's pace is not known yet: then it is the least. */
export interface TotalCost {
  readonly bytes: number;
  readonly certain: boolean;
  /** Bytes a day of the parts without a limit. */
  readonly growing: number;
}

/** What all parts together will take. */
export function totalCost(costs: readonly Cost[]): TotalCost {
  let bytes = 0;
  let growing = 0;
  for (const cost of costs) {
    if (cost.kind === 'known') bytes += cost.bytes;
    if (cost.kind === 'growing') growing += cost.bytesPerDay;
  }
  return { bytes, growing, certain: costs.every(({ kind }) => kind !== 'unknown') };
}

/** How many bytes more than the disk has free a choice will need in the end; 0 where it fits. */
export function lacking(total: TotalCost, now: number, free: number): number {
  return Math.max(0, total.bytes - now - free);
}

/** What a choice deletes of a part that is there now. */
export interface Deletion {
  readonly part: PartUse['part'];
  /** About. */
  readonly bytes: number;
  /** Everything from here */
  readonly from: number;
  /** to here. */
  readonly before: number;
}

/** What is deleted of every part when a choice takes the place of another that would have kept it. */
export function deletions(
  parts: readonly PartUse[],
  stored: Retention,
  chosen: Retention,
  now: number,
): readonly Deletion[] {
  return parts.flatMap((use) => {
    const { from, to, bytes, part } = use;
    if (from === null || to === null || to <= from) return [];
    const cut = Math.min(cutOf(use, chosen[part], now), to);
    const kept = Math.max(from, cutOf(use, stored[part], now));
    if (cut <= kept) return [];
    return [{ part, bytes: (bytes * (cut - kept)) / (to - from), from: kept, before: cut }];
  });
}

/** Before this time a part's records are deleted, as if they were spread evenly over its time. */
function cutOf({ from, to, bytes }: PartUse, { days, megabytes }: Keeping, now: number): number {
  const byAge = days === null ? -Infinity : now - days * DAY;
  const most = megabytes === null ? Infinity : megabytes * MEGABYTE;
  const bySize =
    from === null || to === null || bytes <= most ? -Infinity : from + (to - from) * (1 - most / bytes);
  return Math.max(byAge, bySize);
}
