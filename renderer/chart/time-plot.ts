/** Lines over time drawn by chart.js on two linear axes, without animation, parsing or events. */
import {
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  type ChartDataset,
  type Plugin,
} from 'chart.js';
import type { Point, ValueAxis } from '../node/chart-data.ts';
import { timeTicks } from '../time/axis.ts';
import type { Span } from '../time/range.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

/** What the axes of a plot show. */
export interface Frame {
  readonly span: Span;
  readonly axis: ValueAxis;
  /** Writes a value of the axis. */
  readonly write: (value: number) => string;
}

/** A line's look; colours come later, from `colour`. */
export type Line = Partial<ChartDataset<'line', Point[]>>;

export interface TimePlotOptions {
  /** The lines in the order they are drawn. */
  readonly lines: readonly Line[];
  /** Gives the lines the colours of a style. */
  readonly colour: (lines: ChartDataset<'line', Point[]>[], style: CSSStyleDeclaration) => void;
  /** Pixels free at the right. */
  readonly right: number;
  readonly plugins?: readonly Plugin<'line'>[];
}

/** Width of the axis of values in pixels. */
export const VALUE_AXIS_WIDTH = 64;
/** Pixels a time of day needs on the axis. */
const TIME_LABEL_WIDTH = 76;

const BARE = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, spanGaps: false, fill: false } as const;

/** A plot on a canvas. Whoever makes it disposes it. */
export class TimePlot {
  readonly #chart: Chart<'line', Point[]>;
  readonly #canvas: HTMLCanvasElement;
  readonly #options: TimePlotOptions;
  #frame: Frame | undefined;
  #labels = new Map<number, string>();

  constructor(canvas: HTMLCanvasElement, options: TimePlotOptions) {
    this.#canvas = canvas;
    this.#options = options;
    this.#chart = new Chart<'line', Point[]>(canvas, {
      type: 'line',
      data: { datasets: options.lines.map((line) => ({ ...BARE, ...line, data: [] })) },
      plugins: [...(options.plugins ?? [])],
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        responsive: false,
        maintainAspectRatio: false,
        events: [],
        layout: { padding: { top: 8, right: options.right } },
        scales: {
          x: {
            type: 'linear',
            ticks: {
              autoSkip: false,
              maxRotation: 0,
              callback: (value) => this.#labels.get(Number(value)) ?? '',
            },
            grid: { drawTicks: false },
            afterBuildTicks: (scale) => {
              scale.ticks = this.#timeTicks(scale.width).map((value) => ({ value }));
            },
          },
          y: {
            type: 'linear',
            min: 0,
            ticks: {
              autoSkip: false,
              padding: 6,
              callback: (value) => this.#frame?.write(Number(value)) ?? '',
            },
            grid: { drawTicks: false },
            border: { display: false },
            afterBuildTicks: (scale) => {
              scale.ticks = (this.#frame?.axis.ticks ?? []).map((value) => ({ value }));
            },
            afterFit: (scale) => {
              scale.width = VALUE_AXIS_WIDTH;
            },
          },
        },
      },
    });
    this.#takeColours();
  }

  /** Draws; `data` has the points of each line. */
  show(frame: Frame, data: readonly Point[][]): void {
    this.#frame = frame;
    for (const [index, dataset] of this.#chart.data.datasets.entries()) dataset.data = data[index] ?? [];
    const { x, y } = this.#chart.options.scales ?? {};
    if (x === undefined || y === undefined) return;
    x.min = frame.span.from;
    x.max = frame.span.to;
    y.max = frame.axis.top;
    this.#chart.update('none');
  }

  /** Draws again in the colours the window has now. */
  recolour(): void {
    this.#takeColours();
    this.#chart.update('none');
  }

  /** Fits the drawing into its box again; gives the width of the drawing itself in pixels. */
  resize(): number {
    const box = this.#canvas.parentElement;
    if (box !== null) this.#chart.resize(box.clientWidth, box.clientHeight);
    return Math.max(1, Math.round(this.#chart.chartArea.width));
  }

  /** The time at a distance in pixels from the canvas' left edge, held within the span shown. */
  timeAt(pixel: number): number | undefined {
    const time = this.#chart.scales['x']?.getValueForPixel(pixel);
    if (time === undefined || this.#frame === undefined) return undefined;
    return Math.min(this.#frame.span.to, Math.max(this.#frame.span.from, time));
  }

  /** The distance in pixels of a time from the canvas' left edge. */
  pixelOf(time: number): number {
    return this.#chart.scales['x']?.getPixelForValue(time) ?? 0;
  }

  dispose(): void {
    this.#chart.destroy();
  }

  #timeTicks(width: number): readonly number[] {
    const { from, to } = this.#frame?.span ?? { from: 0, to: 1 };
    const ticks = timeTicks(from, to, Math.max(2, Math.floor(width / TIME_LABEL_WIDTH)));
    this.#labels = new Map(ticks.map(({ time, label }) => [time, label]));
    return ticks.map(({ time }) => time);
  }

  /** A canvas inherits no colours: they are read from the style's registered properties. */
  #takeColours(): void {
    const style = getComputedStyle(this.#canvas);
    this.#options.colour(this.#chart.data.datasets, style);
    for (const scale of Object.values(this.#chart.options.scales ?? {})) {
      if (scale === undefined) continue;
      scale.ticks = {
        ...scale.ticks,
        color: style.getPropertyValue('--muted'),
        font: { family: style.fontFamily, size: 11 },
      };
      scale.grid = { ...scale.grid, color: style.getPropertyValue('--line') };
      scale.border = { ...scale.border, color: style.getPropertyValue('--line') };
    }
  }
}
