import { describe, expect, test } from 'vitest';
import { parseRun } from './run-arguments.ts';

const parsed = (words: string, random = 0) => {
  const result = parseRun(words.split(' '), random);
  return result.ok ? result.value : result.problem.message.split('\n')[0];
};

describe('mos run', () => {
  test.each([
    ['gzip -9 file', { command: ['gzip', '-9', 'file'], locked: false, wanted: undefined }],
    ['-h make', { command: ['make'], locked: true, wanted: 0 }],
    ['-12 make', { command: ['make'], locked: true, wanted: 12 }],
    ['-12 -l make', { command: ['make'], locked: false, wanted: 12 }],
    ['-L make', { command: ['make'], locked: true, wanted: undefined }],
    ['-c make', { command: ['make'], locked: false, wanted: 'best' }],
    ['-c -3 make', { command: ['make'], locked: true, wanted: 3 }],
    ['-i make', { command: ['make'], locked: true, wanted: 0 }],
    ['-v -- -odd', { command: ['-odd'], locked: false, verbose: true }],
  ])('%s', (words, expected) => {
    expect(parsed(words)).toMatchObject(expected);
  });

  test('-jLIST takes one of its nodes by chance', () => {
    const chosen = [0, 0.3, 0.5, 0.99].map((random) => parsed('-j2-3,7,9 make', random));
    expect(chosen).toMatchObject([{ wanted: 2 }, { wanted: 3 }, { wanted: 7 }, { wanted: 9 }]);
  });

  test.each([
    ['-j7-3 make', '-j takes nodes such as -j1-4,7, not 7-3.'],
    ['-0 make', 'mos run does not know -0.'],
    ['-70000 make', 'mos run does not know -70000.'],
    ['--fast make', 'mos run does not know --fast.'],
    ['-l', 'mos run needs a command.'],
    ['--', 'mos run needs a command.'],
  ])('%s is answered with what is wrong', (words, expected) => {
    expect(parsed(words)).toBe(expected);
  });
});
