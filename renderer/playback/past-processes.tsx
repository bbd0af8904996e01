/** A node's processes at a past second: the last list that was recorded, and how old it was then. */
import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import { Choice } from '../parts/choice.tsx';
import { FilterBox } from '../processes/filter-box.tsx';
import { summaryWords } from '../processes/list-words.ts';
import { ProcessDetail } from '../processes/process-detail.tsx';
import { entriesOf, entryId } from '../processes/process-entry.ts';
import { PROCESS_COLUMNS, PROCESS_VIEWS, type ProcessView } from '../processes/process-list.ts';
import { ProcessTable } from '../processes/process-table.tsx';
import { NOTHING_CHOSEN, type Selection } from '../processes/selection.ts';
import { dateAndTime, span } from '../words/format.ts';
import type { Past } from './past.ts';

const COLUMNS = PROCESS_COLUMNS.filter((column) => column !== 'node');
const VIEWS = (Object.keys(PROCESS_VIEWS) as ProcessView[]).map((value) => ({
  value,
  label: PROCESS_VIEWS[value].title,
  about: PROCESS_VIEWS[value].about,
}));

export function PastProcesses(props: {
  readonly past: Past;
  /** Key of the node; undefined while none is chosen. */
  readonly node: string | undefined;
  readonly onNode: (key: string) => void;
  readonly nameOf: (id: number) => string;
}): JSX.Element {
  const [view, setView] = createSignal<ProcessView>('all');
  const [filter, setFilter] = createSignal('');
  const [shown, setShown] = createSignal(0);
  const [selection, setSelection] = createSignal<Selection>(NOTHING_CHOSEN);

  const nodes = createMemo(() => props.past.cluster.nodes().toSorted((a, b) => a.id - b.id));
  const info = createMemo(() => nodes().find(({ key }) => key === props.node));
  /** The node as it is called; where it was not recorded, as it was called last. */
  const nodeWords = createMemo<string>((before) => {
    const now = info();
    return now === undefined ? before : `${now.id} ${now.name}`;
  }, '');
  const list = createMemo(() => {
    const latest = props.past.list();
    return latest?.key === props.node ? latest : undefined;
  });
  const entries = createMemo(() => entriesOf(props.node ?? '', info()?.name ?? '', list()?.processes ?? []));
  const chosen = createMemo(() => entries().find((entry) => selection().chosen.has(entryId(entry.ref))));

  /** Of when the list is. */
  const listWords = (): string => {
    const time = list()?.time ?? null;
    if (time === null) return '';
    const earlier = Math.round(((props.past.shown()?.asked ?? time) - time) / 1000);
    const words = `${summaryWords(list()?.processes ?? [])}, as listed at ${dateAndTime(time)}`;
    return earlier > 0 ? `${words}, ${span(earlier)} before` : words;
  };
  const emptyWords = (): string => {
    if (props.node === undefined) return 'Choose a node to see what ran on it.';
    if (list() === undefined) return 'Reading …';
    if (list()?.time === null) return 'No list of its processes was recorded before this time.';
    return entries().length === 0 ? 'It had no processes.' : 'No process matches.';
  };

  return (
    <div class="past-processes">
      <div class="window-tools">
        <label class="past-node">
          Node{' '}
          <select value={props.node ?? ''} onChange={(event) => props.onNode(event.currentTarget.value)}>
            <Show when={info() === undefined}>
              <option value={props.node ?? ''}>{props.node === undefined ? 'Choose …' : nodeWords()}</option>
            </Show>
            <For each={nodes()}>
              {(node) => (
                <option value={node.key} selected={node.key === props.node}>
                  {node.id} {node.name}
                </option>
              )}
            </For>
          </select>
        </label>
        <FilterBox
          about="Filter processes by number, user, command, place, state or reason"
          text={filter()}
          shown={shown()}
          all={entries().length}
          onText={setFilter}
          onLeave={() => document.querySelector<HTMLElement>('[role="grid"]')?.focus()}
        />
        <Choice label="Which processes" options={VIEWS} value={view()} onChoose={setView} />
        <span class="muted">{listWords()}</span>
      </div>
      <div class="list-stage">
        <div class="list-place">
          <ProcessTable
            label={`Processes of ${info()?.name ?? 'no node'}`}
            name="past-processes"
            columns={COLUMNS}
            entries={entries()}
            view={view()}
            filter={filter()}
            nameOf={props.nameOf}
            old={false}
            single
            selection={selection()}
            onSelection={setSelection}
            onOpen={() => {}}
            onState={(state) => setShown(state.shown)}
          />
          <Show when={shown() === 0}>
            <p class="nothing">{emptyWords()}</p>
          </Show>
        </div>
        <Show when={chosen()}>
          {(entry) => (
            <aside class="side-panel" aria-label="Chosen process">
              <ProcessDetail
                entry={entry()}
                nodeId={info()?.id ?? 0}
                nameOf={props.nameOf}
                until={props.past.shown()?.asked}
              />
            </aside>
          )}
        </Show>
      </div>
    </div>
  );
}
