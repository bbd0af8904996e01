import { beforeEach, describe, expect, test } from 'vitest';
import type { Migration } from '../../common/model/migration.ts';
import { STATUS } from '../../common/model/status.ts';
import { createTracker } from './tracker.ts';
import type { AwayProcess, GuestProcess, MigrationTracker, Places } from './types.ts';

const START = 1_800_000_000_000;
const UP = STATUS.configured | STATUS.up;
/** The home of every process here, and nodes they visit. */
const HOME = 1;
const X = 20;
const Y = 30;
const Z = 40;
const PID = 4711;

let tracker: MigrationTracker;
let now: number;

beforeEach(() => {
  tracker = createTracker();
  now = START;
});

function away(where: number, migrations: number, pid = PID, started = 5000): AwayProcess {
  return { pid, started, where, migrations, command: 'gauss' };
}

function guest(homePid = PID, pid = 300, started = 9000): GuestProcess {
  return { pid, started, home: HOME, homePid, command: 'gauss -n 5' };
}

/** A sample of the home, and one of a host; each a tenth of a second after the one before. */
function home(...processes: readonly AwayProcess[]): void {
  sample(HOME, { away: processes, guests: [] });
}

function host(id: number, ...guests: readonly GuestProcess[]): void {
  sample(id, { away: [], guests });
}

function sample(id: number, places: Places, status = UP): void {
  now += 100;
  tracker.take(id, places, status, now);
}

/** What was logged since the last call: `from>to` of those seen, `?count` of those unseen. */
function logged(): readonly string[] {
  return tracker.drain(now).map(words);
}

function words({ result, from, to, count }: Migration): string {
  return result === 'seen' ? `${from}>${to}` : `?${count}`;
}

function places(): readonly string[] {
  return tracker.placements().map(({ pid, at, guestPid }) => `${pid} at ${at} as ${guestPid}`);
}

