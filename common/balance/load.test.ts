import { describe, expect, test } from 'vitest';
import { balancedLoad, nextLoad, nextWeight, NO_LOAD, normalised, type SmoothedLoad } from './index.ts';

/** The states of so many seconds with that many runnable processes. */
function seconds(count: number, runnable: number, from: SmoothedLoad = NO_LOAD): readonly SmoothedLoad[] {
  const states: SmoothedLoad[] = [];
  for (let state = from; states.length < count; states.push(state)) state = nextLoad(state, runnable);
  return states;
}

describe('the smoothed load', () => {
  test('rises slowly for the node itself and at once for the others', () => {
    const [first, second] = seconds(2, 2);
    expect(first).toEqual({ mean: 75, upper: 200 });
    expect(second?.mean).toBeCloseTo((5 * 75 + 3 * 200) / 8);
    expect(seconds(20, 2).at(-1)?.mean).toBeCloseTo(200, 1);
  });

  test('falls at once for the node itself and slowly for the others', () => {
    const [first, second] = seconds(2, 0, { mean: 200, upper: 200 });
    expect(first).toEqual({ mean: 0, upper: 175 });
    expect(second?.upper).toBeCloseTo(153.125);
  });

  test('ends at nothing', () => {
    expect(seconds(60, 0, { mean: 900, upper: 900 }).at(-1)).toEqual(NO_LOAD);
  });

  test('of a pause of a second stays nearly as it was for the others', () => {
    const steady = seconds(30, 4).at(-1) ?? NO_LOAD;
    expect(nextLoad(steady, 0).upper).toBe(350);
  });
});

test('what a process adds follows its runnable share in some seconds', () => {
  expect(nextWeight(1, 0)).toBe(0.625);
  let weight = 1;
  for (let second = 0; second < 20; second += 1) weight = nextWeight(weight, 0.2);
  expect(weight).toBeCloseTo(0.2, 3);
});

test('a load is divided by speed and CPUs: 100 is one process on one standard CPU', () => {
  expect(normalised(100, { speed: 10_000, cpus: 1 })).toBe(100);
  expect(normalised(400, { speed: 20_000, cpus: 2 })).toBe(100);
});

test('jobs count exactly, the rest as smoothed', () => {
  expect(balancedLoad(2.5, 50, { speed: 10_000, cpus: 1 })).toBe(300);
  expect(balancedLoad(0, 0, { speed: 10_000, cpus: 4 })).toBe(0);
});
