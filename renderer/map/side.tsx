/** Beside the map: the chosen node with its processes as a list, or what the marks mean and what moved lately. */
import { createMemo, Index, onMount, Show, type JSX } from 'solid-js';
import type { View } from '../../common/contract/contract.ts';
import { Lamp } from '../parts/lamp.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { wayWords, commandWords } from '../migrations/migration-words.ts';
import { createVirtualRows } from '../processes/virtual-rows.ts';
import { ROW_HEIGHT } from '../table/virtual.ts';
import { count, percent, plainText, timeOfDay } from '../words/format.ts';
import { connectionWords, settingsExplanation } from '../words/node-words.ts';
import type { MapState } from './map-state.ts';
import { nodeName, tally, type MapNode, type MapProcess, type NodesById } from './processes.ts';

/** What the marks of the map mean. */
export function Legend(props: {
  readonly state: MapState;
  /** A window of its own is wanted. */
  readonly onOpen?: (view: View) => void;
}): JSX.Element {
  const nameOf = (id: number): string => props.state.nodes().get(id)?.info.name ?? '';
  return (
    <aside class="map-side" aria-label="About the map">
      <h2>Moved lately</h2>
      <ol class="map-recent">
        <Index
          each={props.state.recent()}
          fallback={
            <li class="muted">
              {props.state.past ? 'None was recorded before this time.' : 'No migration was seen yet.'}
            </li>
          }
        >
          {(migration) => (
            <li>
              <time class="muted">{timeOfDay(migration().time)}</time>{' '}
              <strong>{commandWords(migration())}</strong> <span>{wayWords(migration(), nameOf)}</span>
            </li>
          )}
        </Index>
      </ol>
      <Show when={props.onOpen}>
        {(open) => (
          <button type="button" onClick={() => open()('migrations')}>
            All migrations
          </button>
        )}
      </Show>
      <h2>What you see</h2>
      <ul class="map-legend">
        <li>
          <span class="mark guest" aria-hidden="true" /> a guest: a process of another node that runs here
        </li>
        <li>
          <span class="mark deputy" aria-hidden="true" /> a deputy: the process is at home here and runs
          elsewhere
        </li>
        <Show when={!props.state.past}>
          <li>
            <span class="mark home" aria-hidden="true" /> runs at home and can be moved (chosen node only)
          </li>
        </Show>
        <li>
          <span class="mark line" aria-hidden="true" /> from home, where it is thin, to where it runs
        </li>
        <li>
          <span class="mark ring" aria-hidden="true" /> the load of the node
        </li>
      </ul>
      <Show when={!props.state.past}>
        <h2>What you can do</h2>
        <ul class="map-hints">
          <li>Drag a process onto a node to move it.</li>
          <li>Double-click one that is away to bring it home, a node to open it.</li>
          <li>
            By keyboard: <kbd>Tab</kbd> to the map, arrow keys from node to node, <kbd>Enter</kbd> into its
            processes, <kbd>M</kbd> moves, <kbd>H</kbd> brings home, <kbd>Esc</kbd> leaves.
          </li>
        </ul>
      </Show>
    </aside>
  );
}

/** A line of the side list. */
type Item =
  | { readonly kind: 'title'; readonly words: string }
  | { readonly kind: 'process'; readonly process: MapProcess };

