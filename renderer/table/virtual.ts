/** The arithmetic of a table that only builds the rows in view: which rows those are, and how the keyboard moves. */

/** Height of a row in CSS pixels; style/table.css has the same. */
export const ROW_HEIGHT = 30;

/** Rows built beyond each edge of the view, so that scrolling a little shows no hole. */
export const OVERSCAN = 3;

/** A half-open range of row positions. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** The rows to build for a scroll position and a height of the view, both in pixels; `beyond` more at each edge. */
export function rowsInView(
  scrollTop: number,
  height: number,
  count: number,
  beyond: number = OVERSCAN,
): RowRange {
  const first = Math.floor(scrollTop / ROW_HEIGHT) - beyond;
  const last = Math.ceil((scrollTop + height) / ROW_HEIGHT) + beyond;
  const end = Math.max(0, Math.min(count, last));
  return { start: Math.max(0, Math.min(first, end)), end };
}

/** The scroll position that brings a row into a view of the given height, and moves no further than needed. */
export function scrollToRow(row: number, scrollTop: number, height: number): number {
  const top = row * ROW_HEIGHT;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + ROW_HEIGHT - height);
}

/**
 * The row a key moves to from `current` (undefined before any row was chosen), or undefined where the key moves
 * nothing. `page` is the number of rows in view.
 */
export function rowAfterKey(
  key: string,
  current: number | undefined,
  count: number,
  page: number,
): number | undefined {
  if (count === 0) return undefined;
  const clamp = (row: number): number => Math.max(0, Math.min(count - 1, row));
  switch (key) {
    case 'ArrowDown':
      return clamp(current === undefined ? 0 : current + 1);
    case 'ArrowUp':
      return clamp(current === undefined ? count - 1 : current - 1);
    case 'PageDown':
      return clamp((current ?? 0) + Math.max(1, page - 1));
    case 'PageUp':
      return clamp((current ?? 0) - Math.max(1, page - 1));
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
