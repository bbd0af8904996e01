/**
 * The table of all nodes: sorted, filtered, and built only for the rows in view. The whole grid is one stop of the
 * keyboard; the arrow keys move the chosen row, with Shift they choose several, Enter opens one.
 */
import { createEffect, createMemo, createSignal, Index, onCleanup, onMount, type JSX } from 'solid-js';
import type { NodeInfo } from '../../common/model/node.ts';
import { arrange, COLUMNS, nextSort, parseSort, sortText, type ColumnName } from '../cluster/arrange.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { holdSecond } from '../cluster/held-second.ts';
import { recall, remember } from '../remembered.ts';
import { HeaderCell } from './header-cell.tsx';
import { Row, rowId } from './row.tsx';
import { rowText } from './row-text.ts';
import { chooseAll, chooseOne, chooseRange, toggleOne, type Pointing, type Selection } from './selection.ts';
import { drawSparklines, onColoursChanged } from './sparklines.ts';
import { ROW_HEIGHT, rowAfterKey, rowsInView, scrollToRow, type RowRange } from './virtual.ts';

/** What every view of all nodes gets: the table, and the heat map. */
export interface NodesViewProps {
  readonly cluster: Cluster;
  readonly filter: string;
  readonly selection: Selection;
  readonly onOpen: (info: NodeInfo) => void;
  /** Hears how many nodes pass the filter. */
  readonly onShown: (count: number) => void;
  /** Hears the keys of the rows in view: only their courses of load are drawn. */
  readonly onRows?: (keys: readonly string[]) => void;
}

export function NodeTable(props: NodesViewProps): JSX.Element {
  const cluster = props.cluster;
  const [sort, setSort] = createSignal(parseSort(recall('sort')));
  const [scrollTop, setScrollTop] = createSignal(0);
  const [height, setHeight] = createSignal(0);
  const [sparkPlace, setSparkPlace] = createSignal({ left: 0, width: 0 }, { equals: samePlace });
  const [colours, setColours] = createSignal(0);
  let scroller: HTMLDivElement | undefined;
  let header: HTMLDivElement | undefined;
  let canvas: HTMLCanvasElement | undefined;
  const held = holdSecond(cluster);

  const order = createMemo(() =>
    arrange({
      nodes: cluster.nodes(),
      block: held.second().block,
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
      .map((info) => rowText(info, second, cluster.past));
  });
  createEffect(() => props.onRows?.(rows().map((row) => row.info.key)));
  const selection = props.selection;
  const leadRow = createMemo(() => {
    const { lead } = selection.chosen();
    const row = lead === undefined ? -1 : order().findIndex((info) => info.key === lead);
    return row < 0 ? undefined : row;
  });
  const leadSlot = (): number | undefined => order()[leadRow() ?? -1]?.slot;

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

  /** Keeps the row of the keyboard in view when it moved or the view became smaller. */
  function reveal(row: number): void {
    if (scroller !== undefined) scroller.scrollTop = scrollToRow(row, scroller.scrollTop, height());
  }
  createEffect((before: number | undefined) => {
    const now = height();
    const row = leadRow();
    if (before !== undefined && now < before && row !== undefined) reveal(row);
    return now;
  });

  const keys = (): readonly string[] => order().map((info) => info.key);

  function point(key: string, { shift, toggle }: Pointing): void {
    if (shift) selection.set(chooseRange(selection.chosen(), keys(), key));
    else selection.set(toggle ? toggleOne(selection.chosen(), key) : chooseOne(key));
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== scroller || event.altKey) return;
    held.touched();
    const control = event.ctrlKey || event.metaKey;
    const { chosen } = selection;
    const row = leadRow();
    const info = row === undefined ? undefined : order()[row];
    if (control && event.key.toLowerCase() === 'a') {
      selection.set(chooseAll(chosen(), keys()));
    } else if (event.key === ' ' && info !== undefined) {
      selection.set(toggleOne(chosen(), info.key));
    } else if (event.key === 'Enter' && !control && info !== undefined) {
      props.onOpen(info);
    } else if (event.key === 'Escape') {
      selection.clear();
    } else {
      const next = rowAfterKey(event.key, row, order().length, Math.floor(height() / ROW_HEIGHT));
      const key = order()[next ?? -1]?.key;
      if (next === undefined || key === undefined) return;
      if (control && !event.shiftKey) selection.set({ ...chosen(), lead: key });
      else point(key, { shift: event.shiftKey, toggle: false });
      reveal(next);
    }
    event.preventDefault();
  }

  /** With Shift a range of rows is meant, not one of text. */
  function keepText(event: MouseEvent): void {
    if (!event.shiftKey) return;
    event.preventDefault();
    scroller?.focus({ preventScroll: true });
  }

  function chooseSort(column: ColumnName): void {
    const next = nextSort(sort(), column);
    setSort(next);
    held.renew();
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
      aria-multiselectable={true}
      aria-activedescendant={leadSlot() === undefined ? undefined : rowId(leadSlot() ?? 0)}
      tabIndex={0}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onPointerMove={held.touched}
      onPointerDown={held.touched}
    >
      <div role="rowgroup" class="table-head">
        <div ref={(node) => (header = node)} class="row header" role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <HeaderCell column={column} past={cluster.past} sort={sort()} onSort={chooseSort} />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        class="rows"
        onMouseDown={keepText}
        style={{ height: `${order().length * ROW_HEIGHT}px` }}
      >
        <div class="layer" style={{ transform: `translateY(${range().start * ROW_HEIGHT}px)` }}>
          <Index each={rows()}>
            {(row, index) => (
              <Row
                row={row()}
                position={range().start + index}
                past={cluster.past}
                chosen={selection.chosen().keys.has(row().info.key)}
                lead={selection.chosen().lead === row().info.key}
                onPoint={(pointing) => point(row().info.key, pointing)}
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
