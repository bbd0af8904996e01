/** One chart of the node window with its summary in words, and the time cursor that all charts share. */
import { createEffect, createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js';
import type { TimePlot } from '../chart/time-plot.ts';
import type { Span } from '../time/range.ts';
import { dateAndTime } from '../words/format.ts';
import { nearestPoint, summarise, type Curve, type ValueAxis } from './chart-data.ts';
import { createPlot, showCurve } from './plot.ts';

/** How far from the cursor a point may be, as a share of the chart's span. */
const CURSOR_REACH = 0.02;
/** Steps of the cursor keys across the whole chart. */
const CURSOR_STEPS = 120;

export function TimeChart(props: {
  readonly title: string;
  /** What the numbers mean. */
  readonly about: string;
  readonly curve: Curve;
  readonly span: Span;
  readonly axis: ValueAxis;
  readonly write: (value: number) => string;
  /** The time under the pointer, shared by all charts of the window. */
  readonly cursor: number | undefined;
  readonly onCursor: (time: number | undefined) => void;
  /** Hears the width of the drawing in pixels. */
  readonly onWidth: (pixels: number) => void;
}): JSX.Element {
  let canvas: HTMLCanvasElement | undefined;
  let area: HTMLDivElement | undefined;
  const [plot, setPlot] = createSignal<TimePlot>();
  const [resized, setResized] = createSignal(0);

  onMount(() => {
    if (canvas === undefined || area === undefined) return;
    const made = createPlot(canvas);
    const measure = new ResizeObserver(() => {
      props.onWidth(made.resize());
      setResized((times) => times + 1);
    });
    measure.observe(area);
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const recolour = (): void => made.recolour();
    dark.addEventListener('change', recolour);
    onCleanup(() => {
      dark.removeEventListener('change', recolour);
      measure.disconnect();
      made.dispose();
    });
    setPlot(made);
  });

  createEffect(() => {
    const drawn = plot();
    if (drawn === undefined) return;
    showCurve(drawn, { curve: props.curve, span: props.span, axis: props.axis, write: props.write });
  });

  const pointed = () => {
    if (props.cursor === undefined) return undefined;
    const reach = CURSOR_REACH * (props.span.to - props.span.from);
    const index = nearestPoint(props.curve, props.cursor, reach);
    if (index < 0) return undefined;
    return { time: props.curve.times[index] ?? NaN, value: props.curve.mean[index] ?? NaN };
  };

  /** Where the cursor's line is over the drawing, in pixels. */
  const line = () => {
    resized();
    const at = pointed();
    return at === undefined ? undefined : plot()?.pixelOf(at.time);
  };

  function onPointerMove(event: PointerEvent & { readonly currentTarget: HTMLElement }): void {
    props.onCursor(plot()?.timeAt(event.clientX - event.currentTarget.getBoundingClientRect().left));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Escape') props.onCursor(undefined);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const { from, to } = props.span;
    const time = (props.cursor ?? to) + (step * (to - from)) / CURSOR_STEPS;
    props.onCursor(Math.min(to, Math.max(from, time)));
  }

  const summaryWords = (): string => {
    const { min, mean, max } = summarise(props.curve);
    if (Number.isNaN(mean)) return 'nothing recorded in this range';
    return `min ${props.write(min)}, mean ${props.write(mean)}, max ${props.write(max)}`;
  };

  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title" title={props.about}>
          {props.title}
        </span>
        <span class="chart-summary muted">{summaryWords()}</span>
        <span class="chart-readout">
          <Show when={pointed()}>
            {(at) => (
              <>
                <span class="muted">{dateAndTime(at().time)}</span> <strong>{props.write(at().value)}</strong>
              </>
            )}
          </Show>
        </span>
      </figcaption>
      <div
        ref={(node) => (area = node)}
        class="chart-area"
        role="img"
        aria-label={`${props.title}: ${summaryWords()}`}
        tabIndex={0}
        onPointerMove={onPointerMove}
        onPointerLeave={() => props.onCursor(undefined)}
        onKeyDown={onKeyDown}
        onBlur={() => props.onCursor(undefined)}
      >
        <canvas ref={(node) => (canvas = node)} />
        <Show when={line() !== undefined}>
          <span class="chart-cursor" style={{ transform: `translateX(${line() ?? 0}px)` }} />
        </Show>
      </div>
    </figure>
  );
}
