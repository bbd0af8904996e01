/** Which processes of a MattX node must not be moved, and which of them are mosview's own. */
import { expect, test } from 'vitest';
import { mattxReasons, ownProcesses, type Listed } from './mattx-reasons.ts';

const listed = (given: Partial<Listed>): Listed => ({
  pid: 100,
  parent: 50,
  state: 'R',
  name: 'work',
  place: { kind: 'home' },
  wchan: '0',
  cmdline: 'work --hard',
  status: 'Uid:\t0\t0\t0\t0\nNSpid:\t100\nThreads:\t1',
  ...given,
});
const none: ReadonlySet<number> = new Set();
const guest = { kind: 'guest', id: 786, pid: 0 } as const;

test.each<[Partial<Listed>, readonly string[]]>([
  [{}, []],
  [{ pid: 1 }, ['init_proc']],
  [{ pid: 2, parent: 0 }, ['kernel_thread']],
  [{ parent: 2 }, ['kernel_thread']],
  [{ state: 'Z' }, ['zombie']],
  [{ status: 'Threads:\t3' }, ['clone_vm']],
  [{ status: 'NSpid:\t100\t4' }, ['pid_namespace']],
  [{ status: '' }, []],
  [{ place: guest, parent: 2, status: 'Threads:\t2' }, []],
  [{ place: guest, parent: 2, state: 'Z', cmdline: '' }, []],
  [{ place: guest, parent: 1 }, ['left_over']],
  [{ place: guest, parent: 2, cmdline: '' }, ['left_over']],
  [{ place: { kind: 'away', id: 786 }, state: 'T' }, []],
  [{ place: { kind: 'away', id: 786 }, state: 'T', wchan: 'task_work_run' }, []],
  [{ place: { kind: 'away', id: 786 }, state: 'T', wchan: '' }, []],
  [{ place: { kind: 'away', id: 786 }, state: 'T', wchan: 'do_signal_stop' }, ['left_over']],
  [{ place: { kind: 'away', id: 786 }, state: 'S' }, ['left_over']],
])('%o: %o', (given, reasons) => {
  expect(mattxReasons(listed(given), none)).toEqual(reasons);
});

test('mosview is the shell, its parents, and everything below its connection', () => {
  const parents = {
    1: [0, 'systemd'],
    10: [1, 'sshd'],
    20: [10, 'sshd-session'],
    21: [20, 'sh'],
    22: [20, 'sudo'],
    23: [22, 'sh'],
    24: [21, 'sleep'],
    30: [10, 'sshd-session'],
    31: [30, 'bash'],
    40: [41, 'a'],
    41: [40, 'circle'],
  } as const;
  const processes = Object.entries(parents).map(([pid, [parent, name]]) => ({
    pid: Number(pid),
    parent,
    name,
  }));
  const own = ownProcesses([23, 22, 20, 10, 1], processes);
  expect([...own].toSorted((one, other) => one - other)).toEqual([1, 10, 20, 21, 22, 23, 24]);
  expect(mattxReasons(listed({ pid: 21 }), own)).toEqual(['mosview']);
  expect(mattxReasons(listed({ pid: 1 }), own)).toEqual(['init_proc']);
});
