/** The window of the migration log: filters across, every migration seen below them, newest first and live. */
import { createEffect, createMemo, createSignal, Index, on, onMount, Show, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import type { Migration } from '../../common/model/migration.ts';
import { call } from '../back-end.ts';
import { createCluster } from '../cluster/cluster.ts';
import { LostStrip } from '../parts/lost-strip.tsx';
import { InlineProblem } from '../parts/problem-text.tsx';
import { createVirtualRows } from '../processes/virtual-rows.ts';
import { ROW_HEIGHT } from '../table/virtual.ts';
import { shows } from '../view.tsx';
import { count, dateAndTime } from '../words/format.ts';
import { NO_FILTER, type LogFilter } from './entries.ts';
import { LogFilters } from './log-filters.tsx';
import { createMigrationLog } from './log.ts';
import {
  CAUSE_WORDS,
  commandWords,
  durationWords,
  nodeWords,
  resultWords,
  type NameOfId,
} from './migration-words.ts';

/** Columns with their titles and meanings. */
const COLUMNS = [
  { name: 'time', title: 'Time', about: 'When the process was first seen in its new place' },
  { name: 'process', title: 'Process', about: 'Its name, its number at home, and its home node' },
  { name: 'from', title: 'From', about: 'Where it ran before' },
  { name: 'to', title: 'To', about: 'Where it runs since' },
  { name: 'cause', title: 'Cause', about: 'Why it moved, as far as it is known' },
  { name: 'duration', title: 'Duration', about: 'From the order to the arrival, where both are known' },
  {
    name: 'result',
    title: 'Result',
    about:
      'An unseen move is one that only the counter of the process told of: it was over between two samples',
  },
] as const;

/** So many rows before the end the next page is asked for. */
const AHEAD = 30;

export const show = shows(MigrationsWindow);

function MigrationsWindow(): JSX.Element {
  const [problem, setProblem] = createSignal<Problem>();
  const cluster = createCluster(setProblem);
  const [filter, setFilter] = createSignal<LogFilter>(NO_FILTER);
  const [paused, setPaused] = createSignal(false);
  const log = createMigrationLog(filter, paused, cluster.connected);
  const view = createVirtualRows(() => log.entries().length);
  let scroller: HTMLDivElement | undefined;
  let header: HTMLDivElement | undefined;
  document.title = 'Migrations – mosview';

  const names = createMemo(() => new Map(cluster.nodes().map((node) => [node.id, node.name])));
  const nameOf: NameOfId = (id) => names().get(id) ?? '';
  const rows = createMemo(() => log.entries().slice(view.range().start, view.range().end));
  const filtered = (): boolean => filter() !== NO_FILTER;

  createEffect(() => {
    if (view.range().end > log.entries().length - AHEAD) log.more();
  });
  /** Who reads further down keeps his place while new entries come in at the top. */
  createEffect(
    on(log.entries, (now, before) => {
      const first = before?.[0]?.number;
      const added = first === undefined ? 0 : now.findIndex((entry) => entry.number === first);
      if (added > 0 && scroller !== undefined && scroller.scrollTop > 0) {
        scroller.scrollTop += added * ROW_HEIGHT;
      }
    }),
  );

  onMount(() => {
    if (scroller !== undefined && header !== undefined) view.attach(scroller, header);
  });

  async function openActions(): Promise<void> {
    const result = await call('openWindow', { view: 'actions' });
    if (!result.ok) setProblem(result.problem);
  }

  const status = (): string => {
    if (log.state() === 'reading') return 'Reading …';
    const shown = `${count(log.entries().length)}${log.state() === 'more' ? ' or more' : ''} shown`;
    if (!paused()) return `Live, ${shown}`;
    const waiting = log.waiting();
    return `Paused, ${waiting === 0 ? shown : `${count(waiting)} new`}`;
  };

  return (
    <div class="overview log-window">
      <LostStrip connected={cluster.connected()} time={cluster.second().time} />
      <header class="head">
        <h1>Migrations</h1>
        <div class="tools">
          <span class="muted" role="status">
            {status()}
          </span>
          <button type="button" aria-pressed={paused()} onClick={() => setPaused(!paused())}>
            {paused() ? 'Go on live' : 'Pause'}
          </button>
        </div>
        <LogFilters
          nodes={cluster.nodes()}
          ranks={cluster.nameRanks()}
          onFilter={(next) => {
            setFilter(next);
            scroller?.scrollTo({ top: 0 });
          }}
        />
      </header>
      <InlineProblem problem={problem() ?? log.problem()} />
      <main class="stage">
        <div
          ref={(element) => (scroller = element)}
          class="table log"
          role="table"
          aria-label="Migrations"
          aria-rowcount={log.state() === 'end' ? log.entries().length + 1 : -1}
          aria-colcount={COLUMNS.length}
          tabIndex={0}
          onScroll={(event) => view.scrolled(event.currentTarget)}
        >
          <div role="rowgroup" class="table-head">
            <div ref={(element) => (header = element)} class="row header" role="row" aria-rowindex={1}>
              {COLUMNS.map((column) => (
                <div class={`cell log-${column.name}`} role="columnheader" title={column.about}>
                  {column.title}
                </div>
              ))}
            </div>
          </div>
          <div role="rowgroup" class="rows" style={{ height: `${log.entries().length * ROW_HEIGHT}px` }}>
            <div class="layer" style={{ transform: `translateY(${view.range().start * ROW_HEIGHT}px)` }}>
              <Index each={rows()}>
                {(entry, index) => (
                  <Row
                    entry={entry()}
                    position={view.range().start + index}
                    nameOf={nameOf}
                    onAction={() => void openActions()}
                  />
                )}
              </Index>
            </div>
          </div>
        </div>
        <Show when={log.state() !== 'reading' && log.entries().length === 0 && log.problem() === undefined}>
          <p class="nothing">
            {filtered()
              ? 'No migration passes these filters.'
              : 'No migration was seen yet. Every one that happens on a connected node is listed here.'}
          </p>
        </Show>
      </main>
    </div>
  );
}

function Row(props: {
  readonly entry: Migration;
  /** Position among all rows, from 0. */
  readonly position: number;
  readonly nameOf: NameOfId;
  readonly onAction: () => void;
}): JSX.Element {
  const place = (id: number): JSX.Element => (
    <>
      {nodeWords(id, props.nameOf)}
      <Show when={id !== 0 && id === props.entry.home}>
        <span class="muted"> home</span>
      </Show>
    </>
  );
  return (
    <div
      class="row"
      classList={{ counted: props.entry.result === 'unseen' }}
      role="row"
      aria-rowindex={props.position + 2}
    >
      <div class="cell log-time" role="cell">
        {dateAndTime(props.entry.time)}
      </div>
      <div class="cell log-process" role="cell" title={commandWords(props.entry)}>
        <strong>{commandWords(props.entry)}</strong>
        <span class="muted">
          {' '}
          {props.entry.pid > 0 ? `${props.entry.pid} ` : ''}of {nodeWords(props.entry.home, props.nameOf)}
        </span>
      </div>
      <div class="cell log-from" role="cell">
        {place(props.entry.from)}
      </div>
      <div class="cell log-to" role="cell">
        {place(props.entry.to)}
      </div>
      <div class="cell log-cause" role="cell">
        {CAUSE_WORDS[props.entry.cause]}
        <Show when={props.entry.action !== null}>
          {', '}
          <button type="button" class="link" onClick={() => props.onAction()}>
            action {props.entry.action}
          </button>
        </Show>
      </div>
      <div class="cell log-duration number" role="cell">
        {durationWords(props.entry.duration)}
      </div>
      <div class="cell log-result" role="cell">
        {resultWords(props.entry)}
      </div>
    </div>
  );
}
