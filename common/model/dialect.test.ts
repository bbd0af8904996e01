/** Whose processes a node can take, by what both speak. */
import { expect, test } from 'vitest';
import { dialectTitle, exchanges, foreignTo, membershipWords, samplingWords } from './dialect.ts';
import { dialectSchema } from './node.ts';

const DIALECTS = dialectSchema.options;

test.each(DIALECTS)('a node of %s takes processes of its own dialect, if any at all', (dialect) => {
  expect(foreignTo(dialect, dialect)).toBe(exchanges(dialect) ? '' : dialectTitle(dialect));
});

test.each(DIALECTS)('no node of another dialect takes a process of %s', (home) => {
  for (const target of DIALECTS.filter((other) => other !== home))
    expect(foreignTo(home, target)).not.toBe('');
});

test('a refusal names the cluster of the process, and without one what the target is', () => {
  expect(foreignTo('mattx', 'openmosix')).toBe('no MattX node');
  expect(foreignTo('openmosix', 'linux')).toBe('no openMosix node');
  expect(foreignTo(null, 'linux')).toBe('plain Linux');
});

test('what is not known yet speaks against nothing', () => {
  for (const dialect of DIALECTS) expect(foreignTo(dialect, null)).toBe('');
  expect(foreignTo(null, 'mattx')).toBe('');
});

test('nothing speaks of openMosix on a node of MattX', () => {
  const words = [
    dialectTitle('mattx', '1.7'),
    samplingWords('mattx', undefined),
    ...(['runs', 'configured', 'outside', 'unknown'] as const).map((each) => membershipWords('mattx', each)),
  ];
  for (const text of words) {
    expect(text).toMatch(/mattx/i);
    expect(text).not.toMatch(/openmosix|mospe/i);
  }
  expect(words[0]).toBe('MattX 1.7');
});
