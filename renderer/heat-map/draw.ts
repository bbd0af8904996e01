/**
 * Draws the heat map. The levels are one pixel per cell of a small picture that is enlarged in one step; only marks and
 * numbers are drawn one by one.
 */
import type { NodeState } from '../../common/contract/block.ts';
import { placeOf, type Grid } from './layout.ts';
import { contrast, LEVELS } from './scale.ts';

/** The colours of the map as a canvas needs them. */
export interface HeatTheme {
  /** Red, green, blue and opacity of every level as one number in the order of an ImageData. */
  readonly levels: Uint32Array;
  /** The ink that is read best on each level. */
  readonly inks: readonly string[];
  readonly muted: string;
  readonly warn: string;
  readonly down: string;
  readonly font: string;
}

/** A cell: its level, -1 for a node without a present value, whose state is drawn instead. */
export interface Cell {
  readonly level: number;
  readonly state: NodeState;
  readonly label: string;
}

/** Side of a cell from which on it is labelled, in CSS pixels. */
const LABELLED = 30;

/** Reads the colours an element has now; they are registered in style/heat-map.css, so that they are plain ones. */
export function readHeatTheme(element: HTMLElement): HeatTheme {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`);
  const levels = Array.from({ length: LEVELS }, (_unused, level) => partsOf(colour(`heat-${level}`)));
  const [paper, ink] = [colour('paper'), colour('ink')];
  return {
    levels: Uint32Array.from(levels, packed),
    inks: levels.map((level) =>
      contrast(level, partsOf(ink)) >= contrast(level, partsOf(paper)) ? ink : paper,
    ),
    muted: colour('muted'),
    warn: colour('warn'),
    down: colour('down'),
    font: `11px ${style.fontFamily}`,
  };
}

/** Red, green and blue, 0 to 255. */
type Parts = readonly number[];

/** `rgb(1, 2, 3)` as its parts. */
function partsOf(colour: string): Parts {
  return (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}

/** A colour as a number whose bytes are red, green, blue and full opacity. */
function packed(parts: Parts): number {
  return new Uint32Array(Uint8Array.from([...parts, 255]).buffer)[0] ?? 0;
}

/** Draws all cells; `small` is a canvas that is seen nowhere, kept between two drawings. */
export function drawHeatMap(
  canvas: HTMLCanvasElement,
  small: HTMLCanvasElement,
  grid: Grid,
  cells: readonly Cell[],
  theme: HeatTheme,
): void {
  fit(canvas, grid);
  const context = canvas.getContext('2d');
  if (context === null || grid.cells === 0) return;
  const width = grid.columns * grid.side;
  const height = grid.rows * grid.side;
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  paint(small, grid, cells, theme);
  context.drawImage(small, 0, 0, width, height);
  for (let column = 1; column <= grid.columns; column += 1)
    context.clearRect(column * grid.side - grid.gap, 0, grid.gap, height);
  for (let row = 1; row <= grid.rows; row += 1)
    context.clearRect(0, row * grid.side - grid.gap, width, grid.gap);
  drawMarks(context, grid, cells, theme);
  if (grid.side >= LABELLED) drawLabels(context, grid, cells, theme);
}

function fit(canvas: HTMLCanvasElement, grid: Grid): void {
  const width = grid.columns * grid.side;
  const height = grid.rows * grid.side;
  const [columns, rows] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  if (canvas.width === columns && canvas.height === rows) return;
  canvas.width = columns;
  canvas.height = rows;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

/** One pixel per cell. */
function paint(small: HTMLCanvasElement, grid: Grid, cells: readonly Cell[], theme: HeatTheme): void {
  if (small.width !== grid.columns || small.height !== grid.rows) {
    small.width = grid.columns;
    small.height = grid.rows;
  }
  const context = small.getContext('2d');
  if (context === null) return;
  const image = new ImageData(grid.columns, grid.rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let cell = 0; cell < cells.length; cell += 1) {
    const level = cells[cell]?.level ?? -1;
    if (level >= 0) pixels[cell] = theme.levels[level] ?? 0;
  }
  context.putImageData(image, 0, 0);
}

/** The shapes of the lamp, for nodes without a value: a square, a triangle, a cross, a ring. */
function drawMarks(
  context: CanvasRenderingContext2D,
  grid: Grid,
  cells: readonly Cell[],
  theme: HeatTheme,
): void {
  const size = Math.min(12, Math.max(4, Math.round((grid.side - grid.gap) * 0.45)));
  const paths = { down: new Path2D(), stale: new Path2D(), failed: new Path2D(), connecting: new Path2D() };
  const inset = (grid.side - grid.gap - size) / 2;
  const top = grid.side >= LABELLED ? 6 : inset;
  for (let cell = 0; cell < cells.length; cell += 1) {
    const { level, state } = cells[cell] ?? { level: 0, state: 'up' };
    if (level >= 0) continue;
    const place = placeOf(grid, cell);
    const x = place.x + inset;
    const y = place.y + top;
    if (state === 'down') paths.down.rect(x, y, size, size);
    else if (state === 'stale') {
      paths.stale.moveTo(x + size / 2, y);
      paths.stale.lineTo(x + size, y + size);
      paths.stale.lineTo(x, y + size);
    } else if (state === 'failed') {
      paths.failed.moveTo(x, y);
      paths.failed.lineTo(x + size, y + size);
      paths.failed.moveTo(x + size, y);
      paths.failed.lineTo(x, y + size);
    } else {
      paths.connecting.moveTo(x + size, y + size / 2);
      paths.connecting.arc(x + size / 2, y + size / 2, size / 2, 0, 2 * Math.PI);
    }
  }
  context.fillStyle = theme.down;
  context.fill(paths.down);
  context.fillStyle = theme.warn;
  context.fill(paths.stale);
  context.lineWidth = 2;
  context.strokeStyle = theme.down;
  context.stroke(paths.failed);
  context.lineWidth = 1.5;
  context.strokeStyle = theme.muted;
  context.stroke(paths.connecting);
}

function drawLabels(
  context: CanvasRenderingContext2D,
  grid: Grid,
  cells: readonly Cell[],
  theme: HeatTheme,
): void {
  context.font = theme.font;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const inner = grid.side - grid.gap;
  for (let cell = 0; cell < cells.length; cell += 1) {
    const { level, label } = cells[cell] ?? { level: -1, label: '' };
    const { x, y } = placeOf(grid, cell);
    context.fillStyle = theme.inks[level] ?? theme.muted;
    context.fillText(label, x + inner / 2, y + (level < 0 ? inner - 8 : inner / 2), inner - 2);
  }
}