describe('a home', () => {
  test('shows a state in its first sample, and no migrations', () => {
    home(away(X, 3), away(0, 2, 99));
    home(away(X, 3), away(0, 2, 99));
    expect(logged()).toEqual([]);
  });

  test('tells of every change of place, with the process and the time', () => {
    home();
    home(away(X, 1));
    const seenAt = now;
    expect(tracker.drain(now)).toEqual([
      {
        number: 0,
        time: seenAt,
        home: HOME,
        pid: PID,
        started: 5000,
        command: 'gauss',
        from: HOME,
        to: X,
        cause: 'balancer',
        action: null,
        duration: null,
        result: 'seen',
        count: 1,
      },
    ]);
    home(away(Y, 2));
    home(away(0, 3));
    home(away(0, 3));
    expect(logged()).toEqual([`${X}>${Y}`, `${Y}>${HOME}`]);
  });

  test('that calls itself by its own id means home', () => {
    home(away(X, 1));
    home(away(HOME, 2));
    home(away(0, 2));
    expect(logged()).toEqual([`${X}>${HOME}`]);
  });

  test('that moved a process several times within a sample tells the last move, and how many it hides', () => {
    home(away(X, 1));
    home(away(Z, 4));
    home(away(Z, 4));
    expect(logged()).toEqual([`${X}>${Z}`, '?2']);
  });

  test('whose process was away and back within a sample tells it by the counter', () => {
    home();
    home(away(0, 2));
    home(away(0, 2));
    home(away(0, 2));
    expect(logged()).toEqual(['?2']);
  });

  test('is not believed twice when the counter is read a moment before the place changes', () => {
    home(away(X, 1));
    home(away(X, 2));
    home(away(Y, 2));
    home(away(Y, 2));
    expect(logged()).toEqual([`${X}>${Y}`]);
  });

  test('is not believed twice when the counter changes after the place was read', () => {
    home(away(X, 1));
    home(away(Y, 1));
    home(away(Y, 2));
    home(away(Y, 2));
    expect(logged()).toEqual([`${X}>${Y}`]);
  });

  test('that does not count on the way home still tells what it counts later', () => {
    home(away(X, 1));
    home(away(0, 1));
    home(away(0, 1));
    home(away(0, 3));
    home(away(0, 3));
    expect(logged()).toEqual([`${X}>${HOME}`, '?2']);
  });

  test('whose process ends while it is away has no migration of it', () => {
    home(away(X, 1));
    home();
    home();
    expect(logged()).toEqual([]);
    expect(places()).toEqual([]);
  });

  test('whose process ends before its count was certain logs the count', () => {
    home(away(X, 1));
    home(away(X, 3));
    home();
    expect(logged()).toEqual(['?2']);
  });

  test('that leaves a process out for a moment has not migrated it anew', () => {
    home(away(X, 3));
    home();
    home(away(X, 3));
    home();
    home(away(Y, 4));
    expect(logged()).toEqual([`${X}>${Y}`]);
  });

  test('gives a number to another process, which is another one', () => {
    home(away(X, 6));
    home(away(X, 1, PID, 7000));
    home(away(X, 1, PID, 7000));
    expect(logged()).toEqual([`${HOME}>${X}`]);
    home(away(X, 1, PID, 7000));
    expect(tracker.placements().map(({ started }) => started)).toEqual([7000]);
  });

  test('tells by a count that fell that the number is another process, where the start is unknown', () => {
    home(away(X, 6, PID, NaN));
    home(away(Y, 1, PID, NaN));
    home(away(Y, 1, PID, NaN));
    expect(logged()).toEqual([`${HOME}>${Y}`]);
  });

  test('whose start is known later has the same process', () => {
    home(away(X, 1, PID, NaN));
    home(away(X, 1));
    home(away(X, 1, PID, NaN));
    expect(logged()).toEqual([]);
  });

  test('may have processes that were born away', () => {
    home();
    home(away(X, 0));
    home(away(0, 1));
    expect(logged()).toEqual([`${X}>${HOME}`]);
  });

  test('that tells impossible numbers is not listened to', () => {
    home();
    home(away(70_000, 1), away(X, 1, -4), away(NaN, 1, 55), away(1.5, 1, 56));
    expect([logged(), places()]).toEqual([[], []]);
  });

  test('may list a process twice and has it once', () => {
    home(away(X, 1));
    home(away(Y, 2), away(X, 2));
    home(away(Y, 2), away(X, 2));
    expect(logged()).toEqual([`${X}>${Y}`]);
  });

  test('may list its processes in any order', () => {
    home(away(X, 1, 10), away(Y, 1, 11), away(Z, 1, 12));
    home(away(Z, 1, 12), away(X, 1, 10), away(Y, 1, 11));
    home(away(Y, 1, 11), away(X, 2, 12), away(Y, 1, 13));
    expect(logged()).toEqual([`${Z}>${X}`, `${HOME}>${Y}`]);
    expect(places()).toEqual([`11 at ${Y} as 0`, `12 at ${X} as 0`, `13 at ${Y} as 0`]);
  });
});

describe('a home that was lost and is back', () => {
  test('has one migration for a changed place, and the others by its counter', () => {
    home(away(X, 1), away(X, 1, 99));
    tracker.lost(HOME);
    now += 60_000;
    home(away(Z, 4), away(X, 1, 99));
    home(away(Z, 4), away(X, 1, 99));
    const found = tracker.drain(now);
    expect(found.map(words)).toEqual([`${X}>${Z}`, '?2']);
    expect(found[0]?.time).toBe(now - 100);
  });

  test('has moved what it lists now and did not before', () => {
    home();
    tracker.lost(HOME);
    home(away(Z, 3));
    home(away(Z, 3));
    expect(logged()).toEqual([`${HOME}>${Z}`, '?2']);
  });

  test('has no migration of what it does not list any more', () => {
    home(away(X, 1));
    tracker.lost(HOME);
    home();
    expect([logged(), places()]).toEqual([[], []]);
  });

  test('keeps its processes where they were until then', () => {
    home(away(X, 1));
    tracker.lost(HOME);
    expect(places()).toEqual([`${PID} at ${X} as 0`]);
  });
});

