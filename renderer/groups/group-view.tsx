/** The chosen group: its rule, what can be done with it as one, and its members on every node. */
import { createEffect, createMemo, createSignal, For, on, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Group, OrderInput } from '../../common/model/control.ts';
import { call } from '../back-end.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Orders } from '../control/order.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { ActionBar } from '../processes/action-bar.tsx';
import { FilterBox } from '../processes/filter-box.tsx';
import { listStateWords, summaryWords } from '../processes/list-words.ts';
import { offersForGroup, type ProcessCommand, type Question } from '../processes/process-commands.ts';
import { entryId } from '../processes/process-entry.ts';
import type { ProcessColumn } from '../processes/process-list.ts';
import { ProcessTable, type ListState } from '../processes/process-table.tsx';
import { ChangeQuestions } from '../processes/questions.tsx';
import { NOTHING_CHOSEN, type Selection } from '../processes/selection.ts';
import { plainText, timeOfDay } from '../words/format.ts';
import { createMembers } from './group-members.ts';
import { isOfFewNodes, ruleWords } from './group-words.ts';

const COLUMNS: readonly ProcessColumn[] = [
  'node',
  'pid',
  'user',
  'command',
  'where',
  'state',
  'cpu',
  'memory',
  'locked',
  'why',
];

type GroupChange = Extract<OrderInput, { readonly kind: 'group' }>['change'];

export function GroupView(props: {
  readonly group: Group;
  readonly cluster: Cluster;
  readonly orders: Orders;
  readonly onProblem: (problem: Problem) => void;
  /** The group was changed. */
  readonly onChanged: () => void;
  readonly onRemove: () => void;
}): JSX.Element {
  const group = props.group;
  const found = createMembers(group);
  const [filter, setFilter] = createSignal('');
  const [selection, setSelection] = createSignal<Selection>(NOTHING_CHOSEN);
  const [listState, setListState] = createSignal<ListState>({ shown: 0, held: undefined });
  const [asking, setAsking] = createSignal<Question>();
  const [said, setSaid] = createSignal('');

  const entries = createMemo(() => found.members() ?? []);
  const offers = createMemo(() => offersForGroup(found.members()));
  const names = createMemo(() => new Map(props.cluster.nodes().map((node) => [node.id, node.name])));
  const keys = createMemo(() => new Map(props.cluster.nodes().map((node) => [node.key, node.name])));
  const title = plainText(group.name);

  /** The states of the actions on this group: when one of them goes on, the members are read again. */
  const actions = createMemo(() =>
    [...props.orders.control.actions().values()]
      .filter(({ order }) => order.kind === 'group' && order.group === group.name)
      .map((action) => `${action.number} ${action.state}`)
      .join(),
  );
  createEffect(on(actions, () => void found.read(), { defer: true }));

  function order(change: GroupChange): void {
    setAsking(undefined);
    const look = change.kind === 'signal' && change.signal === 'KILL';
    void props.orders.order({ kind: 'group', group: group.name, change }, { look });
  }

  function run({ deed }: ProcessCommand): void {
    setSaid('');
    if (deed.kind === 'ask') setAsking(deed.what);
    else order(deed.change);
  }

  async function takeOut(): Promise<void> {
    if (group.rule.kind !== 'hand') return;
    const out = selection().chosen;
    const processes = group.rule.processes.filter((ref) => !out.has(entryId(ref)));
    const result = await call('saveGroup', {
      group: { name: group.name, rule: { kind: 'hand', processes } },
    });
    if (result.ok) props.onChanged();
    else props.onProblem(result.problem);
  }

  return (
    <section class="group-view" aria-label={`Group ${title}`}>
      <div class="group-head">
        <h2 title={title}>{title}</h2>
        <span class="muted">
          {found.members() === undefined
            ? 'Reading its members …'
            : summaryWords(entries().map(({ info }) => info))}
        </span>
        <div class="detail-actions">
          <Show when={group.rule.kind === 'hand'}>
            <button
              type="button"
              disabled={selection().chosen.size === 0}
              title="Takes the chosen processes out of the group; nothing happens to them"
              onClick={() => void takeOut()}
            >
              Take out
            </button>
          </Show>
          <button type="button" onClick={() => props.onRemove()}>
            Remove group …
          </button>
        </div>
        <p class="muted">{ruleWords(group.rule, (key) => keys().get(key) ?? '')}</p>
      </div>
      <ActionBar label="The whole group" offers={offers()} onCommand={run} onRefused={setSaid} />
      <div class="window-tools">
        <FilterBox
          about="Filter members by node, number, user, command, place, state or reason"
          text={filter()}
          shown={listState().shown}
          all={entries().length}
          onText={setFilter}
          onLeave={() => document.querySelector<HTMLElement>('[role="grid"]')?.focus()}
        />
        <Show when={!isOfFewNodes(group.rule)}>
          <button
            type="button"
            title="Every node is asked for its processes, so this is not done by itself"
            disabled={found.reading()}
            onClick={() => void found.read()}
          >
            Read again
          </button>
        </Show>
        <span class="muted" role="status">
          {found.time() === 0 ? '' : `As of ${timeOfDay(found.time())}.`}
        </span>
      </div>
      <InlineProblem problem={found.problem()} />
      <Show when={found.missing().length > 0}>
        <div class="list-trouble" role="status">
          <p>Not asked, so members there are not shown:</p>
          <ul>
            <For each={found.missing().slice(0, 20)}>{(words) => <li>{plainText(words)}</li>}</For>
          </ul>
          <Show when={found.missing().length > 20}>
            <p>and {found.missing().length - 20} more.</p>
          </Show>
        </div>
      </Show>
      <div class="list-place">
        <ProcessTable
          label={`Members of ${title}`}
          name="members"
          columns={COLUMNS}
          entries={entries()}
          view="all"
          filter={filter()}
          nameOf={(id) => names().get(id) ?? ''}
          old={found.problem() !== undefined || !props.cluster.connected()}
          selection={selection()}
          onSelection={setSelection}
          onOpen={() => undefined}
          onState={setListState}
        />
        <Show when={listState().shown === 0 && found.members() !== undefined}>
          <p class="nothing">
            {entries().length === 0 ? 'No process belongs to it now.' : 'No member matches the filter.'}
          </p>
        </Show>
      </div>
      <p class="list-state">
        <span role="status">{said()}</span>
        <span class="muted">{listStateWords(selection().chosen.size, listState().held)}</span>
      </p>
      <ChangeQuestions
        asking={asking()}
        what={`the group ${title}`}
        entries={entries()}
        cluster={props.cluster}
        onChange={order}
        onCancel={() => setAsking(undefined)}
      />
    </section>
  );
}
