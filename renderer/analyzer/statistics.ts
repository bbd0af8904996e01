/** Statistics as rows: their columns, order, the row of the whole cluster, and the table as CSV. Pure. */
import type { NodeStatistics, Spread } from '../../common/model/history.ts';
import type { Curve } from '../node/chart-data.ts';
import { compareNames } from '../words/order.ts';

/** What a row has to say in a column. */
export interface StatisticsColumn {
  readonly name: string;
  /** Group of columns it stands in; empty for one of its own. */
  readonly group: '' | 'Load' | 'Memory used';
  readonly title: string;
  readonly about: string;
  /** Title in a file, with its unit. */
  readonly file: string;
  readonly kind: 'percent' | 'count' | 'bytes' | 'seconds';
  readonly value: (row: NodeStatistics) => number;
}

const SPREADS = [
  ['min', 'lowest value'],
  ['mean', 'mean over the time it was up'],
  ['max', 'highest value'],
  ['p95', 'value that 95 of 100 values do not exceed'],
] as const satisfies readonly (readonly [keyof Spread, string])[];

function spreadColumns(
  group: 'Load' | 'Memory used',
  prefix: string,
  of: (row: NodeStatistics) => Spread,
): readonly StatisticsColumn[] {
  return SPREADS.map(([part, about]) => ({
    name: `${prefix}-${part}`,
    group,
    title: part,
    about: `${group}: ${about}`,
    file: `${prefix} ${part} (percent)`,
    kind: 'percent',
    value: (row) => of(row)[part],
  }));
}

/** The columns after the node's name. */
export const STATISTICS_COLUMNS: readonly StatisticsColumn[] = [
  ...spreadColumns('Load', 'load', (row) => row.load),
  ...spreadColumns('Memory used', 'memory', (row) => row.memoryUsed),
  {
    name: 'memory-total',
    group: '',
    title: 'Memory',
    about: 'Physical memory at the end of the range',
    file: 'memory (bytes)',
    kind: 'bytes',
    value: (row) => row.memoryTotal,
  },
  {
    name: 'speed',
    group: '',
    title: 'Speed',
    about: 'Speed at the end of the range; 10000 is the standard CPU',
    file: 'speed',
    kind: 'count',
    value: (row) => row.speed,
  },
  {
    name: 'cpus',
    group: '',
    title: 'CPUs',
    about: 'CPUs at the end of the range',
    file: 'cpus',
    kind: 'count',
    value: (row) => row.cpus,
  },
  {
    name: 'down',
    group: '',
    title: 'Down',
    about: 'Time in the range in which the cluster reported the node as down',
    file: 'down (seconds)',
    kind: 'seconds',
    value: (row) => row.secondsDown,
  },
  {
    name: 'unknown',
    group: '',
    title: 'Unknown',
    about: 'Time in the range in which mosview ran and could not tell whether the node was up',
    file: 'unknown (seconds)',
    kind: 'seconds',
    value: (row) => row.secondsUnknown,
  },
];

/** The order of a table: by the name, or by a column. */
export interface StatisticsSort {
  readonly column: string;
  readonly descending: boolean;
}

/** Rows in an order; those without a value come last both ways, and equal ones in the order of their names. */
export function sortStatistics(
  rows: readonly NodeStatistics[],
  sort: StatisticsSort,
): readonly NodeStatistics[] {
  const byName = (a: NodeStatistics, b: NodeStatistics): number =>
    compareNames(a.name, b.name) || a.id - b.id;
  const column = STATISTICS_COLUMNS.find((each) => each.name === sort.column);
  if (column === undefined)
    return sort.descending ? rows.toSorted((a, b) => byName(b, a)) : rows.toSorted(byName);
  return rows.toSorted((a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    if (Number.isNaN(left) || Number.isNaN(right)) {
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || byName(a, b);
    }
    return (sort.descending ? right - left : left - right) || byName(a, b);
  });
}

/** The sort after a title was chosen: a new number column largest first, the same one turned round. */
export function nextStatisticsSort(sort: StatisticsSort, column: string): StatisticsSort {
  return sort.column === column
    ? { column, descending: !sort.descending }
    : { column, descending: column !== 'name' };
}

/** Lowest, mean, highest and 95th percentile of a curve's means; each point weighs the same. */
export function spreadOf({ mean }: Curve): Spread {
  const values = mean.filter((value) => !Number.isNaN(value)).sort();
  const at = (index: number): number => values[index] ?? NaN;
  if (values.length === 0) return { min: NaN, mean: NaN, max: NaN, p95: NaN };
  return {
    min: at(0),
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    max: at(values.length - 1),
    p95: at(Math.ceil(0.95 * values.length) - 1),
  };
}

/**
 * The row of the cluster: how the mean over its nodes moved, and the sums of what they have; speed is the mean. Times down
 * are summed over the nodes.
 */
export function clusterRow(rows: readonly NodeStatistics[], load: Curve, memory: Curve): NodeStatistics {
  const known = (value: (row: NodeStatistics) => number): readonly number[] =>
    rows.map(value).filter((each) => !Number.isNaN(each));
  const sum = (value: (row: NodeStatistics) => number): number =>
    known(value).reduce((total, each) => total + each, 0);
  return {
    key: '',
    id: 0,
    name: 'Cluster',
    load: spreadOf(load),
    memoryUsed: spreadOf(memory),
    speed: sum((row) => row.speed) / known((row) => row.speed).length,
    cpus: sum((row) => row.cpus),
    memoryTotal: sum((row) => row.memoryTotal),
    secondsUp: sum((row) => row.secondsUp),
    secondsDown: sum((row) => row.secondsDown),
    secondsUnknown: sum((row) => row.secondsUnknown),
  };
}

/** The table as the cells of a file, titles first; numbers plainly, empty where there is none. */
export function statisticsCells(rows: readonly NodeStatistics[]): readonly (readonly (string | number)[])[] {
  const titles = ['node', 'id', ...STATISTICS_COLUMNS.map((column) => column.file), 'up (seconds)'];
  const plain = (value: number): string | number =>
    Number.isNaN(value) ? '' : Math.round(value * 100) / 100;
  return [
    titles,
    ...rows.map((row) => [
      row.name,
      row.id === 0 ? '' : row.id,
      ...STATISTICS_COLUMNS.map((column) => plain(column.value(row))),
      plain(row.secondsUp),
    ]),
  ];
}
