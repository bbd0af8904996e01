/** The parsers on texts as real kernels print them, and the readers on real processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { mountOf, parseMountInfo, pathInSource } from './mountinfo.ts';
import { numbersOf, startOf, statesOf, statmOf, statOf } from './process.ts';
import { parseStat, realTimePolicy } from './stat.ts';
import { parseStatus } from './status.ts';

const STAT =
  '6259 (a) b (c)) R 6252 6252 2793 0 -1 4194304 100 0 0 0 0 0 0 0 -11 0 1 0 87433 3133440 407 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 10 2 0 0 0 0 0 0 0 0 0 0 0';

test('stat: a name may hold blanks and brackets', () => {
  expect(parseStat(STAT)).toEqual({
    name: 'a) b (c)',
    state: 'R',
    group: 6252,
    terminal: undefined,
    foreground: -1,
    utime: 0,
    cutime: 0,
    nice: 0,
    threads: 1,
    started: 87433,
    vsize: 3133440,
    rss: 407,
    policy: 2,
  });
  expect(parseStat('')).toBeUndefined();
  expect(parseStat('1 (cut) R 1 1')).toBeUndefined();
  expect([0, 1, 2, 3, 5, 6].map(realTimePolicy)).toEqual([
    undefined,
    'SCHED_FIFO',
    'SCHED_RR',
    undefined,
    undefined,
    'SCHED_DEADLINE',
  ]);
});

test('this very process is found', () => {
  const stat = statOf(process.pid);
  expect(stat).toMatchObject({ state: 'R', started: startOf(process.pid) });
  expect(statesOf(process.pid)).toContain('R');
  expect(numbersOf(process.pid)).toContain(process.pid);
  for (const pages of [stat?.rss, statmOf(process.pid)[1]]) expect(pages).toBeGreaterThan(0);
});

test('nothing is told of a process that is gone', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  const pid = child.pid ?? 0;
  expect([statOf(pid), startOf(pid), numbersOf(pid), statesOf(pid), statmOf(pid)]).toEqual([
    undefined,
    undefined,
    [],
    [],
    [],
  ]);
});

test('status: who it is, and sizes in bytes; a zombie has none', () => {
  const text =
    'Name:\tjob\nUmask:\t0022\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t4 24 \nTracerPid:\t12\nNSpid:\t4711\t101\nNSpgid:\t4711\t101\nVmLck:\t       8 kB\nRssAnon:\t     112 kB\nRssFile:\t    1664 kB\nRssShmem:\t       4 kB\nVmSwap:\t      16 kB\nThreads:\t3\n';
  expect(parseStatus(text)).toEqual({
    uids: [1, 2, 3, 4],
    gids: [5, 6, 7, 8],
    groups: [4, 24],
    umask: '0022',
    tracer: 12,
    pids: [4711, 101],
    groupPids: [4711, 101],
    threads: 3,
    locked: 8192,
    resident: 132 * 1024,
  });
  const zombie = parseStatus('Name:\tjob\nState:\tZ (zombie)\nThreads:\t1\n');
  expect(zombie).toMatchObject({ locked: 0, resident: 0, pids: [] });
});

test('mountinfo: optional fields, escapes, and the mount that a path leads to', () => {
  const mounts = parseMountInfo(
    [
      '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard',
      '40 27 0:33 /jobs /mnt/two\\040words rw,relatime shared:7 master:2 - nfs4 server:/export rw,vers=4.2',
      '41 27 0:34 / /mnt/two\\040words rw - fuse.sshfs root@10.0.0.3:/data rw',
      '42 27 0:35 / /mnt/two rw - tmpfs none rw',
    ].join('\n'),
  );
  const [root, covered, top] = mounts;
  expect(covered).toEqual({
    id: 40,
    root: '/jobs',
    point: '/mnt/two words',
    type: 'nfs4',
    source: 'server:/export',
    options: ['rw', 'vers=4.2'],
  });
  expect(mountOf('/mnt/two words/f', mounts)).toBe(top);
  expect(mountOf('/mnt/twofold', mounts)).toBe(root);
  expect(covered && pathInSource('/mnt/two words/a/b', covered)).toBe('/jobs/a/b');
  expect(top && pathInSource('/mnt/two words', top)).toBe('/');
  expect(root && pathInSource('/etc/passwd', root)).toBe('/etc/passwd');
});
