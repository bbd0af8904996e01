import { expect, test } from 'vitest';
import { METRIC_INDEX, type MetricName } from '../../../common/model/metric.ts';
import { STATUS } from '../../../common/model/status.ts';
import { WireNode } from '../../../test/harness/wire-node.ts';
import type { NodeReading, Values } from '../decoder.ts';
import { mattx } from './mattx.ts';

const UP = STATUS.configured | STATUS.up;

/** A node of MattX. */
class Node extends WireNode {
  constructor(self = 785) {
    super(mattx, [
      'meta dialect mattx',
      `meta self ${self}`,
      'single mattx self:node load:load affinity:affinity memory:MB balancer:switch',
      'single oddities lines:count high:count beyond:count twice:count columns:count cut:switch pairs:count',
      'keyed nodes load:load affinity:affinity memory:MB',
      'texts addresses',
      'keyed away where:node started:ticks evidence:code',
      'keyed guests home:node started:ticks evidence:code',
      'texts commands',
      'single load one:load five:load fifteen:load running:count processes:count',
      'single memory total:kB free:kB available:kB buffers:kB cached:kB',
      'single machine cpus:count',
    ]);
  }

  read(...rows: readonly string[]): NodeReading {
    this.frame(...rows);
    return this.decoder.read(true);
  }
}

function value(values: Values | undefined, metric: MetricName): number {
  return values?.[METRIC_INDEX[metric]] ?? NaN;
}

test.each([
  ['idle', 0, 1000, 1, 0, 10_000],
  ['one process on one standard CPU', 1000, 1000, 1, 100, 10_000],
  ['four processes on four standard CPUs', 4000, 4000, 4, 100, 10_000],
  ['one process on a node that is weighed twice', 1000, 2000, 1, 50, 20_000],
  ['one process on a node that is to refuse guests', 1000, 1, 1, 100_000, 10],
])('its own load and speed: %s', (_case, load, affinity, cpus, expected, speed) => {
  const { own } = new Node().read(`mattx 785 ${load} ${affinity} 429 1`, `machine ${cpus}`);
  expect([value(own, 'load'), value(own, 'speed')]).toEqual([expected, speed]);
});

test('its own figures beside the table are those of its /proc', () => {
  const { own } = new Node().read(
    'mattx 785 1000 4000 429 1',
    'machine 4',
    'load 0.5 1 1 3 90',
    'memory 1000 100 400 0 0',
  );
  expect(value(own, 'cpus')).toBe(4);
  expect(value(own, 'running')).toBe(2);
  expect(value(own, 'memoryFree')).toBe(400 * 1024);
  expect(value(own, 'memoryTotal')).toBe(1000 * 1024);
});

test.each([
  ['on', '1', UP],
  ['off', '0', UP | STATUS.stay],
  ['not told', '?', UP],
])('with the balancer %s the status says so', (_case, balancer, expected) => {
  const { own } = new Node().read(`mattx 785 0 1000 429 ${balancer}`);
  expect(value(own, 'status')).toBe(expected);
});

test('a table without a load leaves the load of its own /proc', () => {
  const { own } = new Node().read('mattx 785 ? ? ? 1', 'machine 1', 'load 0 0 0 3 90');
  expect([value(own, 'load'), value(own, 'speed')]).toEqual([200, 10_000]);
});

test('a module that is in no cluster has no id, no status and no places', () => {
  const node = new Node(0);
  const { own, places } = node.read('mattx 0 1000 1000 429 1', 'machine 1', 'load 0 0 0 1 90');
  expect(node.decoder.selfId).toBeUndefined();
  expect(value(own, 'status')).toBeNaN();
  expect(value(own, 'load')).toBe(0);
  expect(places).toBeUndefined();
});

test('an id that changes while it runs is followed', () => {
  const node = new Node(0);
  node.read('mattx 785 0 1000 429 1');
  expect(node.decoder.selfId).toBe(785);
  node.read('mattx 901 0 1000 429 1');
  expect(node.decoder.selfId).toBe(901);
  node.read('mattx 70000 0 1000 429 1');
  expect(node.decoder.selfId).toBeUndefined();
});

test('of the others it tells load, speed as of one CPU, free memory and address, and nothing else', () => {
  const { views, addressOf } = new Node().read('nodes 786 2000 4000 428', 'addresses 786 192.168.77.2');
  const view = views?.get(786);
  expect(value(view, 'load')).toBe(50);
  expect(value(view, 'speed')).toBe(40_000);
  expect(value(view, 'memoryFree')).toBe(428 * 1_048_576);
  expect(view?.filter((each) => !Number.isNaN(each))).toHaveLength(3);
  expect(addressOf?.(786)).toBe('192.168.77.2');
  expect(addressOf?.(787)).toBe('');
});

