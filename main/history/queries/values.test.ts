/**
 * The questions about values against the values themselves: the same answers from the tail, from rows, from roll-ups of
 * hours that span restarts, and from what is left when the finer resolutions were deleted.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BlockView } from '../../../common/contract/block.ts';
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../../common/contract/history-queries.ts';
import { clusterTotals, efficiency, takesPart } from '../../../common/model/cluster.ts';
import { METRICS, METRIC_INDEX, type MetricName } from '../../../common/model/metric.ts';
import { nodes, temporaryFolder } from '../fixture.ts';
import { HistoryWriter } from '../writer.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ROWS = 3;
/** In the middle of a minute, 100 s before the end of an hour. */
const BEGIN = 500_000 * 3600 - 100;
const END = BEGIN + 4000;
/** Nothing is recorded from here to there; the second node is away a while longer. */
const GAP = [BEGIN + 1000, BEGIN + 1130] as const;
const AWAY = BEGIN + 1500;

let folder: ReturnType<typeof temporaryFolder>;
let writer: HistoryWriter;

function begin(): void {
  folder = temporaryFolder();
  writer = open();
}

function end(): void {
  writer.close();
  folder.dispose();
}

function open(): HistoryWriter {
  const opened = HistoryWriter.open(folder.path, ({ message }) => expect.unreachable(message), 300);
  if (!opened.ok) throw new Error(opened.problem.message);
  opened.value.setNodes(nodes(ROWS));
  return opened.value;
}

function restart(): void {
  writer.close();
  writer = open();
}

/** The value of a node's metric at a second; NaN where none is recorded. */
function value(name: MetricName, row: number, second: number): number {
  if (second < BEGIN || second >= END || (second >= GAP[0] && second < (row === 1 ? AWAY : GAP[1])))
    return NaN;
  const wave = Math.round(50 * (1 + Math.sin(second / (40 + 7 * row))));
  const noise = (second * 7919) % (11 + row);
  switch (name) {
    case 'load':
      return 100 * row + wave + noise;
    case 'speed':
      return 10_000;
    case 'cpus':
      return 1 + row;
    case 'memoryTotal':
      return 4096 * 1_000_000;
    case 'memoryFree':
      return 4096 * (500_000 - 1000 * wave + noise);
    case 'memoryAvailable':
      return 4096 * (600_000 - 1000 * wave);
    case 'status':
      return 3 + (row === 2 ? 20 : 0) + (second % 100 === 0 ? 64 : 0);
    case 'cpuBusy':
      return wave / 2 + 0.5;
    case 'loadAverage':
      return (wave + noise) / 100;
    default:
      return (wave % 5) + row;
  }
}

function append(from: number, to: number): void {
  for (let second = from; second < to; second += 1) {
    if (second >= GAP[0] && second < GAP[1]) continue;
    const columns = METRICS.flatMap(({ name }) => nodes(ROWS).map((_, row) => value(name, row, second)));
    writer.append(second * 1000, Float64Array.from(columns), ROWS);
  }
}

function ask<Name extends HistoryQueryName>(name: Name, input: HistoryQuestion<Name>): HistoryAnswer<Name> {
  const steps = writer.ask(name, input);
  for (;;) {
    const step = steps.next();
    if (!step.done) continue;
    if (!step.value.ok) throw new Error(step.value.problem.message);
    // The answer to the question of that name.
    return step.value.value as HistoryAnswer<Name>;
  }
}

