/**
 * Every node as a coloured cell: on one canvas, by id or by what it shows, with the words of the cell under the pointer
 * or the keyboard. The map is one stop of the keyboard; it and the table share what is chosen.
 */
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  Index,
  onCleanup,
  onMount,
  Show,
  type JSX,
} from 'solid-js';
import type { NodeInfo } from '../../common/model/node.ts';
import { arrange, DEFAULT_SORT, memoryPercent } from '../cluster/arrange.ts';
import { NO_SECOND } from '../cluster/cluster.ts';
import { holdSecond } from '../cluster/held-second.ts';
import { Choice } from '../parts/choice.tsx';
import { recall, remember } from '../remembered.ts';
import { chooseAll, chooseOne, chooseRange, toggleOne } from '../table/selection.ts';
import { onColoursChanged } from '../table/sparklines.ts';
import type { NodesViewProps } from '../table/table.tsx';
import { count, percent, plainText } from '../words/format.ts';
import { settingsWords, stateWords } from '../words/node-words.ts';
import { drawHeatMap, readHeatTheme, type Cell, type HeatTheme } from './draw.ts';
import { cellAfterKey, cellAt, gridFor, placeOf, type Grid } from './layout.ts';
import {
  countLevels,
  highestFirst,
  levelOf,
  levelWords,
  MEASURES,
  parseMeasure,
  type Measure,
} from './scale.ts';

type Order = 'id' | 'value';

