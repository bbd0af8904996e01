/** The main window: the head, then the table with the chosen node below it, or the welcome where there are no nodes. */
import { createMemo, createSignal, onCleanup, onMount, Show, type JSX } from 'solid-js';
import type { NodeInfo } from '../../common/model/node.ts';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { LostStrip } from '../parts/lost-strip.tsx';
import { Prompts } from '../prompts/prompts.tsx';
import { NodeTable } from '../table/table.tsx';
import { AddDialog, type AddWay } from '../welcome/add-dialogs.tsx';
import { Welcome } from '../welcome/welcome.tsx';
import { Detail } from './detail.tsx';
import { Filter, Totals } from './head.tsx';
import { NodesMenu } from './nodes-menu.tsx';
import { createNotices, Notices } from './notices.tsx';

export function Overview(): JSX.Element {
  const notices = createNotices();
  const cluster = createCluster((problem) => notices.add(problem));
  const [filter, setFilter] = createSignal('');
  const [shown, setShown] = createSignal(0);
  const [chosen, setChosen] = createSignal<string>();
  const [adding, setAdding] = createSignal<AddWay>();
  let filterBox: HTMLInputElement | undefined;

  const empty = (): boolean => cluster.known() && cluster.nodes().length === 0;
  const chosenNode = createMemo(() => cluster.nodes().find((node) => node.key === chosen()));

  async function start(): Promise<void> {
    const result = await call('program', {});
    if (!result.ok) {
      notices.add(result.problem);
      return;
    }
    for (const problem of result.value.notices) notices.add(problem);
    document.title = result.value.demo ? 'mosview (demo)' : 'mosview';
  }

  async function open(info: NodeInfo): Promise<void> {
    const result = await call('openWindow', { view: 'node', key: info.key });
    if (!result.ok) notices.add(result.problem);
  }

  async function startDemo(): Promise<void> {
    const result = await call('startDemo', {});
    if (!result.ok) notices.add(result.problem);
  }

  function focusTable(): void {
    document.querySelector<HTMLElement>('.table')?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    if (document.querySelector('dialog[open]') !== null || filterBox === undefined) return;
    event.preventDefault();
    filterBox.focus();
    filterBox.select();
  }
  onMount(() => {
    document.addEventListener('keydown', onKeyDown);
    void start();
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
              onLeave={focusTable}
            />
            <NodesMenu onAdd={setAdding} onStartDemo={() => void startDemo()} />
          </div>
        </header>
        <main class="stage">
          <h1 class="unseen">Nodes of the cluster</h1>
          <NodeTable
            cluster={cluster}
            filter={filter()}
            chosen={chosen()}
            onChoose={setChosen}
            onOpen={(info) => void open(info)}
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
          <Show when={chosenNode()}>
            {(info) => (
              <Detail
                info={info()}
                second={cluster.second()}
                onOpen={() => void open(info())}
                onClose={() => {
                  setChosen(undefined);
                  focusTable();
                }}
                onProblem={(problem) => notices.add(problem)}
              />
            )}
          </Show>
        </main>
      </Show>
      <Notices list={notices} />
      <Show when={adding()} keyed>
        {(way) => <AddDialog way={way} onClose={() => setAdding(undefined)} />}
      </Show>
      <Prompts onProblem={(problem) => notices.add(problem)} />
    </div>
  );
}
