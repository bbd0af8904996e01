/** Clusters without ids and without a balancer, as openMosix for 2.6: where a process is may be nobody's address. */
import { beforeEach, expect, test } from 'vitest';
import { createTracker } from './tracker.ts';
import type { AwayProcess, MigrationTracker } from './types.ts';

const [HOME, X] = [1, 2] as const;
const NOBODY = -1;

let tracker: MigrationTracker;
let now: number;

beforeEach(() => {
  tracker = createTracker();
  now = 1_800_000_000_000;
});

function sample(...wheres: readonly number[]): void {
  now += 1000;
  const away: AwayProcess[] = wheres.map((where) => ({
    pid: 400,
    started: 5000,
    where,
    migrations: -1,
    command: 'fft',
  }));
  tracker.take(HOME, { away, guests: [], guestsStay: true, ordersOnly: true }, NaN, now);
}

const logged = (): readonly string[] =>
  tracker.drain(now).map(({ from, to, cause, result }) => `${from}>${to} ${cause} ${result}`);

test('what nobody ordered here is no balancing', () => {
  sample();
  sample(X);
  sample(0);
  expect(logged()).toEqual(['1>2 unknown seen', '2>1 unknown seen']);
});

test('a move to a node that is not known is one move, and it is on no map', () => {
  sample();
  sample(NOBODY);
  sample(NOBODY);
  expect(tracker.placements()).toEqual([]);
  sample(0);
  expect(logged()).toEqual(['1>0 unknown seen', '0>1 unknown seen']);
});

test('an order explains its move', () => {
  sample();
  tracker.request({ kind: 'process', home: HOME, pid: 400, from: HOME, to: X, action: 7, time: now });
  sample(X);
  expect(logged()).toEqual(['1>2 operator seen']);
});
