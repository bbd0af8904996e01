/** The main window: the head, then the table with the chosen nodes below it, or the welcome where there are none. */
import { createEffect, createMemo, createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import type { View } from '../../common/contract/contract.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { LockButton } from '../control/lock-button.tsx';
import { createOrders, OrderLayer } from '../control/order.tsx';
import { HeatMap } from '../heat-map/heat-map.tsx';
import { takesText } from '../keys.ts';
import { Choice } from '../parts/choice.tsx';
import { LostStrip } from '../parts/lost-strip.tsx';
import { Menu, type MenuEntry } from '../parts/menu.tsx';
import { Prompts } from '../prompts/prompts.tsx';
import { recall, remember } from '../remembered.ts';
import { createSelection } from '../table/selection.ts';
import { NodeTable } from '../table/table.tsx';
import { shows } from '../view.tsx';
import { AddDialog, type AddWay } from '../welcome/add-dialogs.tsx';
import { Welcome } from '../welcome/welcome.tsx';
import { Filter, Totals } from './head.tsx';
import { createNotices, Notices } from './notices.tsx';
import { Panel } from './panel.tsx';

/** Actions read at the start, so that drains that are in force are known. */
const KNOWN_ACTIONS = 200;

/** The views that have windows of their own and are of no single node. */
const WINDOWS: readonly { readonly label: string; readonly view: View }[] = [
  { label: 'Migration map', view: 'map' },
  { label: 'Analyzer', view: 'analyzer' },
  { label: 'Migrations', view: 'migrations' },
  { label: 'Actions', view: 'actions' },
  { label: 'Reports', view: 'reports' },
  { label: 'Groups', view: 'groups' },
  { label: 'Run a program', view: 'run' },
  { label: 'Settings', view: 'settings' },
];

/** The two views of all nodes. */
type Shape = 'table' | 'heat-map';
const SHAPES = [
  { value: 'table', label: 'Table', about: 'Every node as a row' },
  { value: 'heat-map', label: 'Heat map', about: 'Every node as a coloured cell' },
] as const;

export const show = shows(Overview);

function Overview(): JSX.Element {
  const notices = createNotices();
  const cluster = createCluster((problem) => notices.add(problem));
  const orders = createOrders((problem) => notices.add(problem));
  const [filter, setFilter] = createSignal('');
  const [shown, setShown] = createSignal(0);
  const [shape, setShape] = createSignal<Shape>(recall('shape') === 'heat-map' ? 'heat-map' : 'table');
  const selection = createSelection();
  const [adding, setAdding] = createSignal<AddWay>();
  let filterBox: HTMLInputElement | undefined;

  const empty = (): boolean => cluster.known() && cluster.nodes().length === 0;
  const chosenKeys = createMemo(() => selection.chosen().keys);
  const chosenNodes = createMemo(() => cluster.nodes().filter((node) => chosenKeys().has(node.key)));
  const namesById = createMemo(() => new Map(cluster.nodes().map((node) => [node.id, node.name])));

  async function start(): Promise<void> {
    const result = await call('program', {});
    if (!result.ok) {
      notices.add(result.problem);
      return;
    }
    for (const problem of result.value.notices) notices.add(problem);
    const { demo, attachedTo } = result.value;
    const about = [demo && 'demo', attachedTo].filter(Boolean);
    document.title = about.length === 0 ? 'mosview' : `mosview (${about.join(', ')})`;
  }

  async function open(view: View, info?: NodeInfo): Promise<void> {
    const result = await call('openWindow', info === undefined ? { view } : { view, key: info.key });
    if (!result.ok) notices.add(result.problem);
  }

  async function startDemo(): Promise<void> {
    const result = await call('startDemo', {});
    if (!result.ok) notices.add(result.problem);
  }

  const windows: readonly MenuEntry[] = WINDOWS.map(({ label, view }) => ({
    label,
    choose: () => void open(view),
  }));
  const ways: readonly MenuEntry[] = [
    { label: 'Add a node …', choose: () => setAdding('hand') },
    { label: 'Find nodes …', choose: () => setAdding('cluster') },
    { label: 'Import from ~/.ssh/config …', choose: () => setAdding('ssh-config') },
    { label: 'Import an openMosix map …', choose: () => setAdding('map') },
    { label: 'Start the demo', line: true, choose: () => void startDemo() },
  ];

  function focusNodes(): void {
    document.querySelector<HTMLElement>('.table, .heat-box')?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey) return;
    if (takesText(event.target)) return;
    if (document.querySelector('dialog[open]') !== null || filterBox === undefined) return;
    event.preventDefault();
    filterBox.focus();
    filterBox.select();
  }
  // Again when the way to main is back: another program may answer there now.
  createEffect(() => {
    if (cluster.connected()) void start();
  });
  onMount(() => {
    document.addEventListener('keydown', onKeyDown);
    void orders.control.load({ limit: KNOWN_ACTIONS });
  });
  onCleanup(() => document.removeEventListener('keydown', onKeyDown));

  return (
    <div class="overview">
      <LostStrip connected={cluster.connected()} time={cluster.second().time} />
      <Show when={!empty()} fallback={<Welcome onAdd={setAdding} />}>
        <header class="head">
          <Totals cluster={cluster} onFilter={setFilter} />
          <div class="tools">
            <Filter
              ref={(element) => (filterBox = element)}
              text={filter()}
              shown={shown()}
              all={cluster.nodes().length}
              onText={setFilter}
              onLeave={focusNodes}
            />
            <Choice
              label="View of the nodes"
              options={SHAPES}
              value={shape()}
              onChoose={(value) => {
                setShape(value);
                remember('shape', value);
              }}
            />
            <Menu label="Windows" entries={windows} />
            <Menu label="Nodes" entries={ways} />
            <LockButton control={orders.control} onProblem={(problem) => notices.add(problem)} />
          </div>
        </header>
        <main class="stage">
          <h1 class="unseen">Nodes of the cluster</h1>
          <Dynamic
            component={shape() === 'table' ? NodeTable : HeatMap}
            cluster={cluster}
            filter={filter()}
            selection={selection}
            onOpen={(info: NodeInfo) => void open('node', info)}
            onShown={setShown}
          />
          <Show when={cluster.known() && shown() === 0}>
            <p class="nothing">
              No node matches the filter.{' '}
              <button type="button" onClick={() => setFilter('')}>
                Clear the filter
              </button>
            </p>
          </Show>
          <Show when={chosenNodes().length > 0 && chosenKeys()} keyed>
            <Panel
              nodes={chosenNodes()}
              second={cluster.second()}
              orders={orders}
              nameOf={(id) => namesById().get(id) ?? `node ${id}`}
              onOpen={(view, info) => void open(view, info)}
              onClose={() => {
                selection.clear();
                focusNodes();
              }}
              onProblem={(problem) => notices.add(problem)}
            />
          </Show>
        </main>
      </Show>
      <OrderLayer orders={orders} />
      <Notices list={notices} />
      <Show when={adding()} keyed>
        {(way) => <AddDialog way={way} nodes={cluster.nodes()} onClose={() => setAdding(undefined)} />}
      </Show>
      <Prompts onProblem={(problem) => notices.add(problem)} />
    </div>
  );
}
