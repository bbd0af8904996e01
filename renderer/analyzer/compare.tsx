/** Up to eight nodes in one chart, with their values at the cursor beside their letters. */
import { createEffect, createMemo, createSignal, For, onCleanup, onMount, Show, type JSX } from 'solid-js';
import type { RecordedNode } from '../../common/model/history.ts';
import { call } from '../back-end.ts';
import { VALUE_AXIS_WIDTH, type TimePlot } from '../chart/time-plot.ts';
import { NO_CURVE, points, valueAxis, type Curve } from '../node/chart-data.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { onColoursChanged } from '../table/sparklines.ts';
import { percent } from '../words/format.ts';
import { createAsking, createVisible } from './asking.ts';
import { createComparePlot, PLACES } from './compare-plot.ts';
import { keysOf, MOST_COMPARED, type Compared } from './compared.ts';
import { reachOf } from './scale.ts';
import { highest, percentCurve, readingAt, STRIP_WORDS, type StripMetric } from './strip-data.ts';
import { spreadOf } from './statistics.ts';
import type { Timeline } from './timeline.ts';

export function Compare(props: {
  readonly timeline: Timeline;
  readonly metric: StripMetric;
  readonly compared: Compared;
  readonly nodes: readonly RecordedNode[];
  readonly connected: boolean;
  readonly onToggle: (key: string) => void;
}): JSX.Element {
  const { timeline } = props;
  const visible = createVisible();
  const { answer, problem } = createAsking(
    () => {
      const keys = keysOf(props.compared);
      const scale = timeline.scale();
      if (keys.length === 0 || !visible() || scale.pixels === 0) return undefined;
      return {
        keys: [...keys],
        metrics: [...STRIP_WORDS[props.metric].metrics],
        metric: props.metric,
        scale,
      };
    },
    ({ keys, metrics, scale }) => call('history', { keys, metrics, ...scale }),
    () => props.connected,
  );

  const curves = createMemo((): ReadonlyMap<string, Curve> => {
    const now = answer();
    if (now === undefined || now.question.metric !== props.metric) return new Map();
    return new Map(
      now.value.nodes.map(({ key, series }) => [key, percentCurve(props.metric, series)] as const),
    );
  });
  const curveOf = (key: string | undefined): Curve => curves().get(key ?? '') ?? NO_CURVE;
  const axis = createMemo(() => valueAxis(Math.max(100, ...[...curves().values()].map(highest))));
  const name = (key: string): string => props.nodes.find((node) => node.key === key)?.name ?? key;
  const value = (key: string): number => {
    const time = timeline.cursor();
    if (time === undefined) return NaN;
    return readingAt(curveOf(key), time, reachOf(timeline.scale(), answer()?.value.resolution))?.mean ?? NaN;
  };

  return (
    <section class="compare" aria-label="Compared nodes">
      <Show when={problem()?.code !== 'connection-lost'}>
        <InlineProblem problem={problem()} />
      </Show>
      <div class="line compare-line">
        <div class="line-label compare-names">
          <AddNode {...props} />
          <Show when={keysOf(props.compared).length === 0}>
            <p class="muted">
              Choose up to {MOST_COMPARED} nodes here, or by the boxes beside their strips (Space).
            </p>
          </Show>
          <ul>
            <For each={props.compared.map((key, place) => ({ key, place }))}>
              {({ key, place }) =>
                key !== undefined && (
                  <li data-place={place + 1}>
                    <Sample place={place} />
                    <strong class="letter">{PLACES[place]?.letter}</strong>
                    <span class="compare-name" title={name(key)}>
                      {name(key)}
                    </span>
                    <span class="compare-spread muted">
                      {percent(spreadOf(curveOf(key)).mean)} <span class="unseen">mean</span>
                    </span>
                    <button
                      type="button"
                      class="quiet"
                      aria-label={`Take ${name(key)} out`}
                      onClick={() => props.onToggle(key)}
                    >
                      ✕
                    </button>
                  </li>
                )
              }
            </For>
          </ul>
        </div>
        <Chart {...props} curveOf={curveOf} axis={axis()} />
        <dl class="line-value compare-values">
          <For each={props.compared.map((key, place) => ({ key, place }))}>
            {({ key, place }) =>
              key !== undefined && (
                <>
                  <dt title={name(key)}>
                    {PLACES[place]?.letter} <span class="unseen">{name(key)}</span>
                  </dt>
                  <dd>{percent(value(key))}</dd>
                </>
              )
            }
          </For>
        </dl>
      </div>
    </section>
  );
}

