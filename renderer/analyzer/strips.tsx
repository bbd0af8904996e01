/** One strip per node in a list that only builds what is in view: box to compare, name, numbers, the strip, the value. */
import { createEffect, createMemo, createSignal, For, Index, onMount, Show, type JSX } from 'solid-js';
import type { StateSpan } from '../../common/model/history.ts';
import type { Theme } from '../map/theme.ts';
import { NO_CURVE } from '../node/chart-data.ts';
import { createVirtualRows } from '../processes/virtual-rows.ts';
import { OVERSCAN, rowAfterKey, ROW_HEIGHT } from '../table/virtual.ts';
import type { Span } from '../time/range.ts';
import { count, percent, span } from '../words/format.ts';
import { Painted } from './canvas.tsx';
import { drawStrip, type Strip } from './draw-strip.ts';
import { pixelTime, reachOf } from './scale.ts';
import { spanAt } from './spans.ts';
import { highest, readingAt, shareAbove, STRIP_WORDS, type Reading, type StripMetric } from './strip-data.ts';
import { nextStripOrder, type StripOrder, type StripRow, type StripSort } from './strip-list.ts';
import type { StripStore } from './strip-store.ts';
import type { Timeline } from './timeline.ts';
import { readingWords, spreadWords, stateWords } from './words.ts';

/** The strip is a little lower than its row. */
const STRIP_HEIGHT = ROW_HEIGHT - 4;
/** A state is told this many pixels beside it, as short ones are hard to hit. */
const STATE_PIXELS = 3;

const TITLES: Readonly<Record<StripSort, string>> = { name: 'Node', mean: 'mean', max: 'max', down: 'down' };

