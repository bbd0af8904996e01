/** Draws one strip: what is unknown, when the node was not up, the band, and the mean, red where above the threshold. */
import type { StateSpan } from '../../common/model/history.ts';
import type { Theme } from '../map/theme.ts';
import type { Curve } from '../node/chart-data.ts';
import type { Span } from '../time/range.ts';
import { heightOf, pixelOf, type TimeScale } from './scale.ts';
import { highest } from './strip-data.ts';

/** What a strip shows. */
export interface Strip {
  readonly scale: TimeScale;
  /** In percent. */
  readonly curve: Curve;
  /** The value at the top. */
  readonly top: number;
  /** Above it is red; Infinity for no such line. */
  readonly threshold: number;
  /** Whether the threshold is drawn as a line. */
  readonly ruled: boolean;
  readonly troubles: readonly StateSpan[];
  /** Spans in which nothing was recorded. */
  readonly holes: readonly Span[];
  /** Whether to write so into holes that are wide enough. */
  readonly worded: boolean;
}

/** Height of the bar that says a node was not up. */
const TROUBLE_BAR = 4;
/** Pixels between the lines of the hatching. */
const HATCH = 7;
/** Free above the highest value, so that the line at the top is whole. */
const EDGE = 1;
/** How much fainter the area under the band is. */
const UNDER_SHARE = 0.4;
const HOLE_WORDS = 'nothing recorded';

/** What paints a strip on a context of its own, in CSS pixels. */
export function stripPainter(
  strip: Strip,
  height: number,
  theme: Theme,
): (context: CanvasRenderingContext2D) => void {
  return (context) => drawStrip(context, strip, height, theme);
}

/** Draws on a context in CSS pixels that is empty. */
export function drawStrip(
  context: CanvasRenderingContext2D,
  strip: Strip,
  height: number,
  theme: Theme,
): void {
  const { scale, curve, top, threshold } = strip;
  for (const hole of strip.holes) drawHole(context, strip, hole, height, theme);
  for (const trouble of strip.troubles) drawTrouble(context, scale, trouble, height, theme);
  const line = heightOf(threshold, top, height - EDGE) + EDGE;
  const shape = { scale, curve, top, height };
  if (!(highest(curve) > threshold)) drawCurve(context, shape, theme.band, theme.accent, 1);
  else {
    // A line at the very top or bottom is half outside.
    clipped(context, line, height + 2, scale.pixels, () =>
      drawCurve(context, shape, theme.band, theme.accent, 1),
    );
    clipped(context, -2, line, scale.pixels, () => drawCurve(context, shape, theme.down, theme.down, 0.3));
  }
  if (strip.ruled && threshold < top) {
    context.strokeStyle = theme.edge;
    context.setLineDash([2, 4]);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, Math.round(line) + 0.5);
    context.lineTo(scale.pixels, Math.round(line) + 0.5);
    context.stroke();
    context.setLineDash([]);
  }
}

interface Shape {
  readonly scale: TimeScale;
  readonly curve: Curve;
  readonly top: number;
  readonly height: number;
}

/** Draws the band between lowest and highest and the line of the mean, each run between two gaps for itself. */
function drawCurve(
  context: CanvasRenderingContext2D,
  { scale, curve, top, height }: Shape,
  band: string,
  ink: string,
  bandAlpha: number,
): void {
  const x = (index: number): number => pixelOf(scale, curve.times[index] ?? 0);
  const y = (line: Float64Array, index: number): number =>
    heightOf(line[index] ?? 0, top, height - EDGE) + EDGE;
  for (const { start, end } of runsOf(curve)) {
    // What is under the band is filled lightly, so that a strip is a shape and not only a line.
    context.beginPath();
    context.moveTo(x(start), height);
    for (let index = start; index < end; index += 1) context.lineTo(x(index), y(curve.min, index));
    context.lineTo(x(end - 1), height);
    context.globalAlpha = bandAlpha * UNDER_SHARE;
    context.fillStyle = band;
    context.fill();
    context.beginPath();
    for (let index = start; index < end; index += 1) context.lineTo(x(index), y(curve.max, index));
    for (let index = end - 1; index >= start; index -= 1) context.lineTo(x(index), y(curve.min, index));
    context.closePath();
    context.globalAlpha = bandAlpha;
    context.fill();
    context.globalAlpha = 1;
    context.beginPath();
    for (let index = start; index < end; index += 1) context.lineTo(x(index), y(curve.mean, index));
    if (end - start === 1) context.lineTo(x(start) + 1, y(curve.mean, start));
    context.strokeStyle = ink;
    context.lineWidth = 1.25;
    context.lineJoin = 'round';
    context.stroke();
  }
}

/** The runs of points with values, each [start, end). */
function runsOf({ mean }: Curve): readonly { readonly start: number; readonly end: number }[] {
  const runs: { start: number; end: number }[] = [];
  let start = -1;
  for (let index = 0; index <= mean.length; index += 1) {
    const missing = Number.isNaN(mean[index] ?? NaN);
    if (!missing && start < 0) start = index;
    if (missing && start >= 0) {
      runs.push({ start, end: index });
      start = -1;
    }
  }
  return runs;
}

/** Draws only between two heights. */
function clipped(
  context: CanvasRenderingContext2D,
  from: number,
  to: number,
  width: number,
  draw: () => void,
): void {
  context.save();
  context.beginPath();
  context.rect(0, from, width, to - from);
  context.clip();
  draw();
  context.restore();
}

function drawHole(
  context: CanvasRenderingContext2D,
  { scale, worded }: Strip,
  hole: Span,
  height: number,
  theme: Theme,
): void {
  const from = Math.max(0, pixelOf(scale, hole.from));
  const width = Math.min(scale.pixels, pixelOf(scale, hole.to)) - from;
  if (width <= 0) return;
  context.save();
  context.beginPath();
  context.rect(from, 0, width, height);
  context.clip();
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.beginPath();
  const first = Math.floor((from - height) / HATCH) * HATCH;
  for (let at = first; at < from + width; at += HATCH) {
    context.moveTo(at, height);
    context.lineTo(at + height, 0);
  }
  context.stroke();
  context.font = theme.small;
  const room = context.measureText(HOLE_WORDS).width;
  if (worded && room + 16 < width) {
    const middle = from + width / 2;
    context.fillStyle = theme.paper;
    context.fillRect(middle - room / 2 - 5, height / 2 - 9, room + 10, 18);
    context.fillStyle = theme.muted;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(HOLE_WORDS, middle, height / 2 + 1);
  }
  context.restore();
}

/** At least two pixels wide, so that a short failure in a long range is seen. */
function drawTrouble(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  trouble: StateSpan,
  height: number,
  theme: Theme,
): void {
  const from = Math.max(0, pixelOf(scale, trouble.from));
  const to = Math.min(scale.pixels, pixelOf(scale, trouble.to));
  if (to < 0 || from > scale.pixels) return;
  const width = Math.max(2, to - from);
  const colour = trouble.state === 'stale' ? theme.warn : theme.down;
  context.fillStyle = colour;
  context.globalAlpha = 0.1;
  context.fillRect(from, 0, width, height);
  context.globalAlpha = 1;
  // A node that is stale is told from one that is down by more than its colour.
  if (trouble.state !== 'stale') context.fillRect(from, height - TROUBLE_BAR, width, TROUBLE_BAR);
  else
    for (let at = from; at < from + width; at += 6)
      context.fillRect(at, height - TROUBLE_BAR, Math.min(3, from + width - at), TROUBLE_BAR);
}
