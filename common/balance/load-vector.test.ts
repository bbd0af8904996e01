import { describe, expect, test } from 'vitest';
import { randomFrom } from '../model/random.ts';
import { STATUS } from '../model/status.ts';
import {
  LoadVector,
  MOST_TO_ACT_ON,
  OLDEST_TO_ACT_ON,
  WINDOW,
  type BalanceNode,
  type LoadEntry,
} from './index.ts';

const ids = (nodes: readonly BalanceNode[]) => nodes.map(({ id }) => id);

function node(id: number, load = 0): BalanceNode {
  return { id, load, speed: 10_000, cpus: 1, status: STATUS.configured | STATUS.up };
}

function entry(id: number, sequence: number, age = 0, load = 0): LoadEntry {
  return { node: node(id, load), sequence, age };
}

describe('a load vector', () => {
  test('keeps the newest statement of a node, whichever way it came', () => {
    const vector = new LoadVector(1);
    vector.merge([entry(2, 7, 0, 300)], 10);
    vector.merge([entry(2, 6, 0, 100)], 11);
    expect(vector.knownNodes(11)).toEqual([node(2, 300)]);
    vector.merge([entry(2, 8, 3, 200)], 12);
    expect(vector.knownNodes(12)).toEqual([node(2, 200)]);
    expect(vector.ageOf(2, 12)).toBe(2);
  });

  test('does not believe others about its own node', () => {
    const vector = new LoadVector(1);
    vector.merge([entry(1, 99)], 0);
    expect(vector.entries(0)).toEqual([]);
  });

  test('sends its own figures first and then the newest, each with its age', () => {
    const vector = new LoadVector(1);
    for (let id = 2; id <= 20; id += 1) vector.merge([entry(id, 1, 0)], id);
    const message = vector.message(node(1, 50), 4, 21);
    expect(message).toHaveLength(WINDOW);
    expect(message[0]).toEqual({ node: node(1, 50), sequence: 4, age: 0 });
    expect(message.slice(1, 3).map(({ node: { id }, age }) => [id, age])).toEqual([
      [20, 1],
      [19, 2],
    ]);
  });

  test('acts on young figures only, and on few of them', () => {
    const vector = new LoadVector(1);
    for (let id = 2; id <= 40; id += 1) vector.merge([entry(id, 1, id / 100)], 0);
    expect(ids(vector.knownNodes(0))).toEqual(
      Array.from({ length: MOST_TO_ACT_ON }, (_, place) => place + 2),
    );
    expect(ids(vector.knownNodes(OLDEST_TO_ACT_ON - 0.025))).toEqual([2]);
    expect(vector.knownNodes(OLDEST_TO_ACT_ON)).toEqual([]);
    expect(vector.entries(100)).toHaveLength(39);
  });

  test('with a bound forgets the oldest', () => {
    const vector = new LoadVector(1, 3);
    vector.merge([entry(2, 1, 4), entry(3, 1, 1), entry(4, 1, 3), entry(5, 1, 2), entry(6, 1, 9)], 10);
    expect(ids(vector.knownNodes(10))).toEqual([3, 5, 4]);
    expect(vector.ageOf(2, 10)).toBeUndefined();
    vector.merge([entry(2, 1, 0)], 10);
    expect(ids(vector.knownNodes(10))).toEqual([2, 3, 5]);
  });

  test('is always the newest first, whatever comes', () => {
    const random = randomFrom(3);
    const vector = new LoadVector(1, 20);
    for (let now = 1; now < 300; now += 1) {
      vector.merge([entry(2 + Math.floor(40 * random()), Math.floor(now * random()), 5 * random())], now);
      const ages = vector.entries(now).map(({ age }) => age);
      expect(ages.every((age, place) => place === 0 || age >= (ages[place - 1] ?? 0))).toBe(true);
    }
  });
});

describe('a partner is', () => {
  const members = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  /** How often each member is drawn. */
  function drawn(vector: LoadVector, now: number): ReadonlyMap<number, number> {
    const random = randomFrom(1);
    const times = new Map<number, number>();
    for (let second = 0; second < 2000; second += 1) {
      const partner = vector.partner(members, now, random);
      if (partner !== undefined) times.set(partner, (times.get(partner) ?? 0) + 1);
    }
    return times;
  }

  test('any of the others while nothing is known', () => {
    expect(new Set(drawn(new LoadVector(1), 0).keys())).toEqual(new Set(members.slice(1)));
  });

  test('now and then one that is dead, so that it is found again', () => {
    const vector = new LoadVector(1);
    for (const id of members.slice(1)) vector.merge([entry(id, 1)], id === 7 ? 0 : 1000);
    const times = drawn(vector, 1000);
    expect(times.get(7)).toBeGreaterThan(10);
    expect(times.get(7)).toBeLessThan(100);
    expect(
      Math.min(...members.slice(1).map((id) => (id === 7 ? Infinity : (times.get(id) ?? 0)))),
    ).toBeGreaterThan(150);
  });

  test('nobody in a cluster of one', () => {
    expect(new LoadVector(1).partner([1], 0, randomFrom(1))).toBeUndefined();
  });
});

test('after some seconds of gossip the nodes know about as many others as they act on', () => {
  const members = Array.from({ length: 500 }, (_, id) => id + 1);
  const vectors = members.map((id) => new LoadVector(id));
  const random = randomFrom(5);
  for (let second = 1; second <= 10; second += 1) {
    for (const [place, vector] of vectors.entries()) {
      const partner = vector.partner(members, second, random);
      if (partner !== undefined)
        vectors[partner - 1]?.merge(vector.message(node(place + 1), second, second), second);
    }
  }
  const known = vectors.map((vector) => vector.knownNodes(10).length);
  expect(known.reduce((sum, count) => sum + count, 0) / known.length).toBeGreaterThan(0.8 * MOST_TO_ACT_ON);
});
