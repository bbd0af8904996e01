import { expect, it } from 'vitest';
import { retryDelay } from './retry-delay.ts';

it('waits at least one second', () => {
  for (let failures = 1; failures < 20; failures += 1) expect(retryDelay(failures, 0)).toBe(1000);
});

it('doubles its bound with each failure, up to one minute', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => retryDelay(failures, 1));
  expect(bounds).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

it('spreads evenly between', () => {
  expect(retryDelay(3, 0.5)).toBe(4500);
});
