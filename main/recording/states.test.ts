import { beforeEach, describe, expect, test } from 'vitest';
import { COLUMN_COUNT, NODE_STATES, STATE_COLUMN, type NodeState } from '../../common/contract/block.ts';
import { clusterTotals } from '../../common/model/cluster.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { StateRecorder } from './states.ts';

const START = 1_800_000_000_000;
let recorder: StateRecorder;
let shown: Map<number, NodeInfo>;

beforeEach(() => {
  recorder = new StateRecorder();
  shown = new Map();
});

/** A row as it is shown: its key, state and reason, and what else is to be so. */
type Row = readonly [key: string, state: NodeState, reason?: string, more?: Partial<NodeInfo>];

/** The changes that a second brings in which the slots show this; words for what is to be recorded. */
function second(seconds: number, rows: readonly (Row | undefined)[]): readonly string[] {
  const columns = new Float64Array(COLUMN_COUNT * rows.length).fill(NaN);
  const changed: NodeInfo[] = [];
  const removed: number[] = [];
  for (const [slot, row] of rows.entries()) {
    if (row === undefined) {
      if (shown.delete(slot)) removed.push(slot);
      continue;
    }
    const [key, state, reason = '', more = {}] = row;
    columns[STATE_COLUMN * rows.length + slot] = NODE_STATES.indexOf(state);
    const info: NodeInfo = {
      slot,
      key,
      id: slot + 1,
      name: key,
      target: '',
      dialect: 'openmosix',
      connection: { kind: 'none' },
      reason,
      observer: false,
      disagreement: '',
      ...more,
    };
    if (JSON.stringify(shown.get(slot)) !== JSON.stringify(info)) changed.push(info);
    shown.set(slot, info);
  }
  const time = START + seconds * 1000;
  return recorder
    .take({ time, totals: clusterTotals([]), columns, slots: rows.length, changed, removed })
    .map(({ time: since, node, state, reason }) =>
      [`${(since - START) / 1000}s`, node.id, node.name, state ?? 'gone', reason].join(' ').trim(),
    );
}

describe('a change of state', () => {
  test('is recorded at once with its reason, and what stays is not', () => {
    expect(second(0, [['a', 'connecting', 'waits for its turn']])).toEqual([
      '0s 1 a connecting waits for its turn',
    ]);
    expect(second(1, [['a', 'up']])).toEqual(['1s 1 a up']);
    expect(second(2, [['a', 'up']])).toEqual([]);
    expect(second(3, [['a', 'down', 'n2 cannot reach it']])).toEqual(['3s 1 a down n2 cannot reach it']);
    expect(second(4, [['a', 'stale', 'it does not answer']])).toEqual(['4s 1 a stale it does not answer']);
  });

  test('is that of one node alone', () => {
    second(0, [
      ['a', 'up'],
      ['b', 'up'],
    ]);
    expect(
      second(1, [
        ['a', 'up'],
        ['b', 'down', 'gone'],
      ]),
    ).toEqual(['1s 2 b down gone']);
  });
});

describe('other words for the same state', () => {
  test('are recorded when they last, from when they began', () => {
    second(0, [['a', 'down', 'n1 cannot reach it']]);
    expect(second(10, [['a', 'down', 'n2 cannot reach it']])).toEqual([]);
    expect(second(39, [['a', 'down', 'n2 cannot reach it']])).toEqual([]);
    expect(second(40, [['a', 'down', 'n2 cannot reach it']])).toEqual(['10s 1 a down n2 cannot reach it']);
    expect(second(80, [['a', 'down', 'n2 cannot reach it']])).toEqual([]);
  });

  test('are not when observers take turns in saying them', () => {
    const words = ['n1 cannot reach it', 'n2 cannot reach it', 'n3 cannot reach it'];
    const recorded = Array.from({ length: 300 }, (_, at) =>
      second(at, [['a', 'down', words[at % 3] ?? '']]),
    ).flat();
    expect(recorded).toEqual(['0s 1 a down n1 cannot reach it']);
  });
});

describe('an attempt to connect again', () => {
  test('leaves a failed node failed, unless it lasts', () => {
    second(0, [['a', 'failed', 'no route']]);
    expect(second(5, [['a', 'connecting', 'waits for its turn']])).toEqual([]);
    expect(second(6, [['a', 'connecting', 'connects']])).toEqual([]);
    expect(second(8, [['a', 'failed', 'no route']])).toEqual([]);
    expect(second(60, [['a', 'connecting', 'connects']])).toEqual([]);
    expect(second(90, [['a', 'connecting', 'asks for a password']])).toEqual([
      '60s 1 a connecting asks for a password',
    ]);
    expect(second(91, [['a', 'up']])).toEqual(['91s 1 a up']);
  });
});

describe('a node', () => {
  test('that gets another name or id is an entry of its own', () => {
    second(0, [['id:1', 'up', '', { name: 'alpha' }]]);
    expect(second(1, [['id:1', 'up', '', { name: 'beta' }]])).toEqual(['1s 1 beta up']);
    expect(second(2, [['id:1', 'up', '', { name: 'beta', id: 7 }]])).toEqual(['2s 7 beta up']);
  });

  test('that is taken away ends, also when it goes on in another slot', () => {
    second(0, [['host:a', 'up']]);
    expect(second(1, [undefined, ['id:5', 'up', '', { id: 5, name: 'a' }]])).toEqual([
      '1s 1 host:a gone it is watched no more, or under another key',
      '1s 5 a up',
    ]);
  });
});

test('a clock that went back makes a change one at once', () => {
  second(100, [['a', 'down', 'one']]);
  expect(second(50, [['a', 'down', 'other']])).toEqual(['50s 1 a down other']);
});
