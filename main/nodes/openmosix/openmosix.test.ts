import { beforeEach, describe, expect, test } from 'vitest';
import { METRIC_INDEX, type MetricName } from '../../../common/model/metric.ts';
import { WireNode } from '../../../test/harness/wire-node.ts';
import type { Decoder } from '../decoder.ts';
import { openmosix } from './openmosix.ts';

const TABLES = [
  'keyed nodes load:load speed:speed cpus:count util:percent tmem:pages rmem:pages mem:pages status:bits',
  'single load one:load five:load fifteen:load running:count processes:count',
  'single memory total:kB free:kB available:kB buffers:kB cached:kB',
  'single machine cpus:count',
  'keyed away where:node migrations:count started:ticks',
  'keyed guests home:node homepid:pid started:ticks',
  'texts commands',
];

let wire: WireNode;

function decoderOf(self: string, speed?: number): Decoder {
  wire = new WireNode(openmosix, ['meta dialect openmosix', `meta self ${self}`, ...TABLES], speed);
  return wire.decoder;
}

function valueOf(values: Float64Array | undefined, metric: MetricName): number | undefined {
  return values?.[METRIC_INDEX[metric]];
}

describe("the node's id", () => {
  test.each([
    ['1', 1],
    ['2780', 2780],
    ['65535', 65_535],
  ])('%s is what mospe says', (self, id) => expect(decoderOf(self).selfId).toBe(id));

  test.each(['0', '-1', '', '65536', 'x', '2.5'])(
    'is none while mospe says "%s": openMosix is switched off there',
    (self) => expect(decoderOf(self).selfId).toBeUndefined(),
  );
});

describe('the cluster as a node believes it', () => {
  let decoder: Decoder;

  beforeEach(() => {
    decoder = decoderOf('2');
  });

  test('is read when the frame carries it, each node under its id, however sparse', () => {
    wire.frame('nodes 1 47 15953 1 100 65280 38011 41200 3', 'nodes 65535 0 10000 2 100 65280 1000 1000 3');
    const { views } = decoder.read(true);
    expect([...(views?.keys() ?? [])]).toEqual([1, 65_535]);
    expect(decoder.read(false).views).toBeUndefined();
  });

  test('has memory in bytes; load, speed, CPUs, use and status as they are', () => {
    wire.frame('nodes 1 47 15953 1 100 65280 38011 41200 3');
    const node = decoder.read(true).views?.get(1);
    expect(valueOf(node, 'load')).toBe(47);
    expect(valueOf(node, 'speed')).toBe(15_953);
    expect(valueOf(node, 'cpus')).toBe(1);
    expect(valueOf(node, 'util')).toBe(100);
    expect(valueOf(node, 'memoryTotal')).toBe(255 * 1024 * 1024);
    expect(valueOf(node, 'memoryFree')).toBe(38_011 * 4096);
    expect(valueOf(node, 'memoryAvailable')).toBe(41_200 * 4096);
    expect(valueOf(node, 'status')).toBe(3);
  });

  test('keeps minus errno as it is, of memory too, so that it can be named', () => {
    wire.frame('nodes 3 -101 -101 -101 -101 -101 -22 -101 1');
    const node = decoder.read(true).views?.get(3);
    expect(valueOf(node, 'load')).toBe(-101);
    expect(valueOf(node, 'memoryTotal')).toBe(-101);
    expect(valueOf(node, 'memoryFree')).toBe(-22);
    expect(valueOf(node, 'status')).toBe(1);
  });

  test('has no value where a file could not be read', () => {
    wire.frame('nodes 1 ? 15953 1 100 65280 38011 41200 ?');
    const node = decoder.read(true).views?.get(1);
    expect(valueOf(node, 'load')).toBeNaN();
    expect(valueOf(node, 'status')).toBeNaN();
    expect(valueOf(node, 'speed')).toBe(15_953);
  });

  test('loses a node that left the map', () => {
    wire.frame('nodes 1 47 15953 1 100 65280 38011 41200 3');
    wire.frame('nodes 1 -');
    expect(decoder.read(true).views?.size).toBe(0);
  });
});

describe("a node's own figures", () => {
  test('are what the cluster says of it, filled up from its own /proc', () => {
    const decoder = decoderOf('2');
    wire.frame('nodes 2 47 15953 1 100 65280 38011 41200 7', 'load 0.5 0.4 0.3 3 90', 'machine 4');
    const { own } = decoder.read(false);
    expect(valueOf(own, 'load')).toBe(47);
    expect(valueOf(own, 'cpus')).toBe(1);
    expect(valueOf(own, 'status')).toBe(7);
    expect(valueOf(own, 'running')).toBe(2);
    expect(valueOf(own, 'processes')).toBe(90);
  });

  test("are its own /proc's where the cluster has only an errno for it", () => {
    const decoder = decoderOf('2');
    wire.frame('nodes 2 -101 -101 -101 -101 -101 -101 -101 1', 'machine 4', 'memory 1000 0 600 0 0');
    const { own } = decoder.read(false);
    expect(valueOf(own, 'cpus')).toBe(4);
    expect(valueOf(own, 'memoryFree')).toBe(600 * 1024);
    expect(valueOf(own, 'speed')).toBe(10_000);
    expect(valueOf(own, 'status')).toBe(1);
  });

  test('while openMosix is switched off come from /proc, with the load at the speed of the settings', () => {
    const decoder = decoderOf('0', 20_000);
    wire.frame('load 0.5 0.4 0.3 3 90', 'machine 1');
    const { own } = decoder.read(false);
    expect(valueOf(own, 'speed')).toBe(20_000);
    expect(valueOf(own, 'load')).toBe(100);
    expect(valueOf(own, 'status')).toBeNaN();
  });
});

describe('the processes that migrate', () => {
  const places = (...rows: readonly string[]) => {
    const decoder = decoderOf('2');
    wire.frame(...rows);
    return decoder.read(false).places;
  };

  test('are its own that are or were away, and its guests, with their names', () => {
    expect(
      places(
        'commands 812 povray',
        'away 812 5 3 4711',
        'away 9 0 1 ?',
        'guests 77 1 1234 99',
        'commands 77 x',
      ),
    ).toEqual({
      away: [
        { pid: 812, started: 4711, where: 5, migrations: 3, command: 'povray' },
        { pid: 9, started: 0, where: 0, migrations: 1, command: '' },
      ],
      guests: [{ pid: 77, started: 99, home: 1, homePid: 1234, command: 'x' }],
    });
  });

  test('are complete: what left is not in them any more', () => {
    expect(places('away 812 5 3 4711', 'end 1', 'away 812 -')).toEqual({ away: [], guests: [] });
  });

  test('are none in places that cannot be', () => {
    expect(places('away 8 65536 1 1', 'away 9 -3 1 1', 'guests 7 0 1 1', 'guests 6 1.5 1 1')).toEqual({
      away: [],
      guests: [],
    });
  });

  test('have names that are shown as text, in their own letters, without what acts on a screen', () => {
    const commands = ['$(reboot)', '\u001b[2J\u0007x\u0000', '\u00c3\u00a9t\u00e9', '\u0001\u0002'];
    const rows = commands.flatMap((name, index) => [
      `commands ${index + 1} ${name}`,
      `away ${index + 1} 5 1 1`,
    ]);
    expect(places(...rows)?.away.map((process) => process.command)).toEqual([
      '$(reboot)',
      '[2J x',
      '\u00e9t\ufffd',
      '?',
    ]);
  });
});
