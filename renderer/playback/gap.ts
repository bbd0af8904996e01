/** The stretch in which nothing was recorded, around a second of it. Pure. */

/** From the end of what was recorded before to the begin of what was after; undefined where there is nothing. */
export interface Gap {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** The gap around a time; `recordings` are the spans in which anything was recorded. */
export function gapAround(
  recordings: readonly { readonly from: number; readonly to: number }[],
  time: number,
): Gap {
  const before = recordings.map(({ to }) => to).filter((end) => end <= time);
  const after = recordings.map(({ from }) => from).filter((begin) => begin > time);
  return {
    from: before.length === 0 ? undefined : Math.max(...before),
    to: after.length === 0 ? undefined : Math.min(...after),
  };
}

/** Whether a time lies in a gap. */
export function liesIn(gap: Gap, time: number): boolean {
  return time >= (gap.from ?? -Infinity) && time < (gap.to ?? Infinity);
}
