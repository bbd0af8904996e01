/** A list of recorded things, newest first: one row is chosen by pointer or arrow keys, older ones are read on demand. */
import { createEffect, For, Show, type JSX } from 'solid-js';
import { rowAfterKey } from '../table/virtual.ts';

/** A column: its title, its class and what a row says there. */
export interface LogColumn<Row> {
  readonly title: string;
  readonly kind: string;
  readonly cell: (row: Row) => JSX.Element;
}

/** Rows the Page keys go. */
const PAGE = 15;

export function LogTable<Row extends { readonly number: number }>(props: {
  readonly label: string;
  readonly columns: readonly LogColumn<Row>[];
  /** Newest first. */
  readonly rows: readonly Row[];
  /** Number of the chosen row. */
  readonly chosen: number | undefined;
  readonly onChoose: (number: number | undefined) => void;
  /** What is said where there are none. */
  readonly nothing: string;
  /** Reads older ones; left out where there are none. */
  readonly onOlder: (() => void) | undefined;
}): JSX.Element {
  let scroller: HTMLDivElement | undefined;
  const numbers = () => props.rows.map((row) => row.number);
  const byNumber = () => new Map(props.rows.map((row) => [row.number, row]));
  const rowId = (number: number) => `log-row-${number}`;

  createEffect(() => {
    const { chosen } = props;
    if (chosen !== undefined) document.getElementById(rowId(chosen))?.scrollIntoView({ block: 'nearest' });
  });

  function onKeyDown(event: KeyboardEvent): void {
    if (event.target !== scroller || event.ctrlKey || event.altKey || event.metaKey) return;
    const at = numbers().indexOf(props.chosen ?? -1);
    const next = rowAfterKey(event.key, at < 0 ? undefined : at, props.rows.length, PAGE);
    if (event.key === 'Escape') props.onChoose(undefined);
    else if (next === undefined) return;
    else props.onChoose(numbers()[next]);
    event.preventDefault();
  }

  return (
    <div
      ref={(node) => (scroller = node)}
      class="log-table"
      role="grid"
      aria-label={props.label}
      aria-activedescendant={props.chosen === undefined ? undefined : rowId(props.chosen)}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <table role="presentation">
        <thead role="rowgroup">
          <tr role="row">
            <For each={props.columns}>
              {(column) => (
                <th role="columnheader" scope="col" class={column.kind}>
                  {column.title}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody role="rowgroup">
          <For each={numbers()}>
            {(number) => (
              <Show when={byNumber().get(number)}>
                {(row) => (
                  <tr
                    role="row"
                    id={rowId(number)}
                    aria-selected={props.chosen === number}
                    classList={{ chosen: props.chosen === number }}
                    onClick={() => props.onChoose(number)}
                  >
                    <For each={props.columns}>
                      {(column) => (
                        <td role="gridcell" class={column.kind}>
                          {column.cell(row())}
                        </td>
                      )}
                    </For>
                  </tr>
                )}
              </Show>
            )}
          </For>
        </tbody>
      </table>
      <Show when={props.rows.length === 0}>
        <p class="log-nothing muted">{props.nothing}</p>
      </Show>
      <Show when={props.onOlder}>
        {(onOlder) => (
          <button type="button" class="quiet older" onClick={() => onOlder()()}>
            Show older ones
          </button>
        )}
      </Show>
    </div>
  );
}
