/** From times to pixels and back, and from values to heights. Pure. */
import type { Span } from '../time/range.ts';

/** A span of time on so many pixels. */
export interface TimeScale extends Span {
  readonly pixels: number;
}

/** Pixels from the left edge to a time; outside the scale where the time is. */
export function pixelOf(scale: TimeScale, time: number): number {
  return ((time - scale.from) / (scale.to - scale.from)) * scale.pixels;
}

/** The time at a pixel, held within the scale. */
export function timeAt(scale: TimeScale, pixel: number): number {
  const share = Math.min(1, Math.max(0, pixel / Math.max(1, scale.pixels)));
  return scale.from + share * (scale.to - scale.from);
}

/** Milliseconds of a pixel. */
export function pixelTime(scale: TimeScale): number {
  return (scale.to - scale.from) / Math.max(1, scale.pixels);
}

/**
 * Pixels to tell main for a strip, in which no pixel of the screen has more than one point: main answers with up to two
 * points for each it is told. `ratio` is how many pixels of the screen a CSS pixel has.
 */
export function pixelsAsked(pixels: number, ratio: number): number {
  return Math.min(pixels, Math.ceil((pixels * ratio) / 2));
}

/** A value counts until so many pixels after its time. */
const REACH_PIXELS = 2.5;

/**
 * Milliseconds after its time until which a value still counts: as long as it stands for, with some delay, and as long as
 * is seen. `resolution` is in seconds, 1 where it is not known.
 */
export function reachOf(scale: TimeScale, resolution = 1): number {
  return Math.max(REACH_PIXELS * pixelTime(scale), 1500 * resolution);
}

/** Pixels from the top of a strip to a value between 0 and `top`; values beyond are held at the edge. */
export function heightOf(value: number, top: number, height: number): number {
  return height * (1 - Math.min(1, Math.max(0, value / top)));
}

/**
 * Milliseconds after which what is shown live has moved by a pixel, so that reading again shows something new: at least
 * a second, the pace of the data, and at most a minute.
 */
export function livePeriod(scale: TimeScale): number {
  return Math.min(60_000, Math.max(1000, pixelTime(scale)));
}

/** The top of strips that show everything: round, and at least 100 percent. */
export function roundTop(value: number): number {
  if (!(value > 100)) return 100;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => value <= each * power) ?? 10) * power;
}
