/** What a filled form starts, and what it asks for first. */
import { describe, expect, it } from 'vitest';
import { draftOf, EMPTY_DRAFT, startOf, type Draft } from './draft.ts';
import { idsInRange, idsWords, placementWords } from './placement.ts';
import { fakeRun } from '../../test/harness/fake-processes.ts';

const ids = [1, 2, 3, 5, 8];

function start(change: Partial<Draft>): unknown {
  const result = startOf({ ...EMPTY_DRAFT, command: ' true ', home: 'id:1', ...change }, ids);
  return result.ok ? result.value.placement.where : result.problem.message;
}

describe('a start', () => {
  it.each<readonly [Partial<Draft>, unknown]>([
    [{}, 'free'],
    [{ where: 'nomig' }, 'nomig'],
    [{ where: 'home' }, 'home'],
    [{ where: 'node', node: 5 }, { node: 5 }],
    [{ where: 'each', first: 2, last: 5 }, { each: [2, 3, 5] }],
    [{ where: 'each', first: 5, last: 2 }, { each: [2, 3, 5] }],
    [{ where: 'each', first: 2, last: 5, inverse: true }, { each: [1, 8] }],
    [{ command: '  ' }, 'Give the command to run.'],
    [{ home: '' }, 'Choose the home node.'],
    [{ where: 'node' }, 'Choose the node it is to run on.'],
    [{ where: 'node', node: 4 }, 'Choose the node it is to run on.'],
    [{ where: 'each', first: 1 }, 'Give the first and the last node.'],
    [{ where: 'each', first: 6, last: 7 }, 'No node is in that range.'],
  ])('%o', (change, expected) => {
    expect(start(change)).toEqual(expected);
  });

  it('takes the command without blanks around it, and what is said of the job', () => {
    const result = startOf({ ...EMPTY_DRAFT, command: ' a b ', home: 'id:1', job: 'io', decay: 'fast' }, ids);
    expect(result).toEqual({
      ok: true,
      value: { key: 'id:1', command: 'a b', placement: { where: 'free', job: 'io', decay: 'fast' } },
    });
  });

  it('is on at most 500 nodes', () => {
    const many = Array.from({ length: 501 }, (_unused, index) => index + 1);
    const result = startOf(
      { ...EMPTY_DRAFT, command: 'a', home: 'id:1', where: 'each', first: 1, last: 501 },
      many,
    );
    expect(result.ok ? '' : result.problem.message).toContain('501 nodes; at most 500');
  });
});

describe('words', () => {
  it('draw neighbouring ids together', () => {
    expect(idsWords([1, 2, 3, 5, 8, 9])).toBe('1–3, 5, 8–9');
    expect(idsWords(idsInRange([], 1, 2, false))).toBe('');
  });

  it('say the placement', () => {
    expect(placementWords({ where: 'free', job: 'cpu', decay: 'fast' })).toBe('free, CPU job, fast decay');
    expect(placementWords({ where: { node: 5 }, job: 'unsaid', decay: 'usual' })).toBe('on node 5');
    expect(placementWords({ where: { each: [1, 2, 4] }, job: 'unsaid', decay: 'usual' })).toBe(
      'one on each of 3 nodes (1–2, 4)',
    );
  });
});

describe('a program that was started', () => {
  it('fills the form again', () => {
    const run = fakeRun({
      number: 1,
      command: 'povray',
      placement: { where: { each: [3, 5] }, job: 'io', decay: 'none' },
    });
    expect(draftOf(run)).toMatchObject({ command: 'povray', where: 'each', first: 3, last: 5, job: 'io' });
  });
});
