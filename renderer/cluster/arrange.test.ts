/** Sorting and filtering of the table. */
import { describe, expect, it } from 'vitest';
import {
  BlockView,
  COLUMN_COUNT,
  NODE_STATES,
  STATE_COLUMN,
  type NodeState,
} from '../../common/contract/block.ts';
import { problem } from '../../common/contract/problem.ts';
import { METRIC_INDEX, type MetricValues, type MetricName } from '../../common/model/metric.ts';
import type { ConnectionState, NodeInfo } from '../../common/model/node.ts';
import { arrange, DEFAULT_SORT, nextSort, parseSort, rankNames, sortText, type Sort } from './arrange.ts';

interface Given {
  readonly name: string;
  readonly id?: number;
  readonly target?: string;
  readonly state?: NodeState;
  readonly connection?: ConnectionState;
  readonly values?: MetricValues;
}

const CONNECTED: ConnectionState = { kind: 'connected', since: 0 };

function names(given: readonly Given[], sort: Sort = DEFAULT_SORT, filter = ''): string {
  const columns = new Float64Array(given.length * COLUMN_COUNT).fill(NaN);
  const nodes = given.map((each, slot): NodeInfo => {
    columns[STATE_COLUMN * given.length + slot] = NODE_STATES.indexOf(each.state ?? 'up');
    for (const [metric, value] of Object.entries(each.values ?? {})) {
      columns[METRIC_INDEX[metric as MetricName] * given.length + slot] = value;
    }
    return {
      slot,
      key: `host:${each.name}`,
      id: each.id ?? slot + 1,
      name: each.name,
      target: each.target ?? '',
      dialect: 'linux',
      connection: each.connection ?? CONNECTED,
      reason: '',
      observer: false,
      disagreement: '',
    };
  });
  return arrange({ nodes, block: new BlockView(columns), nameRanks: rankNames(nodes), filter, sort })
    .map((node) => node.name)
    .join(' ');
}

describe('sorting', () => {
  it('counts numbers in names as numbers', () => {
    const given = [{ name: 'node10' }, { name: 'node9' }, { name: 'Node1' }];
    expect(names(given, { column: 'name', descending: false })).toBe('Node1 node9 node10');
  });

  it('puts missing values last in both directions', () => {
    const given = [{ name: 'a', values: { load: 1 } }, { name: 'b' }, { name: 'c', values: { load: 3 } }];
    expect(names(given, { column: 'load', descending: false })).toBe('a c b');
    expect(names(given, { column: 'load', descending: true })).toBe('c a b');
  });

  it('keeps the order of ids where values are equal, in both directions', () => {
    const values = { load: 5 };
    const given = [
      { name: 'c', id: 3, values },
      { name: 'a', id: 1, values },
      { name: 'b', id: 2, values },
    ];
    expect(names(given, { column: 'load', descending: false })).toBe('a b c');
    expect(names(given, { column: 'load', descending: true })).toBe('a b c');
  });

  it('brings trouble to the top by state', () => {
    const given: Given[] = [
      { name: 'fine' },
      { name: 'old', state: 'stale' },
      { name: 'gone', state: 'down' },
      { name: 'refused', state: 'failed' },
    ];
    expect(names(given, { column: 'state', descending: false })).toBe('refused gone old fine');
  });

  it('compares memory by the share that is used', () => {
    const given = [
      { name: 'big', values: { memoryTotal: 1000, memoryFree: 900 } },
      { name: 'small', values: { memoryTotal: 10, memoryFree: 1 } },
    ];
    expect(names(given, { column: 'memory', descending: true })).toBe('small big');
  });

  it('brings nodes with more switches set together', () => {
    const given = [
      { name: 'plain', values: { status: 3 } },
      { name: 'blocked', values: { status: 3 + 16 } },
      { name: 'unknown' },
    ];
    expect(names(given, { column: 'settings', descending: true })).toBe('blocked plain unknown');
  });

  it('groups connections by kind and reason', () => {
    const failed = (code: 'timeout' | 'changed-host-key'): ConnectionState => ({
      kind: 'failed',
      problem: problem(code, ''),
    });
    const given = [
      { name: 'ok' },
      { name: 'slow', connection: failed('timeout') },
      { name: 'key', connection: failed('changed-host-key') },
      { name: 'slow2', connection: failed('timeout') },
    ];
    expect(names(given, { column: 'connection', descending: false })).toBe('key slow slow2 ok');
  });
});

describe('the filter', () => {
  const given: Given[] = [
    { name: 'alpha', id: 11, target: 'root@10.0.0.1:22', values: { status: 3 + 16 } },
    { name: 'beta', id: 12, target: 'root@10.0.0.2:22', state: 'down' },
    {
      name: 'Gamma',
      id: 13,
      target: 'admin@gate:22',
      connection: { kind: 'failed', problem: problem('timeout', '') },
    },
  ];

  it.each([
    ['', 'alpha beta Gamma'],
    ['  ', 'alpha beta Gamma'],
    ['gam', 'Gamma'],
    ['11', 'alpha'],
    ['10.0.0', 'alpha beta'],
    ['down', 'beta'],
    ['block', 'alpha'],
    ['timeout', 'Gamma'],
    ['root down', 'beta'],
    ['nothing', ''],
  ])('%j shows %j', (filter, shown) => {
    expect(names(given, DEFAULT_SORT, filter)).toBe(shown);
  });
});

describe('the chosen order', () => {
  it('begins with the largest where large is interesting', () => {
    expect(nextSort(DEFAULT_SORT, 'load')).toEqual({ column: 'load', descending: true });
    expect(nextSort(DEFAULT_SORT, 'name')).toEqual({ column: 'name', descending: false });
  });

  it('turns round at the second choice', () => {
    expect(nextSort({ column: 'load', descending: true }, 'load')).toEqual({
      column: 'load',
      descending: false,
    });
  });

  it('survives being remembered', () => {
    const sort = { column: 'memory', descending: true } as const;
    expect(parseSort(sortText(sort))).toEqual(sort);
  });

  it.each([null, '', 'nonsense', 'toString descending'])('is by id where %j was remembered', (text) => {
    expect(parseSort(text)).toEqual(DEFAULT_SORT);
  });
});
