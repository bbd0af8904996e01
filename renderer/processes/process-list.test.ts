/** Filter, sort, views and the rule by which rows keep their places. */
import { describe, expect, it } from 'vitest';
import type { ProcessInfo } from '../../common/model/process.ts';
import { fakeProcess } from '../../test/harness/fake-processes.ts';
import { layoutOf } from './columns.ts';
import { entriesOf } from './process-entry.ts';
import {
  arrangeProcesses,
  freshRows,
  keepPlaces,
  nextProcessSort,
  parseProcessSort,
  processSortText,
  PROCESS_COLUMNS,
  type ProcessArrangement,
} from './process-list.ts';

function pids(
  processes: readonly ProcessInfo[],
  change: Partial<Omit<ProcessArrangement, 'entries'>>,
): number[] {
  const entries = entriesOf('id:1', 'node1', processes);
  const usual = { view: 'all', filter: '', sort: { column: 'pid', descending: false } } as const;
  return arrangeProcesses({ entries, ...usual, ...change }).map(({ info }) => info.pid);
}

const init = fakeProcess({ pid: 1, user: 'root', name: 'init', command: 'init [3]', reasons: ['init_proc'] });
const away = fakeProcess({ pid: 20, place: { kind: 'away', id: 7 }, cpuPercent: 90, migrations: 2 });
const guest = fakeProcess({
  pid: 30,
  place: { kind: 'guest', id: 2, pid: 812 },
  migrations: null,
  cpuPercent: 50,
});
const plain = fakeProcess({ pid: 40, place: { kind: 'unknown' }, cpuPercent: null, locked: null });
const locked = fakeProcess({ pid: 50, locked: true, command: '/usr/bin/lame -h', name: 'lame' });
const all = [init, away, guest, plain, locked];

describe('the views', () => {
  it.each([
    ['all', [1, 20, 30, 40, 50]],
    ['migrated', [20]],
    ['guests', [30]],
    ['movable', [20, 30, 50]],
  ] as const)('%s', (view, expected) => {
    expect(pids(all, { view })).toEqual(expected);
  });
});

describe('the filter', () => {
  it.each([
    ['812', [30]],
    ['LAME', [50]],
    ['root', [1]],
    ['it is init', [1]],
    ['guest ada', [30]],
    ['is locked', [50]],
    ['node 7', [20]],
    ['nothing of this', []],
  ])('finds %s', (filter, expected) => {
    expect(pids(all, { filter })).toEqual(expected);
  });
});

describe('the sort', () => {
  it('puts unknown values last in both directions', () => {
    expect(pids([plain, away, guest], { sort: { column: 'cpu', descending: true } })).toEqual([20, 30, 40]);
    expect(pids([plain, away, guest], { sort: { column: 'cpu', descending: false } })).toEqual([30, 20, 40]);
  });

  it('keeps the order of numbers among equals', () => {
    const same = [3, 1, 2].map((pid) => fakeProcess({ pid }));
    expect(pids(same, { sort: { column: 'command', descending: true } })).toEqual([1, 2, 3]);
  });

  it('puts those away before guests before those at home', () => {
    expect(pids(all, { sort: { column: 'where', descending: false } })).toEqual([20, 30, 1, 50, 40]);
  });

  it('has those at an address of nobody behind those of nodes, and who is on the way before who is at home', () => {
    const elsewhere = (pid: number, isGuest: boolean) =>
      fakeProcess({ pid, place: { kind: 'elsewhere', address: '10.0.0.9', guest: isGuest } });
    const moving = fakeProcess({ pid: 60, place: { kind: 'moving' } });
    const more = [...all, moving, elsewhere(70, true), elsewhere(80, false)];
    expect(pids(more, { sort: { column: 'where', descending: false } })).toEqual([
      20, 80, 30, 70, 60, 1, 50, 40,
    ]);
    expect(pids(more, { view: 'migrated' })).toEqual([20, 80]);
    expect(pids(more, { view: 'guests' })).toEqual([30, 70]);
  });

  it('begins with the largest where large values are the interesting ones, and turns round', () => {
    const first = nextProcessSort({ column: 'pid', descending: false }, 'memory');
    expect(first).toEqual({ column: 'memory', descending: true });
    expect(nextProcessSort(first, 'memory')).toEqual({ column: 'memory', descending: false });
  });

  it('is remembered as text, and begins with the busiest where that is none', () => {
    const sort = { column: 'why', descending: true } as const;
    expect(parseProcessSort(processSortText(sort))).toEqual(sort);
    expect(parseProcessSort('colour up')).toEqual({ column: 'cpu', descending: true });
  });
});

describe('rows that keep their places', () => {
  const before = freshRows(entriesOf('id:1', 'node1', [away, init]));
  function kept(processes: readonly ProcessInfo[]): string[] {
    const entries = entriesOf('id:1', 'node1', processes);
    return keepPlaces(before, entries, entries).map(
      ({ entry, ended }) => `${entry.info.pid}${ended ? ' ended' : ''}`,
    );
  }

  it('stay where they are with new values, and new ones come at the end', () => {
    expect(kept([init, locked, away])).toEqual(['20', '1', '50']);
  });

  it('stay when they have ended, and say so', () => {
    expect(kept([init])).toEqual(['20 ended', '1']);
  });

  it('tell a number that is used again from the process before', () => {
    expect(kept([init, { ...away, started: 999 }])).toEqual(['20 ended', '1', '20']);
  });
});

describe('the columns', () => {
  it('are all there while the width is not known, and in a wide window', () => {
    expect(layoutOf(PROCESS_COLUMNS, 0).columns).toEqual(PROCESS_COLUMNS);
    expect(layoutOf(PROCESS_COLUMNS, 1400).columns).toEqual(PROCESS_COLUMNS);
  });

  it('are fewer in a narrow one, the least needed gone first', () => {
    const { columns } = layoutOf(PROCESS_COLUMNS, 1000);
    expect(columns).not.toContain('nice');
    expect(columns).toContain('why');
    expect(layoutOf(PROCESS_COLUMNS, 700).columns).toEqual([
      'pid',
      'node',
      'command',
      'where',
      'state',
      'cpu',
      'why',
    ]);
  });
});
