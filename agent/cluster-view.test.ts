import { expect, test } from 'vitest';
import { STATUS } from '../common/model/status.ts';
import type { NodeState } from './balance/datagrams.ts';
import { clusterView } from './cluster-view.ts';

const UP = STATUS.configured | STATUS.up;

function state(id: number, load: number): NodeState {
  const memory = { memoryTotal: 100, memoryFree: 50, memoryAvailable: 60 };
  return { id, load, speed: 10_000, cpus: 2, status: UP, util: 100, ...memory };
}

function mapOf(...ids: readonly number[]) {
  const nodes = ids.map((id) => ({
    id,
    name: `n${id}`,
    address: `10.0.0.${id}`,
    port: 5428,
    certificate: 'a'.repeat(64),
  }));
  return { cluster: 'test', version: 1, nodes };
}

test('every node of the map has a line, by its id, with its own figures first-hand', () => {
  const lines = clusterView(mapOf(9, 2, 5), state(5, 70), [{ node: state(2, 30), sequence: 1, age: 3 }]);
  expect(lines.map(({ id, load, age, status }) => [id, load, age, status])).toEqual([
    [2, 30, 3, UP],
    [5, 70, 0, UP],
    [9, 0, null, STATUS.configured],
  ]);
});

test('a node that is not heard any more is down, later in a large cluster, where words of each are seldom', () => {
  const heard = [{ node: state(2, 30), sequence: 1, age: 40 }];
  const [, small] = clusterView(mapOf(1, 2), state(1, 0), heard);
  expect(small).toMatchObject({ status: STATUS.configured, age: 40 });
  const many = Array.from({ length: 200 }, (_, index) => index + 1);
  const [, large] = clusterView(mapOf(...many), state(1, 0), heard);
  expect(large).toMatchObject({ status: UP, load: 30 });
});

test('what was heard of a node that left the map is not shown', () => {
  const heard = [{ node: state(7, 30), sequence: 1, age: 1 }];
  expect(clusterView(mapOf(1), state(1, 0), heard).map(({ id }) => id)).toEqual([1]);
});
