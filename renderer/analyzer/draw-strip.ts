/** Draws one strip: what is unknown, when the node was not up, the band, and the mean, red where above the threshold. */
import type { StateSpan } from '../../common/model/history.ts';
import type { Theme } from '../map/theme.ts';
import type { Curve } from '../node/chart-data.ts';
import type { Span } from '../time/range.ts';
import { runsOf } from './columns.ts';
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
/** The line of the mean is two, so far above and below it. */
const LINE_SHIFT = 0.3;
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
  const line = Math.round(heightOf(threshold, top, height - EDGE) + EDGE);
  const paths = pathsOf(strip, height, context.getTransform().a);
  if (!(highest(curve) > threshold)) drawPaths(context, paths, theme.band, theme.accent, 1);
  else {
    // A line at the very top or bottom is half outside.
    clipped(context, line, height + 2, scale.pixels, () =>
      drawPaths(context, paths, theme.band, theme.accent, 1),
    );
    clipped(context, -2, line, scale.pixels, () => drawPaths(context, paths, theme.down, theme.down, 0.3));
  }
  if (strip.ruled && threshold < top) {
    context.strokeStyle = theme.edge;
    context.setLineDash([2, 4]);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, line + 0.5);
    context.lineTo(scale.pixels, line + 0.5);
    context.stroke();
    context.setLineDash([]);
  }
}

/** A curve as paths, which are made once, though one above its threshold is drawn in two colours. */
interface Paths {
  readonly under: Path2D;
  readonly band: Path2D;
  readonly line: Path2D;
  /** Width of the lines that the first two consist of. */
  readonly pixel: number;
}

/**
 * The paths of the mean, of the band between lowest and highest, and of what is under the band. The last two are a line down
 * each pixel of the screen, which is drawn in half the time that an area between two curves takes.
 */
function pathsOf({ scale, curve, top }: Strip, height: number, ratio: number): Paths {
  const y = (value: number): number => heightOf(value, top, height - EDGE) + EDGE;
  const [under, band, line] = [new Path2D(), new Path2D(), new Path2D()];
  for (const { x, min, max, mean } of runsOf(curve, scale, ratio)) {
    const [first = 0] = x;
    line.moveTo(first, y(mean[0] ?? 0));
    if (x.length === 1) line.lineTo(first + 1, y(mean[0] ?? 0));
    let pixel = Math.floor(first * ratio) - 1;
    let low = 0;
    let high = 0;
    for (let index = 0; index < x.length; index += 1) {
      const at = x[index] ?? 0;
      line.lineTo(at, y(mean[index] ?? 0));
      const here = Math.floor(at * ratio);
      const lowest = y(min[index] ?? 0);
      const highest = y(max[index] ?? 0);
      // The way from the point before, where that is more than a pixel away.
      for (let next = pixel + 1; next <= here; next += 1) {
        const share = (next - pixel) / (here - pixel);
        const middle = (next + 0.5) / ratio;
        const between = low + (lowest - low) * share;
        under.moveTo(middle, height);
        under.lineTo(middle, between);
        band.moveTo(middle, between);
        band.lineTo(middle, high + (highest - high) * share);
      }
      pixel = here;
      low = lowest;
      high = highest;
    }
  }
  return { under, band, line, pixel: 1 / ratio };
}

function drawPaths(
  context: CanvasRenderingContext2D,
  paths: Paths,
  band: string,
  ink: string,
  bandAlpha: number,
): void {
  context.strokeStyle = band;
  context.lineWidth = paths.pixel;
  // What is under the band is filled lightly, so that a strip is a shape and not only a line.
  context.globalAlpha = bandAlpha * UNDER_SHARE;
  context.stroke(paths.under);
  context.globalAlpha = bandAlpha;
  context.stroke(paths.band);
  context.globalAlpha = 1;
  context.strokeStyle = ink;
  // Two lines of one pixel are drawn five times as fast as a wider one, which has an outline that is filled.
  context.lineWidth = 1;
  context.translate(0, -LINE_SHIFT);
  context.stroke(paths.line);
  context.translate(0, 2 * LINE_SHIFT);
  context.stroke(paths.line);
  context.translate(0, -LINE_SHIFT);
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
  if (worded) writeHole(context, from, width, height, theme);
  context.restore();
}

/** Says so where there is room for it. */
function writeHole(
  context: CanvasRenderingContext2D,
  from: number,
  width: number,
  height: number,
  theme: Theme,
): void {
  context.font = theme.small;
  const room = context.measureText(HOLE_WORDS).width;
  if (room + 16 >= width) return;
  const middle = from + width / 2;
  context.fillStyle = theme.paper;
  context.fillRect(middle - room / 2 - 5, height / 2 - 9, room + 10, 18);
  context.fillStyle = theme.muted;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(HOLE_WORDS, middle, height / 2 + 1);
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
