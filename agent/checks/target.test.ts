import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine, contentWanted, missingHere, withContent, type FileNeed, type Needs } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'target-'));
const file = join(folder, 'file');

/** A stranger: another kernel whose processor lacks the feature `sse2`, and that has a file server mounted. */
const stranger = join(folder, 'proc');

/** What this test program would need if it were a job. */
let own: Needs;

beforeAll(async () => {
  writeFileSync(file, 'content');
  mkdirSync(join(stranger, 'sys/kernel/random'), { recursive: true });
  writeFileSync(join(stranger, 'sys/kernel/random/boot_id'), 'another\n');
  writeFileSync(join(stranger, 'cpuinfo'), 'flags\t\t: fpu sse\nflags\t\t: fpu sse\n');
  mkdirSync(join(stranger, 'self'));
  const mounts = [
    '1 0 8:1 / / rw - ext4 /dev/sda rw',
    `2 1 0:40 /share ${folder} rw - nfs4 server:/export rw`,
    `3 1 0:41 / ${join(folder, 'sshfs')} rw - fuse.sshfs server:/home rw`,
  ];
  writeFileSync(join(stranger, 'self/mountinfo'), `${mounts.join('\n')}\n`);
  mkdirSync(join(folder, 'sshfs'));
  writeFileSync(join(folder, 'sshfs/file'), 'content');
  ({ needs: own } = await examine([process.pid], {
    now: Date.now(),
    minimumAgeSeconds: 0,
    initPid: process.pid,
  }));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The needs of a job with one file; of a kernel that is not this one unless that is said. */
function needsOf(change: Partial<FileNeed>, bootId = 'source'): Needs {
  const { ino, dev, size } = statSync(change.path ?? file);
  const need: FileNeed = {
    path: file,
    kind: 'file',
    use: 'read',
    size,
    device: String(dev),
    inode: String(ino),
    number: '',
    fileSystem: 'ext4',
    source: '/dev/sda',
    pathInSource: '/file',
    ...change,
  };
  return {
    architecture: own.architecture,
    bootId,
    cpuFlags: [],
    insidePids: [7],
    residentBytes: 0,
    files: [need],
  };
}

async function words(needs: Needs, proc?: string): Promise<readonly string[]> {
  return (await missingHere(needs, proc)).map(({ word }) => word);
}

describe('on the same kernel', () => {
  test('everything a program has in use is here', async () => {
    const files = own.files.filter(({ kind }) => kind !== 'character');
    expect(await missingHere({ ...own, files })).toEqual([]);
    expect(await contentWanted(own)).toEqual([]);
  });

  test('the very same file may be written, and may have grown', async () => {
    expect(await words(needsOf({ use: 'write', size: 1 }, own.bootId))).toEqual([]);
  });

  test('another file at the same path may not be written: its writes would go to another disk', async () => {
    const [only] = await missingHere(needsOf({ use: 'append', inode: '1' }, own.bootId));
    expect(only).toEqual({
      word: 'file_local',
      text: `${file} is written and is another file here: its writes would go to another disk.`,
      homeHelps: false,
    });
  });
});

describe('on another kernel', () => {
  test('a file that is only read must have the same content, which is asked for only where nothing else tells', async () => {
    const needs = needsOf({});
    expect(await contentWanted(needs)).toEqual([file]);
    const [unknown] = await missingHere(needs);
    expect(unknown?.text).toBe(`The content of ${file} could not be compared.`);
    const known = await withContent(needs, [file]);
    expect(await missingHere(known)).toEqual([]);
    const changed = { ...known, files: known.files.map((need) => ({ ...need, sha256: 'a'.repeat(64) })) };
    expect(await words(changed)).toEqual(['file_differs']);
  });

  test('the content of a file that is not the one in use any more is not taken for it', async () => {
    const needs = needsOf({ inode: '1' });
    expect(await withContent(needs, [file])).toEqual(needs);
  });

  test('a content that changed is read again', async () => {
    const path = join(folder, 'changing');
    writeFileSync(path, 'first');
    const [first] = (await withContent(needsOf({ path }), [path])).files;
    writeFileSync(path, 'other');
    const [other] = (await withContent(needsOf({ path }), [path])).files;
    expect(other?.sha256).not.toBe(first?.sha256);
  });

  test('another size is told without reading', async () => {
    const needs = needsOf({ size: 8 });
    expect(await contentWanted(needs)).toEqual([]);
    const [only] = await missingHere(needs);
    expect(only?.text).toBe(`${file} has 7 bytes here and 8 where the job is.`);
  });

  test('what does not exist, or is of another kind, is said', async () => {
    const needs = needsOf({});
    const absent = { ...needs, files: needs.files.map((need) => ({ ...need, path: '/nowhere' })) };
    expect((await missingHere(absent)).map(({ text }) => text)).toEqual(['/nowhere does not exist here.']);
    expect(await words(needsOf({ kind: 'folder' }))).toEqual(['file_differs']);
    expect(await words(needsOf({ kind: 'folder', path: folder, inode: '1' }))).toEqual([]);
  });

  test('a loop of links, and a name below a file, are no folders to go to', async () => {
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    const files = [loop, `${file}/below`].map((path) => ({ ...needsOf({}).files[0]!, path }));
    expect(await words({ ...needsOf({}), files })).toEqual(['file_missing', 'file_missing']);
  });

  test('a device is known by its number', async () => {
    const zero = { path: '/dev/zero', kind: 'character', number: '1:5', fileSystem: 'devtmpfs' } as const;
    expect(await words(needsOf(zero))).toEqual([]);
    expect(await words(needsOf({ ...zero, number: '1:7' }))).toEqual(['file_differs']);
  });

  test('files of the kernel need no content; those of the job itself come with it', async () => {
    expect(await words(needsOf({ path: '/proc/uptime', fileSystem: 'proc' }))).toEqual([]);
    const ownStat = { ...needsOf({}).files[0]!, path: '/proc/7/stat', fileSystem: 'proc' };
    expect(await words({ ...needsOf({}), files: [ownStat] })).toEqual([]);
    const other = { ...ownStat, path: '/proc/99999999/stat' };
    expect(await words({ ...needsOf({}), files: [other] })).toEqual(['file_missing']);
  });
});

describe('on a file server', () => {
  const served = {
    use: 'write',
    fileSystem: 'nfs4',
    source: 'server:/export',
    pathInSource: '/share/file',
  } as const;

  test('the same file of the same server may be written', async () => {
    expect(await words(needsOf(served), stranger)).toEqual([]);
  });

  test('it must be the same file there, and of the same size if it is only read', async () => {
    expect(await words(needsOf({ ...served, inode: '1' }), stranger)).toEqual(['file_differs']);
    expect(await words(needsOf({ ...served, use: 'read', size: 9 }), stranger)).toEqual(['file_differs']);
  });

  test('another export, or another folder of it, is another file', async () => {
    expect(await words(needsOf({ ...served, source: 'other:/export' }), stranger)).toEqual(['file_local']);
    expect(await words(needsOf({ ...served, pathInSource: '/file' }), stranger)).toEqual(['file_local']);
  });

  test('over sshfs each node numbers the files by itself: the path on the server tells', async () => {
    const path = join(folder, 'sshfs/file');
    const over = {
      path,
      use: 'write',
      fileSystem: 'fuse.sshfs',
      source: 'server:/home',
      pathInSource: '/file',
    } as const;
    expect(await words(needsOf({ ...over, inode: '1' }), stranger)).toEqual([]);
  });
});

describe('the processor', () => {
  test('must have every feature that the job may use', async () => {
    const needs = { ...needsOf({}, 'another'), cpuFlags: ['fpu', 'sse', 'sse2'] };
    expect(await missingHere(needs, stranger)).toEqual([
      {
        word: 'cpu_features',
        text: 'The processor here lacks sse2, which the job may use.',
        homeHelps: false,
      },
    ]);
    expect(await words({ ...needs, cpuFlags: ['fpu', 'sse'] }, stranger)).toEqual([]);
  });

  test('must be of the same architecture', async () => {
    expect(await words({ ...needsOf({}, own.bootId), architecture: 'm68k' })).toEqual(['architecture']);
  });
});

test('a file under two names is the same file', async () => {
  const second = join(folder, 'second');
  linkSync(file, second);
  expect(await words(needsOf({ path: second, use: 'write' }, own.bootId))).toEqual([]);
});
