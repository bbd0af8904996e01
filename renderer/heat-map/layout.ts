/** The places of the heat map's cells: a grid of squares as large as the room allows, row by row. Pure functions. */

/** Sides of a cell in CSS pixels: below the least the map scrolls, above the largest nothing is gained. */
const LEAST = 10;
const LARGEST = 72;

/** A grid of square cells. */
export interface Grid {
  /** Number of cells. */
  readonly cells: number;
  readonly columns: number;
  readonly rows: number;
  /** Side of a cell with the gap after it, in CSS pixels. */
  readonly side: number;
  /** Blank between two cells. */
  readonly gap: number;
}

/** The grid for a number of cells in a room of so many CSS pixels. */
export function gridFor(cells: number, width: number, height: number): Grid {
  const fitting = Math.min(LARGEST, Math.max(LEAST, largestSide(cells, width, height)));
  const columns = Math.max(1, Math.min(cells, Math.floor(width / fitting)));
  const side = fitting;
  return { cells, columns, rows: Math.ceil(cells / columns), side, gap: side < 14 ? 1 : 2 };
}

/** The largest whole side with which all cells fit; 0 where even one pixel is too much. */
function largestSide(cells: number, width: number, height: number): number {
  let low = 0;
  let high = LARGEST;
  while (low < high) {
    const side = Math.ceil((low + high) / 2);
    const fits = Math.floor(width / side) * Math.floor(height / side) >= cells;
    if (fits) low = side;
    else high = side - 1;
  }
  return low;
}

/** The cell at a point of the grid, in CSS pixels; undefined beside the cells. */
export function cellAt(grid: Grid, x: number, y: number): number | undefined {
  const column = Math.floor(x / grid.side);
  const row = Math.floor(y / grid.side);
  if (column < 0 || column >= grid.columns || row < 0) return undefined;
  const cell = row * grid.columns + column;
  return cell < grid.cells ? cell : undefined;
}

/** The left upper corner of a cell, in CSS pixels. */
export function placeOf(grid: Grid, cell: number): { readonly x: number; readonly y: number } {
  return { x: (cell % grid.columns) * grid.side, y: Math.floor(cell / grid.columns) * grid.side };
}

/** The cell a key moves to from `current` (undefined before any was chosen); undefined where the key moves nothing. */
export function cellAfterKey(key: string, current: number | undefined, grid: Grid): number | undefined {
  const { cells, columns } = grid;
  if (cells === 0) return undefined;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
  };
  if (key === 'Home') return 0;
  if (key === 'End') return cells - 1;
  const step = steps[key];
  if (step === undefined) return undefined;
  if (current === undefined) return step > 0 ? 0 : cells - 1;
  const next = current + step;
  return next < 0 || next >= cells ? current : next;
}
