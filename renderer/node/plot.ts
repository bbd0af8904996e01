/** The drawing of one chart: chart.js as a line and its band on two linear axes, without animation, parsing or events. */
import { Chart, Filler, LinearScale, LineController, LineElement, PointElement } from 'chart.js';
import { hasBand, points, timeAxis, type Curve, type Point, type ValueAxis } from './chart-data.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

/** A span of time in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a plot shows. */
export interface Drawing {
  readonly curve: Curve;
  readonly span: Span;
  readonly axis: ValueAxis;
  /** Writes a value of the axis. */
  readonly write: (value: number) => string;
}

const DAY = 86_400_000;
const VALUE_AXIS_WIDTH = 64;
/** Pixels a time of day needs on the axis. */
const TIME_LABEL_WIDTH = 76;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric' });

/** The three data sets in the order they are drawn; the band is filled between the first two. */
const [LOW, HIGH, MEAN] = [0, 1, 2] as const;

/** A chart on a canvas. Whoever makes it disposes it. */
export class Plot {
  readonly #chart: Chart<'line', Point[]>;
  readonly #canvas: HTMLCanvasElement;
  #drawing: Drawing | undefined;
  /** Milliseconds between the ticks of the time axis. */
  #timeStep = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    const bare = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, spanGaps: false } as const;
    this.#chart = new Chart<'line', Point[]>(canvas, {
      type: 'line',
      data: {
        datasets: [
          { ...bare, data: [], fill: false },
          { ...bare, data: [], fill: '-1' },
          { ...bare, data: [], fill: false, borderWidth: 1.5, borderJoinStyle: 'round' },
        ],
      },
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        responsive: false,
        maintainAspectRatio: false,
        events: [],
        layout: { padding: { top: 8, right: 10 } },
        scales: {
          x: {
            type: 'linear',
            ticks: {
              autoSkip: false,
              maxRotation: 0,
              callback: (value) => (this.#timeStep < DAY ? clock : day).format(Number(value)),
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
              callback: (value) => this.#drawing?.write(Number(value)) ?? '',
            },
            grid: { drawTicks: false },
            border: { display: false },
            afterBuildTicks: (scale) => {
              scale.ticks = (this.#drawing?.axis.ticks ?? []).map((value) => ({ value }));
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

  /** Draws. */
  show(drawing: Drawing): void {
    this.#drawing = drawing;
    const { curve, span, axis } = drawing;
    const banded = hasBand(curve);
    this.#setData(LOW, banded ? points(curve, 'min') : []);
    this.#setData(HIGH, banded ? points(curve, 'max') : []);
    this.#setData(MEAN, points(curve, 'mean'));
    const { x, y } = this.#chart.options.scales ?? {};
    if (x === undefined || y === undefined) return;
    x.min = span.from;
    x.max = span.to;
    y.max = axis.top;
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
    if (time === undefined || this.#drawing === undefined) return undefined;
    return Math.min(this.#drawing.span.to, Math.max(this.#drawing.span.from, time));
  }

  /** The distance in pixels of a time from the canvas' left edge. */
  pixelOf(time: number): number {
    return this.#chart.scales['x']?.getPixelForValue(time) ?? 0;
  }

  dispose(): void {
    this.#chart.destroy();
  }

  #setData(set: number, data: Point[]): void {
    const dataset = this.#chart.data.datasets[set];
    if (dataset !== undefined) dataset.data = data;
  }

  #timeTicks(width: number): readonly number[] {
    const span = this.#drawing?.span ?? { from: 0, to: 1 };
    const most = Math.max(2, Math.floor(width / TIME_LABEL_WIDTH));
    const axis = timeAxis(span.from, span.to, most, new Date(span.to).getTimezoneOffset());
    this.#timeStep = axis.step;
    return axis.ticks;
  }

  /** A canvas inherits no colours: they are read from the style's registered properties. */
  #takeColours(): void {
    const style = getComputedStyle(this.#canvas);
    const band = this.#chart.data.datasets[HIGH];
    const mean = this.#chart.data.datasets[MEAN];
    if (band !== undefined) band.backgroundColor = style.getPropertyValue('--band');
    if (mean !== undefined) mean.borderColor = style.getPropertyValue('--accent');
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
