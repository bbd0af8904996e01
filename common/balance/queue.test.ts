import { expect, test } from 'vitest';
import { Queue } from './queue.ts';

test('the least figure is first, of equal ones the lower number, whatever changes', () => {
  const figures = Array.from({ length: 50 }, () => Infinity);
  const queue = new Queue(figures.length);
  expect([queue.first, queue.least]).toEqual([-1, Infinity]);
  for (let change = 1; change < 5000; change += 1) {
    const number = (change * 48_271) % figures.length;
    const figure = change % 7 === 0 ? Infinity : (change * 7919) % 31;
    figures[number] = figure;
    queue.set(number, figure);
    const least = Math.min(...figures);
    expect([queue.first, queue.least]).toEqual([least === Infinity ? -1 : figures.indexOf(least), least]);
  }
});

test('an empty queue has no first', () => {
  expect(new Queue(0).first).toBe(-1);
});
