import { expect, test } from 'vitest';
import { WireNode } from '../../../test/harness/wire-node.ts';
import type { Places } from '../../migrations/types.ts';
import { openmosix26 } from './openmosix26.ts';

const IDS = new Map([
  ['10.77.0.1', 1],
  ['10.77.0.2', 2],
  ['fe80::1', 3],
]);

/** A node of the port to 2.6. */
class Node extends WireNode {
  constructor(addresses = '10.77.0.1') {
    super(openmosix26, [
      'meta dialect openmosix26',
      `meta addresses ${addresses}`,
      'keyed away started:ticks side:code',
      'texts places',
      'texts commands',
      'single load one:load five:load fifteen:load running:count processes:count',
    ]);
  }

  /** The places after a frame. */
  places(...rows: readonly string[]): Places | undefined {
    this.frame(...rows);
    return this.decoder.read(false).addressedPlaces?.((address) => IDS.get(address));
  }
}

const fft = { pid: 400, started: 4711, migrations: -1, command: 'fft' };

test('it has no id, and its own addresses in one spelling', () => {
  const { decoder } = new Node('10.77.0.1 FE80:0::1 ::ffff:10.1.1.1 $(reboot) 1.2.3');
  expect(decoder.selfId).toBeUndefined();
  expect(decoder.addresses).toEqual(['10.77.0.1', 'fe80::1', '10.1.1.1']);
});

test('a deputy is away where its address is, and home again', () => {
  const node = new Node();
  expect(node.places('commands 400 fft', 'places 400 10.77.0.2', 'away 400 4711 1')?.away).toEqual([
    { ...fft, where: 2 },
  ]);
  expect(node.places('places 400 home', 'away 400 = 0')?.away).toEqual([{ ...fft, where: 0 }]);
});

test('an address of nobody is away, and told as no node', () => {
  const places = new Node().places('places 400 10.77.0.9', 'away 400 4711 1');
  expect(places?.away).toMatchObject([{ where: -1 }]);
});

test('a guest has its home by address; one from nobody known is no guest of a node', () => {
  const places = new Node().places(
    'places 600 FE80::1',
    'away 600 99 2',
    'places 601 10.77.0.9',
    'away 601 99 2',
  );
  expect(places?.guests).toEqual([{ pid: 600, started: 99, home: 3, homePid: 0, command: '' }]);
  expect(places?.away).toEqual([]);
});

test('queued and migrating are no places: until it arrives it is where it was', () => {
  const node = new Node();
  const ways = [
    ['places 400 queued', 'away 400 4711 0'],
    ['places 400 migrating'],
    ['places 400 10.77.0.2', 'away 400 = 1'],
    ['places 400 migrating', 'away 400 = 0'],
    ['places 400 home'],
  ].map((rows) => node.places(...rows)?.away[0]?.where);
  expect(ways).toEqual([0, 0, 2, 2, 0]);
});

test.each([
  ['on its way when it was seen first', ['places 400 migrating', 'away 400 4711 1']],
  ['at an address, on neither side', ['places 400 10.77.0.2', 'away 400 4711 0']],
  ['at an address, the side not told', ['places 400 10.77.0.2', 'away 400 4711 ?']],
  ['somewhere that is no address', ['places 400 beef', 'away 400 4711 1']],
  ['without a place', ['away 400 4711 1']],
])('what is not sure is not told: %s', (_case, rows) => {
  expect(new Node().places(...rows)).toMatchObject({ away: [], guests: [] });
});

test('what another process with the same number was does not count', () => {
  const node = new Node();
  node.places('places 400 10.77.0.2', 'away 400 4711 1');
  expect(node.places('places 400 migrating', 'away 400 9000 0')?.away).toEqual([]);
});

test('nothing moves there by itself', () => {
  expect(new Node().places()).toMatchObject({ ordersOnly: true });
});
