import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseMountInfo } from '../proc/mountinfo.ts';
import { JobMeter } from './job-meter.ts';
import { readLimits } from './limits.ts';
import { LoadMeter, type NodeFigures } from './load-meter.ts';
import { measureSpeed } from './measure-speed.ts';
import { groupFolders, listedCpus, readCpuTimes, readMeminfo, runnableOfMachine } from './proc-text.ts';
import { Threads } from './runnable.ts';

/** A folder in the place of /proc and of the control groups. */
let root = '';
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'load-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("Linux' texts", () => {
  test('the load, without the thread that reads it', () => {
    expect(runnableOfMachine('3.14 2.33 1.23 8/234 24721\n')).toBe(7);
  });

  test('memory, in bytes', () => {
    const text = 'MemTotal:       24684084 kB\nMemFree:        100 kB\nMemAvailable:   2000 kB\n';
    expect(readMeminfo(text)).toEqual({ total: 24_684_084 * 1024, available: 2000 * 1024 });
    expect(readMeminfo('').total).toBeNaN();
  });

  test('the times of all CPUs', () => {
    expect(readCpuTimes('cpu  10 1 5 100 7 2 3 4 9 9\ncpu0 1 1 1 1\n')).toEqual({
      waiting: 7,
      total: 132,
    });
  });

  test('the CPUs that may be used', () => {
    expect(listedCpus('Name:\tnode\nCpus_allowed_list:\t0-3,8,10-11\n')).toBe(7);
    expect(listedCpus('')).toBe(0);
  });

  test('the control groups of a process', () => {
    const mounts = parseMountInfo(
      '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n' +
        '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n' +
        '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n',
    );
    expect(groupFolders('1:cpu,cpuacct:/lab/node1\n0::/\n', mounts, 'cpu')).toEqual({
      version: 1,
      folders: [
        '/sys/fs/cgroup/cpu,cpuacct/lab/node1',
        '/sys/fs/cgroup/cpu,cpuacct/lab',
        '/sys/fs/cgroup/cpu,cpuacct',
      ],
    });
    expect(groupFolders('0::/system.slice/a.service\n', mounts, 'memory')?.folders).toEqual([
      '/sys/fs/cgroup/unified/system.slice/a.service',
      '/sys/fs/cgroup/unified/system.slice',
      '/sys/fs/cgroup/unified',
    ]);
    expect(groupFolders('', mounts, 'cpu')).toBeUndefined();
  });
});

describe('limits', () => {
  const group = () => {
    put('self/status', 'Cpus_allowed_list:\t0-7\n');
    put('self/cgroup', '0::/box/agent\n');
    put('self/mountinfo', `41 31 0:38 / ${root}/groups rw - cgroup2 cgroup2 rw\n`);
  };

  test('are the CPUs this process may run on, when nothing else is said', () => {
    group();
    expect(readLimits(root)).toEqual({ cpus: 8, share: 1, memory: Infinity, memoryLeft: Infinity });
    expect(readLimits('/proc').cpus).toBeGreaterThan(0);
  });

  test('are the least of all groups above', () => {
    group();
    put('groups/box/cpu.max', '150000 100000\n');
    put('groups/box/agent/cpu.max', 'max 100000\n');
    put('groups/box/memory.max', '1000000\n');
    put('groups/box/memory.current', '700000\n');
    put('groups/box/memory.stat', 'anon 5\ninactive_file 200000\n');
    expect(readLimits(root)).toEqual({ cpus: 2, share: 0.75, memory: 1_000_000, memoryLeft: 500_000 });
  });

  test('of the first version of control groups are read, too', () => {
    group();
    put('self/cgroup', '2:cpu:/box\n0::/\n');
    put('self/mountinfo', `32 31 0:29 / ${root}/groups rw - cgroup cgroup rw,cpu\n`);
    put('groups/box/cpu.cfs_quota_us', '50000\n');
    put('groups/box/cpu.cfs_period_us', '100000\n');
    expect(readLimits(root)).toMatchObject({ cpus: 1, share: 0.5 });
    put('groups/box/cpu.cfs_quota_us', '-1\n');
    expect(readLimits(root)).toMatchObject({ cpus: 8, share: 1 });
  });
});

