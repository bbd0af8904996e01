import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Learned } from './learned.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-learned-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('what a node said of itself is known at the next start', async () => {
  const first = await Learned.open(folder);
  first.remember('alpha', 5);
  first.remember('beta', 65_535);
  first.remember('gamma', 7);
  first.remember('gamma', undefined);
  expect(first.idOf('alpha')).toBe(5);
  await first.close();
  const second = await Learned.open(folder);
  expect(['alpha', 'beta', 'gamma', 'toString'].map((name) => second.idOf(name))).toEqual([
    5,
    65_535,
    undefined,
    undefined,
  ]);
});

test('what is learned while the file is written is written, too', async () => {
  const learned = await Learned.open(folder);
  learned.remember('alpha', 5);
  await new Promise((resolve) => setImmediate(resolve));
  learned.remember('beta', 6);
  await learned.close();
  expect(JSON.parse(await readFile(join(folder, 'nodes.json'), 'utf8'))).toEqual({ alpha: 5, beta: 6 });
});

test.each(['', '{"alpha": 5', '[]', '{"alpha": 0}', '{"alpha": "5"}'])(
  'a damaged file (%s) only costs what was known',
  async (text) => {
    await writeFile(join(folder, 'nodes.json'), text);
    const learned = await Learned.open(folder);
    expect(learned.idOf('alpha')).toBeUndefined();
    learned.remember('alpha', 5);
    await learned.close();
    expect((await Learned.open(folder)).idOf('alpha')).toBe(5);
  },
);

test('nothing is written when nothing is new', async () => {
  const learned = await Learned.open(folder);
  learned.remember('alpha', undefined);
  await learned.close();
  await expect(readFile(join(folder, 'nodes.json'))).rejects.toThrow('ENOENT');
});