/** The chosen node: how it is, and its processes, each with what can be done. */
export function NodeSide(props: {
  readonly state: MapState;
  readonly node: MapNode;
  /** Key of the chosen process. */
  readonly chosen: string | undefined;
  readonly onChoose: (process: MapProcess) => void;
  /** The processes can be moved; both are left out where they cannot. */
  readonly onAsk?: (process: MapProcess) => void;
  readonly onHome?: (process: MapProcess) => void;
  readonly onOpen: (view: View) => void;
  readonly onClose: () => void;
}): JSX.Element {
  const state = props.state;
  const id = () => props.node.info.id;
  const items = createMemo((): readonly Item[] => {
    const { away, guests } = tally(id(), state.away());
    const atHome = state.atHome().filter((process) => process.home === id());
    return [
      ...section(guests, 'Guests', 'No guests'),
      ...section(away, 'Away from home', 'None of its own is away'),
      ...(atHome.length === 0 ? [] : section(atHome, 'At home, can be moved', '')),
    ];
  });
  const rows = createVirtualRows(() => items().length);
  let list: HTMLDivElement | undefined;
  let head: HTMLElement | undefined;
  onMount(() => {
    if (list !== undefined && head !== undefined) rows.attach(list, head);
  });
  return (
    <aside class="map-side node" aria-label={`Node ${props.node.info.name}`}>
      <div class="map-side-head">
        <h2>{props.node.info.name}</h2>
        <Lamp state={props.node.state} age="" />
        <button type="button" class="quiet" aria-label="Close the node" onClick={() => props.onClose()}>
          Close
        </button>
      </div>
      <p class="map-load">
        <span class="muted">id {id()}</span>
        <span
          class="bar"
          aria-hidden="true"
          style={{ '--share': props.node.state === 'up' ? props.node.share : 0 }}
        />
        <span>
          {props.node.state === 'up'
            ? `load ${percent(props.node.share * 100)}`
            : state.past
              ? plainText(props.node.info.reason)
              : connectionWords(props.node.info, Date.now())}
        </span>
      </p>
      <p class="muted">{settingsExplanation(props.node.status)}</p>
      <div class="map-side-actions">
        <Show when={!state.past}>
          <button type="button" onClick={() => props.onOpen('node')}>
            Open node
          </button>
        </Show>
        <button type="button" onClick={() => props.onOpen('processes')}>
          All processes
        </button>
      </div>
      <InlineProblem problem={state.listProblem()} />
      <div
        ref={(element) => (list = element)}
        class="map-processes"
        onScroll={(event) => rows.scrolled(event.currentTarget)}
      >
        <span ref={(element) => (head = element)} />
        <div style={{ height: `${items().length * ROW_HEIGHT}px` }}>
          <ul
            aria-label={`Processes of ${props.node.info.name}`}
            style={{ transform: `translateY(${rows.range().start * ROW_HEIGHT}px)` }}
          >
            <Index each={items().slice(rows.range().start, rows.range().end)}>
              {(item) => (
                <ItemRow
                  item={item()}
                  node={id()}
                  nodes={state.nodes()}
                  chosen={props.chosen}
                  onChoose={props.onChoose}
                  onAsk={props.onAsk}
                  onHome={props.onHome}
                />
              )}
            </Index>
          </ul>
        </div>
      </div>
    </aside>
  );
}

function section(processes: readonly MapProcess[], title: string, none: string): readonly Item[] {
  if (processes.length === 0) return [{ kind: 'title', words: none }];
  return [
    { kind: 'title', words: `${title} (${count(processes.length)})` },
    ...processes.map((process): Item => ({ kind: 'process', process })),
  ];
}

function ItemRow(props: {
  readonly item: Item;
  readonly node: number;
  readonly nodes: NodesById;
  readonly chosen: string | undefined;
  readonly onChoose: (process: MapProcess) => void;
  readonly onAsk: ((process: MapProcess) => void) | undefined;
  readonly onHome: ((process: MapProcess) => void) | undefined;
}): JSX.Element {
  const process = () => (props.item.kind === 'process' ? props.item.process : undefined);
  const title = () => (props.item.kind === 'title' ? props.item.words : '');
  return (
    <li classList={{ title: process() === undefined, chosen: process()?.key === props.chosen }}>
      <Show when={process()} fallback={title()}>
        {(shown) => (
          <>
            <button
              type="button"
              class="map-process quiet"
              aria-pressed={shown().key === props.chosen}
              title={shown().command}
              onClick={() => props.onChoose(shown())}
            >
              <strong>{shown().command || '–'}</strong>{' '}
              <span class="muted">
                {shown().pid > 0 ? shown().pid : shown().guestPid}
                {whereWords(shown(), props.node, props.nodes)}
              </span>
            </button>
            <span class="map-process-actions">
              <Show when={props.onAsk !== undefined}>
                <button type="button" onClick={() => props.onAsk?.(shown())}>
                  Move …
                </button>
              </Show>
              <Show when={props.onHome !== undefined && shown().home !== shown().at}>
                <button type="button" onClick={() => props.onHome?.(shown())}>
                  Home
                </button>
              </Show>
            </span>
          </>
        )}
      </Show>
    </li>
  );
}

/** What of a process' place the heading does not say. */
function whereWords(process: MapProcess, node: number, nodes: NodesById): string {
  if (process.home === process.at) return '';
  return process.at === node
    ? ` from ${nodeName(process.home, nodes)}`
    : ` on ${nodeName(process.at, nodes)}`;
}