/** The values of a range, without those missing. */
function valuesOf(name: MetricName, row: number, from: number, to: number): readonly number[] {
  const all = Array.from({ length: to - from }, (_, index) => value(name, row, from + index));
  return all.filter((one) => !Number.isNaN(one));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

/** The ways in which the same values may lie in the file. */
const WAYS: readonly (readonly [string, () => void])[] = [
  ['in the tail and in rows', () => append(BEGIN, END)],
  [
    'in rows after a restart in the middle of a window, a minute and an hour',
    () => {
      append(BEGIN, BEGIN + 777);
      restart();
      append(BEGIN + 777, BEGIN + 2345);
      restart();
      append(BEGIN + 2345, END);
      restart();
    },
  ],
  [
    'in rows of which hours are rolled',
    () => {
      append(BEGIN, END);
      writer.append((END + 7200) * 1000, new Float64Array(METRICS.length * ROWS).fill(NaN), ROWS);
      writer.rest();
    },
  ],
];

describe.each(WAYS)('values %s', (_, record) => {
  beforeAll(() => {
    begin();
    record();
  });
  afterAll(end);

  test.each([
    [1, 700, 1000],
    [10, 1200, 100],
    [60, END - BEGIN, 60],
    [3600, END - BEGIN, 1],
  ])('are a history at %d s', (resolution, length, pixels) => {
    const from = resolution === 3600 ? BEGIN + 100 - 3600 : Math.floor(BEGIN / 60) * 60;
    const to = resolution === 3600 ? from + 2 * 3600 : from + length;
    const names: MetricName[] = METRICS.map(({ name }) => name);
    const answer = ask('history', {
      keys: ['id:3', 'id:2'],
      metrics: names,
      from: from * 1000,
      to: to * 1000,
      pixels: resolution === 3600 ? 2 : pixels,
    });
    expect(answer.resolution).toBe(resolution);
    for (const { key, series } of answer.nodes) {
      const row = key === 'id:3' ? 2 : 1;
      for (const { metric, times, min, max, mean: means } of series) {
        const width = Math.ceil((to - from) / (resolution === 3600 ? 2 : pixels) / resolution) * resolution;
        for (const [index, time] of times.entries()) {
          if (Number.isNaN(means[index])) continue;
          const start = Math.floor(time / 1000 / width) * width;
          const values = valuesOf(
            metric,
            row,
            start,
            Math.min(start + width, Math.ceil(to / resolution) * resolution),
          );
          const where = `${metric} of ${key} at ${start - BEGIN}`;
          if (metric === 'status') {
            expect([where, min[index], max[index], means[index]]).toEqual([
              where,
              values.reduce((all, one) => all & one),
              values.reduce((all, one) => all | one),
              values.at(-1),
            ]);
          } else {
            expect([where, min[index], max[index]]).toEqual([
              where,
              Math.min(...values),
              Math.max(...values),
            ]);
            const quantum = METRICS[METRIC_INDEX[metric]]?.quantum ?? 1;
            const error = Math.abs((means[index] as number) - mean(values));
            expect(error, where).toBeLessThanOrEqual(quantum === 1 ? 0.06 : 1.01 * quantum);
          }
        }
        expect(times.length).toBeLessThanOrEqual(2 * pixels);
        expect(valuesOf(metric, row, from, to).length > 0).toBe(times.length > 0);
      }
    }
  });

  test('are a history of the cluster', () => {
    const from = Math.ceil(BEGIN / 60) * 60;
    const to = from + 3600;
    const answer = ask('clusterHistory', {
      metrics: ['load', 'cpuBusy'],
      from: from * 1000,
      to: to * 1000,
      pixels: 60,
    });
    expect(answer.resolution).toBe(60);
    const gap = [...answer.times].findIndex((time) => time / 1000 >= GAP[0] - 60 && time / 1000 < GAP[1]);
    expect(gap).toBeGreaterThan(0);
    for (const [index, time] of answer.times.entries()) {
      const start = time / 1000;
      const rows = [0, 1, 2].filter((row) => valuesOf('load', row, start, start + 60).length > 0);
      if (rows.length === 0) {
        expect([answer.nodes[index], answer.efficiency[index]]).toEqual([0, NaN]);
        continue;
      }
      const loads = rows.map((row) => valuesOf('load', row, start, start + 60));
      expect(answer.nodes[index]).toBe(rows.length);
      expect(answer.series[0]?.min[index]).toBe(Math.min(...loads.flat()));
      expect(answer.series[0]?.max[index]).toBe(Math.max(...loads.flat()));
      expect(answer.series[0]?.mean[index]).toBeCloseTo(mean(loads.map(mean)), 1);
      const balanced = rows.filter((row) => takesPart(valuesOf('status', row, start, start + 60).at(-1)));
      expect(balanced).not.toContain(2);
      const even = efficiency(balanced.map((row) => mean(valuesOf('load', row, start, start + 60))));
      expect(Math.abs((answer.efficiency[index] as number) - even)).toBeLessThan(0.1);
    }
  });

  test('are statistics', () => {
    const from = Math.ceil(BEGIN / 60) * 60;
    const to = from + 3600;
    const answer = ask('statistics', { from: from * 1000, to: to * 1000 });
    expect(answer.resolution).toBe(60);
    for (const [row, node] of answer.nodes.entries()) {
      const loads = valuesOf('load', row, from, to);
      const used = valuesOf('memoryFree', row, from, to).map((free) => 100 * (1 - free / 4096 / 1_000_000));
      expect(node).toMatchObject({
        key: `id:${row + 1}`,
        speed: 10_000,
        cpus: 1 + row,
        memoryTotal: 4096 * 1_000_000,
      });
      expect([node.load.min, node.load.max]).toEqual([Math.min(...loads), Math.max(...loads)]);
      expect(node.load.mean).toBeCloseTo(mean(loads), 1);
      expect(node.memoryUsed.min).toBeCloseTo(Math.min(...used), 3);
      expect(node.memoryUsed.mean).toBeCloseTo(mean(used), 3);
      const minutes = Array.from({ length: 60 }, (_unused, minute) =>
        valuesOf('load', row, from + minute * 60, from + minute * 60 + 60),
      );
      const means = minutes
        .filter(({ length }) => length > 0)
        .map(mean)
        .sort((a, b) => a - b);
      expect(node.load.p95).toBeCloseTo(means[Math.ceil(0.95 * means.length) - 1] as number, 1);
      expect(node.secondsUp).toBe(loads.length);
    }
    const [first, second] = answer.nodes;
    expect((second?.secondsUnknown ?? 0) - (first?.secondsUnknown ?? 0)).toBe(AWAY - GAP[1]);
  });

  test('are compared', () => {
    const { nodes: found } = ask('top', { metric: 'load', from: 0, to: (END + 3600) * 1000, limit: 2 });
    expect(found.map(({ key }) => key)).toEqual(['id:3', 'id:2']);
    expect(found[0]?.mean).toBeCloseTo(mean(valuesOf('load', 2, BEGIN, END)), 1);
  });

  test('are the cluster at a moment', () => {
    const second = BEGIN + 1234;
    const answer = ask('moment', { time: second * 1000 + 400 });
    expect(answer).toMatchObject({ time: second * 1000, resolution: 1 });
    expect(answer.nodes.map(({ slot, key }) => [slot, key])).toEqual([
      [0, 'id:1'],
      [1, 'id:3'],
    ]);
    const block = new BlockView(answer.columns);
    for (const [slot, row] of [0, 2].entries()) {
      for (const { name } of METRICS) {
        expect([name, block.value(name, slot)]).toEqual([name, expect.closeTo(value(name, row, second), 6)]);
      }
      expect([block.state(slot), block.age(slot)]).toEqual(['up', 0]);
    }
    const figures = [0, 2].map((row) => ({
      load: value('load', row, second),
      cpus: value('cpus', row, second),
      memoryTotal: value('memoryTotal', row, second),
      memoryFree: value('memoryFree', row, second),
      status: value('status', row, second),
    }));
    expect(answer.totals).toEqual(clusterTotals(figures));
    expect(ask('moment', { time: (GAP[0] + 60) * 1000 })).toMatchObject({ time: null });
  });

  test('are there from the first to the last second', () => {
    expect(ask('recorded', {})).toMatchObject({ from: BEGIN * 1000, to: END * 1000 });
  });
});

test('an empty history has nothing to say', () => {
  begin();
  expect(ask('recorded', {})).toMatchObject({ nodes: nodes(ROWS), from: null, to: null });
  expect(ask('moment', { time: BEGIN * 1000 })).toMatchObject({ time: null, nodes: [] });
  expect(ask('top', { metric: 'load', from: 0, to: BEGIN * 1000, limit: 5 })).toEqual({ nodes: [] });
  expect(
    ask('clusterHistory', { metrics: ['load'], from: 0, to: BEGIN * 1000, pixels: 100 }).times,
  ).toHaveLength(0);
  expect(ask('statistics', { from: 0, to: BEGIN * 1000 }).nodes[0]).toMatchObject({
    load: { mean: NaN },
    speed: NaN,
  });
  end();
});
