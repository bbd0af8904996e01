/** Statistics as rows. */
import { describe, expect, it } from 'vitest';
import type { NodeStatistics } from '../../common/model/history.ts';
import { NO_CURVE } from '../node/chart-data.ts';
import {
  clusterRow,
  nextStatisticsSort,
  sortStatistics,
  spreadOf,
  statisticsCells,
  STATISTICS_COLUMNS,
} from './statistics.ts';

const NOTHING = { min: NaN, mean: NaN, max: NaN, p95: NaN };

function row(name: string, mean: number, more: Partial<NodeStatistics> = {}): NodeStatistics {
  return {
    key: `id:${name}`,
    id: 1,
    name,
    load: { min: 0, mean, max: 2 * mean, p95: mean },
    memoryUsed: NOTHING,
    speed: 10_000,
    cpus: 2,
    memoryTotal: 100,
    secondsUp: 60,
    secondsDown: 0,
    secondsUnknown: 0,
    ...more,
  };
}

const curve = (...mean: number[]) => ({ ...NO_CURVE, mean: Float64Array.from(mean) });
const names = (rows: readonly NodeStatistics[]): string => rows.map(({ name }) => name).join(' ');

describe('the order', () => {
  const rows = [row('node10', 5), row('node2', NaN), row('node1', 7)];

  it('of names counts numbers', () => {
    expect(names(sortStatistics(rows, { column: 'name', descending: false }))).toBe('node1 node2 node10');
    expect(names(sortStatistics(rows, { column: 'name', descending: true }))).toBe('node10 node2 node1');
  });

  it('of a number has nodes without one at the end, both ways', () => {
    expect(names(sortStatistics(rows, { column: 'load-mean', descending: true }))).toBe('node1 node10 node2');
    expect(names(sortStatistics(rows, { column: 'load-mean', descending: false }))).toBe(
      'node10 node1 node2',
    );
  });

  it('begins with the largest, and is turned round by choosing it again', () => {
    const first = nextStatisticsSort({ column: 'name', descending: false }, 'down');
    expect(first).toEqual({ column: 'down', descending: true });
    expect(nextStatisticsSort(first, 'down')).toEqual({ column: 'down', descending: false });
  });
});

describe('the spread of a curve', () => {
  it('leaves gaps out', () => {
    const values = Array.from({ length: 100 }, (_unused, index) => index + 1);
    expect(spreadOf(curve(...values, NaN))).toEqual({ min: 1, mean: 50.5, max: 100, p95: 95 });
  });

  it('is unknown without values', () => {
    expect(spreadOf(curve(NaN))).toEqual(NOTHING);
  });
});

it('the cluster is the mean of its nodes over time, and the sum of what they have', () => {
  const rows = [row('a', 5, { secondsDown: 10 }), row('b', 7, { cpus: NaN, speed: 20_000 })];
  const cluster = clusterRow(rows, curve(4, 8), curve(50));
  expect(cluster.load.mean).toBe(6);
  expect([cluster.cpus, cluster.speed, cluster.memoryTotal, cluster.secondsDown]).toEqual([
    2, 15_000, 200, 10,
  ]);
});

it('a file has a title for each column, and empty cells where there is nothing', () => {
  const [titles, cells] = statisticsCells([row('a', 5.123)]);
  expect(titles).toHaveLength(STATISTICS_COLUMNS.length + 3);
  expect(cells?.slice(0, 7)).toEqual(['a', 1, 0, 5.12, 10.25, 5.12, '']);
});
