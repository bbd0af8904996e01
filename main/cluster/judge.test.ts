import { describe, expect, test } from 'vitest';
import { problem } from '../../common/contract/problem.ts';
import { METRIC_INDEX } from '../../common/model/metric.ts';
import type { ConnectionState } from '../../common/model/node.ts';
import { NODE_DOWN, STATUS } from '../../common/model/status.ts';
import { noValues, type Values } from '../nodes/decoder.ts';
import { disagreement, judge, saysUp, type Evidence, type View } from './judge.ts';

const NOW = 1_000_000;
const UP = STATUS.configured | STATUS.up;
const CONNECTED: ConnectionState = { kind: 'connected', since: 0 };
const NONE: ConnectionState = { kind: 'none' };
const REFUSED: ConnectionState = {
  kind: 'failed',
  problem: problem('authentication-failed', 'node5 refused the key'),
};

function values(load: number, status: number = UP): Values {
  const made = noValues();
  made[METRIC_INDEX.load] = load;
  made[METRIC_INDEX.status] = status;
  return made;
}

/** What a source says, `age` milliseconds ago. */
function view(observer: string, load: number, status: number = UP, age = 0): View {
  return { observer, values: values(load, status), time: NOW - age };
}

function judged(evidence: Partial<Evidence>): ReturnType<typeof judge> {
  return judge({ connection: NONE, own: undefined, views: [], now: NOW, ...evidence });
}

describe('values say that a node is up', () => {
  test.each([
    ['a load and the UP bit', values(0, UP), true],
    ['a load and no status (it could not be read)', values(47, NaN), true],
    ['-101 for the load', values(NODE_DOWN, UP), false],
    ['any other errno for the load', values(-22, UP), false],
    ['the UP bit clear', values(47, STATUS.configured), false],
    ['an errno for the status, whose bits would look set', values(47, NODE_DOWN), false],
    ['no load', values(NaN, UP), false],
    ['nothing', noValues(), false],
  ])('%s: %s', (_case, given, expected) => expect(saysUp(given)).toBe(expected));
});

describe('a node that answers itself', () => {
  test('is up on its own figures, whatever its neighbours say', () => {
    const own = view('node5', 47);
    expect(judged({ connection: CONNECTED, own, views: [view('node1', 90)] })).toEqual({
      state: 'up',
      reason: '',
      source: own,
    });
  });

  test('is up for 4 seconds after its last answer', () => {
    expect(judged({ connection: CONNECTED, own: view('node5', 47, UP, 4000) }).state).toBe('up');
    expect(judged({ connection: CONNECTED, own: view('node5', 47, UP, 4001) }).state).toBe('stale');
  });

  test('is up though every observer has lost it, and that is said', () => {
    const views = [view('node1', NODE_DOWN, STATUS.configured), view('node2', NODE_DOWN)];
    const { state, reason } = judged({ connection: CONNECTED, own: view('node5', 47), views });
    expect(state).toBe('up');
    expect(reason).toContain('node1 cannot reach it (-101, ENETUNREACH)');
  });

  test('is up without a word while one observer still sees it: that is a disagreement', () => {
    const views = [view('node1', NODE_DOWN), view('node2', 50)];
    expect(judged({ connection: CONNECTED, own: view('node5', 47), views }).reason).toBe('');
  });

  test('is up on plain Linux, which has no status', () => {
    expect(judged({ connection: CONNECTED, own: view('node5', 47, NaN) }).state).toBe('up');
  });

  test('is down while its own openMosix says that it is not up; its figures are shown', () => {
    const own = view('node5', 47, STATUS.configured);
    const { state, reason, source } = judged({ connection: CONNECTED, own, views: [view('node1', 47)] });
    expect(state).toBe('down');
    expect(reason).toBe('its own openMosix does not call it up');
    expect(source).toBe(own);
  });
});

describe('a node that observers see', () => {
  test('is up on the latest view that says so', () => {
    const latest = view('node2', 60, UP, 500);
    expect(judged({ views: [view('node1', 50, UP, 900), latest] })).toEqual({
      state: 'up',
      reason: '',
      source: latest,
    });
  });

  test('is up as long as one of them says so', () => {
    const up = view('node2', 60, UP, 900);
    expect(judged({ views: [view('node1', NODE_DOWN), up] })).toMatchObject({ state: 'up', source: up });
  });

  test('is up though its own connection fails, and why it fails is said', () => {
    expect(judged({ connection: REFUSED, views: [view('node1', 50)] })).toMatchObject({
      state: 'up',
      reason: 'node5 refused the key',
    });
  });

  test.each([
    ['-101', view('node1', NODE_DOWN), 'node1 cannot reach it (-101, ENETUNREACH)'],
    ['another errno', view('node1', -22), 'node1 reports -22 (EINVAL)'],
    ['the UP bit clear', view('node1', 0, STATUS.configured), 'node1 reports it as not up'],
    ['a load that cannot be read', view('node1', NaN), 'node1 has no load for it'],
  ])('is down with %s, and the reason says who says so', (_case, down, reason) => {
    expect(judged({ views: [down] })).toMatchObject({ state: 'down', reason });
  });

  test('that all see it down is down though its own connection still stands without an answer', () => {
    const own = view('node5', 47, UP, 5000);
    const views = [view('node1', NODE_DOWN)];
    expect(judged({ connection: CONNECTED, own, views })).toMatchObject({ state: 'down', source: own });
  });

  test('shows the last good figures when it is down, whoever had them', () => {
    const hourOld = view('node5', 47, UP, 3_600_000);
    const recent = view('node1', 60, UP, 5000);
    const views = [view('node2', NODE_DOWN), recent];
    expect(judged({ connection: REFUSED, own: hourOld, views }).source).toBe(recent);
  });
});

