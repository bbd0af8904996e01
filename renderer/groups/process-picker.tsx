/** The processes of a node in a dialog, to pick one or several from. */
import { createEffect, createMemo, createSignal, Show, type JSX } from 'solid-js';
import type { ProcessRef } from '../../common/model/process.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { InlineProblem } from '../parts/problem-text.tsx';
import { emptyWords } from '../processes/list-words.ts';
import { entriesOf, entryId } from '../processes/process-entry.ts';
import { createProcessFeed } from '../processes/process-feed.ts';
import type { ProcessColumn } from '../processes/process-list.ts';
import { ProcessTable, type ListState } from '../processes/process-table.tsx';
import { NOTHING_CHOSEN, type Selection } from '../processes/selection.ts';

const COLUMNS: readonly ProcessColumn[] = ['pid', 'user', 'command', 'where', 'cpu'];

export function ProcessPicker(props: {
  readonly nodeKey: string;
  readonly cluster: Cluster;
  readonly single: boolean;
  readonly onPick: (refs: readonly ProcessRef[]) => void;
}): JSX.Element {
  const feed = createProcessFeed(props.nodeKey);
  const [filter, setFilter] = createSignal('');
  const [selection, setSelection] = createSignal<Selection>(NOTHING_CHOSEN);
  const [state, setState] = createSignal<ListState>({ shown: 0, held: undefined });
  const entries = createMemo(() => entriesOf(props.nodeKey, '', feed.processes()));
  const nameOf = (id: number): string => props.cluster.nodes().find((node) => node.id === id)?.name ?? '';

  createEffect(() => {
    const ids = selection().chosen;
    props.onPick(
      entries()
        .map((entry) => entry.ref)
        .filter((ref) => ids.has(entryId(ref))),
    );
  });

  return (
    <div class="picker">
      <input
        type="search"
        aria-label="Filter processes"
        placeholder="Filter"
        spellcheck={false}
        autocomplete="off"
        value={filter()}
        onInput={(event) => setFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      <InlineProblem problem={feed.problem()} />
      <div class="list-place">
        <ProcessTable
          label={props.single ? 'Top of the tree' : 'Processes'}
          name="picker"
          columns={COLUMNS}
          entries={entries()}
          view="all"
          filter={filter()}
          nameOf={nameOf}
          old={feed.problem() !== undefined}
          single={props.single}
          selection={selection()}
          onSelection={setSelection}
          onOpen={() => undefined}
          onState={setState}
        />
        <Show when={state().shown === 0 && feed.problem() === undefined}>
          <p class="nothing">{emptyWords(feed.time(), '', entries().length)}</p>
        </Show>
      </div>
    </div>
  );
}
