import { describe, expect, test } from 'vitest';
import type { Series } from '../../../common/model/history.ts';
import { joinCluster, joinSeries, lacksAny, type Pixels } from './points.ts';

const SECONDS: Pixels = { from: 0, to: 20_000, pixels: 100, resolution: 1 };

/** A series of [second, value] pairs; lowest and highest lie one beside the value. */
function series(...points: readonly (readonly [number, number])[]): Series {
  const column = (make: (value: number) => number): Float64Array<ArrayBuffer> =>
    Float64Array.from(points, ([, value]) => make(value));
  return {
    metric: 'load',
    times: Float64Array.from(points, ([second]) => second * 1000),
    mean: column((value) => value),
    min: column((value) => value - 1),
    max: column((value) => value + 1),
  };
}

function run(from: number, to: number, value: number): readonly (readonly [number, number])[] {
  return Array.from({ length: to - from }, (_unused, index) => [from + index, value] as const);
}

function points(given: readonly Series[]): readonly (readonly [number, number])[] {
  const [first] = given;
  return [...(first?.times ?? [])].map((time, index) => [time / 1000, first?.mean[index] ?? 0] as const);
}

const join = (preferred: Series, other: Series): readonly (readonly [number, number])[] =>
  points(joinSeries([preferred], SECONDS, [other], SECONDS));

describe('series joined in time', () => {
  test('what lies before the preferred one comes from the other, without a gap where they meet', () => {
    expect(join(series(...run(5, 8, 2)), series(...run(0, 7, 1)))).toEqual([
      ...run(0, 5, 1),
      ...run(5, 8, 2),
    ]);
  });

  test('a gap is filled, and no gap stands there any more', () => {
    const preferred = series(...run(0, 3, 2), [3, NaN], ...run(6, 9, 2));
    expect(join(preferred, series(...run(0, 20, 1)))).toEqual([
      ...run(0, 3, 2),
      ...run(3, 6, 1),
      ...run(6, 9, 2),
      ...run(9, 20, 1),
    ]);
  });

  test('a gap in both stays one gap', () => {
    const preferred = series(...run(0, 3, 2), [3, NaN], ...run(9, 12, 2));
    const other = series([0, 1], [1, NaN], ...run(15, 20, 1));
    expect(join(preferred, other)).toEqual([
      ...run(0, 3, 2),
      [3, NaN],
      ...run(9, 12, 2),
      [12, NaN],
      ...run(15, 20, 1),
    ]);
  });

  test('a gap that the other fills only in part leaves a gap on each side', () => {
    const preferred = series(...run(0, 3, 2), [3, NaN], ...run(15, 18, 2));
    expect(join(preferred, series(...run(8, 10, 1)))).toEqual([
      ...run(0, 3, 2),
      [3, NaN],
      ...run(8, 10, 1),
      [10, NaN],
      ...run(15, 18, 2),
    ]);
  });

  test('a gap of the other inside the gap it fills stays', () => {
    const preferred = series([0, 2], [1, NaN], [10, 2]);
    const other = series(...run(1, 4, 1), [4, NaN], ...run(7, 10, 1));
    expect(join(preferred, other)).toEqual([[0, 2], ...run(1, 4, 1), [4, NaN], ...run(7, 10, 1), [10, 2]]);
  });

  test('lowest and highest come with the mean', () => {
    const [joined] = joinSeries([series([1, 5])], SECONDS, [series([0, 3])], SECONDS);
    expect([[...(joined?.min ?? [])], [...(joined?.max ?? [])]]).toEqual([
      [2, 4],
      [4, 6],
    ]);
  });

  test('points of a coarse history are not torn apart by those of a fine one', () => {
    const coarse: Pixels = { from: 0, to: 240_000, pixels: 1000, resolution: 60 };
    const fine: Pixels = { ...coarse, resolution: 1 };
    const preferred = series([0, 2], [60, 2], [120, NaN]);
    const joined = points(joinSeries([preferred], coarse, [series(...run(0, 180, 1))], fine));
    expect(joined.filter(([, value]) => value === 2)).toEqual([
      [0, 2],
      [60, 2],
    ]);
    expect(joined.filter(([second]) => second > 0 && second < 120)).toEqual([[60, 2]]);
    expect(joined.filter(([, value]) => value === 1)).toHaveLength(60);
  });

  test('an empty preferred one leaves the other as it is', () => {
    expect(join(series(), series(...run(0, 3, 1), [3, NaN], [9, 1]))).toEqual([
      ...run(0, 3, 1),
      [3, NaN],
      [9, 1],
    ]);
  });
});

describe('whether more is needed', () => {
  test.each([
    ['a full series', series(...run(0, 20, 1)), false],
    ['one with a gap', series(...run(0, 9, 1), [9, NaN], ...run(12, 20, 1)), true],
    ['one that begins late', series(...run(9, 20, 1)), true],
    ['one that ends early', series(...run(0, 12, 1)), true],
    ['an empty one', series(), true],
  ])('%s', (_name, given, lacking) => {
    expect(lacksAny({ series: [given] }, SECONDS)).toBe(lacking);
  });
});

test('the cluster’s efficiency and count of nodes are joined with its series', () => {
  const answer = (given: Series, efficiency: number, nodes: number) => ({
    series: [given],
    times: given.times,
    efficiency: given.times.map(() => efficiency),
    nodes: given.times.map(() => nodes),
    resolution: 1 as const,
  });
  const joined = joinCluster(
    answer(series(...run(2, 4, 5)), 90, 3),
    answer(series(...run(0, 4, 6)), 70, 2),
    SECONDS,
  );
  expect([...joined.times]).toEqual([0, 1000, 2000, 3000]);
  expect([...joined.efficiency]).toEqual([70, 70, 90, 90]);
  expect([...joined.nodes]).toEqual([2, 2, 3, 3]);
  expect([...(joined.series[0]?.max ?? [])]).toEqual([7, 7, 6, 6]);
});
