import { beforeEach, describe, expect, test } from 'vitest';
import { COLUMN_COUNT, NODE_STATES, STATE_COLUMN, type NodeState } from '../../common/contract/block.ts';
import { clusterTotals } from '../../common/model/cluster.ts';
import { METRIC_INDEX, METRICS } from '../../common/model/metric.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import { ValueRecorder } from './values.ts';

let nodes: (readonly RecordedNode[])[];
let ticks: { readonly time: number; readonly loads: readonly number[] }[];
let recorder: ValueRecorder;

beforeEach(() => {
  nodes = [];
  ticks = [];
  recorder = new ValueRecorder({
    setNodes: (rows) => nodes.push(rows),
    append: (time, values, rows) => {
      expect(values).toHaveLength(METRICS.length * rows);
      const first = METRIC_INDEX.load * rows;
      ticks.push({ time, loads: [...values.subarray(first, first + rows)] });
    },
  });
});

function row(slot: number, key: string, more: Partial<NodeInfo> = {}): NodeInfo {
  return {
    slot,
    key,
    id: slot + 1,
    name: key,
    target: '',
    dialect: 'openmosix',
    connection: { kind: 'none' },
    reason: '',
    observer: false,
    disagreement: '',
    ...more,
  };
}

/** Records a second whose slots have these states and loads; an empty slot is undefined. */
function record(
  time: number,
  slots: readonly (readonly [NodeState, number] | undefined)[],
  changed: readonly NodeInfo[] = [],
): void {
  const columns = new Float64Array(COLUMN_COUNT * slots.length).fill(NaN);
  for (const [slot, content] of slots.entries()) {
    if (content === undefined) continue;
    columns[STATE_COLUMN * slots.length + slot] = NODE_STATES.indexOf(content[0]);
    columns[METRIC_INDEX.load * slots.length + slot] = content[1];
  }
  recorder.record({
    time,
    totals: clusterTotals([]),
    columns,
    slots: slots.length,
    changed,
    removed: [],
  });
}

describe('a second', () => {
  test('is recorded with a row per node', () => {
    record(
      1000,
      [
        ['up', 47],
        ['up', 60],
      ],
      [row(0, 'id:1'), row(1, 'id:2')],
    );
    expect(ticks).toEqual([{ time: 1000, loads: [47, 60] }]);
    expect(nodes).toEqual([
      [
        { key: 'id:1', id: 1, name: 'id:1' },
        { key: 'id:2', id: 2, name: 'id:2' },
      ],
    ]);
  });

  test.each(['down', 'stale', 'connecting', 'failed'] as const)(
    'has a gap for a node that is %s, though its window still shows old figures',
    (state) => {
      record(1000, [[state, 47]], [row(0, 'id:1')]);
      expect(ticks[0]?.loads).toEqual([NaN]);
    },
  );

  test('without any node is none', () => {
    record(1000, []);
    expect(ticks).toEqual([]);
  });
});

describe('a node', () => {
  test('is told to the history when it is new or renamed, not when anything else of it changes', () => {
    record(1000, [['up', 1]], [row(0, 'id:1')]);
    record(2000, [['up', 1]], [row(0, 'id:1', { reason: 'words', observer: true })]);
    expect(nodes).toHaveLength(1);
    record(3000, [['up', 1]], [row(0, 'id:1', { name: 'alpha' })]);
    expect(nodes.at(-1)).toEqual([{ key: 'id:1', id: 1, name: 'alpha' }]);
  });

  test('that moves to another slot keeps its row', () => {
    record(1000, [['up', 1]], [row(0, 'id:1')]);
    record(2000, [undefined, ['up', 2]], [row(1, 'id:1')]);
    expect(ticks.map((tick) => tick.loads)).toEqual([[1], [2]]);
  });

  test('that was never shown (it got its id before the first second) has no row', () => {
    record(1000, [undefined, ['up', 2]], [row(1, 'id:5')]);
    expect(nodes.at(-1)?.map((node) => node.key)).toEqual(['id:5']);
    expect(ticks[0]?.loads).toEqual([2]);
  });

  test('that went has gaps from then on, and its row stays', () => {
    record(
      1000,
      [
        ['up', 1],
        ['up', 2],
      ],
      [row(0, 'id:1'), row(1, 'id:2')],
    );
    record(2000, [undefined, ['up', 3]]);
    expect(ticks[1]?.loads).toEqual([NaN, 3]);
  });
});
