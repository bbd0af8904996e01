import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NewestQuestion } from './newest-question.ts';

let asked: number[];
let answer: (() => void)[];
let question: NewestQuestion<number>;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answer = [];
  question = new NewestQuestion((wanted) => {
    asked.push(wanted);
    return new Promise((done) => answer.push(done));
  }, 100);
});
afterEach(() => {
  vi.useRealTimers();
});

async function answered(): Promise<void> {
  answer.shift()?.();
  await vi.advanceTimersByTimeAsync(0);
}

it('asks at once', () => {
  question.want(1);
  expect(asked).toEqual([1]);
});

it('has one question under way, and then asks the newest', async () => {
  question.want(1);
  question.want(2);
  question.want(3);
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toEqual([1]);
  await answered();
  expect(asked).toEqual([1, 3]);
});

it('asks at most ten times a second', async () => {
  for (let time = 0; time < 1000; time += 10) {
    question.want(time);
    await answered();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(asked.length).toBeGreaterThan(8);
  expect(asked.length).toBeLessThanOrEqual(11);
});

it('asks nothing while it is not open, and the newest when it is again', async () => {
  question.setOpen(false);
  question.want(1);
  question.want(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual([]);
  question.setOpen(true);
  expect(asked).toEqual([2]);
});

it('asks nothing more when it is disposed', async () => {
  question.want(1);
  question.want(2);
  question.dispose();
  await answered();
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual([1]);
});
