import { expect, test } from 'vitest';
import { METRIC_INDEX } from '../../../common/model/metric.ts';
import { WireNode } from '../../../test/harness/wire-node.ts';
import { dialectNamed } from '../dialects.ts';
import { linux } from './linux.ts';

test('a plain machine has no id and no view of others; its load is computed for the speed of the settings', () => {
  const tables = [
    'single load one:load five:load fifteen:load running:count processes:count',
    'single machine cpus:count',
  ];
  const node = new WireNode(linux, tables, 5000);
  node.frame('load 1 1 1 5 90', 'machine 2');
  const { decoder } = node;
  const { own, views, places } = decoder.read(true);
  expect(places).toBeUndefined();
  expect(decoder.selfId).toBeUndefined();
  expect(views).toBeUndefined();
  expect(own[METRIC_INDEX.load]).toBe(400);
  expect(own[METRIC_INDEX.speed]).toBe(5000);
});

test('every dialect is found by its name on the wire, and no other', () => {
  expect(dialectNamed('linux')).toBe(linux);
  expect(dialectNamed('openmosix')?.name).toBe('openmosix');
  for (const name of ['none', 'mattx-9', 'toString', undefined]) expect(dialectNamed(name)).toBeUndefined();
});