/** The line's look, small. */
function Sample(props: { readonly place: number }): JSX.Element {
  return (
    <svg class="sample" width="26" height="8" aria-hidden="true">
      <line x1="0" x2="26" y1="4" y2="4" stroke-dasharray={PLACES[props.place]?.dash.join(' ') ?? ''} />
    </svg>
  );
}

/** A box with the names of all nodes; a name that is chosen is taken in. */
function AddNode(props: {
  readonly nodes: readonly RecordedNode[];
  readonly compared: Compared;
  readonly onToggle: (key: string) => void;
}): JSX.Element {
  const [wrong, setWrong] = createSignal('');
  const full = (): boolean => keysOf(props.compared).length >= MOST_COMPARED;
  function add(box: HTMLInputElement): void {
    const text = box.value.trim();
    if (text === '') return;
    const found =
      props.nodes.find((node) => node.name === text) ?? props.nodes.find((node) => String(node.id) === text);
    setWrong(found === undefined ? `No node is called "${text}".` : '');
    if (found === undefined) return;
    box.value = '';
    if (!props.compared.includes(found.key)) props.onToggle(found.key);
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const box = event.currentTarget.querySelector('input');
        if (box !== null) add(box);
      }}
    >
      <input
        type="text"
        list="nodes-to-compare"
        aria-label="Add a node to compare"
        placeholder={full() ? `${MOST_COMPARED} are compared` : 'Add a node'}
        disabled={full()}
        autocomplete="off"
        spellcheck={false}
        onChange={(event) => add(event.currentTarget)}
      />
      <datalist id="nodes-to-compare">
        <For each={props.nodes}>{(node) => <option value={node.name} />}</For>
      </datalist>
      <span role="alert" class="range-wrong">
        {wrong()}
      </span>
    </form>
  );
}

/** The chart; its drawing lies exactly under the time lines, the axis of values in the column of the names. */
function Chart(props: {
  readonly timeline: Timeline;
  readonly metric: StripMetric;
  readonly compared: Compared;
  readonly nodes: readonly RecordedNode[];
  readonly curveOf: (key: string | undefined) => Curve;
  readonly axis: ReturnType<typeof valueAxis>;
}): JSX.Element {
  const [plot, setPlot] = createSignal<TimePlot>();
  let canvas: HTMLCanvasElement | undefined;
  let area: HTMLDivElement | undefined;

  onMount(() => {
    if (canvas === undefined || area === undefined) return;
    const made = createComparePlot(canvas);
    const measure = new ResizeObserver(() => made.resize());
    measure.observe(area);
    onCleanup(onColoursChanged(canvas, () => made.recolour()));
    onCleanup(() => {
      measure.disconnect();
      made.dispose();
    });
    setPlot(made);
  });
  createEffect(() => {
    const { from, to } = props.timeline.scale();
    plot()?.show(
      { span: { from, to }, axis: props.axis, write: percent },
      props.compared.map((key) => points(props.curveOf(key), 'mean')),
    );
  });

  const label = (): string => {
    const names = keysOf(props.compared).map((key) => {
      const { mean, max } = spreadOf(props.curveOf(key));
      const called = props.nodes.find((node) => node.key === key)?.name ?? key;
      return `${called} mean ${percent(mean)}, max ${percent(max)}`;
    });
    return `${STRIP_WORDS[props.metric].name} compared: ${names.join('; ') || 'no node chosen'}`;
  };

  return (
    <div class="plot" role="img" aria-label={label()} tabIndex={0}>
      <div
        ref={(element) => (area = element)}
        class="compare-area"
        style={{
          left: `${-VALUE_AXIS_WIDTH}px`,
          width: `${props.timeline.scale().pixels + VALUE_AXIS_WIDTH}px`,
        }}
      >
        <canvas ref={(element) => (canvas = element)} />
      </div>
    </div>
  );
}
