/** Files that operators name for reports and exports. */
import { execFile } from 'node:child_process';
import { chmod, lstat, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeOutputFile } from './output-file.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-output-'));
  file = join(folder, 'report.md');
});

afterEach(() => rm(folder, { recursive: true }));

function* broken(): Generator<string> {
  yield 'half ';
  throw new Error('no more');
}

test('a file has everything, and is for its owner only', async () => {
  expect(await writeOutputFile(file, ['one ', 'two'])).toBe(7);
  expect(await readFile(file, 'utf8')).toBe('one two');
  expect((await lstat(file)).mode & 0o777).toBe(0o600);
});

test('a file that is there keeps its content when the new one does not come to its end', async () => {
  await writeFile(file, 'old');
  await expect(writeOutputFile(file, broken())).rejects.toThrow('no more');
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['report.md']);
});

test('whoever could read the file before can read the new one', async () => {
  await writeFile(file, 'old');
  await chmod(file, 0o644);
  await writeOutputFile(file, ['new']);
  expect((await lstat(file)).mode & 0o777).toBe(0o644);
});

test('a link stays a link; what it leads to is written', async () => {
  const link = join(folder, 'newest.md');
  await writeFile(file, 'old');
  await symlink(file, link);
  await writeOutputFile(link, ['new']);
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(file, 'utf8')).toBe('new');
});

test('a pipe is written into and stays one', async () => {
  await promisify(execFile)('mkfifo', [file]);
  const [read] = await Promise.all([readFile(file, 'utf8'), writeOutputFile(file, ['through'])]);
  expect(read).toBe('through');
  expect((await lstat(file)).isFIFO()).toBe(true);
});

test('a folder is no file', async () => {
  await expect(writeOutputFile(folder, ['x'])).rejects.toMatchObject({ code: 'EISDIR' });
});
