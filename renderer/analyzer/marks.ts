/** Marks on the time line: groups of marks that would lie on each other, and which one the pointer means. Pure. */

/** Something that happened at a time. */
export interface Mark {
  readonly time: number;
}

/** Marks that lie within a few pixels and are shown as one. */
export interface MarkGroup<Each extends Mark> {
  readonly pixel: number;
  /** At least one, oldest first. */
  readonly marks: readonly Each[];
}

/** Groups marks, each beginning where the one before is at least `apart` pixels away; marks beyond the edges are left out. */
export function groupMarks<Each extends Mark>(
  marks: readonly Each[],
  pixelOf: (time: number) => number,
  width: number,
  apart: number,
): readonly MarkGroup<Each>[] {
  const groups: { pixel: number; marks: Each[] }[] = [];
  for (const mark of marks.toSorted((a, b) => a.time - b.time)) {
    const pixel = pixelOf(mark.time);
    if (!(pixel >= 0 && pixel <= width)) continue;
    const group = groups.at(-1);
    if (group !== undefined && pixel - group.pixel < apart) group.marks.push(mark);
    else groups.push({ pixel, marks: [mark] });
  }
  return groups;
}

/** The index of the time nearest to a pixel; -1 where none is within `reach` pixels. */
export function nearestTime(
  times: Float64Array,
  pixelOf: (time: number) => number,
  pixel: number,
  reach: number,
): number {
  let nearest = -1;
  let distance = reach;
  times.forEach((time, index) => {
    const away = Math.abs(pixelOf(time) - pixel);
    if (away > distance) return;
    distance = away;
    nearest = index;
  });
  return nearest;
}

/** The next time after, or before, a given one; -1 where there is none. */
export function nextTime(times: Float64Array, from: number, direction: 1 | -1): number {
  return direction === 1
    ? times.findIndex((time) => time > from)
    : times.findLastIndex((time) => time < from);
}

/** Height of a bar for a count, as a share of the highest: logarithmic, so that a single one is seen beside thousands. */
export function barShare(count: number, highest: number): number {
  return count <= 0 ? 0 : Math.max(0.2, Math.log1p(count) / Math.log1p(Math.max(1, highest)));
}
