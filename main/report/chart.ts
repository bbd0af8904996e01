/** A chart as shapes, for whichever page they are painted on: an SVG picture or a PDF. Pure; sizes in points. */
import { assertNever } from '../../common/model/result.ts';
import type { ChartBlock, ChartLine } from './model.ts';
import { isoTime } from './words.ts';

export type Shape =
  | {
      readonly kind: 'path';
      /** In the syntax of SVG paths: M, L, H, V and Z only. */
      readonly path: string;
      readonly fill?: string;
      readonly stroke?: string;
      readonly width?: number;
    }
  | {
      readonly kind: 'text';
      readonly x: number;
      /** Of the base line. */
      readonly y: number;
      readonly text: string;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly fill: string;
    };

/** Size of every chart, and of its letters. */
export const CHART_WIDTH = 680;
export const CHART_HEIGHT = 152;
export const CHART_TEXT = 9;

const PLOT = { left: 38, right: CHART_WIDTH - 8, top: 22, bottom: CHART_HEIGHT - 20 } as const;
const INK = '#1a1d21';
const MUTED = '#59616b';
const LINE = '#dcdfe3';
const ACCENT = '#1d5fbf';
const BAND = '#c9dcf7';
const MARK = '#8a5800';
const NOTHING = '#eceef0';
const NOTHING_WORDS = 'not recorded';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Distances of the lines of time that are easy to read. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE);
const DAY_STEPS = [1, 2, 7, 14, 30, 60, 90, 180, 365];
const MOST_TIMES = 9;
/** Narrower spans without a recording are shown without words. */
const WORDS_WIDTH = 70;
/** A span this narrow would not be seen. */
const LEAST_WIDTH = 0.75;

/** The shapes of a chart, from the back to the front. */
export function chartShapes(chart: ChartBlock): readonly Shape[] {
  const scale = new Scale(chart);
  return [
    ...unrecorded(chart, scale),
    ...grid(scale),
    ...values(chart, scale),
    ...marks(chart, scale),
    ...legend(chart),
  ];
}

/** Where times and values are on the plot. */
class Scale {
  readonly from: number;
  readonly to: number;
  readonly top: number;

  constructor({ from, to, top, lines }: ChartBlock) {
    this.from = from;
    this.to = Math.max(to, from + 1);
    this.top = top > 0 ? top : roundTop(Math.max(0, ...lines.map(highest)));
  }

  x(time: number): number {
    const share = (time - this.from) / (this.to - this.from);
    return PLOT.left + Math.max(0, Math.min(1, share)) * (PLOT.right - PLOT.left);
  }

  y(value: number): number {
    const share = Math.max(0, Math.min(1, value / this.top));
    return PLOT.bottom - share * (PLOT.bottom - PLOT.top);
  }
}

function highest({ values }: ChartLine): number {
  let high = 0;
  for (const value of values) if (value > high) high = value;
  return high;
}

/** Round numbers whose quarters are round too, from 1 up to 10 and as many times a power of ten. */
const ROUND = [1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 12];
const SMALL = [1, 2, 4];

/** The top of a scale that reaches a value: a round number with round quarters. */
export function roundTop(value: number): number {
  const small = SMALL.find((each) => value <= each);
  if (small !== undefined) return small;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (ROUND.find((each) => each * power >= value) ?? 12);
}

/** The times at which lines stand on this machine's clock: whole minutes, hours or days, at most nine. */
export function timeLines(from: number, to: number): readonly { time: number; text: string }[] {
  const span = Math.max(1, to - from);
  const start = new Date(from);
  const [year, month, day] = [start.getFullYear(), start.getMonth(), start.getDate()];
  const step = STEPS.find((each) => span / each <= MOST_TIMES);
  const days =
    DAY_STEPS.find((each) => span / DAY / each <= MOST_TIMES) ?? Math.ceil(span / DAY / MOST_TIMES);
  const lines: { time: number; text: string }[] = [];
  for (let index = 0; ; index += 1) {
    const date =
      step === undefined
        ? new Date(year, month, day + index * days)
        : new Date(year, month, day, 0, (index * step) / MINUTE);
    const time = date.getTime();
    if (time > to) return lines;
    if (time >= from) lines.push({ time, text: timeWords(date, step !== undefined) });
  }
}

