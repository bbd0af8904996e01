/**
 * Playback: a slider over the past that drives the table, the heat map, the migration map and a node's process list as if
 * they were live. The clock is here; nothing that changes nodes can be ordered.
 */
import {
  createEffect,
  createMemo,
  createSignal,
  Match,
  on,
  onCleanup,
  Show,
  Switch,
  type JSX,
} from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { HeatMap } from '../heat-map/heat-map.tsx';
import { Totals } from '../overview/head.tsx';
import { Choice } from '../parts/choice.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { FilterBox } from '../processes/filter-box.tsx';
import { createSelection } from '../table/selection.ts';
import { NodeTable } from '../table/table.tsx';
import { advance, playFrom, type Speed, type Stretch } from './clock.ts';
import { NothingRecorded } from './nothing-recorded.tsx';
import { PastMapView } from './past-map-view.tsx';
import { PastProcesses } from './past-processes.tsx';
import { createPast } from './past.ts';
import { Transport } from './transport.tsx';

const TABS = [
  { value: 'table', label: 'Table' },
  { value: 'heat-map', label: 'Heat map' },
  { value: 'map', label: 'Map' },
  { value: 'processes', label: 'Processes' },
] as const;
type Tab = (typeof TABS)[number]['value'];

export function Playback(props: {
  /** The range of the slider, milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** The time that is shown, within the range. */
  readonly time: number;
  /** The time goes on, or the operator chose another. */
  readonly onTime: (time: number) => void;
  /** Whether `to` is the present, so that the end of the range goes on with it. */
  readonly live: boolean;
}): JSX.Element {
  const [playing, setPlaying] = createSignal(false);
  const [speed, setSpeed] = createSignal<Speed>(1);
  const [tab, setTab] = createSignal<Tab>('table');
  const [node, setNode] = createSignal<string>();
  const [filter, setFilter] = createSignal('');
  const [shownNodes, setShownNodes] = createSignal(0);
  const [rowsInView, setRowsInView] = createSignal<readonly string[]>([]);
  const [mapProblem, setMapProblem] = createSignal<Problem>();
  const selection = createSelection();
  const stretch = (): Stretch => ({ from: props.from, to: props.to });

  const past = createPast({
    time: () => props.time,
    processesOf: () => (tab() === 'processes' ? node() : undefined),
    coursesOf: () => (tab() === 'table' ? rowsInView() : []),
  });
  const names = createMemo(() => new Map(past.cluster.nodes().map(({ id, name }) => [id, name])));
  const nameOf = (id: number): string => names().get(id) ?? '';
  const nothingAt = (): number | undefined => {
    const second = past.shown();
    return second !== undefined && second.found === undefined ? second.asked : undefined;
  };

  function play(on: boolean): void {
    if (on && !playing()) props.onTime(playFrom(props.time, stretch()));
    setPlaying(on);
  }

  /** The clock: every frame of the window; it rests while the window is hidden, as frames do. */
  createEffect(
    on(playing, (on) => {
      if (!on) return;
      let before = performance.now();
      let frame = requestAnimationFrame(tick);
      function tick(now: number): void {
        const next = advance(props.time, now - before, speed(), stretch());
        before = now;
        if (next !== props.time) props.onTime(next);
        if (next >= props.to && !props.live) setPlaying(false);
        else frame = requestAnimationFrame(tick);
      }
      onCleanup(() => cancelAnimationFrame(frame));
    }),
  );

  function openProcesses(key: string): void {
    setNode(key);
    setTab('processes');
  }

  const nodesView = {
    cluster: past.cluster,
    selection,
    onOpen: (info: NodeInfo) => openProcesses(info.key),
    onShown: setShownNodes,
  };

  return (
    <div class="playback time-less">
      <Transport
        stretch={stretch()}
        time={props.time}
        live={props.live}
        playing={playing()}
        speed={speed()}
        nameOf={nameOf}
        onTime={props.onTime}
        onPlay={play}
        onSpeed={setSpeed}
      />
      <div class="playback-tools">
        <Choice label="View of the past" options={TABS} value={tab()} onChoose={setTab} />
        <Show when={tab() === 'table' || tab() === 'heat-map'}>
          <FilterBox
            about="Filter nodes by id, name, state, setting or reason"
            text={filter()}
            shown={shownNodes()}
            all={past.cluster.nodes().length}
            onText={setFilter}
            onLeave={() => document.querySelector<HTMLElement>('.playback .table, .heat-box')?.focus()}
          />
          <Totals cluster={past.cluster} onFilter={setFilter} />
        </Show>
        <Show when={past.shown()?.found !== undefined && (past.shown()?.resolution ?? 1) > 1}>
          <span class="muted">Recorded for every {past.shown()?.resolution} s by now</span>
        </Show>
      </div>
      <InlineProblem problem={past.problem() ?? mapProblem()} />
      <div class="playback-view">
        <Switch>
          <Match when={tab() === 'table'}>
            <NodeTable {...nodesView} filter={filter()} onRows={setRowsInView} />
          </Match>
          <Match when={tab() === 'heat-map'}>
            <HeatMap {...nodesView} filter={filter()} />
          </Match>
          <Match when={tab() === 'map'}>
            <PastMapView past={past} onProcesses={openProcesses} onProblem={setMapProblem} />
          </Match>
          <Match when={tab() === 'processes'}>
            <PastProcesses past={past} node={node()} onNode={setNode} nameOf={nameOf} />
          </Match>
        </Switch>
        <Show when={tab() !== 'processes' && nothingAt()}>
          {(second) => <NothingRecorded second={second()} stretch={stretch()} onTime={props.onTime} />}
        </Show>
      </div>
    </div>
  );
}
