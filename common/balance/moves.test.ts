import { describe, expect, test } from 'vitest';
import { STATUS } from '../model/status.ts';
import { expectedMoves, withSpeeds, type BalanceNode } from './index.ts';
import { processLoad } from './node.ts';

const UP = STATUS.configured | STATUS.up;

function node(id: number, load: number, figures: Partial<BalanceNode> = {}): BalanceNode {
  return { id, load, speed: 10_000, cpus: 1, status: UP, ...figures };
}

/** The moves as `FROM>TOxCOUNT`. */
function moves(...nodes: readonly BalanceNode[]): readonly string[] {
  return expectedMoves(nodes).moves.map(({ from, to, count }) => `${from}>${to}x${count}`);
}

describe('balancing moves', () => {
  test('processes from the most to the least loaded node until nothing gains', () => {
    expect(moves(node(1, 600), node(2, 0), node(3, 0))).toEqual(['1>2x2', '1>3x2']);
    expect(expectedMoves([node(1, 600), node(2, 0), node(3, 0)])).toMatchObject({ now: 100 / 3, after: 100 });
  });

  test('nothing when no other node would be lighter by the hysteresis', () => {
    expect(moves(node(1, 229), node(2, 100))).toEqual([]);
    expect(moves(node(1, 231), node(2, 100))).toEqual(['1>2x1']);
  });

  test('the only process of a slow node to a fast one that is free', () => {
    expect(moves(node(1, 200, { speed: 5000 }), node(2, 0))).toEqual(['1>2x1']);
    expect(moves(node(1, 100), node(2, 0, { speed: 9000 }))).toEqual([]);
  });

  test('more to the node with more CPUs and more speed', () => {
    const { moves: expected, after: reached } = expectedMoves([
      node(1, 1200),
      node(2, 0, { cpus: 4 }),
      node(3, 0, { speed: 20_000 }),
    ]);
    expect(expected).toEqual([
      { from: 1, to: 2, count: 7 },
      { from: 1, to: 3, count: 3 },
    ]);
    expect(reached).toBeGreaterThan(85);
  });

  test('nothing from a load that is less than a process', () => {
    expect(moves(node(1, 180, { speed: 5000 }), node(2, 0))).toEqual([]);
  });

  test('of equal nodes to the one that is given first', () => {
    expect(moves(node(1, 200), node(9, 0), node(4, 0))).toEqual(['1>9x1']);
  });
});

describe('balancing respects', () => {
  test.each([
    ['block: no guests come', STATUS.block, ['1>3x2']],
    ['quiet: nobody knows its load', STATUS.quiet, ['1>3x2']],
    ['stay: guests still come', STATUS.stay, ['1>2x1', '1>3x1']],
    ['lstay: guests still come', STATUS.lstay, ['1>2x1', '1>3x1']],
  ])('%s', (_case, status, expected) => {
    expect(moves(node(1, 400), node(2, 0, { status: UP | status }), node(3, 0))).toEqual(expected);
  });

  test.each([
    ['stay', STATUS.stay, []],
    ['lstay', STATUS.lstay, []],
    ['quiet', STATUS.quiet, []],
    ['block', STATUS.block, ['1>2x1']],
  ])('%s on the loaded node', (_case, status, expected) => {
    expect(moves(node(1, 300, { status: UP | status }), node(2, 0))).toEqual(expected);
  });

  test('memory: a node that is short of it takes no guests', () => {
    const short = { memoryTotal: 1024, memoryAvailable: 60 };
    expect(moves(node(1, 300), node(2, 0, short))).toEqual([]);
    expect(moves(node(1, 300), node(2, 0, { ...short, memoryAvailable: 64 }))).toEqual(['1>2x1']);
  });

  test.each([
    ['that is down', { status: STATUS.configured }],
    ['whose status is an errno', { status: -101 }],
    ['without a load', { load: NaN }],
    ['without a speed', { speed: NaN }],
  ])('a node %s: it is left out of everything', (_case, figures) => {
    const present = [node(1, 300), node(2, 100)];
    expect(expectedMoves([...present, node(3, 0, figures)])).toEqual(expectedMoves(present));
  });

  test('plain Linux: it counts for the efficiency, and nothing moves there or from there', () => {
    const linux = { status: NaN };
    expect(expectedMoves([node(1, 300, linux), node(2, 0, linux)])).toEqual({
      moves: [],
      now: 50,
      after: 50,
    });
  });

  test('an empty cluster, and one node alone', () => {
    expect(expectedMoves([])).toEqual({ moves: [], now: 100, after: 100 });
    expect(moves(node(1, 900))).toEqual([]);
  });
});

