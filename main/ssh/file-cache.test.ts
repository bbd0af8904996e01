import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileCache } from './file-cache.ts';

let folder: string;
let file: string;
let parsed: string[];
let cache: FileCache<{ text: string }>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-cache-'));
  file = join(folder, 'file');
  parsed = [];
  cache = new FileCache((text) => {
    parsed.push(text);
    return { text };
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

it('parses a file once for all who want it at the same time', async () => {
  writeFileSync(file, 'a');
  const [one, two] = await Promise.all([cache.get(file), cache.get(file)]);
  expect(one).toBe(two);
  expect(parsed).toEqual(['a']);
});

it('keeps what it made of a file that has not changed, also after another look', async () => {
  writeFileSync(file, 'a');
  const before = await cache.get(file);
  cache.lookAgain();
  expect(await cache.get(file)).toBe(before);
  expect(parsed).toEqual(['a']);
});

it('parses a file again that has changed', async () => {
  writeFileSync(file, 'a');
  await cache.get(file);
  writeFileSync(file, 'longer');
  cache.lookAgain();
  expect(await cache.get(file)).toEqual({ text: 'longer' });
});

it('reads a file that was absent before', async () => {
  await expect(cache.get(file)).rejects.toThrow('ENOENT');
  writeFileSync(file, 'a');
  cache.lookAgain();
  expect(await cache.get(file)).toEqual({ text: 'a' });
});