describe('guests whose home cannot be sampled', () => {
  test('are a state in the first sample of their host', () => {
    host(X, guest());
    host(X, guest());
    expect(logged()).toEqual([]);
    expect(places()).toEqual([`${PID} at ${X} as 300`]);
  });

  test('have migrated to where they appear, from nobody knows where', () => {
    host(X);
    host(X, guest());
    host(X, guest());
    expect(logged()).toEqual([`0>${X}`]);
  });

  test('have migrated from the host that saw them last', () => {
    host(X, guest());
    host(Y);
    host(Y, guest());
    host(X);
    expect(logged()).toEqual([`${X}>${Y}`]);
    host(Y);
    host(X, guest(PID, 301));
    expect(logged()).toEqual([`${Y}>${X}`]);
  });

  test('that were on their way for long come from nobody knows where', () => {
    host(X, guest());
    host(Y);
    host(X);
    now += 31_000;
    host(Y, guest());
    expect(logged()).toEqual([`0>${Y}`]);
  });

  test('that vanish have not migrated by that', () => {
    host(X, guest());
    host(X);
    expect([logged(), places()]).toEqual([[], []]);
  });

  test('that come back under another number were elsewhere', () => {
    host(X, guest());
    host(X, guest(PID, 301, 9500));
    expect(logged()).toEqual([`0>${X}`]);
  });

  test('are known by their number at home only, and without it by nothing', () => {
    host(X, guest(0));
    host(Y);
    host(Y, guest(0));
    expect(tracker.placements().map(({ pid, at }) => [pid, at])).toEqual([
      [0, X],
      [0, Y],
    ]);
    expect(logged()).toEqual([`0>${Y}`]);
  });

  test('whose number at home is read late have not migrated again', () => {
    host(X);
    host(X, guest(0));
    host(X, guest());
    host(X, guest(0));
    expect(logged()).toEqual([`0>${X}`]);
    expect(places()).toEqual([`${PID} at ${X} as 300`]);
  });

  test('are not counted again when their home is sampled', () => {
    host(X);
    host(Y);
    host(X, guest());
    host(Y, guest());
    host(X);
    expect(logged()).toEqual([`0>${X}`, `${X}>${Y}`]);
    home(away(Y, 5));
    home(away(Y, 5));
    expect(logged()).toEqual([]);
    home(away(0, 6));
    expect(logged()).toEqual([`${Y}>${HOME}`]);
  });

  test('are not counted again by the first sample of a home that is older than their host', () => {
    host(X);
    host(X, guest());
    expect(logged()).toEqual([`0>${X}`]);
    home();
    now += 500;
    home(away(X, 1));
    home(away(X, 1));
    expect(logged()).toEqual([]);
  });

  test('that their home knows elsewhere when it is sampled have migrated once', () => {
    host(X, guest());
    host(X);
    now += 5000;
    home(away(0, 2));
    expect(logged()).toEqual([`${X}>${HOME}`]);
  });

  test('that vanished long before their home is sampled show a state', () => {
    host(X, guest());
    host(X);
    now += 60_000;
    home(away(0, 2));
    home(away(0, 2));
    expect(logged()).toEqual([]);
  });

  test('of a host that was lost have migrated to it when it is back', () => {
    host(X);
    tracker.lost(X);
    host(X, guest());
    expect(logged()).toEqual([`0>${X}`]);
  });
});

