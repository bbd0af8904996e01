import { expect, it } from 'vitest';
import { ConnectSlots, type Release } from './connect-slots.ts';

const never = new AbortController().signal;

async function taken(slots: ConnectSlots): Promise<Release> {
  const release = await slots.take(never);
  if (release === undefined) throw new Error('no place');
  return release;
}

it('gives no more places than there are, in the order of asking', async () => {
  const slots = new ConnectSlots(2);
  const order: string[] = [];
  const [first, second] = [await taken(slots), await taken(slots)];
  const third = slots.take(never).then(() => order.push('third'));
  const fourth = slots.take(never).then(() => order.push('fourth'));
  await Promise.resolve();
  expect(order).toEqual([]);
  first();
  await third;
  second();
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
});

it('lets those who were interrupted go first', async () => {
  const slots = new ConnectSlots(1);
  const order: string[] = [];
  const release = await taken(slots);
  const ordinary = slots.take(never).then((next) => (order.push('ordinary'), next));
  const interrupted = slots.take(never, true).then((next) => (order.push('interrupted'), next));
  release();
  (await interrupted)?.();
  await ordinary;
  expect(order).toEqual(['interrupted', 'ordinary']);
});

it('gives a place back once only', async () => {
  const slots = new ConnectSlots(1);
  const release = await taken(slots);
  release();
  release();
  await taken(slots);
  const waiting = new AbortController();
  const third = slots.take(waiting.signal);
  waiting.abort();
  expect(await third).toBeUndefined();
});

it('ends a wait with the signal and loses no place', async () => {
  const slots = new ConnectSlots(1);
  const release = await taken(slots);
  const ended = new AbortController();
  const waiting = slots.take(ended.signal);
  ended.abort();
  expect(await waiting).toBeUndefined();
  release();
  expect(await slots.take(never)).toBeDefined();
});
