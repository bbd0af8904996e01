import { describe, expect, test } from 'vitest';
import { STATUS } from '../model/status.ts';
import { bestTarget, spread, traveller, type BalanceNode } from './index.ts';

const UP = STATUS.configured | STATUS.up;

function node(id: number, load: number, figures: Partial<BalanceNode> = {}): BalanceNode {
  return { id, load, speed: 10_000, cpus: 1, status: UP, ...figures };
}

describe('the best node for a process', () => {
  const process = { at: 1, home: 1 };

  test('is the one that would be lightest with it, with the loads in words', () => {
    expect(bestTarget(process, [node(1, 240), node(4, 60), node(5, 20)])).toEqual({
      to: 5,
      why: 'node 5 would have load 120 instead of 240 here',
    });
  });

  test('is no other when the gain is within the hysteresis', () => {
    expect(bestTarget(process, [node(1, 220), node(5, 100)])).toEqual({
      to: null,
      why: 'no node gains: node 5 would have load 200, here it is 220',
    });
  });

  test('may be within reach for a process that is seldom runnable', () => {
    expect(bestTarget({ ...process, weight: 0.5 }, [node(1, 220), node(5, 100)]).to).toBe(5);
  });

  test.each([
    ['blocks', { status: UP | STATUS.block }],
    ['is quiet', { status: UP | STATUS.quiet }],
    ['is down', { status: STATUS.configured }],
    ['is plain Linux', { status: NaN }],
    ['has too little memory left', { memoryAvailable: 100 }],
    ['is short of memory', { memoryAvailable: 10_000, memoryTotal: 1_000_000 }],
  ])('is none that %s', (_case, figures) => {
    expect(bestTarget({ ...process, memory: 200 }, [node(1, 900), node(5, 0, figures)])).toEqual({
      to: null,
      why: 'no other node takes it',
    });
  });

  test('may be its home, even where that blocks', () => {
    const guest = { at: 1, home: 5 };
    expect(bestTarget(guest, [node(1, 900), node(5, 0, { status: UP | STATUS.block })]).to).toBe(5);
  });

  test('is any with room when its node is short of memory', () => {
    const short = node(1, 100, { memoryAvailable: 10, memoryTotal: 1000 });
    expect(bestTarget(process, [short, node(5, 300)])).toEqual({
      to: 5,
      why: 'node 1 is short of memory, and node 5 has room',
    });
  });

  test('is not known when its own node is not', () => {
    const unknown = { to: null, why: 'the load of node 1 is not known' };
    expect(bestTarget(process, [node(5, 0)])).toEqual(unknown);
    expect(bestTarget(process, [node(1, NaN), node(5, 0)])).toEqual(unknown);
  });
});

describe('a group spreads', () => {
  const group = (count: number, at = 1) => Array.from({ length: count }, () => ({ at, home: at }));
  const counted = (places: readonly { to: number }[]) =>
    [1, 2, 3]
      .map((id) => `${id}:${places.filter(({ to }) => to === id).length}`)
      .filter((text) => !text.endsWith(':0'));

  test('evenly over nodes of equal power', () => {
    expect(counted(spread(group(6), [node(1, 600), node(2, 0), node(3, 0)]))).toEqual(['1:2', '2:2', '3:2']);
  });

  test('by power and present load', () => {
    const nodes = [node(1, 600), node(2, 0, { cpus: 4 }), node(3, 500)];
    expect(counted(spread(group(6), nodes))).toEqual(['1:1', '2:5']);
  });

  test('over nodes that take guests only', () => {
    const nodes = [node(1, 400), node(2, 0, { status: UP | STATUS.block }), node(3, 0, { load: NaN })];
    expect(counted(spread(group(4), nodes))).toEqual(['1:4']);
  });

  test('and what is spread already stays where it is', () => {
    const there = [1, 2, 3].map((at) => ({ at, home: 1 }));
    const placed = spread(there, [node(1, 120), node(2, 100), node(3, 110)]);
    expect(placed.map(({ to }) => to)).toEqual([1, 2, 3]);
    expect(placed[0]?.why).toBe('no node would have less than the load 120 of node 1');
  });

  test('the heaviest first, so that the light ones fill the gaps; in the given order', () => {
    const weights = [0.2, 0.2, 1, 0.6].map((weight) => ({ at: 1, home: 1, weight }));
    const placed = spread(weights, [node(1, 200), node(2, 0)]);
    expect(placed.map(({ process }) => process)).toEqual(weights);
    expect(placed.map(({ to }) => to)).toEqual([2, 2, 1, 2]);
  });

  test('as far as the memory goes', () => {
    const large = group(3).map((process) => ({ ...process, memory: 60 }));
    expect(counted(spread(large, [node(1, 300), node(2, 0, { memoryAvailable: 100 })]))).toEqual([
      '1:2',
      '2:1',
    ]);
  });

  test('with its home among the places, even where that refuses guests', () => {
    const away = [2, 2].map((at) => ({ at, home: 1 }));
    expect(counted(spread(away, [node(1, 0, { status: UP | STATUS.block }), node(2, 200)]))).toEqual([
      '1:1',
      '2:1',
    ]);
  });

  test('and one on a node that is not known is left there', () => {
    expect(spread([{ at: 7, home: 7 }], [node(1, 0)])).toEqual([
      { process: { at: 7, home: 7 }, to: 7, why: 'the load of node 7 is not known' },
    ]);
  });
});

test('the second heaviest process leaves first, the only one where there is one', () => {
  const [light, heavy, heaviest] = [0.1, 0.6, 0.9].map((weight) => ({ at: 1, home: 1, weight }));
  expect(traveller([light, heaviest, heavy].filter((process) => process !== undefined))).toBe(heavy);
  expect(traveller(light === undefined ? [] : [light])).toBe(light);
  expect(traveller([])).toBeUndefined();
});
