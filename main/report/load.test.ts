/** What a report says of the load: when nothing was recorded, and the statistics of nodes. */
import { expect, test } from 'vitest';
import { gapsBetween } from './coverage.ts';
import { nodesTable } from './load.ts';
import { cellWords } from './words.ts';

const RANGE = { from: 1000, to: 100_000 };

test('what lies before, between and after recordings is a gap', () => {
  const recordings = [
    { from: 10_000, to: 20_000 },
    { from: 50_000, to: 60_000 },
  ];
  expect(gapsBetween(RANGE, recordings)).toEqual([
    { from: 1000, to: 10_000 },
    { from: 20_000, to: 50_000 },
    { from: 60_000, to: 100_000 },
  ]);
});

test('the present second, which is not recorded yet, is none', () => {
  expect(gapsBetween(RANGE, [{ from: 0, to: 98_500 }])).toEqual([]);
});

test('a speed that was changed within its last hour has no digits that nobody can use', async () => {
  const spread = { min: 0, mean: 0, max: 0, p95: 0 };
  const node = {
    key: 'id:1',
    id: 1,
    name: 'node1',
    load: spread,
    memoryUsed: spread,
    memoryTotal: 0,
    cpus: 2,
  };
  const seconds = { secondsUp: 3600, secondsDown: 0, secondsUnknown: 0 };
  const { columns, rows } = nodesTable([{ ...node, ...seconds, speed: 10_422.947_88 }]);
  const words: string[] = [];
  for await (const page of rows) {
    for (const row of page)
      words.push(...columns.map((column, index) => cellWords(row[index] ?? null, column)));
  }
  expect(words).toContain('10,423');
});
