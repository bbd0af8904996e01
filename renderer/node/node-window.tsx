/** One node's own window: who it is and how it is on the left, its charts over a chosen range beside that. */
import { createEffect, createMemo, createSignal, For, on, onMount, Show, type JSX } from 'solid-js';
import type { CallInput, NodeDetail } from '../../common/contract/contract.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { metricNamed, STANDARD_LOAD } from '../../common/model/metric.ts';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { NodeControls } from '../control/node-controls.tsx';
import { LockButton } from '../control/lock-button.tsx';
import { createOrders, OrderLayer } from '../control/order.tsx';
import { Explanation } from '../parts/explanation.tsx';
import { Lamp } from '../parts/lamp.tsx';
import { LostStrip } from '../parts/lost-strip.tsx';
import { NodeActions } from '../parts/node-actions.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { last, rangeText, type Range as TimeRange } from '../time/range.ts';
import { shows } from '../view.tsx';
import { bytes, count, percent, span } from '../words/format.ts';
import { ageMatters } from '../words/node-words.ts';
import { sizeAxis, summarise, valueAxis, type ValueAxis } from './chart-data.ts';
import { TimeChart } from './chart.tsx';
import { Facts } from './facts.tsx';
import { createHistory } from './history.ts';
import { RANGES, type Range } from './ranges.ts';

/** The detail (views, log) is read again after so many seconds, and at once when the node's row changes. */
const DETAIL_SECONDS = 5;

/** Actions read at the start, so that a drain that is in force is known. */
const KNOWN_ACTIONS = 200;

const PERCENT_AXIS: ValueAxis = valueAxis(100);

export const show = shows(NodeWindow);

function NodeWindow(props: { readonly nodeKey: string }): JSX.Element {
  const key = props.nodeKey;
  const [problem, setProblem] = createSignal<Problem>();
  const [detail, setDetail] = createSignal<NodeDetail>();
  const [range, setRange] = createSignal<Range>(RANGES[0]);
  const [paused, setPaused] = createSignal(false);
  const [pixels, setPixels] = createSignal(0);
  const [cursor, setCursor] = createSignal<number>();
  const cluster = createCluster(setProblem);
  const orders = createOrders(setProblem);
  const { second } = cluster;
  const { history, problem: historyProblem } = createHistory(key, range, paused, pixels, second);

  const pushed = createMemo(() => cluster.nodes().find((node) => node.key === key));
  const info = () => pushed() ?? detail()?.info;
  const nameOf = (id: number) => cluster.nodes().find((node) => node.id === id)?.name ?? `node ${id}`;
  const state = () => second().block.state(info()?.slot ?? -1);
  const age = () => second().block.age(info()?.slot ?? -1);

  let secondsSinceDetail = 0;
  async function readDetail(): Promise<void> {
    secondsSinceDetail = 0;
    const result = await call('node', { key });
    if (result.ok) setDetail(result.value);
    setProblem(result.ok ? undefined : result.problem);
  }
  onMount(() => void orders.control.load({ limit: KNOWN_ACTIONS }));

  async function open(place: CallInput<'openWindow'>): Promise<void> {
    const result = await call('openWindow', place);
    if (!result.ok) setProblem(result.problem);
  }

  /** The analyzer at this node, with the range that is shown here. */
  function openHistory(): void {
    const shown: TimeRange = paused() ? { kind: 'between', ...history().span } : last(range().milliseconds);
    void open({ view: 'analyzer', key, range: rangeText(shown) });
  }

  createEffect(on(pushed, () => void readDetail()));
  createEffect(
    on(second, () => {
      secondsSinceDetail += 1;
      if (secondsSinceDetail >= DETAIL_SECONDS) void readDetail();
    }),
  );
  createEffect(() => {
    const node = info();
    if (node !== undefined) document.title = `${node.name} (${node.id}) – mosview`;
  });

  const loadAxis = () => valueAxis(Math.max(STANDARD_LOAD, summarise(history().load).max || 0));
  const memoryAxis = () => {
    const total = second().block.value('memoryTotal', info()?.slot ?? -1);
    return sizeAxis(total > 0 ? total : summarise(history().memoryUsed).max);
  };
  const shared = {
    get span() {
      return history().span;
    },
    get cursor() {
      return cursor();
    },
    onCursor: setCursor,
    onWidth: setPixels,
  };

  return (
    <div class="node-window">
      <LostStrip connected={cluster.connected()} time={second().time} />
      <Show when={info()}>
        {(node) => (
          <>
            <header class="node-head">
              <h1>{node().name}</h1>
              <Lamp state={state()} age={ageMatters(state(), age()) ? `${span(age())} old` : ''} />
              <span class="muted">id {node().id}</span>
              <div class="detail-actions">
                <button type="button" onClick={() => void open({ view: 'processes', key })}>
                  Processes
                </button>
                <button type="button" onClick={openHistory}>
                  History
                </button>
                <LockButton control={orders.control} onProblem={setProblem} />
                <NodeActions info={node()} onProblem={setProblem} />
              </div>
              <Explanation info={node()} />
            </header>
            <Facts info={node()} detail={detail()} second={second()}>
              <NodeControls
                nodes={[node()]}
                second={second()}
                orders={orders}
                nameOf={nameOf}
                onProblem={setProblem}
              />
            </Facts>
          </>
        )}
      </Show>
      <main class="charts">
        <div class="chart-tools">
          <div class="ranges" role="radiogroup" aria-label="Range of time">
            <For each={RANGES}>
              {(each) => (
                <label>
                  <input
                    type="radio"
                    name="range"
                    checked={range() === each}
                    onChange={() => setRange(each)}
                  />
                  {each.name}
                </label>
              )}
            </For>
          </div>
          <button type="button" aria-pressed={paused()} onClick={() => setPaused(!paused())}>
            {paused() ? 'Go on live' : 'Pause'}
          </button>
          <span class="muted" role="status">
            {paused() ? 'Paused; recording goes on.' : 'Live'}
          </span>
        </div>
        <InlineProblem problem={problem() ?? historyProblem()} />
        <TimeChart
          {...shared}
          title="Load"
          about={metricNamed('load').about}
          curve={history().load}
          axis={loadAxis()}
          write={count}
        />
        <TimeChart
          {...shared}
          title="CPU busy"
          about={metricNamed('cpuBusy').about}
          curve={history().cpuBusy}
          axis={PERCENT_AXIS}
          write={percent}
        />
        <TimeChart
          {...shared}
          title="Memory used"
          about="Physical memory less what Linux calls free or reclaimable"
          curve={history().memoryUsed}
          axis={memoryAxis()}
          write={bytes}
        />
      </main>
      <div class="node-orders">
        <OrderLayer orders={orders} />
      </div>
    </div>
  );
}
