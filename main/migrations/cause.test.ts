import { describe, expect, test } from 'vitest';
import { STATUS } from '../../common/model/status.ts';
import type { MoveRequest } from '../control/types.ts';
import { type Move, causeOf } from './cause.ts';

const HOME = 1;
const PID = 4711;
const NOW = 1_800_000_000_000;
const UP = STATUS.configured | STATUS.up;
const BLOCKED = UP | STATUS.block;
const STAYING = UP | STATUS.lstay;
const UNKNOWN = NaN;

function move(from: number, to: number, fromStatus = UP, homeStatus = UP): Move {
  return { home: HOME, pid: PID, from, to, time: NOW, fromStatus, homeStatus };
}

function order(change: Partial<MoveRequest & { readonly kind: 'process' }> = {}): MoveRequest {
  return {
    kind: 'process',
    home: HOME,
    pid: PID,
    from: HOME,
    to: 5,
    action: 8,
    time: NOW - 3000,
    ...change,
  };
}

function all(kind: 'expel' | 'bring', id: number, secondsAgo = 3): MoveRequest {
  return { kind, id, action: 9, time: NOW - secondsAgo * 1000 };
}

describe('without a request a move', () => {
  test.each<[string, number, number, number, number, string]>([
    ['from home', HOME, 5, UP, UP, 'balancer'],
    ['from a home that has lstay', HOME, 5, STAYING, STAYING, 'balancer'],
    ['from a blocked home', HOME, 5, BLOCKED, BLOCKED, 'balancer'],
    ['from a home of unknown status', HOME, 5, UNKNOWN, UNKNOWN, 'balancer'],
    ['between two others', 4, 5, UP, UP, 'balancer'],
    ['from a blocked node to a third', 4, 5, BLOCKED, UP, 'balancer'],
    ['home from an open node', 4, HOME, UP, UP, 'balancer'],
    ['home from an open node, home unknown', 4, HOME, UP, UNKNOWN, 'balancer'],
    ['home from a blocked node', 4, HOME, BLOCKED, UP, 'expelled'],
    ['home from a blocked node, home having lstay', 4, HOME, BLOCKED, STAYING, 'expelled'],
    ['home, which has lstay', 4, HOME, UP, STAYING, 'brought-home'],
    ['home, which has lstay, from a node of unknown status', 4, HOME, UNKNOWN, STAYING, 'brought-home'],
    ['home from a node of unknown status', 4, HOME, UNKNOWN, UP, 'unknown'],
    ['home from a node that is down', 4, HOME, -101, UP, 'unknown'],
    ['from nobody knows where', 0, 5, UNKNOWN, UP, 'unknown'],
    ['home from nobody knows where', 0, HOME, UNKNOWN, STAYING, 'unknown'],
    ['to nobody knows where', 4, 0, BLOCKED, UP, 'unknown'],
  ])('%s', (_, from, to, fromStatus, homeStatus, cause) => {
    expect(causeOf(move(from, to, fromStatus, homeStatus), [])).toEqual({ cause, request: undefined });
  });
});

describe('without a request, where guests never leave by themselves, a move', () => {
  const STAY = UP | STATUS.stay;

  test.each<[string, number, number, number, string]>([
    ['from home', HOME, 5, UP, 'balancer'],
    ['from a home of unknown status', HOME, 5, UNKNOWN, 'balancer'],
    ['from a home whose balancer is off', HOME, 5, STAY, 'unknown'],
    ['between two others', 4, 5, UP, 'unknown'],
    ['home', 4, HOME, UP, 'unknown'],
  ])('%s', (_, from, to, homeStatus, cause) => {
    const moved = { ...move(from, to, homeStatus, homeStatus), guestsStay: true };
    expect(causeOf(moved, []).cause).toBe(cause);
  });

  test('is still the operator with an order', () => {
    const request = order({ from: 4, to: HOME });
    expect(causeOf({ ...move(4, HOME), guestsStay: true }, [request])).toEqual({
      cause: 'operator',
      request,
    });
  });
});

describe('an order for the process', () => {
  test.each<[string, MoveRequest, Move, boolean]>([
    ['to that node', order(), move(HOME, 5), true],
    ['to wherever the cluster chooses', order({ to: 0 }), move(HOME, 5), true],
    ['to another node', order({ to: 6 }), move(HOME, 5), false],
    ['home', order({ from: 4, to: HOME }), move(4, HOME, BLOCKED), true],
    ['that is just in time', order({ time: NOW - 120_000 }), move(HOME, 5), true],
    ['that is too old', order({ time: NOW - 120_001 }), move(HOME, 5), false],
    ['that came afterwards', order({ time: NOW + 1 }), move(HOME, 5), false],
    ['of another number', order({ pid: 4712 }), move(HOME, 5), false],
    ['of another home', order({ home: 2 }), move(HOME, 5), false],
    ['that knows only where it ran', order({ pid: 0, from: 4 }), move(4, 5), true],
    ['that knows only where another one ran', order({ pid: 0, from: 3 }), move(4, 5), false],
    ['that is seen only at its target', order({ from: 4 }), { ...move(0, 5), pid: 0 }, true],
    ['that left before it was known where', order({ from: 4 }), move(0, 5), true],
  ])('%s', (_, request, moved, matches) => {
    expect(causeOf(moved, [request]).request === request).toBe(matches);
    expect(causeOf(moved, [request]).cause === 'operator').toBe(matches);
  });

  test('that is newer is taken, and one for the process before one for the node', () => {
    const older = order({ time: NOW - 9000, action: 1 });
    const newer = order({ time: NOW - 1000, action: 2 });
    expect(causeOf(move(HOME, 5), [newer, older]).request).toBe(newer);
    const home = order({ from: 4, to: HOME, time: NOW - 100_000 });
    expect(causeOf(move(4, HOME), [all('bring', HOME), home, all('expel', 4)]).request).toBe(home);
  });
});

describe('an order for a node', () => {
  test.each<[string, MoveRequest, Move, string]>([
    ['expels what leaves it for home', all('expel', 4), move(4, HOME), 'expelled'],
    ['expels what leaves it for a third node', all('expel', 4), move(4, 5), 'expelled'],
    ['expels for five minutes', all('expel', 4, 300), move(4, 5), 'expelled'],
    ['expels not longer', all('expel', 4, 301), move(4, 5), 'balancer'],
    ['expels nobody from elsewhere', all('expel', 3), move(4, HOME), 'balancer'],
    ['expels none of its own processes', all('expel', HOME), move(HOME, 5), 'balancer'],
    ['brings home', all('bring', HOME), move(4, HOME), 'brought-home'],
    ['brings home from nobody knows where', all('bring', HOME), move(0, HOME), 'brought-home'],
    ['brings home from a blocked node', all('bring', HOME), move(4, HOME, BLOCKED), 'brought-home'],
    ['brings home for five minutes', all('bring', HOME, 301), move(4, HOME), 'balancer'],
    ['brings only its own home', all('bring', 2), move(4, HOME), 'balancer'],
    ['brings nothing elsewhere', all('bring', HOME), move(4, 5), 'balancer'],
  ])('%s', (_, request, moved, cause) => {
    expect(causeOf(moved, [request]).cause).toBe(cause);
  });

  test('to expel goes before one to bring', () => {
    expect(causeOf(move(4, HOME), [all('bring', HOME, 1), all('expel', 4, 9)]).cause).toBe('expelled');
  });
});
