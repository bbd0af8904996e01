/** Clusters whose nodes count no migrations and do not know their guests' numbers at home, as MattX. */
import { beforeEach, expect, test } from 'vitest';
import { STATUS } from '../../common/model/status.ts';
import { createTracker } from './tracker.ts';
import type { AwayProcess, GuestProcess, MigrationTracker } from './types.ts';

const HOME = 785;
const X = 786;
const Y = 787;
const UP = STATUS.configured | STATUS.up;

let tracker: MigrationTracker;
let now: number;

beforeEach(() => {
  tracker = createTracker();
  now = 1_800_000_000_000;
});

function deputy(pid: number, where: number, command = 'fft', started = 5000): AwayProcess {
  return { pid, started, where, migrations: -1, command };
}

function guest(pid: number, command = 'fft'): GuestProcess {
  return { pid, started: 9000, home: HOME, homePid: 0, command };
}

function sample(id: number, away: readonly AwayProcess[], guests: readonly GuestProcess[] = []): void {
  now += 1000;
  tracker.take(id, { away, guests, guestsStay: true }, UP, now);
}

function logged(): readonly string[] {
  return tracker
    .drain(now)
    .map(({ pid, from, to, cause, duration }) => `${pid} ${from}>${to} ${cause} ${duration ?? '-'}`);
}

test('a journey out and home is two migrations, each once', () => {
  sample(HOME, []);
  sample(X, []);
  sample(HOME, [deputy(400, X)]);
  sample(X, [], [guest(600)]);
  sample(HOME, [deputy(400, X)]);
  sample(HOME, [deputy(400, 0)]);
  sample(X, []);
  sample(HOME, [deputy(400, 0)]);
  expect(logged()).toEqual([`400 ${HOME}>${X} balancer -`, `400 ${X}>${HOME} unknown -`]);
});

test('what was away before is a state and no migration', () => {
  sample(HOME, [deputy(400, X)]);
  sample(X, [], [guest(600)]);
  expect(logged()).toEqual([]);
});

test('a process that ends away makes no migration home', () => {
  sample(HOME, []);
  sample(HOME, [deputy(400, X)]);
  sample(HOME, []);
  expect(logged()).toEqual([`400 ${HOME}>${X} balancer -`]);
});

test('an order explains the move it caused, with the time that took', () => {
  sample(HOME, []);
  tracker.request({ kind: 'process', home: HOME, pid: 400, from: HOME, to: X, action: 3, time: now });
  sample(HOME, [deputy(400, X)]);
  expect(logged()).toEqual([`400 ${HOME}>${X} operator 1000`]);
});

test('another process under the number of one that was away leaves home anew', () => {
  sample(HOME, []);
  sample(HOME, [deputy(400, X)]);
  sample(HOME, [deputy(400, Y, 'fft', 6000)]);
  expect(logged()).toEqual([`400 ${HOME}>${X} balancer -`, `400 ${HOME}>${Y} balancer -`]);
});

function pairs(): readonly string[] {
  return tracker.placements().map(({ pid, at, guestPid }) => `${pid} at ${at} as ${guestPid}`);
}

test('a guest is paired with its process where only one can be meant', () => {
  sample(HOME, [deputy(400, X), deputy(401, X, 'gauss'), deputy(402, Y)]);
  sample(X, [], [guest(600), guest(601, 'gauss')]);
  sample(Y, [], [guest(600)]);
  expect(pairs()).toEqual([`400 at ${X} as 600`, `401 at ${X} as 601`, `402 at ${Y} as 600`]);
});

test('guests of one name and home stay without a pair', () => {
  sample(HOME, [deputy(400, X), deputy(401, X)]);
  sample(X, [], [guest(600), guest(601)]);
  expect(pairs()).toEqual([`400 at ${X} as 0`, `401 at ${X} as 0`]);
});

test('a guest of a name that two processes have is not given to the first', () => {
  sample(HOME, [deputy(400, X), deputy(401, X)]);
  sample(X, [], [guest(600)]);
  expect(pairs()).toEqual([`400 at ${X} as 0`, `401 at ${X} as 0`]);
});

test('a guest whose home is not watched is a placement of its own', () => {
  sample(X, [], [guest(600)]);
  expect(pairs()).toEqual([`0 at ${X} as 600`]);
});
