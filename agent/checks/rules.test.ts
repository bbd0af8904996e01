/** Rules for what not every machine has, or no test may start: on uses of files made up of what a real process shows. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { filesInUse, type FileUse } from './files.ts';
import { examine } from './index.ts';
import { parseMountInfo } from '../proc/mountinfo.ts';
import { Proc } from '../proc/proc.ts';
import { readProcess } from './process.ts';
import { fileRules, terminalRules } from './rules.ts';

let program: FileUse;

beforeAll(async () => {
  const proc = new Proc();
  const view = readProcess(proc, process.pid)!;
  const mounts = parseMountInfo(proc.text('self/mountinfo') ?? '');
  const uses = await filesInUse(proc, [view], mounts);
  program = uses.find(({ how, mount }) => how === 'runs it' && mount !== undefined)!;
});

function wordsFor(change: Partial<FileUse>): readonly string[] {
  return fileRules({ ...program, ...change }).map(({ word }) => word);
}

test('a program on disk stands against nothing', () => {
  expect(wordsFor({})).toEqual([]);
});

test('a GPU is told from other devices, open or in memory', () => {
  expect(wordsFor({ kind: 'character', number: '195:0', path: '/dev/nvidia0' })).toEqual(['gpu']);
  expect(
    wordsFor({ kind: 'character', number: '226:128', path: '/dev/dri/renderD128', mapped: true }),
  ).toEqual(['gpu']);
  expect(wordsFor({ kind: 'character', number: '10:232', path: '/dev/kvm' })).toEqual(['device_open']);
  expect(wordsFor({ kind: 'character', number: '1:1', path: '/dev/mem', mapped: true })).toEqual([
    'mmap_dev',
  ]);
  expect(wordsFor({ kind: 'block', number: '1:5', path: '/dev/ram5' })).toEqual(['device_open']);
});

test.for(['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:2', '136:0', '143:255'])(
  'device %s moves along',
  (number) => {
    expect(wordsFor({ kind: 'character', number, path: '/dev/it' })).toEqual([]);
  },
);

test('/dev/tty stays, unless the terminal that it stands for is wholly the job’s', () => {
  const { view } = program;
  const descriptors = view.descriptors.slice(0, 1).map((one) => ({ ...one, target: '/dev/tty' }));
  const words = (masters: readonly number[]): readonly string[] =>
    terminalRules({ ...view, terminal: 3, descriptors }, new Set(masters)).map(({ word }) => word);
  expect(words([])).toEqual(['device_open']);
  expect(words([3])).toEqual([]);
});

test('the console is that of this node', () => {
  expect(wordsFor({ kind: 'character', number: '5:1', path: '/dev/console' })).toEqual(['device_open']);
});

test('a file of a mount that the job does not see', () => {
  expect(wordsFor({ mount: undefined, path: '/dev/null' })).toEqual(['file_mount']);
});

test('a process that cannot be looked at is a reason, not silence', async () => {
  const proc = mkdtempSync(join(tmpdir(), 'proc-'));
  onTestFinished(() => {
    rmSync(proc, { recursive: true });
  });
  mkdirSync(join(proc, '77/stat'), { recursive: true });
  const { reasons } = await examine([77], { proc, now: Date.now(), minimumAgeSeconds: 5, initPid: 1 });
  expect(reasons.map(({ text }) => text)).toEqual([
    'Process 77 could not be looked at (EISDIR); the agent has to run as root.',
  ]);
});