function timeWords(date: Date, withClock: boolean): string {
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (withClock && !isMidnight) return isoTime(date.getTime()).slice(11, 16);
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

function unrecorded(chart: ChartBlock, scale: Scale): readonly Shape[] {
  const gaps: (readonly [number, number])[] = [];
  let at = chart.from;
  for (const { from, to } of chart.recordings) {
    if (from > at) gaps.push([at, from]);
    at = Math.max(at, to);
  }
  if (at < chart.to) gaps.push([at, chart.to]);
  return gaps.flatMap(([from, to]): readonly Shape[] => {
    const [left, right] = [scale.x(from), scale.x(to)];
    if (right - left < LEAST_WIDTH) return [];
    const box = `M${round(left)} ${PLOT.top}H${round(right)}V${PLOT.bottom}H${round(left)}Z`;
    const area: Shape = { kind: 'path', path: box, fill: NOTHING };
    if (right - left < WORDS_WIDTH) return [area];
    const middle = (left + right) / 2;
    const y = (PLOT.top + PLOT.bottom) / 2;
    return [area, { kind: 'text', x: middle, y, text: NOTHING_WORDS, anchor: 'middle', fill: MUTED }];
  });
}

function grid(scale: Scale): readonly Shape[] {
  const shapes: Shape[] = [];
  const parts = [0, 0.25, 0.5, 0.75, 1].filter((part) => scale.top >= 4 || part === 0 || part === 1);
  for (const part of parts) {
    const value = scale.top * part;
    const y = round(scale.y(value));
    shapes.push({
      kind: 'path',
      path: `M${PLOT.left} ${y}H${PLOT.right}`,
      stroke: LINE,
      width: 0.75,
    });
    const text = value.toLocaleString('en', { maximumFractionDigits: 2 });
    shapes.push({ kind: 'text', x: PLOT.left - 6, y: y + 3, text, anchor: 'end', fill: MUTED });
  }
  for (const { time, text } of timeLines(scale.from, scale.to)) {
    const x = scale.x(time);
    shapes.push({
      kind: 'path',
      path: `M${round(x)} ${PLOT.bottom}V${PLOT.bottom + 4}`,
      stroke: MUTED,
      width: 0.75,
    });
    const anchor = x < PLOT.left + 12 ? 'start' : x > PLOT.right - 16 ? 'end' : 'middle';
    shapes.push({ kind: 'text', x: round(x), y: PLOT.bottom + 14, text, anchor, fill: MUTED });
  }
  return shapes;
}

function values(chart: ChartBlock, scale: Scale): readonly Shape[] {
  const { form, lines, times } = chart;
  switch (form) {
    case 'bars':
      return lines.map((line) => ({ kind: 'path', path: bars(chart, line, scale), fill: ACCENT }));
    case 'line':
      return lines.map((line) => stroke(times, line, scale));
    case 'band': {
      const [low, middle, high] = lines;
      if (low === undefined || middle === undefined || high === undefined) return [];
      return [
        { kind: 'path', path: band(times, low, high, scale), fill: BAND },
        stroke(times, middle, scale),
      ];
    }
    default:
      return assertNever(form);
  }
}

function stroke(times: Float64Array, { values }: ChartLine, scale: Scale): Shape {
  const runs = runsOf(values).map(([first, end]) => {
    const points = range(first, end).map((index) => point(scale, times[index] ?? 0, values[index] ?? 0));
    // A single value between two gaps is a short dash, which a path of one point would not show.
    return points.length === 1
      ? `M${points[0]}H${round(scale.x(times[first] ?? 0) + 1)}`
      : `M${points.join('L')}`;
  });
  return { kind: 'path', path: runs.join(''), stroke: ACCENT, width: 1.25 };
}

function band(times: Float64Array, low: ChartLine, high: ChartLine, scale: Scale): string {
  return runsOf(low.values)
    .map(([first, end]) => {
      const indexes = range(first, end);
      const top = indexes.map((index) => point(scale, times[index] ?? 0, high.values[index] ?? 0));
      const bottom = indexes.map((index) => point(scale, times[index] ?? 0, low.values[index] ?? 0));
      return `M${[...top, ...bottom.toReversed()].join('L')}Z`;
    })
    .join('');
}

function bars({ times, step }: ChartBlock, { values }: ChartLine, scale: Scale): string {
  const parts: string[] = [];
  for (const [index, value] of values.entries()) {
    if (!(value > 0)) continue;
    const time = times[index] ?? 0;
    const left = scale.x(time);
    const right = Math.max(left + LEAST_WIDTH, scale.x(time + step) - LEAST_WIDTH);
    // The least of what is there is seen, however high the highest is.
    const y = Math.min(scale.y(value), PLOT.bottom - LEAST_WIDTH);
    parts.push(`M${round(left)} ${PLOT.bottom}V${round(y)}H${round(right)}V${PLOT.bottom}Z`);
  }
  return parts.join('');
}

/** The runs [first, end) of indexes without a gap. */
function runsOf(values: Float64Array): readonly (readonly [number, number])[] {
  const runs: (readonly [number, number])[] = [];
  let first = -1;
  for (const [index, value] of [...values, NaN].entries()) {
    if (Number.isNaN(value)) {
      if (first >= 0) runs.push([first, index]);
      first = -1;
    } else if (first < 0) first = index;
  }
  return runs;
}

function range(first: number, end: number): readonly number[] {
  return Array.from({ length: end - first }, (_unused, index) => first + index);
}

function point(scale: Scale, time: number, value: number): string {
  return `${round(scale.x(time))} ${round(scale.y(value))}`;
}

function marks(chart: ChartBlock, scale: Scale): readonly Shape[] {
  let last = -Infinity;
  return chart.marks.flatMap(({ time, text }): readonly Shape[] => {
    const x = round(scale.x(time));
    const path = `M${x} ${PLOT.top}V${PLOT.bottom}`;
    const line: Shape = { kind: 'path', path, stroke: MARK, width: 0.6 };
    // Words that would lie over each other are left out; the table below has them all.
    if (x - last < text.length * 5 + 4) return [line];
    last = x;
    return [line, { kind: 'text', x, y: PLOT.top - 2, text, anchor: 'middle', fill: MARK }];
  });
}

function legend({ title, unit }: ChartBlock): readonly Shape[] {
  return [
    { kind: 'text', x: 0, y: 9, text: title, anchor: 'start', fill: INK },
    { kind: 'text', x: CHART_WIDTH - 8, y: 9, text: unit, anchor: 'end', fill: MUTED },
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
