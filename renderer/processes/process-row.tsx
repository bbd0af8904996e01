/** A row of a list of processes. Its elements stay; only the texts that differ are written. */
import { For, Show, type JSX } from 'solid-js';
import { bytes, count, plainText } from '../words/format.ts';
import { COLUMN_FACTS } from './columns.ts';
import type { ProcessColumn, ProcessRow } from './process-list.ts';
import {
  commandRest,
  cpuTime,
  placeWords,
  stateWord,
  userWords,
  whyInShort,
  whyWords,
  type NameOfId,
} from './process-words.ts';

/** A row as the texts it shows, made only for the rows in view. */
export interface ProcessRowText {
  readonly row: ProcessRow;
  readonly name: string;
  readonly cells: Readonly<Record<ProcessColumn, string>>;
  /** Everything of the command, and of why it stays, for the titles. */
  readonly command: string;
  readonly why: string;
}

const GONE = 'it is not in the list any more';

/** Writes one row. */
export function processRowText(row: ProcessRow, nameOf: NameOfId): ProcessRowText {
  const { info, nodeName } = row.entry;
  return {
    row,
    name: plainText(info.name),
    command: plainText(info.command),
    why: row.ended ? GONE : whyWords(info),
    cells: {
      pid: String(info.pid),
      node: plainText(nodeName),
      user: userWords(info),
      command: commandRest(info),
      where: placeWords(info.place, nameOf),
      state: row.ended ? 'gone' : stateWord(info.state),
      cpu: row.ended ? '–' : cpuPercent(info.cpuPercent),
      memory: row.ended ? '–' : bytes(info.memory),
      time: cpuTime(info.cpuSeconds),
      nice: String(info.nice),
      moves: count(info.migrations ?? NaN),
      locked: info.locked === null ? '–' : info.locked ? 'locked' : '',
      why: row.ended ? GONE : whyInShort(info),
    },
  };
}

/** Small shares with one decimal, so that a process that works a little is told from one that does not. */
function cpuPercent(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return value < 9.95 ? value.toFixed(1) : count(value);
}

/** Columns whose text may be cut and is told in full on hover. */
const CUT: ReadonlySet<ProcessColumn> = new Set(['node', 'user', 'where']);

export function ProcessRowView(props: {
  readonly id: string;
  readonly text: ProcessRowText;
  readonly columns: readonly ProcessColumn[];
  /** Position among all rows, from 0. */
  readonly position: number;
  readonly chosen: boolean;
  readonly active: boolean;
  readonly onClick: (event: MouseEvent) => void;
  readonly onDblClick: () => void;
  readonly onContextMenu: (event: MouseEvent) => void;
}): JSX.Element {
  const info = () => props.text.row.entry.info;
  return (
    <div
      class="row"
      classList={{ chosen: props.chosen, active: props.active, gone: props.text.row.ended }}
      role="row"
      id={props.id}
      aria-rowindex={props.position + 2}
      aria-selected={props.chosen}
      data-place={info().place.kind}
      onClick={(event) => props.onClick(event)}
      onDblClick={() => props.onDblClick()}
      onContextMenu={(event) => props.onContextMenu(event)}
    >
      <For each={props.columns}>
        {(column) => (
          <Show
            when={column === 'command'}
            fallback={
              <div
                class="cell"
                classList={{ number: COLUMN_FACTS[column].number ?? false }}
                role={column === 'pid' ? 'rowheader' : 'gridcell'}
                data-column={column}
                data-process-state={column === 'state' ? info().state : undefined}
                title={
                  column === 'why' ? props.text.why : CUT.has(column) ? props.text.cells[column] : undefined
                }
              >
                {props.text.cells[column]}
              </div>
            }
          >
            <div class="cell" role="gridcell" data-column="command" title={props.text.command}>
              <span class="process-name">{props.text.name}</span>{' '}
              <span class="muted">{props.text.cells.command}</span>
            </div>
          </Show>
        )}
      </For>
    </div>
  );
}