describe('a speed that is set', () => {
  test('rescales the load at once', () => {
    expect(withSpeeds([node(1, 300), node(2, 300)], new Map([[2, 5000]]))).toEqual([
      node(1, 300),
      node(2, 600, { speed: 5000 }),
    ]);
  });

  test('drives work away when it is lower and draws it when it is higher', () => {
    const even = [node(1, 300), node(2, 300)];
    expect(moves(...withSpeeds(even, new Map([[2, 5000]])))).toEqual(['2>1x1']);
    expect(moves(...withSpeeds(even, new Map([[2, 30_000]])))).toEqual(['1>2x2']);
  });
});

describe('on 500 random clusters', () => {
  const clusters = Array.from({ length: 500 }, (_, seed) => randomCluster(seed, false));

  test('no node is sent what it refuses, and none sends what it must keep', () => {
    for (const nodes of clusters) {
      const of = new Map(nodes.map((one) => [one.id, one]));
      for (const { from, to } of expectedMoves(nodes).moves) {
        expect((of.get(from)?.status ?? 0) & (STATUS.up | STATUS.stay | STATUS.lstay | STATUS.quiet)).toBe(
          STATUS.up,
        );
        expect((of.get(to)?.status ?? 0) & (STATUS.up | STATUS.block | STATUS.quiet)).toBe(STATUS.up);
        expect(from).not.toBe(to);
      }
    }
  });

  test('it ends where nothing gains: what it leaves is left as it is', () => {
    for (const nodes of clusters) expect(expectedMoves(after(nodes)).moves).toEqual([]);
  });

  test('the highest load does not rise', () => {
    const highest = (nodes: readonly BalanceNode[]) =>
      Math.max(
        0,
        ...nodes.filter(({ load, status }) => load >= 0 && status & STATUS.up).map(({ load }) => load),
      );
    for (const nodes of clusters) expect(highest(after(nodes))).toBeLessThanOrEqual(highest(nodes) + 1e-6);
  });

  test('the efficiency never falls among nodes of equal power', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const { now, after: reached } = expectedMoves(randomCluster(seed, true));
      expect(reached).toBeGreaterThanOrEqual(now - 1e-6);
    }
  });
});

/** The nodes when the expected moves are done. */
function after(nodes: readonly BalanceNode[]): readonly BalanceNode[] {
  const loads = new Map(nodes.map((one) => [one.id, one.load]));
  const of = new Map(nodes.map((one) => [one.id, one]));
  for (const { from, to, count } of expectedMoves(nodes).moves) {
    for (const [id, sign] of [
      [from, -1],
      [to, 1],
    ] as const) {
      loads.set(
        id,
        Math.max(0, (loads.get(id) ?? 0) + sign * count * processLoad(of.get(id) ?? node(id, 0))),
      );
    }
  }
  return nodes.map((one) => ({ ...one, load: loads.get(one.id) ?? NaN }));
}

function randomCluster(seed: number, equal: boolean): readonly BalanceNode[] {
  let state = seed + 1;
  // The minimal standard generator of Park and Miller.
  const below = (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  return Array.from({ length: 1 + below(30) }, (_, index) => {
    const power = equal ? {} : { speed: 3000 + below(30_000), cpus: 1 + below(8) };
    const idle = node(index + 1, 0, power);
    const status = below(10) === 0 ? STATUS.configured : UP | (below(3) === 0 ? below(128) & ~3 : 0);
    const load = below(20) === 0 ? NaN : below(below(3) === 0 ? 40 : 4) * processLoad(idle);
    return { ...idle, status, load };
  });
}