export function HeatMap(props: NodesViewProps): JSX.Element {
  const cluster = props.cluster;
  const selection = props.selection;
  const [measure, setMeasure] = createSignal(parseMeasure(recall('heat-measure')));
  const [order, setOrder] = createSignal<Order>(recall('heat-order') === 'value' ? 'value' : 'id');
  const [room, setRoom] = createSignal({ width: 0, height: 0 });
  const [theme, setTheme] = createSignal<HeatTheme>();
  const [pointed, setPointed] = createSignal<number>();
  const [focused, setFocused] = createSignal(false);
  const small = document.createElement('canvas');
  let box: HTMLDivElement | undefined;
  let canvas: HTMLCanvasElement | undefined;
  const held = holdSecond(cluster);

  const passing = createMemo(() =>
    arrange({
      nodes: cluster.nodes(),
      // Without a filter the order of ids is the same in every second.
      block: (props.filter.trim() === '' ? NO_SECOND : held.second()).block,
      nameRanks: cluster.nameRanks(),
      filter: props.filter,
      sort: DEFAULT_SORT,
    }),
  );
  const nodes = createMemo(() =>
    order() === 'id' ? passing() : highestFirst(passing(), held.second().block, measure()),
  );
  createEffect(() => props.onShown(nodes().length));
  const grid = createMemo(() => gridFor(nodes().length, room().width, room().height));
  const cells = createMemo((): readonly Cell[] => {
    const { block } = cluster.second();
    const { value } = MEASURES[measure()];
    return nodes().map(({ id, slot }) => {
      const state = block.state(slot);
      const level = state === 'up' ? levelOf(measure(), value(block, slot)) : -1;
      return { level, state, label: String(id) };
    });
  });
  const counts = createMemo(() => countLevels(cells().map(({ level }) => level)));

  createEffect(() => {
    const colours = theme();
    if (canvas === undefined || colours === undefined || room().width === 0) return;
    performance.mark('heat map begins');
    drawHeatMap(canvas, small, grid(), cells(), colours);
    performance.measure('heat map', 'heat map begins');
  });

  onMount(() => {
    if (box === undefined || canvas === undefined) return;
    const [outer, drawn] = [box, canvas];
    const measureRoom = new ResizeObserver(() => setRoom(roomOf(outer)));
    measureRoom.observe(outer);
    onCleanup(() => measureRoom.disconnect());
    onCleanup(onColoursChanged(drawn, () => setTheme(readHeatTheme(drawn))));
    setTheme(readHeatTheme(drawn));
  });

  const leadCell = createMemo(() => {
    const { lead } = selection.chosen();
    const cell = lead === undefined ? -1 : nodes().findIndex((info) => info.key === lead);
    return cell < 0 ? undefined : cell;
  });
  const chosenCells = createMemo(() => {
    const { keys } = selection.chosen();
    return keys.size === 0 ? [] : nodes().flatMap((info, cell) => (keys.has(info.key) ? [cell] : []));
  });
  const keys = (): readonly string[] => nodes().map((info) => info.key);

  /** The words of a node's cell. */
  function wordsOf(info: NodeInfo): readonly string[] {
    const { block } = cluster.second();
    const state = block.state(info.slot);
    const settings = settingsWords(block.value('status', info.slot));
    return [
      info.name,
      `id ${info.id}, ${stateWords(state, block.age(info.slot))}`,
      `load ${count(block.value('load', info.slot))}, memory ${percent(memoryPercent(block, info.slot))} used` +
        `, CPU ${percent(block.value('cpuBusy', info.slot))} busy`,
      settings === '–' ? '' : settings,
      plainText(info.reason),
    ].filter((line) => line !== '');
  }

  /** The cell under the pointer of an event. */
  function cellUnder(event: MouseEvent): number | undefined {
    if (canvas === undefined) return undefined;
    const { left, top } = canvas.getBoundingClientRect();
    return cellAt(grid(), event.clientX - left, event.clientY - top);
  }

  function onClick(event: MouseEvent): void {
    const info = nodes()[cellUnder(event) ?? -1];
    if (info === undefined) selection.clear();
    else if (event.shiftKey) selection.set(chooseRange(selection.chosen(), keys(), info.key));
    else if (event.ctrlKey || event.metaKey) selection.set(toggleOne(selection.chosen(), info.key));
    else selection.set(chooseOne(info.key));
  }

  function reveal(cell: number): void {
    if (box === undefined) return;
    const { y } = placeOf(grid(), cell);
    if (y < box.scrollTop) box.scrollTop = y;
    else box.scrollTop = Math.max(box.scrollTop, y + grid().side - box.clientHeight);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey) return;
    held.touched();
    const control = event.ctrlKey || event.metaKey;
    const info = nodes()[leadCell() ?? -1];
    if (control && event.key.toLowerCase() === 'a') selection.set(chooseAll(selection.chosen(), keys()));
    else if (event.key === ' ' && info !== undefined) selection.set(toggleOne(selection.chosen(), info.key));
    else if (event.key === 'Enter' && !control && info !== undefined) props.onOpen(info);
    else if (event.key === 'Escape') selection.clear();
    else {
      const cell = cellAfterKey(event.key, leadCell(), grid());
      const key = nodes()[cell ?? -1]?.key;
      if (cell === undefined || key === undefined) return;
      if (event.shiftKey) selection.set(chooseRange(selection.chosen(), keys(), key));
      else if (control) selection.set({ ...selection.chosen(), lead: key });
      else selection.set(chooseOne(key));
      reveal(cell);
    }
    event.preventDefault();
  }

  /** The node whose words are shown: under the pointer, or where the keyboard is. */
  const told = createMemo(() => {
    const cell = pointed() ?? (focused() ? leadCell() : undefined);
    const info = nodes()[cell ?? -1];
    return cell === undefined || info === undefined ? undefined : { cell, info };
  });
  const spoken = (): string => {
    const info = focused() ? nodes()[leadCell() ?? -1] : undefined;
    return info === undefined ? '' : wordsOf(info).join(', ');
  };

  return (
    <section class="heat" classList={{ lost: !cluster.connected() }} aria-label="Heat map">
      <div class="heat-tools">
        <Choice
          label="What the cells show"
          options={(Object.keys(MEASURES) as Measure[]).map((value) => ({
            value,
            label: MEASURES[value].title,
            about: MEASURES[value].about,
          }))}
          value={measure()}
          onChoose={(value) => {
            setMeasure(value);
            remember('heat-measure', value);
            held.renew();
          }}
        />
        <Choice
          label="Order of the cells"
          options={[
            { value: 'id', label: 'By id', about: 'Every node keeps its place' },
            { value: 'value', label: 'Highest first' },
          ]}
          value={order()}
          onChoose={(value) => {
            setOrder(value);
            remember('heat-order', value);
            held.renew();
          }}
        />
      </div>
      <div
        ref={(element) => (box = element)}
        class="heat-box"
        role="application"
        aria-label="Nodes as cells"
        aria-description="Arrow keys walk through the nodes, Enter opens one, Space chooses several, Escape chooses none."
        tabIndex={0}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onDblClick={(event) => {
          const info = nodes()[cellUnder(event) ?? -1];
          if (info !== undefined) props.onOpen(info);
        }}
        onPointerMove={(event) => {
          held.touched();
          setPointed(cellUnder(event));
        }}
        onPointerLeave={() => setPointed(undefined)}
      >
        <div class="heat-cells">
          <canvas ref={(element) => (canvas = element)} aria-hidden="true" />
          <For each={chosenCells()}>
            {(cell) => <Frame grid={grid()} cell={cell} lead={focused() && cell === leadCell()} />}
          </For>
          <Show when={told()}>
            {(cell) => (
              <div class="map-tip heat-tip" role="tooltip" style={tipPlace(grid(), cell().cell, room())}>
                <For each={wordsOf(cell().info)}>
                  {(line, index) => (index() === 0 ? <strong>{line}</strong> : <span>{line}</span>)}
                </For>
              </div>
            )}
          </Show>
        </div>
        <p class="unseen" role="status">
          {spoken()}
        </p>
      </div>
      <ul class="heat-legend" aria-label="Colours">
        <Index each={counts().levels}>
          {(nodesThere, level) => (
            <li>
              <span class="heat-swatch" aria-hidden="true" data-level={level} />
              {levelWords(measure(), level)} <span class="muted">{count(nodesThere())}</span>
            </li>
          )}
        </Index>
        <Show when={counts().none > 0}>
          <li>
            no value <span class="muted">{count(counts().none)}</span>
          </li>
        </Show>
      </ul>
    </section>
  );
}

