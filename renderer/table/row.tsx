/** One row of the table. Its elements stay; only the texts that differ are written. */
import type { JSX } from 'solid-js';
import { Lamp } from '../parts/lamp.tsx';
import { connectionExplanation } from '../words/node-words.ts';
import type { RowText } from './row-text.ts';
import type { Pointing } from './selection.ts';

/** The id of a node's row element. */
export function rowId(slot: number): string {
  return `node-row-${slot}`;
}

export function Row(props: {
  readonly row: RowText;
  /** Position among all rows, from 0. */
  readonly position: number;
  /** The row is of a second that is gone by. */
  readonly past: boolean;
  readonly chosen: boolean;
  /** Whether the keyboard stands on it. */
  readonly lead: boolean;
  readonly onPoint: (pointing: Pointing) => void;
  readonly onOpen: () => void;
}): JSX.Element {
  return (
    <div
      class="row"
      classList={{ chosen: props.chosen, lead: props.lead, old: props.row.state !== 'up' }}
      role="row"
      id={rowId(props.row.info.slot)}
      aria-rowindex={props.position + 2}
      aria-selected={props.chosen}
      onClick={(event) => props.onPoint({ shift: event.shiftKey, toggle: event.ctrlKey || event.metaKey })}
      onDblClick={() => props.onOpen()}
    >
      <div class="cell state" role="gridcell">
        <Lamp state={props.row.state} age={props.row.age} />
      </div>
      <div class="cell id number" role="gridcell">
        {props.row.info.id}
      </div>
      <div class="cell name" role="rowheader" title={props.row.info.name}>
        {props.row.info.name}
      </div>
      <div class="cell speed number" role="gridcell">
        {props.row.speed}
      </div>
      <div class="cell load number" role="gridcell">
        <span class="raw">{props.row.load}</span>
        <span class="bar" aria-hidden="true" style={{ '--share': props.row.loadShare }} />
        <span class="share">{props.row.loadPercent}</span>
      </div>
      <div class="cell memory number" role="gridcell">
        <span class="share">{props.row.memoryPercent}</span>
        <span class="amount">{props.row.memory}</span>
      </div>
      <div class="cell cpus number" role="gridcell">
        {props.row.cpus}
      </div>
      <div class="cell settings" role="gridcell">
        {props.row.settings}
      </div>
      <div
        class="cell connection"
        role="gridcell"
        data-kind={props.row.info.connection.kind}
        title={props.past ? props.row.info.reason : connectionExplanation(props.row.info)}
      >
        {props.row.connection}
      </div>
    </div>
  );
}