/** What paints strips below each other. */
function stripsPainter(strips: readonly Strip[], theme: Theme): (context: CanvasRenderingContext2D) => void {
  return (context) => {
    for (const [row, strip] of strips.entries()) {
      context.save();
      context.translate(0, row * ROW_HEIGHT + (ROW_HEIGHT - STRIP_HEIGHT) / 2);
      drawStrip(context, strip, STRIP_HEIGHT, theme);
      context.restore();
    }
  };
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** What there is of a node at the cursor. */
interface At {
  readonly trouble: StateSpan | undefined;
  readonly reading: Reading | undefined;
}

/** The state with its reason where the node was not up, else the value with its spread; empty without a cursor. */
function Value(props: { readonly at: At | undefined }): JSX.Element {
  return (
    <Show when={props.at} fallback={<span class="line-value" />}>
      {(at) => (
        <Show
          when={at().trouble}
          fallback={
            <span class="line-value reading">
              <strong>{percent(at().reading?.mean ?? NaN)}</strong>
              <span class="muted">{spreadWords(at().reading)}</span>
            </span>
          }
        >
          {(trouble) => (
            <span class="line-value" data-state={trouble().state} title={stateWords(trouble())}>
              {stateWords(trouble())}
            </span>
          )}
        </Show>
      )}
    </Show>
  );
}

export function Strips(props: {
  readonly timeline: Timeline;
  readonly store: StripStore;
  readonly rows: readonly StripRow[];
  /** How many more nodes the record knows, of other times. */
  readonly others: number;
  readonly order: StripOrder;
  readonly onOrder: (order: StripOrder) => void;
  readonly metric: StripMetric;
  readonly threshold: number;
  readonly top: number;
  readonly holes: readonly Span[];
  readonly theme: Theme | undefined;
  /** Keys of the nodes that are compared. */
  readonly compared: readonly string[];
  readonly onCompare: (key: string) => void;
  /** Hears the keys of the strips in view. */
  readonly onWanted: (keys: readonly string[]) => void;
  /** A node's own window is wanted. */
  readonly onOpen: (key: string) => void;
  /** Whether what is in view has been painted; rows beyond it come then. */
  readonly settled: boolean;
  /** The node the window was opened at; it is brought into view once. */
  readonly begin: string | undefined;
}): JSX.Element {
  const view = createVirtualRows(
    () => props.rows.length,
    () => (props.settled ? OVERSCAN : 0),
  );
  const [lead, setLead] = createSignal<string | undefined>(props.begin);
  const [spoken, setSpoken] = createSignal(false);
  let scroller: HTMLDivElement | undefined;
  let header: HTMLDivElement | undefined;

  onMount(() => {
    if (scroller !== undefined && header !== undefined) view.attach(scroller, header);
  });
  const shown = createMemo(() => props.rows.slice(view.range().start, view.range().end));
  /** The keys of what is in view; the numbers beside the strips change without them, and nothing is drawn anew for that. */
  const keys = createMemo(() => shown().map(({ key }) => key), undefined, { equals: sameItems });
  createEffect(() => props.onWanted(keys()));

  let revealed = props.begin === undefined;
  createEffect(() => {
    const at = props.rows.findIndex((row) => row.key === props.begin);
    if (revealed || at < 0 || view.page() === 0) return;
    revealed = true;
    view.reveal(at);
  });

  /** Before anything of what is in view is known there is nothing to draw. */
  const begun = createMemo(
    (before: boolean) => before || keys().some((key) => props.store.curve(key) !== undefined),
    false,
  );
  const drawn = (): readonly Strip[] => {
    const shared = {
      scale: props.timeline.scale(),
      top: props.top,
      threshold: props.threshold,
      holes: props.holes,
      ruled: false,
      worded: false,
    };
    return keys().map((key) => ({
      ...shared,
      curve: props.store.curve(key) ?? NO_CURVE,
      troubles: props.store.troubles(key),
    }));
  };

  const leadRow = createMemo(() => props.rows.findIndex((row) => row.key === lead()));

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== scroller) return;
    const key = lead();
    if ((event.key === ' ' || event.key === 'Enter') && key !== undefined) {
      event.preventDefault();
      if (event.key === ' ') props.onCompare(key);
      else props.onOpen(key);
      return;
    }
    // Home and End are about time in this window.
    if (event.key === 'Home' || event.key === 'End') return;
    setSpoken(event.key === 'ArrowLeft' || event.key === 'ArrowRight');
    const current = leadRow();
    const next = rowAfterKey(event.key, current < 0 ? undefined : current, props.rows.length, view.page());
    if (next === undefined) return;
    event.preventDefault();
    setLead(props.rows[next]?.key);
    view.reveal(next);
  }

  /** What is said of a node at the cursor: its state where it was not up, else its value. */
  const at = (key: string): At | undefined => {
    const time = props.timeline.cursor();
    if (time === undefined) return undefined;
    const near = STATE_PIXELS * pixelTime(props.timeline.scale());
    return {
      trouble: spanAt(props.store.troubles(key), time, near),
      reading: readingAt(
        props.store.curve(key) ?? NO_CURVE,
        time,
        reachOf(props.timeline.scale(), props.store.resolution(key)),
      ),
    };
  };
  const atWords = (there: At | undefined): string => {
    if (there === undefined) return '';
    return there.trouble === undefined ? readingWords(there.reading) : stateWords(there.trouble);
  };

  const label = (row: StripRow): string => {
    const curve = props.store.curve(row.key) ?? NO_CURVE;
    const above = shareAbove(curve, props.threshold);
    return [
      row.name,
      `mean ${percent(row.mean)}`,
      `max ${percent(Number.isNaN(row.max) ? highest(curve) : row.max)}`,
      ...(above > 0 ? [`above ${percent(props.threshold)} for ${percent(above)} of the time`] : []),
      ...(row.down > 0 ? [`down for ${span(row.down)}`] : []),
    ].join(', ');
  };

  const direction = (sort: StripSort): 'ascending' | 'descending' | 'none' => {
    if (props.order.sort !== sort) return 'none';
    return props.order.descending ? 'descending' : 'ascending';
  };

  return (
    <div
      ref={(element) => (scroller = element)}
      class="strips strip-rows"
      role="listbox"
      aria-label={`${STRIP_WORDS[props.metric].name} of each node`}
      aria-multiselectable="true"
      aria-activedescendant={leadRow() < 0 ? undefined : `strip-${lead()}`}
      tabIndex={0}
      onScroll={(event) => view.scrolled(event.currentTarget)}
      onKeyDown={onKeyDown}
    >
      <div ref={(element) => (header = element)} class="line strips-head" role="presentation">
        <div class="line-label strip-label">
          <span />
          <For each={['name', 'mean', 'max', 'down'] as const}>
            {(sort) => (
              <span class={`strip-${sort}`} data-direction={direction(sort)}>
                <button
                  type="button"
                  class="sort"
                  aria-label={`Sort by ${TITLES[sort]}`}
                  aria-pressed={props.order.sort === sort}
                  disabled={props.metric === 'cpu' && sort === 'max'}
                  title={
                    props.metric === 'cpu' && sort === 'max'
                      ? 'The highest CPU use of a node is not among the statistics'
                      : `Sort by ${TITLES[sort]}`
                  }
                  onClick={() => props.onOrder(nextStripOrder(props.order, sort))}
                >
                  {TITLES[sort]}
                </button>
              </span>
            )}
          </For>
        </div>
        <span class="plot muted hint">
          {count(props.rows.length)} {props.rows.length === 1 ? 'node' : 'nodes'}
          <Show when={props.others > 0}>; {count(props.others)} more at other times</Show>
        </span>
        <span class="line-value muted hint">at the cursor</span>
      </div>
      <div class="rows" role="presentation" style={{ height: `${props.rows.length * ROW_HEIGHT}px` }}>
        <div
          class="layer"
          role="presentation"
          style={{ transform: `translateY(${view.range().start * ROW_HEIGHT}px)` }}
        >
          <div class="strip-canvas">
            <Show when={begun() && props.theme}>
              {(theme) => (
                <Painted
                  width={props.timeline.scale().pixels}
                  height={keys().length * ROW_HEIGHT}
                  paint={() => stripsPainter(drawn(), theme())}
                />
              )}
            </Show>
          </div>
          <Index each={shown()}>
            {(row, index) => (
              <div
                id={`strip-${row().key}`}
                class="line strip"
                classList={{ lead: row().key === lead() }}
                role="option"
                aria-selected={props.compared.includes(row().key)}
                aria-label={label(row())}
                aria-posinset={view.range().start + index + 1}
                aria-setsize={props.rows.length}
              >
                <div class="line-label strip-label" onClick={() => setLead(row().key)}>
                  <input
                    type="checkbox"
                    tabIndex={-1}
                    aria-hidden="true"
                    title="Compare (Space)"
                    checked={props.compared.includes(row().key)}
                    onChange={(event) => {
                      props.onCompare(row().key);
                      event.currentTarget.checked = props.compared.includes(row().key);
                    }}
                  />
                  <button
                    type="button"
                    class="strip-name link"
                    tabIndex={-1}
                    title={`Open the window of ${row().name} (Enter)`}
                    onClick={() => props.onOpen(row().key)}
                  >
                    {row().name}
                  </button>
                  <span class="strip-mean">{percent(row().mean)}</span>
                  <span class="strip-max">
                    {percent(
                      Number.isNaN(row().max) && props.metric === 'cpu'
                        ? highest(props.store.curve(row().key) ?? NO_CURVE)
                        : row().max,
                    )}
                  </span>
                  <span class="strip-down" classList={{ some: row().down > 0 }}>
                    {row().down > 0 ? span(row().down) : '–'}
                  </span>
                </div>
                <div class="plot" />
                <Value at={at(row().key)} />
              </div>
            )}
          </Index>
        </div>
      </div>
      <span class="unseen" role="status">
        {spoken() && leadRow() >= 0 ? `${props.rows[leadRow()]?.name}: ${atWords(at(lead() ?? ''))}` : ''}
      </span>
    </div>
  );
}