/** The frame of a chosen cell. */
function Frame(props: { readonly grid: Grid; readonly cell: number; readonly lead: boolean }): JSX.Element {
  const place = () => placeOf(props.grid, props.cell);
  const side = () => props.grid.side - props.grid.gap;
  return (
    <span
      class="heat-frame"
      classList={{ lead: props.lead }}
      style={{
        width: `${side()}px`,
        height: `${side()}px`,
        transform: `translate(${place().x}px, ${place().y}px)`,
      }}
    />
  );
}

/** Beside the cell, on the side where there is room. */
function tipPlace(grid: Grid, cell: number, room: { readonly width: number }): JSX.CSSProperties {
  const { x, y } = placeOf(grid, cell);
  const left = x + grid.side > room.width - 280;
  const above = Math.floor(cell / grid.columns) > grid.rows / 2;
  const height = grid.rows * grid.side;
  return {
    left: left ? 'auto' : `${x + grid.side + 6}px`,
    right: left ? `${grid.columns * grid.side - x + 6}px` : 'auto',
    top: above ? 'auto' : `${y}px`,
    bottom: above ? `${height - y - grid.side}px` : 'auto',
  };
}

/** The room for cells: without the blank around them. */
function roomOf(box: HTMLElement): { readonly width: number; readonly height: number } {
  const { paddingLeft, paddingTop } = getComputedStyle(box);
  return {
    width: box.clientWidth - 2 * Number.parseFloat(paddingLeft),
    height: box.clientHeight - 2 * Number.parseFloat(paddingTop),
  };
}
