/** The parts of a report about the cluster's load: charts over time, statistics of every node. */
import type { HistoryAnswer } from '../../common/contract/history-queries.ts';
import type { NodeStatistics } from '../../common/model/history.ts';
import { meanOf } from './effect.ts';
import {
  longTable,
  tableOf,
  type Block,
  type Cell,
  type ChartBlock,
  type Column,
  type Rows,
  type TableBlock,
} from './model.ts';
import type { ReportContext } from './build.ts';
import type { Selection } from './selection.ts';
import { answerIfAny } from './source.ts';
import type { Span } from './coverage.ts';

/** So many nodes have one table of statistics; of more the busiest come first and all of them later. */
const FEW_NODES = 24;
const BUSIEST = 10;

const NO_FIGURES: Block = {
  kind: 'note',
  text: 'This history cannot tell the load over time.',
  warning: true,
};

/** The load of the chosen nodes over time. */
export type LoadHistory = HistoryAnswer<'clusterHistory'>;

/** The load over time at so many values; undefined where the history cannot tell. Throws ProblemError. */
export function loadHistory(
  { source, selection }: ReportContext,
  pixels: number,
): Promise<LoadHistory | undefined> {
  const { from, to, keys, allNodes } = selection;
  const some = allNodes ? {} : { keys: [...keys] };
  return answerIfAny(source.history.ask('clusterHistory', { metrics: ['load'], ...some, from, to, pixels }));
}

/** What the charts of one report have in common. */
export interface ChartBase {
  readonly selection: Selection;
  readonly recordings: readonly Span[];
  readonly marks: ChartBlock['marks'];
}

/** Load and efficiency over time. */
export function loadCharts(
  load: LoadHistory | undefined,
  { selection, recordings, marks }: ChartBase,
): readonly Block[] {
  const [series] = load?.series ?? [];
  const base = { kind: 'chart', from: selection.from, to: selection.to, step: 0, marks, recordings } as const;
  if (load === undefined || series === undefined) return [NO_FIGURES];
  return [
    {
      ...base,
      name: 'load',
      title: 'Load of the nodes',
      form: 'band',
      times: series.times,
      lines: [
        { name: 'lowest', title: 'lowest', values: series.min },
        { name: 'mean', title: 'mean', values: series.mean },
        { name: 'highest', title: 'highest', values: series.max },
      ],
      top: 0,
      unit: 'lowest, mean, highest node; 100 is one busy process on one standard CPU',
    },
    {
      ...base,
      name: 'efficiency',
      title: 'Efficiency',
      form: 'line',
      times: load.times,
      lines: [{ name: 'efficiency', title: 'efficiency', values: load.efficiency }],
      top: 100,
      unit: 'percent; 100 is a load spread as evenly as it can be',
    },
  ];
}

/** The same as a table, for machines. */
export function loadTable(context: ReportContext, pixels: number): TableBlock {
  return longTable({
    name: 'load',
    title: 'Load over time',
    empty: 'No load was recorded.',
    columns: [
      { name: 'time', title: 'Time', kind: 'time', width: 3 },
      { name: 'lowest_load', title: 'Lowest', kind: 'value', width: 2 },
      { name: 'mean_load', title: 'Mean', kind: 'value', width: 2 },
      { name: 'highest_load', title: 'Highest', kind: 'value', width: 2 },
      { name: 'efficiency_percent', title: 'Efficiency', kind: 'percent', width: 2 },
      { name: 'nodes', title: 'Nodes', kind: 'count', width: 2 },
    ],
    rows: loadRows(context, pixels),
  });
}

async function* loadRows(context: ReportContext, pixels: number): Rows {
  const answer = await loadHistory(context, pixels);
  if (answer === undefined) return;
  const { series, times, efficiency, nodes } = answer;
  const [load] = series;
  const rows = [...times].map((time, index) => [
    time,
    load?.min[index] ?? null,
    load?.mean[index] ?? null,
    load?.max[index] ?? null,
    efficiency[index] ?? null,
    nodes[index] ?? null,
  ]);
  if (rows.length > 0) yield rows;
}

/** Mean efficiency and load of a range; NaN where nothing is known. */
export function meansOf(history: LoadHistory | undefined): {
  readonly load: number;
  readonly efficiency: number;
} {
  return {
    load: meanOf(history?.series[0]?.mean ?? []),
    efficiency: meanOf(history?.efficiency ?? []),
  };
}

