import { expect, test } from 'vitest';
import { TopCounter } from './top-counter.ts';

test('few different things are counted exactly', () => {
  const counter = new TopCounter<string>(2);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) counter.add(key);
  expect(counter.top(2)).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
  expect(counter.missing).toBe(0);
});

test('of very many the most frequent stay, and no count is further off than said', () => {
  const counter = new TopCounter<number>(100);
  for (let round = 0; round < 50; round += 1) {
    counter.add(1, 20);
    for (let seldom = 0; seldom < 1000; seldom += 1) counter.add(1000 + round * 1000 + seldom);
  }
  counter.add(2, 900);
  const [first, second] = counter.top(2);
  expect(first?.[0]).toBe(1);
  expect(second).toEqual([2, 900]);
  expect(counter.size).toBeLessThanOrEqual(200);
  expect(1000 - (first?.[1] ?? 0)).toBeLessThanOrEqual(counter.missing);
});
