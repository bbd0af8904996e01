/** Which resolution answers for which part of a range, when what is finer was deleted earlier than what is coarser. */
import { RESOLUTIONS, type Resolution } from '../../common/model/retention.ts';

/** Seconds [from, to) that are read at one resolution; both lie on its borders, except where the range begins or ends. */
export interface Span {
  readonly resolution: Resolution;
  readonly from: number;
  readonly to: number;
}

/** The second before which each resolution has nothing any more. */
export type KeptSince = Readonly<Record<Resolution, number>>;

/**
 * The spans of [from, to), oldest first: as far back as it reaches the resolution wished, before that the finest of the
 * coarser ones, before those the coarsest of the finer ones. What no resolution reaches is left out.
 */
export function spansOf(kept: KeptSince, wished: Resolution, from: number, to: number): readonly Span[] {
  const coarser = RESOLUTIONS.filter((resolution) => resolution > wished);
  const finer = RESOLUTIONS.filter((resolution) => resolution < wished).toReversed();
  // Those that reach no further back than one before them have nothing to say.
  const order = [wished, ...coarser, ...finer].filter((resolution, index, all) =>
    all.slice(0, index).every((earlier) => kept[resolution] < kept[earlier]),
  );
  const spans: Span[] = [];
  let end = to;
  for (const [index, resolution] of order.entries()) {
    if (end <= from) break;
    const next = order[index + 1] ?? resolution;
    // On a border of both, so that no value is read twice.
    const step = Math.max(resolution, next);
    const begin = Math.max(from, Math.ceil(kept[resolution] / step) * step);
    if (begin >= end) continue;
    spans.unshift({ resolution, from: begin, to: end });
    end = begin;
  }
  return spans;
}
