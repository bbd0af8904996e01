/** Sealed datagrams: what is opened, once, and what never. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EnrolledNodes } from '../../test/harness/enrolled-nodes.ts';
import { valueOf } from '../../test/harness/value-of.ts';
import { Opener, SEAL_BYTES, Sealer } from './datagrams.ts';
import { acceptMap } from './enrol.ts';
import type { Identity } from './identity.ts';

const START = 1_800_000_000_000;
const plain = Buffer.from('load 120, 3 processes');

let nodes: EnrolledNodes;
let one: Identity;
let two: Identity;
let sealer: Sealer;
let opener: Opener;

beforeAll(async () => {
  nodes = await EnrolledNodes.start();
  const [first, second] = await nodes.enrol(1, 2);
  if (first === undefined || second === undefined) throw new Error('Not enrolled.');
  one = first;
  two = second;
});
afterAll(() => nodes.close());
beforeEach(() => {
  sealer = new Sealer(one);
  opener = new Opener(two, START);
});

const reason = (datagram: Buffer, now = START, by = opener): string => {
  const opened = by.open(datagram, now);
  return opened.ok ? 'opened' : opened.problem.message;
};

test('another node of the cluster reads it, and knows from whom it is', () => {
  const datagram = sealer.seal(plain, START);
  expect(datagram.length).toBe(plain.length + SEAL_BYTES);
  expect(datagram.includes('load')).toBe(false);
  expect(valueOf(opener.open(datagram, START))).toEqual({ from: 1, plain });
});

test('an empty content is sealed too', () => {
  expect(valueOf(opener.open(sealer.seal(Buffer.alloc(0), START), START)).plain).toHaveLength(0);
});

test('a replayed datagram is refused', () => {
  const datagram = sealer.seal(plain, START);
  expect(reason(datagram)).toBe('opened');
  expect(reason(datagram)).toContain('taken before');
});

test('each may come out of its order, within the last 64', () => {
  const datagrams = Array.from({ length: 65 }, () => sealer.seal(plain, START));
  const [first, second, ...later] = datagrams as [Buffer, Buffer, ...Buffer[]];
  for (const datagram of later.toReversed()) expect(reason(datagram)).toBe('opened');
  expect(reason(second)).toBe('opened');
  expect(reason(first)).toContain('taken before');
});

test('every altered byte is noticed', () => {
  const datagram = sealer.seal(plain, START);
  for (let place = 0; place < datagram.length; place += 1) {
    const altered = Buffer.from(datagram);
    altered[place] = (altered[place] ?? 0) ^ 1;
    expect(reason(altered), `byte ${place}`).not.toBe('opened');
  }
  expect(reason(datagram)).toBe('opened');
});

test('a cut or lengthened datagram is refused', () => {
  const datagram = sealer.seal(plain, START);
  for (const length of [0, 1, SEAL_BYTES - 1, datagram.length - 1]) {
    expect(reason(datagram.subarray(0, length))).not.toBe('opened');
  }
  expect(reason(Buffer.concat([datagram, Buffer.alloc(1)]))).toContain('altered or forged');
});

test('a time more than 30 s from ours is refused, both ways', () => {
  const datagram = sealer.seal(plain, START + 60_000);
  expect(reason(datagram, START + 90_001)).toContain('is -30 s from');
  expect(reason(datagram, START + 29_999)).toContain('is 30 s from');
  expect(reason(datagram, START + 90_000)).toBe('opened');
});

test('a sender that starts again in the same millisecond goes on above', () => {
  expect(reason(sealer.seal(plain, START))).toBe('opened');
  expect(reason(new Sealer(one).seal(plain, START + 1))).toBe('opened');
});

test('a sender whose clock is set back never repeats a counter', () => {
  const datagrams = [START, START, START - 5000, START].map((now) => sealer.seal(plain, now));
  const counters = new Set(datagrams.map((datagram) => datagram.readBigUInt64BE(3)));
  expect(counters.size).toBe(datagrams.length);
  for (const datagram of datagrams) expect(reason(datagram)).toBe('opened');
});

test('a receiver that starts again takes nothing that it may have taken before', () => {
  const datagram = sealer.seal(plain, START);
  expect(reason(datagram)).toBe('opened');
  const again = new Opener(two, START + 1000);
  expect(reason(datagram, START + 1001, again)).toContain('taken before');
  expect(reason(sealer.seal(plain, START + 1002), START + 1002, again)).toBe('opened');
});

test('a forged sender is refused before anything is remembered of it', () => {
  const datagram = sealer.seal(plain, START);
  datagram.writeUInt16BE(9, 1);
  expect(reason(datagram)).toContain('Node 9 is no other node');
});

test('what a node sent itself is not taken from the net', () => {
  expect(reason(new Sealer(two).seal(plain, START))).toContain('Node 2 is no other node');
});

test('the key of another cluster opens nothing', async () => {
  const others = await EnrolledNodes.start();
  const [stranger] = await others.enrol(1);
  others.close();
  expect(reason(new Sealer(stranger!).seal(plain, START))).toContain('altered or forged');
});

test('nodes of a newer map are heard, those that left are not', async () => {
  const [third] = await nodes.enrol(3);
  expect(reason(new Sealer(third!).seal(plain, START))).toContain('Node 3 is no other node');
  opener.learn(third!.map);
  expect(reason(new Sealer(third!).seal(plain, START))).toBe('opened');
  nodes.remove(1);
  opener.learn(valueOf(await acceptMap(nodes.folderOf(2), nodes.map)).map);
  expect(reason(sealer.seal(plain, START))).toContain('Node 1 is no other node');
});
