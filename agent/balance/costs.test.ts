import { expect, test } from 'vitest';
import { Costs } from './costs.ts';

const MEGABYTE = 1024 * 1024;

test('the cost of a move is learned from those that were made', () => {
  const costs = new Costs();
  for (let move = 0; move < 40; move += 1) {
    costs.learn(0.3 + 2e-9 * MEGABYTE, MEGABYTE);
    costs.learn(0.3 + 2e-9 * 1024 * MEGABYTE, 1024 * MEGABYTE);
  }
  expect(costs.value.freezeSeconds).toBeCloseTo(0.3, 2);
  expect(costs.value.secondsPerByte).toBeCloseTo(2e-9, 10);
});

test('a move that was faster than thought never costs less than nothing', () => {
  const costs = new Costs();
  costs.learn(0, MEGABYTE);
  costs.learn(0, 1024 * MEGABYTE);
  expect(costs.value.freezeSeconds).toBeGreaterThanOrEqual(0);
  expect(costs.value.secondsPerByte).toBeGreaterThanOrEqual(0);
});
