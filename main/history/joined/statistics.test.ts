import { describe, expect, test } from 'vitest';
import type { NodeStatistics } from '../../../common/model/history.ts';
import { joinStatistics, joinTop } from './statistics.ts';

const NONE = { min: NaN, mean: NaN, max: NaN, p95: NaN };

function node(given: Partial<NodeStatistics>): NodeStatistics {
  return {
    key: 'id:1',
    id: 1,
    name: 'n1',
    load: NONE,
    memoryUsed: NONE,
    speed: NaN,
    cpus: NaN,
    memoryTotal: NaN,
    secondsUp: 0,
    secondsDown: 0,
    secondsUnknown: 0,
    ...given,
  };
}

describe('statistics of two parts of a range', () => {
  const [joined] = joinStatistics([
    {
      nodes: [node({ load: { min: 1, mean: 10, max: 20, p95: 19 }, speed: 5, cpus: 2, secondsUp: 100 })],
      resolution: 60,
    },
    {
      nodes: [
        node({
          name: 'new',
          load: { min: 0, mean: 40, max: 50, p95: 45 },
          speed: 7,
          secondsUp: 300,
          secondsDown: 9,
        }),
      ],
      resolution: 1,
    },
  ]).nodes;

  test('lowest and highest are of both, the mean counts each by its time', () => {
    expect(joined?.load).toMatchObject({ min: 0, mean: 32.5, max: 50 });
  });

  test('what cannot be had from parts is left open', () => {
    expect(joined?.load.p95).toBeNaN();
  });

  test('facts are the latest known, times are added', () => {
    expect(joined).toMatchObject({ name: 'new', speed: 7, cpus: 2, secondsUp: 400, secondsDown: 9 });
  });

  test('a part without values leaves those of the other whole', () => {
    const whole = { min: 1, mean: 10, max: 20, p95: 19 };
    const parts = [node({ load: whole, secondsUp: 100 }), node({ secondsDown: 50 })];
    const both = joinStatistics(parts.map((each) => ({ nodes: [each], resolution: 1 as const })));
    expect(both.nodes[0]?.load).toEqual(whole);
  });

  test('the resolution is the coarsest', () => {
    const parts = [1, 60, 10] as const;
    expect(joinStatistics(parts.map((resolution) => ({ nodes: [], resolution }))).resolution).toBe(60);
  });
});

test('the highest means of the whole are found among those of the parts', () => {
  const row = (id: number, mean: number) => ({ key: `id:${id}`, id, name: `n${id}`, mean });
  const parts = [
    { nodes: [row(1, 100), row(2, 80)], seconds: 10 },
    { nodes: [row(2, 60), row(1, 0)], seconds: 30 },
  ];
  expect(joinTop(parts, 1)).toEqual([row(2, 65)]);
});
