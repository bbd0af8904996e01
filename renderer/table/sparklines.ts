/** The sparklines of all rows in view as one path on one canvas that lies over them. */
import { STANDARD_LOAD } from '../../common/model/metric.ts';
import { RING_SECONDS, type LoadCourses } from '../cluster/load-rings.ts';
import { ROW_HEIGHT } from './virtual.ts';

/** Blank above and below a line within its row, in CSS pixels. */
const MARGIN = 6;

/**
 * Draws the last two minutes of the given slots below each other, newest at the right. Every line has its own scale,
 * from nothing to its highest load but at least to one standard process: it shows the course, the number the height.
 */
export function drawSparklines(
  canvas: HTMLCanvasElement,
  rings: LoadCourses,
  slots: readonly number[],
  width: number,
): void {
  const ratio = window.devicePixelRatio;
  const height = slots.length * ROW_HEIGHT;
  fit(canvas, width, height, ratio);
  const context = canvas.getContext('2d');
  if (context === null || width <= 0) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.strokeStyle = inkOf(canvas);
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.beginPath();
  slots.forEach((slot, row) => trace(context, rings, slot, row * ROW_HEIGHT, width));
  context.stroke();
}

function fit(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  const columns = Math.max(0, Math.round(width * ratio));
  const rows = Math.round(height * ratio);
  if (canvas.width === columns && canvas.height === rows) return;
  canvas.width = columns;
  canvas.height = rows;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

function trace(
  context: CanvasRenderingContext2D,
  rings: LoadCourses,
  slot: number,
  top: number,
  width: number,
): void {
  let highest = STANDARD_LOAD;
  for (let back = 0; back < RING_SECONDS; back += 1) highest = Math.max(highest, rings.at(slot, back) || 0);
  const room = ROW_HEIGHT - 2 * MARGIN;
  const step = width / (RING_SECONDS - 1);
  let drawing = false;
  for (let back = RING_SECONDS - 1; back >= 0; back -= 1) {
    const load = rings.at(slot, back);
    if (Number.isNaN(load)) {
      drawing = false;
      continue;
    }
    const x = width - back * step;
    const y = top + MARGIN + room * (1 - Math.max(0, load) / highest);
    if (drawing) context.lineTo(x, y);
    else context.moveTo(x, y);
    drawing = true;
  }
}

const inks = new WeakMap<HTMLCanvasElement, string>();

/** The colour of the canvas' text, remembered: asking for it makes the browser compute styles in the middle of a draw. */
function inkOf(canvas: HTMLCanvasElement): string {
  const known = inks.get(canvas);
  if (known !== undefined) return known;
  const ink = getComputedStyle(canvas).color;
  inks.set(canvas, ink);
  return ink;
}

/** Calls back when the system's colours change, and forgets the remembered ones; the returned function ends it. */
export function onColoursChanged(canvas: HTMLCanvasElement, listener: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'];
  const lists = queries.map((query) => window.matchMedia(query));
  function changed(): void {
    inks.delete(canvas);
    listener();
  }
  for (const list of lists) list.addEventListener('change', changed);
  return () => {
    for (const list of lists) list.removeEventListener('change', changed);
  };
}
