import { expect, test } from 'vitest';
import { Costs } from './costs.ts';

const MEGABYTE = 1024 * 1024;
const GIGABYTE = 1024 * MEGABYTE;

test('the cost of a move is learned from those that were made', () => {
  const costs = new Costs();
  for (let move = 0; move < 40; move += 1) {
    costs.learn({ freezeSeconds: 0.3 + 2e-9 * MEGABYTE, frozenBytes: MEGABYTE });
    costs.learn({ freezeSeconds: 0.3 + 2e-9 * GIGABYTE, frozenBytes: GIGABYTE });
    costs.learn({
      freezeSeconds: 0.3 + 2e-9 * MEGABYTE + 1e-9 * GIGABYTE,
      frozenBytes: MEGABYTE,
      comparedBytes: GIGABYTE,
    });
  }
  expect(costs.value.freezeSeconds).toBeCloseTo(0.3, 2);
  expect(costs.value.secondsPerByte).toBeCloseTo(2e-9, 10);
  expect(costs.value.secondsPerComparedByte).toBeCloseTo(1e-9, 10);
});

test('a move that was faster than thought never costs less than nothing', () => {
  const costs = new Costs();
  for (let move = 0; move < 40; move += 1) {
    costs.learn({ freezeSeconds: 0, frozenBytes: MEGABYTE });
    costs.learn({ freezeSeconds: 0, frozenBytes: GIGABYTE });
    costs.learn({ freezeSeconds: 0, comparedBytes: GIGABYTE });
  }
  const { freezeSeconds, secondsPerByte, secondsPerComparedByte } = costs.value;
  expect(Math.min(freezeSeconds, secondsPerByte, secondsPerComparedByte)).toBeGreaterThanOrEqual(0);
});
