/** The processes of one node in a window of their own: the list, what can be done, and the chosen one beside it. */
import { createEffect, createMemo, createSignal, For, on, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { ProcessChange } from '../../common/model/control.ts';
import { createCluster } from '../cluster/cluster.ts';
import { LockButton } from '../control/lock-button.tsx';
import { createOrders, OrderLayer } from '../control/order.tsx';
import { createNotices, Notices } from '../overview/notices.tsx';
import { Lamp } from '../parts/lamp.tsx';
import { LostStrip } from '../parts/lost-strip.tsx';
import { shows } from '../view.tsx';
import { count, span } from '../words/format.ts';
import { ageMatters } from '../words/node-words.ts';
import { ActionBar, ActionMenu } from './action-bar.tsx';
import { AddToGroup } from './add-to-group.tsx';
import { FilterBox } from './filter-box.tsx';
import { ListTrouble } from './list-trouble.tsx';
import { emptyWords, listStateWords, listTrouble, summaryWords, whatWords } from './list-words.ts';
import {
  commandOfKey,
  offersFor,
  PROCESS_COMMANDS,
  type ProcessCommand,
  type Question,
} from './process-commands.ts';
import { ProcessDetail } from './process-detail.tsx';
import { entriesOf, entryId, type ProcessEntry } from './process-entry.ts';
import { createProcessFeed } from './process-feed.ts';
import { PROCESS_COLUMNS, PROCESS_VIEWS, type ProcessView } from './process-list.ts';
import { ProcessTable, type ListState } from './process-table.tsx';
import { ChangeQuestions } from './questions.tsx';
import { NOTHING_CHOSEN, type Selection } from './selection.ts';

const COLUMNS = PROCESS_COLUMNS.filter((column) => column !== 'node');

/** The command of a double click and of Enter. */
const OPENS = PROCESS_COMMANDS.find((command) => command.name === 'send');

export const show = shows(ProcessesWindow);

function ProcessesWindow(props: { readonly nodeKey: string }): JSX.Element {
  const key = props.nodeKey;
  const notices = createNotices();
  const tell = (problem: Problem): void => notices.add(problem);
  const cluster = createCluster(tell);
  const orders = createOrders(tell);
  const feed = createProcessFeed(key);
  const [view, setView] = createSignal<ProcessView>('all');
  const [filter, setFilter] = createSignal('');
  const [selection, setSelection] = createSignal<Selection>(NOTHING_CHOSEN);
  const [listState, setListState] = createSignal<ListState>({ shown: 0, held: undefined });
  /** The question now open, and the processes it was asked for: those that were chosen then. */
  const [asking, setAsking] = createSignal<{
    readonly what: Question;
    readonly entries: readonly ProcessEntry[];
  }>();
  const [menu, setMenu] = createSignal<{ readonly x: number; readonly y: number }>();
  const [said, setSaid] = createSignal('');

  const node = createMemo(() => cluster.nodes().find((each) => each.key === key));
  const nodeName = () => node()?.name ?? key;
  const names = createMemo(() => new Map(cluster.nodes().map((each) => [each.id, each.name])));
  const nameOf = (id: number): string => names().get(id) ?? '';
  const entries = createMemo(() => entriesOf(key, nodeName(), feed.processes()));
  const chosen = createMemo(() => {
    const ids = selection().chosen;
    return ids.size === 0 ? [] : entries().filter((entry) => ids.has(entryId(entry.ref)));
  });

  /** How old the list is, in milliseconds. */
  const age = () => (feed.time() === 0 ? 0 : Math.max(0, cluster.second().time - feed.time()));
  const trouble = createMemo(() => listTrouble(node(), feed.problem(), age()));
  const offers = createMemo(() => offersFor(chosen(), node(), trouble()));

  createEffect(() => {
    document.title = `Processes of ${nodeName()} – mosview`;
  });
  createEffect(on(selection, () => setSaid('')));

  function order(entriesNow: readonly ProcessEntry[], change: ProcessChange): void {
    setAsking(undefined);
    const processes = entriesNow.map((entry) => entry.ref);
    const look = change.kind === 'signal' && change.signal === 'KILL';
    void orders.order({ kind: 'processes', processes, change }, { look });
  }

  function run({ deed }: ProcessCommand): void {
    setSaid('');
    if (deed.kind === 'ask') setAsking({ what: deed.what, entries: chosen() });
    else if (deed.change.kind !== 'spread') order(chosen(), deed.change);
  }

  function attempt(command: ProcessCommand | undefined): void {
    const offer = offers().find((each) => each.command === command);
    if (offer?.refusal === '') run(offer.command);
    else setSaid(offer?.refusal ?? '');
  }

  return (
    <div class="processes-window">
      <LostStrip connected={cluster.connected()} time={feed.time()} />
      <header class="window-head">
        <h1>Processes of {nodeName()}</h1>
        <Show when={node()}>
          {(info) => {
            const state = () => cluster.second().block.state(info().slot);
            const seconds = () => cluster.second().block.age(info().slot);
            return (
              <Lamp state={state()} age={ageMatters(state(), seconds()) ? `${span(seconds())} old` : ''} />
            );
          }}
        </Show>
        <span class="muted">{feed.time() === 0 ? '' : summaryWords(feed.processes())}</span>
        <div class="detail-actions">
          <LockButton control={orders.control} onProblem={tell} />
        </div>
      </header>
      <div class="window-tools">
        <FilterBox
          about="Filter processes by number, user, command, place, state or reason"
          text={filter()}
          shown={listState().shown}
          all={entries().length}
          onText={setFilter}
          onLeave={() => document.querySelector<HTMLElement>('[role="grid"]')?.focus()}
        />
        <div class="ranges" role="radiogroup" aria-label="Which processes">
          <For each={Object.keys(PROCESS_VIEWS) as ProcessView[]}>
            {(each) => (
              <label title={PROCESS_VIEWS[each].about}>
                <input type="radio" name="view" checked={view() === each} onChange={() => setView(each)} />
                {PROCESS_VIEWS[each].title}
              </label>
            )}
          </For>
        </div>
      </div>
      <ActionBar label="Chosen processes" offers={offers()} onCommand={run} onRefused={setSaid} />
      <ListTrouble
        sentence={trouble()}
        problem={feed.problem()}
        node={node()}
        time={feed.time()}
        age={age()}
      />
      <main class="list-stage">
        <div class="list-place">
          <ProcessTable
            label={`Processes of ${nodeName()}`}
            name="processes"
            columns={COLUMNS}
            entries={entries()}
            view={view()}
            filter={filter()}
            nameOf={nameOf}
            old={trouble() !== '' || !cluster.connected()}
            selection={selection()}
            onSelection={setSelection}
            onOpen={() => attempt(OPENS)}
            onMenu={(x, y) => setMenu({ x, y })}
            onKey={(event) => {
              const command = commandOfKey(PROCESS_COMMANDS, event);
              if (command === undefined) return;
              event.preventDefault();
              attempt(command);
            }}
            onState={setListState}
          />
          <Show when={listState().shown === 0}>
            <p class="nothing">{emptyWords(feed.time(), trouble(), entries().length)}</p>
          </Show>
        </div>
        <aside class="side-panel" aria-label="Chosen process" classList={{ empty: chosen().length !== 1 }}>
          <Show
            when={chosen().length === 1 ? chosen()[0] : undefined}
            fallback={
              <p class="muted">
                {chosen().length === 0
                  ? 'Choose a process to see all that is known of it.'
                  : `${count(chosen().length)} processes are chosen.`}
              </p>
            }
          >
            {(entry) => <ProcessDetail entry={entry()} nodeId={node()?.id ?? 0} nameOf={nameOf} />}
          </Show>
        </aside>
      </main>
      <p class="list-state">
        <span role="status">{said()}</span>
        <span class="muted">{listStateWords(chosen().length, listState().held)}</span>
      </p>
      <Notices list={notices} />
      <OrderLayer orders={orders} />
      <Show when={menu()} keyed>
        {(place) => (
          <ActionMenu
            x={place.x}
            y={place.y}
            offers={offers()}
            onCommand={run}
            onRefused={setSaid}
            onClose={() => setMenu(undefined)}
          />
        )}
      </Show>
      <Show when={asking()} keyed>
        {(question) => (
          <>
            <ChangeQuestions
              asking={question.what}
              what={whatWords(question.entries)}
              entries={question.entries}
              cluster={cluster}
              onChange={(change) => order(question.entries, change)}
              onCancel={() => setAsking(undefined)}
            />
            <Show when={question.what === 'group'}>
              <AddToGroup
                entries={question.entries}
                what={whatWords(question.entries)}
                onDone={(name) => {
                  setAsking(undefined);
                  setSaid(`Now in the group "${name}".`);
                }}
                onCancel={() => setAsking(undefined)}
              />
            </Show>
          </>
        )}
      </Show>
    </div>
  );
}