/** Reads the statistics of the chosen nodes; none where the history cannot tell. Throws ProblemError. */
export async function statisticsOf({ source, selection }: ReportContext): Promise<readonly NodeStatistics[]> {
  const { from, to, nodes, keys, allNodes } = selection;
  const some = allNodes ? {} : { keys: [...keys] };
  const answer = await answerIfAny(source.history.ask('statistics', { from, to, ...some }));
  const byKey = new Map(answer?.nodes.map((each) => [each.key, each]));
  return nodes.flatMap(({ keys: own, id, name }) =>
    heardOf(own.flatMap((key) => byKey.get(key) ?? [])).map((each) => ({ ...each, id, name })),
  );
}

/** Of the keys of one node those under which anything is known; where there are none, the lasting one. */
function heardOf(keys: readonly NodeStatistics[]): readonly NodeStatistics[] {
  const heard = keys.filter(
    ({ load, secondsUp, secondsDown }) => load.max >= 0 || secondsUp + secondsDown > 0,
  );
  return heard.length > 0 ? heard : keys.slice(0, 1);
}

/** The nodes: of few all, of many the busiest. */
export function nodesSection(statistics: readonly NodeStatistics[]): readonly Block[] {
  const busiest = statistics.toSorted((one, other) => orNone(other.load.mean) - orNone(one.load.mean));
  const isFew = statistics.length <= FEW_NODES;
  const shown = isFew ? busiest : busiest.slice(0, BUSIEST);
  const title = isFew
    ? 'Nodes, most loaded first'
    : `The ${BUSIEST} most loaded of ${statistics.length} nodes`;
  return [
    {
      kind: 'section',
      title: 'Nodes',
      about: 'Load 100 is one busy process on one CPU of standard speed 10000.',
    },
    { ...nodesTable(shown), title, name: isFew ? 'nodes' : 'most_loaded' },
  ];
}

/** All nodes, where the section has only the busiest. */
export function remainingNodes(statistics: readonly NodeStatistics[]): readonly Block[] {
  if (statistics.length <= FEW_NODES) return [];
  return [{ kind: 'section', title: 'All nodes', about: '' }, nodesTable(statistics)];
}

function orNone(value: number): number {
  return Number.isNaN(value) ? -1 : value;
}

const NODE_COLUMNS: readonly Column[] = [
  { name: 'node', title: 'Node', kind: 'node', width: 16 },
  { name: 'load_min', title: 'Load least', kind: 'value', width: 8 },
  { name: 'load_mean', title: 'mean', kind: 'value', width: 8 },
  { name: 'load_p95', title: '95 %', kind: 'value', width: 8 },
  { name: 'load_max', title: 'most', kind: 'value', width: 8 },
  { name: 'memory_min_percent', title: 'Memory least', kind: 'percent', width: 0 },
  { name: 'memory_mean_percent', title: 'Memory mean', kind: 'percent', width: 9 },
  { name: 'memory_p95_percent', title: '95 %', kind: 'percent', width: 0 },
  { name: 'memory_max_percent', title: 'most', kind: 'percent', width: 9 },
  { name: 'memory_bytes', title: 'Memory', kind: 'bytes', width: 10 },
  { name: 'speed', title: 'Speed', kind: 'count', width: 8 },
  { name: 'cpus', title: 'CPUs', kind: 'count', width: 6 },
  { name: 'seconds_up', title: 'Up', kind: 'seconds', width: 0 },
  { name: 'seconds_down', title: 'Down', kind: 'seconds', width: 12 },
  { name: 'seconds_unknown', title: 'Not known', kind: 'seconds', width: 12 },
];

/** Statistics of nodes as a table. */
export function nodesTable(statistics: readonly NodeStatistics[]): TableBlock {
  const rows = statistics.map(
    ({ id, name, load, memoryUsed, memoryTotal, speed, cpus, ...seconds }): readonly Cell[] => [
      { id, name },
      load.min,
      load.mean,
      load.p95,
      load.max,
      memoryUsed.min,
      memoryUsed.mean,
      memoryUsed.p95,
      memoryUsed.max,
      memoryTotal,
      speed,
      cpus,
      seconds.secondsUp,
      seconds.secondsDown,
      seconds.secondsUnknown,
    ],
  );
  return tableOf(
    { name: 'nodes', title: 'Statistics', empty: 'No node was recorded.', columns: NODE_COLUMNS },
    rows,
  );
}
