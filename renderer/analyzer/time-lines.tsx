/** The lines that stay at the top: the axis, the whole cluster, its efficiency, and what happened when. */
import { createMemo, For, onCleanup, onMount, Show, type Accessor, type JSX } from 'solid-js';
import type { Checkpoint } from '../../common/model/history.ts';
import type { Action } from '../../common/model/control.ts';
import type { Theme } from '../map/theme.ts';
import { NO_CURVE, type Curve } from '../node/chart-data.ts';
import { timeTicks } from '../time/axis.ts';
import { type Span } from '../time/range.ts';
import { count, dateAndTime, percent } from '../words/format.ts';
import { Painted } from './canvas.tsx';
import { stripPainter } from './draw-strip.ts';
import { MarkLane, MigrationLane, type Opened } from './mark-lanes.tsx';
import type { Past } from './past.ts';
import { pixelOf, reachOf } from './scale.ts';
import { clusterCurve, readingAt, STRIP_WORDS, type StripMetric } from './strip-data.ts';
import type { Timeline } from './timeline.ts';
import { readingWords } from './words.ts';

const CLUSTER_HEIGHT = 72;
const EFFICIENCY_HEIGHT = 30;
/** Pixels a label of the axis needs. */
const LABEL_PIXELS = 82;
export function TimeLines(props: {
  readonly timeline: Timeline;
  readonly past: Past;
  readonly metric: StripMetric;
  readonly threshold: number;
  readonly top: number;
  readonly holes: readonly Span[];
  readonly theme: Theme | undefined;
  /** The time playback is at, where it is shown. */
  readonly playhead: number | undefined;
  /** Hears where the drawings begin, in pixels of the window. */
  readonly onPlace: (left: number) => void;
  readonly onOpen: (opened: Opened) => void;
}): JSX.Element {
  const { timeline, past } = props;
  let plot: HTMLDivElement | undefined;
  const width = () => timeline.scale().pixels;

  onMount(() => {
    if (plot === undefined) return;
    const box = plot;
    const measure = (): void => {
      timeline.setPixels(Math.max(1, Math.floor(box.clientWidth)));
      props.onPlace(box.getBoundingClientRect().left);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    observer.observe(document.documentElement);
    onCleanup(() => observer.disconnect());
  });

  const answer = () => past.cluster.answer()?.value;
  const curve = createMemo((): Curve => {
    const value = answer();
    return value === undefined ? NO_CURVE : clusterCurve(props.metric, value.series);
  });
  const efficiency = createMemo((): Curve => {
    const value = answer();
    if (value === undefined) return NO_CURVE;
    const line = value.efficiency;
    return { times: value.times, min: line, max: line, mean: line };
  });
  const nodes = createMemo((): Curve => {
    const value = answer();
    if (value === undefined) return NO_CURVE;
    return { times: value.times, min: value.nodes, max: value.nodes, mean: value.nodes };
  });
  const at = (of: Curve) => {
    const time = timeline.cursor() ?? props.playhead;
    return time === undefined
      ? undefined
      : readingAt(of, time, reachOf(timeline.scale(), answer()?.resolution));
  };
  const words = () => STRIP_WORDS[props.metric];

  const valueText = (): string => {
    const time = timeline.cursor() ?? props.playhead;
    if (time === undefined) return 'No time chosen; the arrow keys choose one';
    return (
      `${dateAndTime(time)}: ${words().name} of the cluster ${readingWords(at(curve()))}, ` +
      `efficiency ${readingWords(at(efficiency()))}`
    );
  };

  return (
    <section class="time-lines" aria-label="Time line of the cluster">
      <div class="line axis">
        <span class="line-label muted">{axisWords(timeline)}</span>
        <Axis timeline={timeline} />
        <strong class="line-value">
          <Show when={timeline.cursor() ?? props.playhead}>{(time) => <>{dateAndTime(time())}</>}</Show>
        </strong>
      </div>
      <div class="line cluster-line">
        <div class="line-label" title={words().about}>
          <h2>Cluster: {words().name.toLowerCase()}</h2>
          <span class="muted">
            {props.metric === 'memory'
              ? 'share of the memory of all nodes'
              : 'mean of the nodes; band: lowest to highest'}
          </span>
        </div>
        <div
          ref={(element) => (plot = element)}
          class="plot"
          role="slider"
          aria-label="Time cursor"
          aria-orientation="horizontal"
          aria-valuemin={timeline.scale().from}
          aria-valuemax={timeline.scale().to}
          aria-valuenow={timeline.cursor() ?? props.playhead ?? timeline.scale().to}
          aria-valuetext={valueText()}
          tabIndex={0}
        >
          <Show when={answer() && props.theme}>
            {(theme) => (
              <Painted
                width={width()}
                height={CLUSTER_HEIGHT}
                paint={() =>
                  stripPainter(
                    {
                      scale: timeline.scale(),
                      curve: curve(),
                      top: props.top,
                      threshold: props.threshold,
                      ruled: true,
                      troubles: [],
                      holes: props.holes,
                      worded: true,
                    },
                    CLUSTER_HEIGHT,
                    theme(),
                  )
                }
              />
            )}
          </Show>
          <span class="plot-top muted">{percent(props.top)}</span>
          <Show when={past.cluster.answer() === undefined && past.cluster.asking()}>
            <span class="plot-waiting muted">Reading …</span>
          </Show>
        </div>
        <Show when={at(curve())} fallback={<span class="line-value muted">–</span>}>
          {(reading) => (
            <dl class="line-value spread">
              <dt>highest</dt>
              <dd>{props.metric === 'memory' ? '–' : percent(reading().max)}</dd>
              <dt>mean</dt>
              <dd>
                <strong>{percent(reading().mean)}</strong>
              </dd>
              <dt>lowest</dt>
              <dd>{props.metric === 'memory' ? '–' : percent(reading().min)}</dd>
              <dt>nodes</dt>
              <dd>{count(at(nodes())?.mean ?? NaN)}</dd>
            </dl>
          )}
        </Show>
      </div>
      <div class="line efficiency-line">
        <span
          class="line-label"
          title="How evenly the load is spread: 100 × mean load / highest load over the nodes that take part in balancing"
        >
          Efficiency
        </span>
        <div class="plot" aria-hidden="true">
          <Show when={answer() && props.theme}>
            {(theme) => (
              <Painted
                width={width()}
                height={EFFICIENCY_HEIGHT}
                paint={() =>
                  stripPainter(
                    {
                      scale: timeline.scale(),
                      curve: efficiency(),
                      top: 104,
                      threshold: Infinity,
                      ruled: false,
                      troubles: [],
                      holes: props.holes,
                      worded: false,
                    },
                    EFFICIENCY_HEIGHT,
                    theme(),
                  )
                }
              />
            )}
          </Show>
        </div>
        <strong class="line-value">{percent(at(efficiency())?.mean ?? NaN)}</strong>
      </div>
      <MigrationLane
        timeline={timeline}
        marks={past.marks.answer()?.value}
        theme={props.theme}
        onOpen={props.onOpen}
      />
      <MarkLane
        timeline={timeline}
        actions={past.actions.answer()?.value.actions ?? NO_ACTIONS}
        checkpoints={past.marks.answer()?.value.checkpoints ?? NO_CHECKPOINTS}
        onOpen={props.onOpen}
      />
    </section>
  );
}

const NO_ACTIONS: readonly Action[] = [];
const NO_CHECKPOINTS: readonly Checkpoint[] = [];

/** The zone the times are in. */
function axisWords(timeline: Timeline): string {
  const minutes = -new Date(timeline.scale().to).getTimezoneOffset();
  const sign = minutes < 0 ? '−' : '+';
  const two = (value: number): string => String(value).padStart(2, '0');
  const zone =
    minutes === 0
      ? 'UTC'
      : `UTC${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `Times in ${zone}`;
}

function Axis(props: { readonly timeline: Timeline }): JSX.Element {
  const ticks: Accessor<readonly { readonly pixel: number; readonly label: string }[]> = createMemo(() => {
    const scale = props.timeline.scale();
    return timeTicks(scale.from, scale.to, Math.max(2, Math.floor(scale.pixels / LABEL_PIXELS)))
      .map(({ time, label }) => ({ pixel: pixelOf(scale, time), label }))
      .filter(({ pixel }) => pixel > LABEL_PIXELS / 4 && pixel < scale.pixels - LABEL_PIXELS / 4);
  });
  return (
    <div class="plot ticks" aria-hidden="true">
      <For each={ticks()}>
        {(tick) => (
          <span class="tick" style={{ transform: `translateX(${tick.pixel}px)` }}>
            <span>{tick.label}</span>
          </span>
        )}
      </For>
    </div>
  );
}
