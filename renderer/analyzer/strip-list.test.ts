/** Which strips are listed, and in which order. */
import { describe, expect, it } from 'vitest';
import type { NodeStatistics } from '../../common/model/history.ts';
import {
  arrangeStrips,
  byName,
  countOthers,
  nextStripOrder,
  nodesOfRange,
  stripRows,
  type StripRow,
} from './strip-list.ts';

const row = (name: string, mean: number, rank: number): StripRow => ({
  key: name,
  name,
  rank,
  mean,
  max: mean,
  down: 0,
});
const rows = [row('node10', 5, 1), row('node2', NaN, 0), row('web1', 9, 2)];
const names = (found: readonly StripRow[]): string => found.map(({ name }) => name).join(' ');

it('names are in an order in which numbers count', () => {
  const nodes = ['node10', 'Web1', 'node2'].map((name) => ({ name }));
  expect(byName(nodes).map(({ name }) => name)).toEqual(['node2', 'node10', 'Web1']);
});

describe('the nodes of a range', () => {
  const nodes = ['now', 'then', 'down', 'never'].map((key) => ({ key, id: 1, name: key }));
  const nothing = { min: NaN, mean: NaN, max: NaN, p95: NaN };
  const statistics = nodes.map((node): NodeStatistics => ({
    ...node,
    load: node.key === 'then' ? { ...nothing, mean: 5 } : nothing,
    memoryUsed: nothing,
    speed: NaN,
    cpus: NaN,
    memoryTotal: NaN,
    secondsUp: 0,
    secondsDown: node.key === 'down' ? 5 : 0,
    secondsUnknown: 0,
  }));

  it('are those of now, those with values, and those known to be down', () => {
    const found = nodesOfRange(nodes, statistics, new Set(['now']));
    expect(found.map(({ key }) => key)).toEqual(['now', 'then', 'down']);
  });

  it('are all until that is known', () => {
    expect(nodesOfRange(nodes, undefined, new Set())).toBe(nodes);
  });

  it('are not counted among the others for what they were known by before their first answer', () => {
    const recorded = [
      { key: 'host:gate', id: 1, name: 'gate' },
      { key: 'host:gone', id: 2, name: 'gone' },
      { key: 'id:1', id: 1, name: 'gate' },
    ];
    expect(countOthers(recorded, new Set(['id:1']))).toBe(1);
    expect(countOthers(recorded, new Set())).toBe(2);
  });
});

describe('the list of strips', () => {
  it('is in the order of names', () => {
    expect(names(arrangeStrips(rows, '', { sort: 'name', descending: false }))).toBe('node2 node10 web1');
  });

  it.each([true, false])('has nodes without a number last (descending %s)', (descending) => {
    expect(names(arrangeStrips(rows, '', { sort: 'mean', descending })).endsWith('node2')).toBe(true);
  });

  it('shows what contains any of the words typed', () => {
    expect(names(arrangeStrips(rows, ' WEB  e10 ', { sort: 'name', descending: false }))).toBe('node10 web1');
  });

  it('is sorted largest first, and turned round by choosing again', () => {
    const order = nextStripOrder({ sort: 'name', descending: false }, 'max');
    expect(order).toEqual({ sort: 'max', descending: true });
    expect(nextStripOrder(order, 'max')).toEqual({ sort: 'max', descending: false });
  });

  it('has a row for every node, also one without statistics', () => {
    const nodes = [{ key: 'a', id: 1, name: 'a' }];
    expect(stripRows(nodes, [], new Map(), 'load')).toEqual([
      { key: 'a', name: 'a', rank: 0, mean: NaN, max: NaN, down: NaN },
    ]);
    expect(stripRows(nodes, [], new Map([['a', 40]]), 'cpu')[0]?.mean).toBe(40);
  });
});
