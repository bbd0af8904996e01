/** The window of the past: the range across, the cluster's time lines, and below them strips, comparison or statistics. */
import {
  createEffect,
  createMemo,
  createSignal,
  ErrorBoundary,
  lazy,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Suspense,
  Switch,
  type JSX,
} from 'solid-js';
import { render } from 'solid-js/web';
import type { CallInput } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { call, type Answer } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { createOrders, OrderLayer } from '../control/order.tsx';
import { LostStrip } from '../parts/lost-strip.tsx';
import { Choice } from '../parts/choice.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { Playback } from '../playback/playback.tsx';
import type { Span } from '../time/range.ts';
import { createTheme } from './canvas.tsx';
import { CheckpointDialog } from './checkpoint-dialog.tsx';
import { keysOf, NONE_COMPARED, toggled } from './compared.ts';
import { createHand } from './hand.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { createLook, LowerTools } from './look.tsx';
import { MarkDetail } from './mark-detail.tsx';
import type { Opened } from './mark-lanes.tsx';
import { createOlder } from './older.ts';
import { createPast } from './past.ts';
import { RangeEnds, RangeTools } from './range-tools.tsx';
import { pixelOf, roundTop } from './scale.ts';
import { uncovered } from './spans.ts';
import { StatisticsTable } from './statistics-table.tsx';
import { clusterCurve, highest } from './strip-data.ts';
import {
  arrangeStrips,
  countOthers,
  nodesOfRange,
  passes,
  stripRows,
  type StripOrder,
} from './strip-list.ts';
import { Strips } from './strips.tsx';
import { TimeLines } from './time-lines.tsx';
import { createTimeline, keepInAddress } from './timeline.ts';
import { lengthWords, missingWords, RESOLUTION_WORDS } from './words.ts';

/** The comparison brings the library of charts, which the window does not begin with. */
const Compare = lazy(async () => ({ default: (await import('./compare.tsx')).Compare }));

/** What is said where it cannot be had, since the program that serves the window has ended. */
const COMPARE_MISSING =
  'The comparison could not be loaded. Start mosview again if it has ended, then open this window anew.';

/** The window's two modes. */
const MODES = [
  { value: 'charts', label: 'Charts', about: 'Every node over the range' },
  { value: 'playback', label: 'Playback', about: 'The whole cluster at a moment of the range' },
] as const;
type Mode = (typeof MODES)[number]['value'];

/** Holes of the record narrower than this many pixels are not drawn. */
const HOLE_PIXELS = 1.5;
const NO_HOLES: readonly Span[] = [];
/** Questions that take longer are spoken of. */
const SLOW_MS = 400;
/** What is beyond the view comes after so long, even if something in view cannot be drawn. */
const SETTLED_MS = 1000;
/** Actions read at the start, so that what an action says of another is known. */
const KNOWN_ACTIONS = 200;

/** Calls back in a task after the next frame, and so after the frame's own work, of which drawing is the largest part. */
function afterFrame(then: () => void): void {
  requestAnimationFrame(() => setTimeout(then));
}

/** Shows the window; `recorded` is the answer to that question, which is asked before this file is there. */
export function show(root: Element, nodeKey: string, recorded: Answer<'recorded'>): void {
  render(() => <AnalyzerWindow nodeKey={nodeKey} recorded={recorded} />, root);
}