describe('home and host both', () => {
  test('tell of one migration, whoever is first', () => {
    home();
    host(X);
    home(away(X, 1));
    host(X, guest());
    host(Y);
    host(Y, guest());
    host(X);
    home(away(Y, 2));
    home(away(Y, 2));
    expect(logged()).toEqual([`${HOME}>${X}`, `${X}>${Y}`]);
    expect(places()).toEqual([`${PID} at ${Y} as 300`]);
  });

  test('tell of one when the home is lost after it told', () => {
    home();
    host(X);
    home(away(X, 1));
    tracker.lost(HOME);
    host(X, guest());
    expect(logged()).toEqual([`${HOME}>${X}`]);
  });

  test('tell of one when the home is lost before it told, and is back', () => {
    home();
    host(X);
    host(X, guest());
    tracker.lost(HOME);
    expect(logged()).toEqual([`${HOME}>${X}`]);
    now += 10_000;
    home(away(X, 1));
    home(away(X, 1));
    expect(logged()).toEqual([]);
  });

  test('count together what happened while the home was lost', () => {
    home(away(0, 2));
    host(X);
    host(Y);
    tracker.lost(HOME);
    host(X, guest());
    host(X);
    host(Y, guest());
    host(Y);
    expect(logged()).toEqual([`${HOME}>${X}`, `${X}>${Y}`]);
    now += 10_000;
    home(away(0, 7));
    home(away(0, 7));
    expect(logged()).toEqual([`${Y}>${HOME}`, '?2']);
  });

  test('leave the counting to the home where the guest has no number there', () => {
    home();
    host(X);
    tracker.lost(HOME);
    host(X, guest(0));
    home(away(X, 1));
    home(away(X, 1));
    expect(logged()).toEqual([`${HOME}>${X}`]);
  });
});

describe('the cause', () => {
  test('is the order for the process, with its action and the time it took, once', () => {
    host(X);
    home();
    const order = { kind: 'process', home: HOME, pid: PID, from: HOME, to: X, action: 7 } as const;
    tracker.request({ ...order, time: now });
    now += 2900;
    home(away(X, 1));
    home(away(0, 2));
    home(away(X, 3));
    expect(tracker.drain(now).map(({ cause, action, duration }) => [cause, action, duration])).toEqual([
      ['operator', 7, 3000],
      ['balancer', null, null],
      ['balancer', null, null],
    ]);
  });

  test('is an order that came between the sample and the look at it', () => {
    home();
    const time = now;
    home(away(X, 1));
    tracker.request({ kind: 'process', home: HOME, pid: PID, from: HOME, to: X, action: 7, time });
    expect(tracker.drain(now).map(({ cause }) => cause)).toEqual(['operator']);
  });

  test('is an order for a node, of everything it moves and without a time', () => {
    home(away(X, 1), away(X, 1, 99));
    tracker.request({ kind: 'expel', id: X, action: 8, time: now });
    home(away(0, 2), away(Y, 2, 99));
    expect(tracker.drain(now).map(({ cause, action, duration }) => [cause, action, duration])).toEqual([
      ['expelled', 8, null],
      ['expelled', 8, null],
    ]);
  });

  test('is told by the status of the left node, as long as that is known', () => {
    sample(X, { away: [], guests: [] }, UP | STATUS.block);
    home(away(X, 1), away(X, 1, 99));
    home(away(0, 2), away(X, 1, 99));
    tracker.lost(X);
    home(away(0, 2), away(0, 2, 99));
    expect(tracker.drain(now).map(({ cause }) => cause)).toEqual(['expelled', 'unknown']);
  });

  test('is told by the status of the home', () => {
    home(away(X, 1));
    sample(HOME, { away: [away(0, 2)], guests: [] }, UP | STATUS.lstay);
    expect(tracker.drain(now).map(({ cause }) => cause)).toEqual(['brought-home']);
  });

  test('is unknown for what was not seen', () => {
    home();
    tracker.request({ kind: 'bring', id: HOME, action: 8, time: now });
    home(away(0, 2));
    home(away(0, 2));
    expect(tracker.drain(now).map(({ result, cause, action }) => [result, cause, action])).toEqual([
      ['unseen', 'unknown', null],
    ]);
  });
});

describe('what a node calls a process', () => {
  test('is cut to the length the log keeps', () => {
    home();
    home({ ...away(X, 1), command: '$(reboot)'.repeat(500) });
    expect(tracker.drain(now)[0]?.command).toHaveLength(64);
    expect(tracker.placements()[0]?.command).toHaveLength(64);
  });
});
