import { expect, test } from 'vitest';
import { inOrder, type Job } from './job-order.ts';

function job(id: number, state: Job['state'], ended: number | null): Job {
  const progress = { done: 0, total: 0, share: 0 };
  return { id, file: '/reports/week.html', started: id, ended, state, progress, bytes: 0, problem: null };
}

test('what came last stands first: a report that was long under way above one that failed meanwhile', () => {
  const jobs = [job(2, 'failed', 100), job(1, 'done', 200)];
  expect(inOrder(jobs).map(({ id }) => id)).toEqual([1, 2]);
});

test('what goes on stands above all that has ended', () => {
  const jobs = [job(1, 'running', null), job(2, 'done', 100), job(3, 'running', null), job(4, 'failed', 50)];
  expect(inOrder(jobs).map(({ id }) => id)).toEqual([3, 1, 2, 4]);
});
