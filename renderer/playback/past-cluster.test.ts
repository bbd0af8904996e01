import { expect, it } from 'vitest';
import type { NodeInfo } from '../../common/model/node.ts';
import { withOldRows } from './past-cluster.ts';

function row(slot: number, change: Partial<NodeInfo> = {}): NodeInfo {
  return {
    slot,
    key: `id:${slot + 1}`,
    id: slot + 1,
    name: `node${slot + 1}`,
    target: '',
    dialect: 'openmosix',
    connection: { kind: 'none' },
    reason: '',
    observer: false,
    disagreement: '',
    ...change,
  };
}

it('keeps the list where every row says the same', () => {
  const before = [row(0), row(1)];
  expect(withOldRows(before, [row(0), row(1)])).toBe(before);
});

it('keeps the rows that say the same beside one that does not', () => {
  const before = [row(0), row(1)];
  const after = withOldRows(before, [row(0), row(1, { reason: 'powered off' })]);
  expect(after[0]).toBe(before[0]);
  expect(after[1]?.reason).toBe('powered off');
});

it('takes another node in the same slot for another', () => {
  const before = [row(0)];
  expect(withOldRows(before, [row(0, { key: 'id:9', id: 9 })])[0]).not.toBe(before[0]);
});

it('has fewer rows where nodes were not there yet', () => {
  expect(withOldRows([row(0), row(1)], [row(0)])).toEqual([row(0)]);
});
