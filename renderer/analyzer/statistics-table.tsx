/** What every node did over the range as a table that can be sorted, copied and saved; the cluster first. */
import { createMemo, createSignal, For, Index, onMount, Show, type JSX } from 'solid-js';
import { csvLine } from '../../common/model/csv.ts';
import type { NodeStatistics } from '../../common/model/history.ts';
import type { Curve } from '../node/chart-data.ts';
import { createVirtualRows } from '../processes/virtual-rows.ts';
import { ROW_HEIGHT } from '../table/virtual.ts';
import type { Span } from '../time/range.ts';
import { timeText } from '../time/typed.ts';
import { count, dateAndTime, plainText } from '../words/format.ts';
import {
  clusterRow,
  nextStatisticsSort,
  sortStatistics,
  STATISTICS_COLUMNS,
  statisticsCells,
  type StatisticsSort,
} from './statistics.ts';
import { RESOLUTION_WORDS, statisticsWords } from './words.ts';

export function StatisticsTable(props: {
  /** What was answered, of which span, and how fine the values were that p95 stands on. */
  readonly nodes: readonly NodeStatistics[];
  readonly span: Span;
  readonly resolution: 1 | 10 | 60 | 3600;
  readonly filter: (name: string) => boolean;
  /** The cluster's curves in percent, and how fine they are. */
  readonly load: Curve;
  readonly memory: Curve;
  readonly onOpen: (key: string) => void;
}): JSX.Element {
  const [sort, setSort] = createSignal<StatisticsSort>({ column: 'load-mean', descending: true });
  const [told, setTold] = createSignal('');
  let scroller: HTMLDivElement | undefined;
  let header: HTMLDivElement | undefined;

  const safe = createMemo(() => props.nodes.map((node) => ({ ...node, name: plainText(node.name) })));
  const rows = createMemo(() =>
    sortStatistics(
      safe().filter(({ name }) => props.filter(name)),
      sort(),
    ),
  );
  const cluster = createMemo(() => clusterRow(safe(), props.load, props.memory));
  const view = createVirtualRows(() => rows().length);
  const shown = createMemo(() => rows().slice(view.range().start, view.range().end));
  onMount(() => {
    if (scroller !== undefined && header !== undefined) view.attach(scroller, header);
  });

  const file = (): string =>
    statisticsCells([cluster(), ...rows()])
      .map(csvLine)
      .join('');

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(file());
      setTold('Copied');
    } catch {
      setTold('Could not be copied; save it as CSV instead');
    }
  }

  function save(): void {
    const address = URL.createObjectURL(new Blob([file()], { type: 'text/csv;charset=utf-8' }));
    const link = document.createElement('a');
    link.href = address;
    link.download =
      `mosview-statistics-${timeText(props.span.from)}-${timeText(props.span.to)}.csv`.replaceAll(
        /[ :]/g,
        '-',
      );
    link.click();
    URL.revokeObjectURL(address);
    setTold('Saved');
  }

  const direction = (column: string): 'ascending' | 'descending' | 'none' => {
    if (sort().column !== column) return 'none';
    return sort().descending ? 'descending' : 'ascending';
  };
  const title = (name: string, words: string, about: string, group = ''): JSX.Element => (
    <div class="cell" classList={{ number: name !== 'name' }} role="columnheader" aria-sort={direction(name)}>
      <button
        type="button"
        class="sort"
        title={about}
        onClick={() => setSort(nextStatisticsSort(sort(), name))}
      >
        <Show when={group !== ''}>
          <span class="group">{group === 'Load' ? group : 'Memory'} </span>
        </Show>
        {words}
      </button>
    </div>
  );

  return (
    <section class="statistics time-less" aria-label="Statistics of the nodes">
      <div class="statistics-head">
        <p class="muted">
          {dateAndTime(props.span.from)} to {dateAndTime(props.span.to)}. p95 stands on{' '}
          {RESOLUTION_WORDS[props.resolution]}; the cluster's row is the mean of its nodes over time.
        </p>
        <span class="muted" role="status">
          {told()}
        </span>
        <button type="button" onClick={() => void copy()}>
          Copy
        </button>
        <button type="button" onClick={save}>
          Save as CSV
        </button>
      </div>
      <div
        ref={(element) => (scroller = element)}
        class="table statistics-table"
        role="table"
        aria-label="Statistics"
        aria-rowcount={rows().length + 2}
        tabIndex={0}
        onScroll={(event) => view.scrolled(event.currentTarget)}
      >
        <div ref={(element) => (header = element)} class="table-head" role="rowgroup">
          <div class="row header" role="row" aria-rowindex={1}>
            {title('name', 'Node', 'Name of the node')}
            <For each={STATISTICS_COLUMNS}>
              {(column) => title(column.name, column.title, column.about, column.group)}
            </For>
          </div>
          <Row row={cluster()} position={-1} label={`Cluster, ${count(safe().length)} nodes`} />
        </div>
        <div class="rows" role="rowgroup" style={{ height: `${rows().length * ROW_HEIGHT}px` }}>
          <div class="layer" style={{ transform: `translateY(${view.range().start * ROW_HEIGHT}px)` }}>
            <Index each={shown()}>
              {(row, index) => (
                <Row
                  row={row()}
                  position={view.range().start + index}
                  label={row().name}
                  onOpen={() => props.onOpen(row().key)}
                />
              )}
            </Index>
          </div>
        </div>
      </div>
    </section>
  );
}

function Row(props: {
  readonly row: NodeStatistics;
  /** Among the nodes, from 0. */
  readonly position: number;
  readonly label: string;
  readonly onOpen?: () => void;
}): JSX.Element {
  return (
    <div
      class="row"
      classList={{ cluster: props.position < 0 }}
      role="row"
      aria-rowindex={props.position + 3}
    >
      <div class="cell name" role="rowheader" title={props.label}>
        <Show when={props.onOpen} fallback={props.label}>
          {(open) => (
            <button type="button" class="link" onClick={() => open()()}>
              {props.label}
            </button>
          )}
        </Show>
      </div>
      <For each={STATISTICS_COLUMNS}>
        {(column) => (
          <div class="cell number" role="cell">
            {statisticsWords(column.kind, column.value(props.row))}
          </div>
        )}
      </For>
    </div>
  );
}
