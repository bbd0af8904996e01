/** A question asked while its subject changes. */
import { expect, it } from 'vitest';
import { createLatest } from './latest.ts';

it('asks one at a time, leaves out what was overtaken, and ends with the newest', async () => {
  const asked: number[] = [];
  const answers: (() => void)[] = [];
  const ask = createLatest(async (subject: number) => {
    asked.push(subject);
    await new Promise<void>((resolve) => answers.push(resolve));
  });
  ask(1);
  ask(2);
  ask(3);
  expect(asked).toEqual([1]);
  answers.shift()?.();
  await expect.poll(() => asked).toEqual([1, 3]);
  answers.shift()?.();
  await expect.poll(() => asked.length).toBe(2);
  ask(4);
  await expect.poll(() => asked).toEqual([1, 3, 4]);
});
