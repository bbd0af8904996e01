/**
 * A list of processes of one node or several: sorted, filtered, built only for the rows in view. The whole grid is one
 * stop of the keyboard. Rows keep their places while any is chosen or the pointer is over them; ended ones stay, greyed,
 * and new ones come at the end, until nothing is chosen and the pointer has left.
 */
import { createEffect, createMemo, createSignal, Index, on, onMount, untrack, type JSX } from 'solid-js';
import { recall, remember } from '../remembered.ts';
import { ROW_HEIGHT, rowAfterKey } from '../table/virtual.ts';
import { COLUMN_FACTS, layoutOf, type Layout } from './columns.ts';
import type { ProcessEntry } from './process-entry.ts';
import {
  arrangeProcesses,
  freshRows,
  keepPlaces,
  nextProcessSort,
  parseProcessSort,
  processSortText,
  type ProcessColumn,
  type ProcessRow,
  type ProcessView,
} from './process-list.ts';
import { processRowText, ProcessRowView } from './process-row.tsx';
import type { NameOfId } from './process-words.ts';
import * as choose from './selection.ts';
import { createVirtualRows } from './virtual-rows.ts';

let grids = 0;

/** What a list says of itself. */
export interface ListState {
  /** Rows that are shown. */
  readonly shown: number;
  /** Why rows keep their places now; undefined while they are in order. */
  readonly held: 'chosen' | 'pointer' | undefined;
}