test('a node that has just joined has no figures yet', () => {
  const { views } = new Node().read('nodes 786 0 1000 0');
  expect(views?.get(786)?.every(Number.isNaN)).toBe(true);
});

test('an unchanged row is the same view, a changed one another, and one that left is none', () => {
  const node = new Node();
  const first = node.read('nodes 786 0 1000 428').views?.get(786);
  expect(node.read().views?.get(786)).toBe(first);
  expect(node.read('nodes 786 1000 1000 428').views?.get(786)).not.toBe(first);
  expect(node.read('nodes 786 -').views?.has(786)).toBe(false);
});

test.each([
  ['1 0 0 0 0 0 0', 'lines of its table of nodes that are not understood: 1'],
  ['0 2 0 0 0 0 0', 'nodes not shown, since their id is above 65535: 2'],
  ['0 0 4000 0 0 0 0', 'nodes not shown beyond the first 1000: 4000'],
  ['0 0 0 1 0 0 0', 'ids twice in its table, of which the first line is taken: 1'],
  ['0 0 0 0 1 0 0', 'columns of its table that this program does not know: 1'],
  ['0 0 0 0 0 1 0', 'its table of nodes has no end'],
  ['0 0 0 0 0 0 3', 'lines of its remote and guests that are not understood: 3'],
  ['0 0 0 0 0 0 0', ''],
])('oddities %s are told in words', (row, words) => {
  expect(new Node().read(`oddities ${row}`).trouble).toBe(words);
});

test('a deputy is away, and at home again when it has left remote', () => {
  const node = new Node();
  const deputy = { pid: 400, started: 4711, migrations: -1, command: 'fft' };
  expect(node.read('commands 400 fft', 'away 400 786 4711 1').places?.away).toEqual([
    { ...deputy, where: 786 },
  ]);
  // On its way home it runs while its line still stands.
  expect(node.read('away 400 786 4711 2').places?.away).toEqual([{ ...deputy, where: 786 }]);
  expect(node.read('away 400 0 4711 2').places?.away).toEqual([{ ...deputy, where: 0 }]);
  expect(node.read('away 400 787 4711 1').places?.away).toEqual([{ ...deputy, where: 787 }]);
});

test('a guest is told with its home, whose number for it is not known', () => {
  const { places } = new Node().read('commands 600 fft', 'guests 600 786 99 1');
  expect(places?.guests).toEqual([{ pid: 600, started: 99, home: 786, homePid: 0, command: 'fft' }]);
});

test('a guest is one once it has its command line', () => {
  const node = new Node();
  expect(node.read('guests 600 786 99 2').places?.guests).toEqual([]);
  expect(node.read('guests 600 786 99 1').places?.guests).toHaveLength(1);
});

test.each([
  ['whose process is gone', ['away 400 786 ? 0']],
  ['whose process is no deputy', ['away 400 786 4711 2']],
  ['whose number got another process', ['away 400 786 4711 1', 'away 400 786 9000 1']],
  [
    'whose process ended, and then its number got another',
    ['away 400 786 4711 1', 'away 400 786 ? 0', 'away 400 786 9000 1'],
  ],
])('a line of remote %s is left over: never a migration, and named when it stays', (_case, frames) => {
  const node = new Node();
  let last = node.read();
  for (const frame of frames) last = node.read(frame);
  expect(last.places?.away).toEqual([]);
  expect(last.trouble).toBe('');
  for (let second = 0; second < 6; second += 1) last = node.read();
  expect(last.places?.away).toEqual([]);
  expect(last.trouble).toBe('left over in its remote and no deputy: 400');
  expect(node.read('away 400 -').trouble).toBe('');
});

test('a left-over line does not become a deputy when its process is stopped later', () => {
  const node = new Node();
  node.read('away 400 786 4711 2');
  expect(node.read('away 400 786 4711 1').places?.away).toEqual([]);
});

test('left-over guests are named, of many the first', () => {
  const node = new Node();
  node.read(...Array.from({ length: 10 }, (_, index) => `guests ${600 + index} 786 ? 0`));
  let last = node.read();
  for (let second = 0; second < 6; second += 1) last = node.read();
  expect(last.places?.guests).toEqual([]);
  expect(last.trouble).toBe(
    'left over in its guests and no guest: 600, 601, 602, 603, 604, 605, 606, 607 and more',
  );
});

test('what processes are called acts on no screen', () => {
  const { places } = new Node().read('commands 400 \u001b[2J\u0007x', 'away 400 786 4711 1');
  expect(places?.away[0]?.command).toBe('[2J x');
});
