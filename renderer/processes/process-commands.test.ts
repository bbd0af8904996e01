/** Which commands are possible for which processes, and the reason where they are not. */
import { describe, expect, it } from 'vitest';
import type { Dialect, NodeInfo } from '../../common/model/node.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { fakeProcess } from '../../test/harness/fake-processes.ts';
import {
  commandOfKey,
  offersFor,
  offersForGroup,
  PROCESS_COMMANDS,
  type CommandName,
} from './process-commands.ts';
import { entriesOf } from './process-entry.ts';

function node(dialect: Dialect | null): NodeInfo {
  return {
    slot: 0,
    key: 'id:1',
    id: 1,
    name: 'alpha',
    target: 'root@alpha:22',
    dialect,
    connection: { kind: 'connected', since: 0 },
    reason: '',
    observer: false,
    disagreement: '',
  };
}

function refusal(
  name: CommandName,
  processes: readonly ProcessInfo[],
  dialect: Dialect | null = 'openmosix',
  trouble = '',
): string | undefined {
  const offers = offersFor(entriesOf('id:1', 'alpha', processes), node(dialect), trouble);
  return offers.find(({ command }) => command.name === name)?.refusal;
}

const home = fakeProcess({ pid: 5 });
const away = fakeProcess({ pid: 6, place: { kind: 'away', id: 3 } });
const guest = fakeProcess({
  pid: 7,
  place: { kind: 'guest', id: 3, pid: 70 },
  migrations: null,
  locked: null,
});
const elsewhere = (isGuest: boolean): ProcessInfo =>
  fakeProcess({ pid: 9, place: { kind: 'elsewhere', address: '10.0.0.9', guest: isGuest } });
const moving = fakeProcess({ pid: 9, place: { kind: 'moving' } });
const SENT_FROM_HOME = 'Not possible: it is a guest from a node that is not known; it is sent from there.';
const threads = fakeProcess({ pid: 8, reasons: ['clone_vm'] });

describe('one process', () => {
  it.each<readonly [CommandName, ProcessInfo, string]>([
    ['send', home, ''],
    ['send', guest, ''],
    ['send', threads, 'Not possible: it shares its memory with other processes (threads).'],
    ['send', fakeProcess({ pid: 9, reasons: ['user_lock'] }), ''],
    ['send', fakeProcess({ pid: 9, reasons: ['odd\u0007'] }), 'Not possible: odd\uFFFD.'],
    [
      'best',
      fakeProcess({ pid: 9, place: { kind: 'unknown' } }),
      'Not possible: its node does not migrate it.',
    ],
    ['send', moving, 'Not possible: it is on its way.'],
    ['send', elsewhere(true), SENT_FROM_HOME],
    ['home', moving, 'Not possible: it is on its way.'],
    ['home', elsewhere(true), SENT_FROM_HOME],
    ['home', elsewhere(false), ''],
    ['home', home, 'Not possible: it is at home.'],
    ['home', away, ''],
    ['home', guest, ''],
    ['lock', home, ''],
    ['lock', guest, ''],
    ['unlock', home, 'Not possible: it is not locked.'],
    ['lock', fakeProcess({ pid: 9, locked: true }), 'Not possible: it is locked.'],
    [
      'lock',
      fakeProcess({ pid: 9, locked: null }),
      'Not possible: its node does not say whether it is locked.',
    ],
    ['stop', home, ''],
    ['stop', fakeProcess({ pid: 9, state: 'T' }), 'Not possible: it is stopped.'],
    ['continue', home, 'Not possible: it is not stopped.'],
    ['kill', threads, ''],
    [
      'kill',
      fakeProcess({ pid: 9, state: 'Z' }),
      'Not possible: it has ended; its parent has not taken note yet.',
    ],
    ['renice', threads, ''],
    ['group', threads, ''],
  ])('%s', (name, process, expected) => {
    expect(refusal(name, [process])).toBe(expected);
  });
});

describe('several processes', () => {
  it('can be ordered what is possible for one of them', () => {
    expect(refusal('home', [home, away])).toBe('');
  });

  it('cannot be ordered what is possible for none, with all reasons', () => {
    expect(refusal('send', [threads, fakeProcess({ pid: 9, reasons: ['mem_lock'] })])).toBe(
      'Not possible for any of the 2 processes: it shares its memory with other processes (threads); it has locked memory.',
    );
  });

  it('are at most 2,000 in one order', () => {
    const many = Array.from({ length: 2001 }, (_unused, index) => fakeProcess({ pid: index + 1 }));
    expect(refusal('lock', many)).toBe('Choose at most 2,000 processes.');
  });

  it('are needed at all', () => {
    expect(refusal('send', [])).toBe('Choose a process first.');
  });
});

describe('the node', () => {
  it('says why it cannot move processes, and lets signals through', () => {
    expect(refusal('send', [home], 'linux')).toBe(
      'Not possible on alpha: it is plain Linux, whose kernel does not migrate processes.',
    );
    expect(refusal('end', [home], 'linux')).toBe('');
  });

  it('can do nothing while it does not answer; a group can be made all the same', () => {
    expect(refusal('end', [home], 'openmosix', 'alpha is not connected.')).toBe('alpha is not connected.');
    expect(refusal('group', [home], 'openmosix', 'alpha is not connected.')).toBe('');
  });
});

describe('a group', () => {
  it('needs members', () => {
    expect(offersForGroup([]).every((offer) => offer.refusal === 'It has no members now.')).toBe(true);
    expect(offersForGroup(undefined)[0]?.refusal).toBe('Its members are not known yet.');
  });

  it('can be spread where a member can move', () => {
    const offers = offersForGroup(entriesOf('id:1', 'alpha', [home, threads]));
    expect(offers.find(({ command }) => command.name === 'spread')?.refusal).toBe('');
  });
});

describe('the keys', () => {
  it('find their commands, with Shift where it belongs to the key', () => {
    const name = (key: string, shiftKey = false) => commandOfKey(PROCESS_COMMANDS, { key, shiftKey })?.name;
    expect([name('s'), name('Delete'), name('Delete', true), name('x'), name('')]).toEqual([
      'send',
      'end',
      'kill',
      undefined,
      undefined,
    ]);
  });
});

describe('on MattX', () => {
  const deputy = fakeProcess({ pid: 6, place: { kind: 'away', id: 3 }, state: 'T', locked: null });

  it('nothing is locked, and why', () => {
    expect(refusal('lock', [home], 'mattx')).toMatch(/^Not possible on alpha: MattX has no locks;/);
    expect(refusal('unlock', [home], 'mattx')).toMatch(/MattX has no locks/);
  });

  it.each(['stop', 'continue', 'renice'] as const)('%s is not for a deputy', (name) => {
    expect(refusal(name, [deputy], 'mattx')).toContain('here is only its deputy');
    expect(refusal(name, [fakeProcess({ pid: 9, state: name === 'stop' ? 'R' : 'T' })], 'mattx')).toBe('');
  });

  it.each(['home', 'send', 'end', 'kill'] as const)('%s is for a deputy too', (name) => {
    expect(refusal(name, [deputy], 'mattx')).toBe('');
  });

  it('nothing is done to what is left over', () => {
    const left = fakeProcess({ pid: 9, place: { kind: 'guest', id: 3, pid: 0 }, reasons: ['left_over'] });
    for (const name of ['home', 'send', 'kill', 'stop', 'renice'] as const) {
      expect(refusal(name, [left], 'mattx')).toContain('left over');
    }
  });
});