export function ProcessTable(props: {
  readonly label: string;
  /** Under which name its sort is remembered. */
  readonly name: string;
  readonly columns: readonly ProcessColumn[];
  readonly entries: readonly ProcessEntry[];
  readonly view: ProcessView;
  readonly filter: string;
  readonly nameOf: NameOfId;
  /** The list is of an earlier time. */
  readonly old: boolean;
  /** Only one row can be chosen. */
  readonly single?: boolean;
  readonly selection: choose.Selection;
  readonly onSelection: (selection: choose.Selection) => void;
  /** A row was double-clicked, or Enter pressed. */
  readonly onOpen: () => void;
  /** A menu is wanted at this place of the window, in CSS pixels. */
  readonly onMenu?: (x: number, y: number) => void;
  /** A key that the list itself has no use for. */
  readonly onKey?: (event: KeyboardEvent) => void;
  readonly onState?: (state: ListState) => void;
}): JSX.Element {
  const gridId = `processes-${(grids += 1)}`;
  const [sort, setSort] = createSignal(parseProcessSort(recall(`${props.name}-sort`)));
  const [pointed, setPointed] = createSignal(false);
  let scroller: HTMLDivElement | undefined;
  let header: HTMLDivElement | undefined;

  const held = createMemo(() => {
    if (props.selection.chosen.size > 0) return 'chosen';
    return pointed() ? 'pointer' : undefined;
  });
  const arranged = createMemo(() =>
    arrangeProcesses({
      entries: props.entries,
      view: props.view,
      filter: props.filter,
      sort: sort(),
    }),
  );
  /** What the operator chose: when it changes, rows are put in order at once. */
  const wish = createMemo(() => `${processSortText(sort())}\n${props.view}\n${props.filter}`);
  const list = createMemo<{ readonly wish: string; readonly rows: readonly ProcessRow[] }>(
    (before) => ({
      wish: wish(),
      rows:
        held() !== undefined && before.wish === wish() && before.rows.length > 0
          ? keepPlaces(before.rows, props.entries, arranged())
          : freshRows(arranged()),
    }),
    { wish: '', rows: [] },
  );
  const rows = (): readonly ProcessRow[] => list().rows;
  /** Rows that can be chosen, in their order. */
  const order = createMemo(() => rows().flatMap((row) => (row.ended ? [] : [row.id])));

  createEffect(() => props.onState?.({ shown: rows().length, held: held() }));
  createEffect(
    on(order, (ids) => {
      const selection = untrack(() => props.selection);
      const kept = choose.retain(selection, new Set(ids));
      if (kept !== selection) props.onSelection(kept);
    }),
  );

  const virtual = createVirtualRows(() => rows().length);
  onMount(() => {
    if (scroller !== undefined && header !== undefined) virtual.attach(scroller, header);
  });
  const layout = createMemo(() => layoutOf(props.columns, virtual.width()), undefined, {
    equals: (a: Layout, b: Layout) => a.template === b.template && a.columns.join() === b.columns.join(),
  });
  const columns = (): readonly ProcessColumn[] => layout().columns;
  const texts = createMemo(() =>
    rows()
      .slice(virtual.range().start, virtual.range().end)
      .map((row) => processRowText(row, props.nameOf)),
  );
  function rowOf(id: string | undefined): number | undefined {
    const row = id === undefined ? -1 : rows().findIndex((each) => each.id === id);
    return row < 0 ? undefined : row;
  }
  const activeRow = createMemo(() => rowOf(props.selection.active));

  function chooseSort(column: ProcessColumn): void {
    const next = nextProcessSort(sort(), column);
    setSort(next);
    remember(`${props.name}-sort`, processSortText(next));
  }

  function clicked(event: MouseEvent, row: ProcessRow): void {
    if (row.ended) return;
    const { selection } = props;
    if (props.single !== true && event.shiftKey)
      props.onSelection(choose.stretch(selection, order(), row.id));
    else if (props.single !== true && (event.ctrlKey || event.metaKey))
      props.onSelection(choose.toggle(selection, row.id));
    else props.onSelection(choose.chooseOnly(row.id));
  }

  function menuAt(x: number, y: number, row: ProcessRow | undefined): void {
    if (row === undefined || row.ended || props.onMenu === undefined) return;
    if (!props.selection.chosen.has(row.id)) props.onSelection(choose.chooseOnly(row.id));
    props.onMenu(x, y);
  }

  function menuByKey(): void {
    const row = activeRow();
    if (row === undefined) return;
    virtual.reveal(row);
    const box = document.querySelector(`#${gridId}-${row}`)?.getBoundingClientRect();
    if (box !== undefined) menuAt(box.left + 80, box.bottom, rows()[row]);
  }

  function moveTo(id: string, event: KeyboardEvent): void {
    if (props.single === true || (!event.shiftKey && !event.ctrlKey))
      props.onSelection(choose.chooseOnly(id));
    else if (event.shiftKey) props.onSelection(choose.stretch(props.selection, order(), id));
    else props.onSelection(choose.goTo(props.selection, id));
    virtual.reveal(rowOf(id) ?? 0);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== scroller || event.altKey || event.metaKey) return;
    const { active } = props.selection;
    const at = active === undefined ? -1 : order().indexOf(active);
    const next = rowAfterKey(event.key, at < 0 ? undefined : at, order().length, virtual.page());
    const target = next === undefined ? undefined : order()[next];
    if (target !== undefined) moveTo(target, event);
    else if (event.key === 'a' && event.ctrlKey && props.single !== true)
      props.onSelection(choose.chooseAll(props.selection, order()));
    else if (event.key === ' ' && active !== undefined && props.single !== true)
      props.onSelection(choose.toggle(props.selection, active));
    else if (event.key === 'Escape' && props.selection.chosen.size > 0)
      props.onSelection(choose.NOTHING_CHOSEN);
    else if (event.key === 'Enter') props.onOpen();
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) menuByKey();
    else {
      if (!event.ctrlKey) props.onKey?.(event);
      return;
    }
    event.preventDefault();
  }

  return (
    <div
      ref={(element) => (scroller = element)}
      class="table processes"
      classList={{ old: props.old }}
      role="grid"
      aria-label={props.label}
      aria-multiselectable={props.single !== true}
      aria-rowcount={rows().length + 1}
      aria-activedescendant={activeRow() === undefined ? undefined : `${gridId}-${activeRow()}`}
      tabIndex={0}
      style={{ '--columns': layout().template }}
      onScroll={(event) => virtual.scrolled(event.currentTarget)}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" class="table-head">
        <div ref={(element) => (header = element)} class="row header" role="row" aria-rowindex={1}>
          <Index each={columns()}>
            {(column) => (
              <div
                class="cell"
                classList={{ number: COLUMN_FACTS[column()].number ?? false }}
                role="columnheader"
                data-column={column()}
                aria-sort={directionOf(sort(), column())}
              >
                <button
                  type="button"
                  class="sort"
                  title={COLUMN_FACTS[column()].about}
                  onClick={() => chooseSort(column())}
                >
                  {COLUMN_FACTS[column()].title}
                </button>
              </div>
            )}
          </Index>
        </div>
      </div>
      <div
        role="rowgroup"
        class="rows"
        style={{ height: `${rows().length * ROW_HEIGHT}px` }}
        onPointerEnter={() => setPointed(true)}
        onPointerLeave={() => setPointed(false)}
      >
        <div class="layer" style={{ transform: `translateY(${virtual.range().start * ROW_HEIGHT}px)` }}>
          <Index each={texts()}>
            {(text, index) => (
              <ProcessRowView
                id={`${gridId}-${virtual.range().start + index}`}
                text={text()}
                columns={columns()}
                position={virtual.range().start + index}
                chosen={props.selection.chosen.has(text().row.id)}
                active={props.selection.active === text().row.id}
                onClick={(event) => clicked(event, text().row)}
                onDblClick={() => props.onOpen()}
                onContextMenu={(event) => {
                  event.preventDefault();
                  menuAt(event.clientX, event.clientY, text().row);
                }}
              />
            )}
          </Index>
        </div>
      </div>
    </div>
  );
}

function directionOf(
  sort: { readonly column: ProcessColumn; readonly descending: boolean },
  column: ProcessColumn,
): 'ascending' | 'descending' | 'none' {
  if (sort.column !== column) return 'none';
  return sort.descending ? 'descending' : 'ascending';
}