describe('runnable threads', () => {
  const stat = (pid: number, state: string, threads: number) =>
    `${pid} (job) ${state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 ${threads} 0 5 0 0${' 0'.repeat(17)}`;

  test('are counted in a proc file system of its own, without those of the agent', () => {
    put('1/stat', stat(1, 'S', 1));
    put('20/stat', stat(20, 'R', 1));
    put('30/stat', stat(30, 'S', 3));
    for (const [thread, state] of [
      [30, 'S'],
      [31, 'R'],
      [32, 'R'],
    ] as const) {
      put(`30/task/${thread}/stat`, stat(thread, state, 3));
    }
    put('40/stat', stat(40, 'R', 1));
    put('uptime', '1 1\n');
    put('60/gone', '');
    const threads = new Threads(root, 40);
    expect(threads.runnable()).toBe(3);
    put('20/stat', stat(20, 'S', 1));
    put('50/stat', stat(50, 'R', 1));
    rmSync(join(root, '30'), { recursive: true });
    expect(threads.runnable()).toBe(1);
    threads.close();
  });

  test('are found where a real process works, until it ends', async () => {
    const busy = spawn('/bin/sh', ['-c', 'while :; do :; done']);
    const threads = new Threads('/proc', process.pid);
    await vi.waitFor(() => expect(threads.runnable()).toBeGreaterThan(0));
    busy.kill('SIGKILL');
    await once(busy, 'exit');
    expect(threads.runnable()).toBeGreaterThanOrEqual(0);
    threads.close();
  });
});

describe('the meter', () => {
  const figures = async (meter: LoadMeter): Promise<NodeFigures> => {
    const { promise, resolve } = Promise.withResolvers<NodeFigures>();
    meter.start(resolve);
    const second = await promise;
    meter.stop();
    return second;
  };

  test('tells load, CPUs and memory, of a node and of this machine', async () => {
    const real = figures(new LoadMeter({ source: 'own' }));
    put('loadavg', '3.14 2.33 1.23 5/234 24721\n');
    put('meminfo', 'MemTotal: 4000 kB\nMemFree: 1 kB\nMemAvailable: 3000 kB\n');
    put('stat', 'cpu  10 0 0 100 0 0 0 0 0 0\ncpu0 1\n');
    put('self/status', 'Cpus_allowed_list:\t0-1\n');
    const meter = new LoadMeter({ proc: root });
    const second = figures(meter);
    writeFileSync(join(root, 'stat'), 'cpu  40 0 0 150 20 0 0 0 0 0\ncpu0 1\n');
    expect(await second).toEqual({
      runnable: 4,
      cpus: 2,
      util: 80,
      memoryTotal: 4000 * 1024,
      memoryFree: 3000 * 1024,
      memoryAvailable: 3000 * 1024,
    });
    const here = await real;
    expect(here.memoryTotal).toBeGreaterThan(here.memoryAvailable);
    for (const value of Object.values(here)) expect(value).toBeGreaterThanOrEqual(0);
  });

  test('says at once that there is no proc file system', () => {
    expect(() => new LoadMeter({ proc: join(root, 'none') }).start(() => {})).toThrow('ENOENT');
  });
});

describe('a job', () => {
  const job = (used: number, waits: readonly number[]) => {
    put('group/cpu.stat', `usage_usec ${used}\nuser_usec 1\n`);
    put('group/cgroup.threads', waits.map((_, index) => `${index + 50}\n`).join(''));
    for (const [index, wait] of waits.entries()) put(`${index + 50}/schedstat`, `1 ${wait} 3\n`);
  };

  test('counts with what it used and what it waited for a CPU', () => {
    const meter = new JobMeter(join(root, 'group'), root);
    job(5_000_000, [7e9, 9e9]);
    expect(meter.second(1000)).toEqual({ runnable: 1, weight: 1 });
    job(5_500_000, [7.5e9, 9.25e9]);
    expect(meter.second(2000)).toEqual({ runnable: 1.25, weight: (5 + 3 * 1.25) / 8 });
    job(5_500_000, [7.5e9]);
    expect(meter.second(4000)).toMatchObject({ runnable: 0 });
    job(5_500_000, [7.5e9, 9.5e9]);
    expect(meter.second(5000)).toMatchObject({ runnable: 1 });
  });

  test('is no more when its group is gone', () => {
    expect(new JobMeter(join(root, 'none')).second()).toBeUndefined();
  });
});

test('the speed of this CPU is a positive whole number', () => {
  const speed = measureSpeed();
  expect(Number.isInteger(speed) && speed > 0).toBe(true);
});
