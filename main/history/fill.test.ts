import { afterEach, beforeEach, expect, test } from 'vitest';
import { METRIC_INDEX, METRICS } from '../../common/model/metric.ts';
import { valueOf } from '../../test/harness/value-of.ts';
import { START, everySecond, nodes, pairs, temporaryFolder, tick } from './fixture.ts';
import { openHistory, type History } from './index.ts';

const [FIRST = { key: '', id: 1, name: '' }] = nodes(1);
let folder: ReturnType<typeof temporaryFolder>;
let history: History;

async function open(): Promise<void> {
  const onProblem = ({ message }: { readonly message: string }) => expect.unreachable(message);
  history = valueOf(await openHistory({ folder: folder.path, onProblem }));
  history.setNodes(nodes(2));
}

beforeEach(async () => {
  folder = temporaryFolder();
  await open();
});
afterEach(async () => {
  await history.close();
  folder.dispose();
});

/** Fills the load of node 1 at every tenth second of [from, to). */
async function fill(from: number, to: number, load: (second: number) => number): Promise<void> {
  const seconds = Array.from({ length: Math.ceil((to - from) / 10) }, (_, index) => from + index * 10);
  const values = new Float64Array(METRICS.length * seconds.length).fill(NaN);
  for (const [place, second] of seconds.entries()) {
    values[METRIC_INDEX.load * seconds.length + place] = load(second);
  }
  const times = seconds.map((second) => second * 1000 + 250);
  expect(await history.fill(FIRST, times, values)).toEqual({ ok: true, value: undefined });
}

const loads = async (from: number, to: number) =>
  pairs(await history.ask('history', everySecond('id:1', from, to))).filter(
    ([, value]) => !Number.isNaN(value),
  );

test('past seconds are read back where they were, in rolled hours too', async () => {
  const from = START - 8000;
  await fill(from, from + 7200, (second) => second % 1000);
  expect(await loads(from, from + 40)).toEqual([0, 10, 20, 30].map((s) => [from + s, (from + s) % 1000]));
  history.append(START * 1000, tick(START, 2), 2);
  const minutes = await history.ask('history', { ...everySecond('id:1', from, from + 7200), pixels: 60 });
  expect(pairs(minutes).filter(([, value]) => !Number.isNaN(value)).length).toBeGreaterThan(50);
});

test('what is recorded stays, and the gap beside it is filled, also while its window is open', async () => {
  for (let second = START; second < START + 20; second += 1)
    history.append(second * 1000, tick(second, 2), 2);
  const before = await loads(START, START + 20);
  await fill(START - 30, START + 20, () => 555);
  expect(await loads(START, START + 20)).toEqual(before);
  expect(await loads(START - 30, START)).toEqual([30, 20, 10].map((back) => [START - back, 555]));
  // The window is sealed, and holds both.
  await history.close();
  await open();
  expect(await loads(START - 30, START)).toHaveLength(3);
  expect(await loads(START, START + 20)).toEqual(before);
});

test('filling twice changes nothing', async () => {
  await fill(START, START + 100, () => 7);
  const once = await loads(START, START + 100);
  await fill(START, START + 100, () => 9);
  expect(await loads(START, START + 100)).toEqual(once);
});
