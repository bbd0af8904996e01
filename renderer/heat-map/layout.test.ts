import { describe, expect, it } from 'vitest';
import { cellAfterKey, cellAt, gridFor, placeOf } from './layout.ts';

describe('the grid', () => {
  it.each([1, 3, 12, 60, 500, 2000])('has room for %i cells without scrolling', (cells) => {
    const grid = gridFor(cells, 1248, 560);
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(cells);
    expect(grid.columns * grid.side).toBeLessThanOrEqual(1248);
    expect(grid.rows * grid.side).toBeLessThanOrEqual(560);
  });

  it('scrolls where cells would become too small to be pointed at', () => {
    const grid = gridFor(20_000, 600, 300);
    expect(grid.side).toBe(10);
    expect(grid.columns).toBe(60);
    expect(grid.rows * grid.side).toBeGreaterThan(300);
  });

  it('is never without a column', () => {
    expect(gridFor(0, 0, 0)).toMatchObject({ columns: 1, rows: 0 });
    expect(gridFor(5, 0, 0).columns).toBe(1);
  });

  it('finds every cell again at its own place', () => {
    const grid = gridFor(61, 500, 300);
    for (let cell = 0; cell < 61; cell += 1) {
      const { x, y } = placeOf(grid, cell);
      expect(cellAt(grid, x + 1, y + 1)).toBe(cell);
    }
  });

  it('has nothing beside its cells', () => {
    const grid = gridFor(3, 500, 300);
    expect(cellAt(grid, -1, 5)).toBeUndefined();
    expect(cellAt(grid, 3 * grid.side + 1, 5)).toBeUndefined();
    expect(cellAt(grid, 5, grid.side + 1)).toBeUndefined();
  });
});

describe('the keys', () => {
  const grid = { cells: 10, columns: 4, rows: 3, side: 20, gap: 2 };

  it.each([
    ['ArrowRight', 0, 1],
    ['ArrowLeft', 4, 3],
    ['ArrowDown', 1, 5],
    ['ArrowUp', 5, 1],
    ['ArrowDown', 7, 7],
    ['ArrowUp', 2, 2],
    ['ArrowRight', 9, 9],
    ['Home', 6, 0],
    ['End', 2, 9],
    ['x', 2, undefined],
  ] as const)('%s goes from %i to %s', (key, from, to) => {
    expect(cellAfterKey(key, from, grid)).toBe(to);
  });

  it('begin at the first or the last cell', () => {
    expect(cellAfterKey('ArrowDown', undefined, grid)).toBe(0);
    expect(cellAfterKey('ArrowUp', undefined, grid)).toBe(9);
  });
});
