import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileProblem, makeDataFolder, readFileIfThere, writeFileWhole } from './files.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-files-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('writing a file', () => {
  test('makes its folder and is private: nobody else may read where the nodes are', async () => {
    const file = join(folder, 'deep', 'settings.json');
    expect(await writeFileWhole(file, 'new')).toEqual({ ok: true, value: undefined });
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'deep'))).mode & 0o777).toBe(0o700);
  });

  test('replaces what was there in one step and leaves nothing else behind', async () => {
    const file = join(folder, 'settings.json');
    await writeFile(file, 'a much longer text than the new one');
    await writeFileWhole(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['settings.json']);
  });

  test('through a link changes the file it leads to; the link stays', async () => {
    const file = join(folder, 'dotfiles.json');
    const link = join(folder, 'settings.json');
    await writeFile(file, 'old');
    await symlink(file, link);
    await writeFileWhole(link, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
  });

  test.each([
    ['a folder with its name is there', 'settings.json'],
    ['its folder is a file', 'file/settings.json'],
  ])('fails in words when %s, and nothing is left behind', async (_case, path) => {
    await mkdir(join(folder, 'settings.json'));
    await writeFile(join(folder, 'file'), 'old');
    const written = await writeFileWhole(join(folder, path), 'new');
    expect(written).toMatchObject({ ok: false, problem: { code: 'file-unreadable' } });
    expect((await readdir(folder)).toSorted()).toEqual(['file', 'settings.json']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('old');
  });
});

describe('reading a file', () => {
  test('that is not there is no failure', async () => {
    expect(await readFileIfThere(join(folder, 'none'))).toEqual({ ok: true, value: undefined });
  });

  test('that cannot be read names it', async () => {
    const read = await readFileIfThere(folder);
    expect(read).toMatchObject({ ok: false, problem: { code: 'file-unreadable' } });
    expect(read.ok || read.problem.message).toContain(folder);
  });
});

test.each([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EACCES', 'permission-denied'],
  ['EROFS', 'permission-denied'],
  ['EIO', 'file-unreadable'],
])('%s is %s', (errorCode, code) => {
  const error = Object.assign(new Error('the words of the system'), { code: errorCode });
  expect(fileProblem(error, 'x could not be written')).toMatchObject({
    code,
    message: 'x could not be written: the words of the system',
  });
});

describe('making the data folder', () => {
  test('makes the folders above it too, all private', async () => {
    const data = join(folder, 'a', 'b');
    expect(makeDataFolder(data)).toEqual({ ok: true, value: undefined });
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    expect(makeDataFolder(data)).toEqual({ ok: true, value: undefined });
  });

  test.each(['/proc/mosview/data', '/dev/null/data'])('in %s it is a problem, and ends', (place) => {
    const made = makeDataFolder(place);
    expect(made.ok ? '' : made.problem.message).toContain(`The data folder ${place} could not be made`);
  });
});