describe('without a fresh word', () => {
  const old = view('node1', 50, UP, 60_000);

  test.each<[string, ConnectionState, string, string]>([
    ['nobody sees any more', NONE, 'stale', 'no observer sees it any more'],
    ['does not answer', CONNECTED, 'stale', 'it does not answer'],
    ['refuses us', REFUSED, 'failed', 'node5 refused the key'],
    [
      'was lost and is tried again',
      { kind: 'waiting', problem: problem('connection-lost', 'the connection was lost'), retryAt: 0 },
      'failed',
      'the connection was lost',
    ],
    ['is in the queue', { kind: 'queued' }, 'connecting', 'waits for its turn to connect'],
    ['is being connected', { kind: 'connecting', step: 'jump host gate' }, 'connecting', 'jump host gate'],
    [
      'waits for a password',
      { kind: 'asking', step: 'asks for a password' },
      'connecting',
      'asks for a password',
    ],
  ])('a node that %s keeps its old figures and is never up', (_case, connection, state, reason) => {
    expect(judged({ connection, views: [old] })).toEqual({ state, reason, source: old });
  });

  test('a node that has just connected is connecting, not stale', () => {
    expect(judged({ connection: CONNECTED })).toMatchObject({
      state: 'connecting',
      reason: 'waiting for the first sample',
    });
  });

  test('figures from the future are old ones: the clock was set back', () => {
    const own = view('node5', 47, UP, -3_600_000);
    expect(judged({ connection: CONNECTED, own })).toMatchObject({ state: 'stale', source: own });
  });
});

describe('observers disagree about a node', () => {
  test('when some see it up and others do not', () => {
    const views = [view('node1', 50), view('node2', NODE_DOWN), view('node3', 55)];
    expect(disagreement(views, NOW)).toBe('node1 and node3 see it up, node2 does not');
  });

  test('when their loads differ by more than 150 and by more than half', () => {
    expect(disagreement([view('node1', 400), view('node2', 100)], NOW)).toBe(
      'node1 sees a far higher load than node2',
    );
  });

  test.each([
    ['a small difference', [view('node1', 250), view('node2', 100)]],
    ['a large difference of large loads', [view('node1', 1000), view('node2', 600)]],
    ['one observer alone', [view('node1', 400)]],
    ['both see it down', [view('node1', NODE_DOWN), view('node2', 0, STATUS.configured)]],
    ['a view that is old', [view('node1', 400), view('node2', NODE_DOWN, UP, 4001)]],
  ])('but not over %s', (_case, views) => expect(disagreement(views, NOW)).toBe(''));
});

describe('a row without a time', () => {
  const hearsay = (age: number, address = ''): View => ({
    ...view('node1', 47, NaN, age),
    dialect: 'mattx',
    isHearsay: true,
    address,
  });
  const REASON =
    'known only from the table of node1, which does not say whether it is up; the age is since its row changed; add it to the settings to know';

  test.each([0, 60_000])('calls no node up, %s ms after it changed', (age) => {
    const row = hearsay(age);
    expect(judged({ views: [row] })).toEqual({ state: 'stale', reason: REASON, source: row });
  });

  test('names the address that the observer knows', () => {
    expect(judged({ views: [hearsay(0, '192.168.77.2')] }).reason).toContain('add it (192.168.77.2) to');
  });

  test('does not hide that the own connection failed', () => {
    const row = hearsay(0);
    expect(judged({ connection: REFUSED, views: [row] })).toMatchObject({ state: 'failed', source: row });
  });

  test('leaves a node that answers up on its own figures', () => {
    const own = view('node5', 47);
    expect(judged({ connection: CONNECTED, own, views: [hearsay(60_000)] })).toEqual({
      state: 'up',
      reason: '',
      source: own,
    });
  });

  test('stands back behind the old figures of the node itself when they are newer', () => {
    const own = view('node5', 30, UP, 10_000);
    const connection: ConnectionState = { kind: 'connected', since: 0 };
    expect(judged({ connection, own, views: [hearsay(60_000)] })).toMatchObject({
      state: 'stale',
      source: own,
    });
  });
});
