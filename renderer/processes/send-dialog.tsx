/** Where to send processes: every node with its load, state and whether it takes guests; the least loaded ones first. */
import { createMemo, createSignal, Index, onMount, untrack, type JSX } from 'solid-js';
import { foreignTo } from '../../common/model/dialect.ts';
import type { Dialect, NodeInfo } from '../../common/model/node.ts';
import { settingsOf } from '../../common/model/status.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Lamp } from '../parts/lamp.tsx';
import { ROW_HEIGHT, rowAfterKey } from '../table/virtual.ts';
import { count, span } from '../words/format.ts';
import { ageMatters } from '../words/node-words.ts';
import { createVirtualRows } from './virtual-rows.ts';

/** Why processes cannot be sent to a node, in words; empty where they can. */
function cannotTake(
  node: NodeInfo,
  { at = 0, home }: { readonly at?: number; readonly home: Dialect | null },
  cluster: Cluster,
  status: number,
): string {
  if (node.id === at) return 'runs there';
  const foreign = foreignTo(home, node.dialect);
  if (foreign !== '') return foreign;
  if (cluster.second().block.state(node.slot) !== 'up') return 'not up';
  return settingsOf(status).includes('block') ? 'refuses guests' : '';
}

interface Choice {
  readonly node: NodeInfo;
  readonly load: number;
  /** Why not; empty where it takes guests. */
  readonly refusal: string;
}

export function SendDialog(props: {
  /** What is sent, in words: `3 processes`. */
  readonly what: string;
  /** Id of the node where all of them run; left out or 0 where they do not all run on one. */
  readonly at?: number;
  /** What their homes speak; null where they differ or have not said yet. */
  readonly home: Dialect | null;
  readonly cluster: Cluster;
  readonly onSend: (id: number) => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const { cluster } = props;
  const [filter, setFilter] = createSignal('');
  const [active, setActive] = createSignal<number>();
  let list: HTMLDivElement | undefined;
  let head: HTMLDivElement | undefined;

  function choiceOf(node: NodeInfo): Choice {
    const { block } = cluster.second();
    return {
      node,
      load: block.value('load', node.slot),
      refusal: cannotTake(node, props, cluster, block.value('status', node.slot)),
    };
  }

  /** The order is that of the moment it was opened: nothing moves while one chooses; the numbers are of now. */
  const ordered = untrack(() =>
    cluster
      .nodes()
      .map(choiceOf)
      .sort(
        (a, b) =>
          Number(a.refusal !== '') - Number(b.refusal !== '') ||
          orLast(a.load) - orLast(b.load) ||
          a.node.id - b.node.id,
      )
      .map((choice) => choice.node),
  );
  const shown = createMemo(() => {
    const terms = filter().toLowerCase().split(/\s+/).filter(Boolean);
    return ordered.filter((node) => {
      const text = `${node.id}\n${node.name}`.toLowerCase();
      return terms.every((term) => text.includes(term));
    });
  });
  const virtual = createVirtualRows(() => shown().length);
  const choices = createMemo(() => shown().slice(virtual.range().start, virtual.range().end).map(choiceOf));
  onMount(() => {
    if (list !== undefined && head !== undefined) virtual.attach(list, head);
  });

  const row = (): number | undefined => {
    const at = shown().findIndex((node) => node.id === active());
    return at < 0 ? undefined : at;
  };
  const chosen = createMemo(() => {
    const node = shown()[row() ?? -1];
    return node === undefined ? undefined : choiceOf(node);
  });

  function send(): void {
    const choice = chosen();
    if (choice?.refusal === '') props.onSend(choice.node.id);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      event.preventDefault();
      send();
      return;
    }
    if (event.key === 'Home' || event.key === 'End') return;
    const next = rowAfterKey(event.key, row(), shown().length, virtual.page());
    if (next === undefined) return;
    event.preventDefault();
    setActive(shown()[next]?.id);
    virtual.reveal(next);
  }

  return (
    <Dialog title={`Send ${props.what} to a node`} onClose={props.onCancel}>
      <div class="dialog-body send" onKeyDown={onKeyDown}>
        <input
          type="search"
          autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls="send-nodes"
          aria-activedescendant={row() === undefined ? undefined : `send-node-${row()}`}
          aria-label="Filter nodes by id or name"
          placeholder="Filter by id or name; arrow keys choose, Enter sends"
          spellcheck={false}
          autocomplete="off"
          value={filter()}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <div
          ref={(element) => (list = element)}
          class="send-nodes"
          onScroll={(event) => virtual.scrolled(event.currentTarget)}
        >
          <div ref={(element) => (head = element)} class="send-node send-head" aria-hidden="true">
            <span class="number">Id</span>
            <span>Name</span>
            <span class="number">Load</span>
            <span>State</span>
            <span>Guests</span>
          </div>
          <div
            id="send-nodes"
            role="listbox"
            aria-label="Nodes"
            style={{ height: `${shown().length * ROW_HEIGHT}px` }}
          >
            <div style={{ transform: `translateY(${virtual.range().start * ROW_HEIGHT}px)` }}>
              <Index each={choices()}>
                {(choice, index) => (
                  <Option
                    id={`send-node-${virtual.range().start + index}`}
                    choice={choice()}
                    cluster={cluster}
                    chosen={choice().node.id === active()}
                    onChoose={() => setActive(choice().node.id)}
                    onSend={send}
                  />
                )}
              </Index>
            </div>
          </div>
        </div>
        <p class="muted" role="status">
          {sayOf(chosen())}
        </p>
      </div>
      <div class="dialog-buttons">
        <button type="button" class="primary" disabled={chosen()?.refusal !== ''} onClick={send}>
          Send
        </button>
        <button type="button" onClick={() => props.onCancel()}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

function Option(props: {
  readonly id: string;
  readonly choice: Choice;
  readonly cluster: Cluster;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly onSend: () => void;
}): JSX.Element {
  const slot = () => props.choice.node.slot;
  const state = () => props.cluster.second().block.state(slot());
  const age = () => props.cluster.second().block.age(slot());
  return (
    <div
      class="send-node"
      classList={{ chosen: props.chosen }}
      role="option"
      id={props.id}
      aria-selected={props.chosen}
      aria-disabled={props.choice.refusal !== ''}
      onClick={() => props.onChoose()}
      onDblClick={() => props.onSend()}
    >
      <span class="number">{props.choice.node.id}</span>
      <span class="send-name">{props.choice.node.name}</span>
      <span class="number">{count(props.choice.load)}</span>
      <Lamp state={state()} age={ageMatters(state(), age()) ? span(age()) : ''} />
      <span class="muted">{props.choice.refusal || 'takes guests'}</span>
    </div>
  );
}

function sayOf(choice: Choice | undefined): string {
  if (choice === undefined) return 'Least loaded first, as it was when this opened.';
  const { name } = choice.node;
  switch (choice.refusal) {
    case '':
      return `Enter or a double click sends to ${name}.`;
    case 'runs there':
      return `On ${name} it runs already.`;
    case 'refuses guests':
      return `${name} refuses guests (block). Allow them there first.`;
    case 'not up':
      return `${name} is not up.`;
    default:
      return `${name} is ${choice.refusal}, and cannot take it.`;
  }
}

function orLast(load: number): number {
  return Number.isNaN(load) ? Infinity : load;
}
