/**
 * The table of all nodes: sorted, filtered, and built only for the rows in view. The whole grid is one stop of the
 * keyboard; the arrow keys move the chosen row, Enter opens it.
 */
import {
  createComputed,
  createEffect,
  createMemo,
  createSignal,
  Index,
  onCleanup,
  onMount,
  type JSX,
} from 'solid-js';
import type { NodeInfo } from '../../common/model/node.ts';
import { arrange, COLUMNS, nextSort, parseSort, sortText, type ColumnName } from '../cluster/arrange.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { recall, remember } from '../remembered.ts';
import { HeaderCell } from './header-cell.tsx';
import { Row, rowId } from './row.tsx';
import { rowText } from './row-text.ts';
import { drawSparklines, onColoursChanged } from './sparklines.ts';
import { ROW_HEIGHT, rowAfterKey, rowsInView, scrollToRow, type RowRange } from './virtual.ts';

/** After a hand was on the table, its order keeps still for this long, so that nobody opens the wrong row. */
const HOLD_MS = 2000;

export function NodeTable(props: {
  readonly cluster: Cluster;
  readonly filter: string;
  /** Key of the chosen node. */
  readonly chosen: string | undefined;
  readonly onChoose: (key: string | undefined) => void;
  readonly onOpen: (info: NodeInfo) => void;
  /** Hears how many nodes pass the filter. */
  readonly onShown: (count: number) => void;
}): JSX.Element {
  const cluster = props.cluster;
  const [sort, setSort] = createSignal(parseSort(recall('sort')));
  const [scrollTop, setScrollTop] = createSignal(0);
  const [height, setHeight] = createSignal(0);
  const [sparkPlace, setSparkPlace] = createSignal({ left: 0, width: 0 }, { equals: samePlace });
  const [colours, setColours] = createSignal(0);
  let scroller: HTMLDivElement | undefined;
  let header: HTMLDivElement | undefined;
  let canvas: HTMLCanvasElement | undefined;
  let touchedAt = -Infinity;

  /** The second the rows are ordered by: the newest one, but for a hand on the table. */
  const [orderedBy, setOrderedBy] = createSignal(cluster.second());
  createComputed(() => {
    const second = cluster.second();
    if (performance.now() - touchedAt > HOLD_MS) setOrderedBy(second);
  });

  const order = createMemo(() =>
    arrange({
      nodes: cluster.nodes(),
      block: orderedBy().block,
      nameRanks: cluster.nameRanks(),
      filter: props.filter,
      sort: sort(),
    }),
  );
  createEffect(() => props.onShown(order().length));

  const range = createMemo(() => rowsInView(scrollTop(), height(), order().length), undefined, {
    equals: sameRange,
  });
  const rows = createMemo(() => {
    const second = cluster.second();
    return order()
      .slice(range().start, range().end)
      .map((info) => rowText(info, second));
  });
  const chosenRow = createMemo(() => {
    const row = order().findIndex((info) => info.key === props.chosen);
    return row < 0 ? undefined : row;
  });
  const chosenSlot = (): number | undefined => order()[chosenRow() ?? -1]?.slot;

  createEffect(() => {
    colours();
    const slots = rows().map((row) => row.info.slot);
    if (canvas !== undefined) drawSparklines(canvas, cluster.rings, slots, sparkPlace().width);
  });

  onMount(() => {
    if (scroller === undefined || header === undefined || canvas === undefined) return;
    const grid = scroller;
    const head = header;
    const measure = new ResizeObserver(() => {
      setHeight(grid.clientHeight - head.offsetHeight);
      const place = head.querySelector<HTMLElement>('.spark-place');
      if (place !== null) setSparkPlace({ left: place.offsetLeft, width: place.offsetWidth });
    });
    measure.observe(grid);
    measure.observe(head);
    onCleanup(() => measure.disconnect());
    onCleanup(onColoursChanged(canvas, () => setColours((times) => times + 1)));
  });

  /** Keeps the chosen row in view when it was moved by the keyboard or the view became smaller. */
  function reveal(row: number): void {
    if (scroller !== undefined) scroller.scrollTop = scrollToRow(row, scroller.scrollTop, height());
  }
  createEffect((before: number | undefined) => {
    const now = height();
    const row = chosenRow();
    if (before !== undefined && now < before && row !== undefined) reveal(row);
    return now;
  });

  function touched(): void {
    touchedAt = performance.now();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== scroller || event.ctrlKey || event.altKey || event.metaKey) return;
    touched();
    const current = chosenRow();
    const info = current === undefined ? undefined : order()[current];
    if (event.key === 'Enter' && info !== undefined) {
      event.preventDefault();
      props.onOpen(info);
      return;
    }
    if (event.key === 'Escape') {
      props.onChoose(undefined);
      return;
    }
    const next = rowAfterKey(event.key, current, order().length, Math.floor(height() / ROW_HEIGHT));
    if (next === undefined) return;
    event.preventDefault();
    props.onChoose(order()[next]?.key);
    reveal(next);
  }

  function chooseSort(column: ColumnName): void {
    const next = nextSort(sort(), column);
    setSort(next);
    setOrderedBy(cluster.second());
    remember('sort', sortText(next));
  }

  return (
    <div
      ref={(node) => (scroller = node)}
      class="table"
      classList={{ lost: !cluster.connected() }}
      role="grid"
      aria-label="Nodes"
      aria-rowcount={order().length + 1}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={chosenSlot() === undefined ? undefined : rowId(chosenSlot() ?? 0)}
      tabIndex={0}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onPointerMove={touched}
      onPointerDown={touched}
    >
      <div role="rowgroup" class="table-head">
        <div ref={(node) => (header = node)} class="row header" role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <HeaderCell column={column} sort={sort()} onSort={chooseSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" class="rows" style={{ height: `${order().length * ROW_HEIGHT}px` }}>
        <div class="layer" style={{ transform: `translateY(${range().start * ROW_HEIGHT}px)` }}>
          <Index each={rows()}>
            {(row, index) => (
              <Row
                row={row()}
                position={range().start + index}
                chosen={row().info.key === props.chosen}
                onChoose={() => props.onChoose(row().info.key)}
                onOpen={() => props.onOpen(row().info)}
              />
            )}
          </Index>
          <canvas
            ref={(node) => (canvas = node)}
            class="sparklines"
            aria-hidden="true"
            style={{ left: `${sparkPlace().left}px` }}
          />
        </div>
      </div>
    </div>
  );
}

function sameRange(a: RowRange, b: RowRange): boolean {
  return a.start === b.start && a.end === b.end;
}

function samePlace(a: { left: number; width: number }, b: { left: number; width: number }): boolean {
  return a.left === b.left && a.width === b.width;
}