function AnalyzerWindow(props: {
  readonly nodeKey: string;
  readonly recorded: Answer<'recorded'>;
}): JSX.Element {
  const query = new URLSearchParams(location.search);
  const [problem, setProblem] = createSignal<Problem>();
  /** Whether the pictures in view are on the screen: what is beyond them comes then. */
  const [settled, setSettled] = createSignal(false);
  const cluster = createCluster(setProblem, settled);
  const orders = createOrders(setProblem);
  const timeline = createTimeline(() => cluster.second().time);
  const [mode, setMode] = createSignal<Mode>(query.get('mode') === 'playback' ? 'playback' : 'charts');
  const look = createLook();
  const { tab, metric, threshold, filter } = look;
  const [order, setOrder] = createSignal<StripOrder>({ sort: 'name', descending: false });
  const [compared, setCompared] = createSignal(NONE_COMPARED);
  /** Whether the newest one was not taken in, as there are as many already as can be told apart. */
  const [refused, setRefused] = createSignal(false);
  const [wanted, setWanted] = createSignal<readonly string[]>([]);
  const [opened, setOpened] = createSignal<Opened>();
  const [asking, setAsking] = createSignal<'checkpoint' | 'keys'>();
  const [playedAt, setPlayedAt] = createSignal<number>();
  const [left, setLeft] = createSignal(0);
  const [body, setBody] = createSignal<HTMLElement>();
  const theme = createTheme(body);
  const past = createPast(
    props.recorded,
    cluster,
    timeline,
    metric,
    () => mode() === 'charts' && tab() === 'statistics',
    () => (mode() === 'charts' && tab() === 'strips' ? wanted() : []),
  );
  const older = createOlder(settled, past.cluster.answer);
  const named = cluster.nodes;

  createEffect(() => {
    const name = past.nodes()?.find((node) => node.key === props.nodeKey)?.name;
    document.title = name === undefined ? 'Analyzer – mosview' : `${name} – Analyzer – mosview`;
  });
  createEffect(
    on(past.since, (since) => {
      if (typeof since === 'number') timeline.fit(timeline.now() - since);
    }),
  );
  createEffect(() => keepInAddress('mode', mode() === 'playback' ? 'playback' : undefined));
  onMount(() => void orders.control.load({ limit: KNOWN_ACTIONS }));

  const statistics = () => past.statistics.answer()?.value.nodes;
  const present = createMemo(() => new Set(cluster.nodes().map(({ key }) => key)));
  const nodes = createMemo(() => nodesOfRange(past.nodes() ?? [], statistics(), present()));
  const listed = createMemo(() => new Set(nodes().map(({ key }) => key)));
  const others = createMemo(() => countOthers(past.nodes() ?? [], listed()));
  const rows = createMemo(() =>
    arrangeStrips(stripRows(nodes(), statistics() ?? [], past.cpuMeans(), metric()), filter(), order()),
  );
  const cpuOrder = createMemo(() => metric() === 'cpu' && order().sort === 'max');
  createEffect(() => cpuOrder() && setOrder({ sort: 'mean', descending: true }));

  const holes = createMemo(
    (): readonly Span[] => {
      const since = past.since();
      const answer = past.states.answer();
      const scale = timeline.scale();
      const pixel = (scale.to - scale.from) / Math.max(1, scale.pixels);
      if (answer !== undefined) {
        // What was answered is for the span asked for; beside it nothing is claimed.
        const from = Math.max(scale.from, answer.question.from);
        const to = Math.min(scale.to, answer.question.to);
        return from < to ? uncovered(answer.value.recordings, { from, to }, HOLE_PIXELS * pixel) : [];
      }
      if (typeof since !== 'number' || since <= scale.from) return [];
      return [{ from: scale.from, to: Math.min(since, scale.to) }];
    },
    NO_HOLES,
    { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );

  const clusterValues = () => past.cluster.answer()?.value;
  const top = createMemo(() => {
    if (!look.toHighest() || metric() !== 'load') return 100;
    const series = clusterValues()?.series;
    return series === undefined ? 100 : roundTop(highest(clusterCurve('load', series)));
  });
  const playhead = (): number | undefined => {
    if (mode() !== 'playback') return undefined;
    const { from, to } = timeline.scale();
    return Math.min(to, Math.max(from, playedAt() ?? to));
  };

  function compare(key: string): void {
    const next = toggled(compared(), key);
    setRefused(keysOf(next).length === keysOf(compared()).length);
    setCompared(next);
  }

  async function open(place: CallInput<'openWindow'>): Promise<void> {
    const result = await call('openWindow', place);
    if (!result.ok) setProblem(result.problem);
  }

  const hand = createHand(
    timeline,
    left,
    (time) => {
      if (mode() === 'playback') setPlayedAt(time);
    },
    () => past.since() ?? undefined,
  );

  function onKeyDown(event: KeyboardEvent): void {
    if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest('input, select, textarea, .time-less') !== null) return;
    if (event.key === '?') setAsking('keys');
    else if (!hand.onKey(event)) return;
    event.preventDefault();
  }
  onMount(() => {
    document.addEventListener('keydown', onKeyDown);
    onCleanup(() => document.removeEventListener('keydown', onKeyDown));
  });
  // Solid's own listener for wheels is passive, which cannot hold the page still.
  createEffect(() => {
    const element = body();
    if (element === undefined) return;
    const onWheel = (event: WheelEvent): void => hand.onWheel(event);
    element.addEventListener('wheel', onWheel, { passive: false });
    onCleanup(() => element.removeEventListener('wheel', onWheel));
  });

  const drawn = createMemo(
    () => clusterValues() !== undefined && past.strips.complete() && wanted().length > 0,
  );
  createEffect(() => {
    if (drawn()) afterFrame(() => requestIdleCallback(() => setSettled(true)));
  });
  onMount(() => {
    const timer = setTimeout(() => setSettled(true), SETTLED_MS);
    onCleanup(() => clearTimeout(timer));
  });
  /** The first moment at which everything that is seen is of the range and on the screen: what the bench measures. */
  createEffect<boolean>((before) => {
    const painted = before || (drawn() && past.statistics.answer() !== undefined);
    if (painted && !before) afterFrame(() => performance.mark('analyzer painted'));
    return painted;
  }, false);

  /** Whether something has been asked for so long that it is to be said. */
  const [slow, setSlow] = createSignal(false);
  createEffect(
    on(past.reading, (reading) => {
      if (!reading) {
        setSlow(false);
        return;
      }
      const timer = setTimeout(() => setSlow(true), SLOW_MS);
      onCleanup(() => clearTimeout(timer));
    }),
  );

  const status = (): string => {
    const { from, to } = timeline.scale();
    const values = clusterValues();
    return [
      timeline.live() ? 'Live' : 'Held; recording goes on',
      lengthWords(to - from),
      ...(values === undefined ? [] : [RESOLUTION_WORDS[values.resolution]]),
      ...(slow() ? ['reading …'] : []),
    ].join(', ');
  };
  const missing = (): string => missingWords(holes(), timeline.scale(), past.since());
  const line = (): number | undefined => {
    const time = timeline.cursor() ?? playhead();
    const scale = timeline.scale();
    if (time === undefined || scale.pixels === 0) return undefined;
    return pixelOf(scale, time);
  };
  createEffect(on([mode, tab], () => setOpened(undefined), { defer: true }));

  return (
    <div class="analyzer">
      <LostStrip connected={cluster.connected()} time={cluster.second().time} />
      <header class="analyzer-head">
        <h1 class="unseen">Analyzer</h1>
        <Choice label="What is shown" options={MODES} value={mode()} onChoose={setMode} />
        <RangeTools timeline={timeline} />
        <div class="analyzer-ends">
          <button type="button" onClick={() => setAsking('checkpoint')}>
            Set a checkpoint …
          </button>
          <button
            type="button"
            class="quiet"
            title="Keys (?)"
            aria-label="Keys"
            onClick={() => setAsking('keys')}
          >
            ?
          </button>
        </div>
        <RangeEnds timeline={timeline} />
        <p class="muted analyzer-status" role="status">
          {status()}
          <Show when={missing() !== ''}>
            <span class="missing"> {missing()}</span>
          </Show>
        </p>
      </header>
      <InlineProblem problem={problem() ?? past.problem() ?? older()} />
      <main
        ref={setBody}
        class="analyzer-body"
        classList={{ drawing: hand.drawn() !== undefined, lost: !cluster.connected() }}
        onPointerDown={(event) => hand.onPointerDown(event)}
        onPointerMove={(event) => hand.onPointerMove(event)}
        onPointerUp={(event) => hand.onPointerUp(event)}
        onPointerLeave={() => hand.onPointerLeave()}
      >
        <TimeLines
          timeline={timeline}
          past={past}
          metric={metric()}
          threshold={threshold()}
          top={top()}
          holes={holes()}
          theme={theme()}
          playhead={playhead()}
          onPlace={setLeft}
          onOpen={setOpened}
        />
        <Show
          when={mode() === 'charts'}
          fallback={
            <Playback
              from={timeline.scale().from}
              to={timeline.scale().to}
              time={playhead() ?? timeline.scale().to}
              onTime={setPlayedAt}
              live={timeline.live()}
            />
          }
        >
          <LowerTools look={look} compared={keysOf(compared()).length} refused={refused()} />
          <Switch>
            <Match when={tab() === 'strips'}>
              <Strips
                timeline={timeline}
                store={past.strips}
                rows={rows()}
                others={others()}
                order={order()}
                onOrder={setOrder}
                metric={metric()}
                threshold={threshold()}
                top={top()}
                holes={holes()}
                theme={theme()}
                compared={keysOf(compared())}
                onCompare={compare}
                onWanted={setWanted}
                onOpen={(key) => void open({ view: 'node', key })}
                settled={settled()}
                begin={props.nodeKey === '' ? undefined : props.nodeKey}
              />
            </Match>
            <Match when={tab() === 'compare'}>
              <ErrorBoundary fallback={<p class="analyzer-waiting">{COMPARE_MISSING}</p>}>
                <Suspense>
                  <Compare
                    timeline={timeline}
                    metric={metric()}
                    compared={compared()}
                    nodes={nodes()}
                    connected={cluster.connected()}
                    onToggle={compare}
                  />
                </Suspense>
              </ErrorBoundary>
            </Match>
            <Match when={past.statistics.answer() === undefined}>
              <p class="analyzer-waiting muted">Reading the statistics …</p>
            </Match>
            <Match when={past.statistics.answer()}>
              {(answer) => (
                <StatisticsTable
                  nodes={answer().value.nodes.filter(({ key }) => listed().has(key))}
                  span={answer().question}
                  resolution={answer().value.resolution}
                  filter={passes(filter())}
                  load={clusterCurve('load', clusterValues()?.series ?? [])}
                  memory={clusterCurve('memory', clusterValues()?.series ?? [])}
                  onOpen={(key) => void open({ view: 'node', key })}
                />
              )}
            </Match>
          </Switch>
        </Show>
        <Show when={line() !== undefined}>
          <span
            class="time-cursor"
            classList={{ playhead: timeline.cursor() === undefined }}
            style={{ transform: `translateX(${line() ?? 0}px)` }}
          />
        </Show>
        <Show when={hand.drawn()}>
          {(drawn) => (
            <span
              class="time-drawn"
              style={{ transform: `translateX(${drawn().left}px)`, width: `${drawn().width}px` }}
            />
          )}
        </Show>
      </main>
      <Show when={opened()} keyed>
        {(now) => (
          <MarkDetail
            opened={now}
            orders={orders}
            nameOf={(id) => named().find((node) => node.id === id)?.name ?? ''}
            onClose={() => setOpened(undefined)}
            onLog={() => void open({ view: 'migrations' })}
          />
        )}
      </Show>
      <OrderLayer orders={orders} />
      <Show when={asking() === 'checkpoint'}>
        <CheckpointDialog onClose={() => setAsking(undefined)} />
      </Show>
      <Show when={asking() === 'keys'}>
        <KeysDialog onClose={() => setAsking(undefined)} />
      </Show>
    </div>
  );
}
