/** The list of a node's processes over a real OpenSSH server, in every shell that nodes have, of real and made processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ProcessInfo } from '../../common/model/process.ts';
import { processesFrom } from '../../main/nodes/processes.ts';
import type { SshSession } from '../../main/ssh/index.ts';
import { AT_HOME, NodeTree } from '../harness/node-tree.ts';
import { repliesOver, SHELL_COMMANDS } from '../harness/operator-bench.ts';
import { SshBench } from '../harness/ssh-fixture.ts';

const CONTROL = Array.from({ length: 4096 }, (_, at) => String.fromCharCode(1 + (at % 31))).join('');

/** Tens of thousands of files are made in memory, where there is a place for it. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let folder: string;
let tree: NodeTree;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(MEMORY, 'mosview-processes-'));
  tree = new NodeTree(folder);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function started(program: string, ...words: readonly string[]): Promise<number> {
  const child = spawn(program, words);
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

describe.each(SHELL_COMMANDS)('the processes of a node, listed in %s', (_name, command) => {
  const bench = new SshBench();
  let session: SshSession;

  beforeAll(async () => {
    ({ session } = await bench.connect({ config: [`ForceCommand exec ${command}`] }));
  });
  afterAll(() => bench.close());

  async function list(root: string, before?: readonly ProcessInfo[]): Promise<readonly ProcessInfo[]> {
    const [reply] = await repliesOver(session, root, [{ kind: 'list' }]);
    if (reply?.kind !== 'list') throw new Error(`not a list but ${reply?.kind}`);
    return processesFrom(reply, before && { processes: before }, 2);
  }

  const ofPid = (processes: readonly ProcessInfo[], pid: number) =>
    processes.find((process) => process.pid === pid);

  test('hold a real process with all that /proc says of it', async () => {
    const pid = await started('sleep', '1000', '2000');
    const process = ofPid(await list('/proc'), pid);
    expect(process).toMatchObject({
      name: 'sleep',
      command: 'sleep 1000 2000',
      uid: userInfo().uid,
      user: userInfo().username,
      state: 'S',
      place: { kind: 'unknown' },
      nice: 0,
      migrations: null,
      locked: null,
      reasons: [],
    });
    expect(process?.memory).toBeGreaterThan(100_000);
    expect(process?.age).toBeLessThan(60);
  });

  test('hold every process that lives, the kernel\u2019s too', async () => {
    const own = await started('sleep', '1000');
    const pids = new Set((await list('/proc')).map((process) => process.pid));
    for (const pid of [1, own, process.pid]) expect(pids).toContain(pid);
  });

  test('know how much of a CPU a busy one had since the list before', async () => {
    const busy = await started('sh', '-c', 'while :; do :; done');
    const idle = await started('sleep', '1000');
    let before = await list('/proc');
    // It has begun, which takes a tick on a busy machine.
    while (ofPid(before, idle)?.name !== 'sleep' || ofPid(before, idle)?.state !== 'S')
      before = await list('/proc');
    expect(ofPid(before, busy)?.cpuPercent).toBeNull();
    const cpuOf = (processes: readonly ProcessInfo[]) => ofPid(processes, busy)?.cpuSeconds ?? 0;
    let now = before;
    // Long enough that a list which is made slowly tells little.
    while (cpuOf(now) < cpuOf(before) + 1) now = await list('/proc', before);
    expect(ofPid(now, busy)?.cpuPercent).toBeGreaterThan(1);
    expect(ofPid(now, busy)?.cpuPercent).toBeLessThanOrEqual(130);
    expect(ofPid(now, idle)?.cpuPercent).toBe(0);
  });

  test('can be listed while processes come and go', async () => {
    const busy = await started('sh', '-c', 'while :; do sh -c : ; done');
    for (let time = 0; time < 5; time += 1) {
      const processes = await list('/proc');
      expect(ofPid(processes, busy)?.name).toBe('sh');
      expect(processes.every((process) => process.state !== '')).toBe(true);
    }
  });

  test('hold what openMosix says of its own and of guests', async () => {
    tree.process(100, {
      name: 'povray',
      started: 4711,
      state: 'R',
      userTicks: 300,
      nice: 5,
      pages: 10,
      uid: 65_432,
      command: ['povray', '-i', 'a scene'],
      files: { ...AT_HOME, where: '5\n', nmigs: '3\n', lock: '1\n', cantmove: 'monkey\nmem_lock\n' },
    });
    tree.process(101);
    tree.process(3, { name: 'kswapd', files: {} });
    tree.guest(77, 5, 1234, { command: ['./crunch', '-n', '5'] });
    tree.write(
      'hpc/remote/77/stats',
      'utime=181 cutime=0 nice=5 state=R vsize=3633152 rss=179 nswap=0 cnswap=0\n',
    );
    const processes = await list(tree.proc);
    expect(processes.map((process) => process.pid)).toEqual([3, 77, 100, 101]);
    expect(processes[2]).toEqual({
      pid: 100,
      parent: 0,
      started: 4711,
      uid: 65_432,
      user: '65432',
      name: 'povray',
      command: 'povray -i a scene',
      place: { kind: 'away', id: 5 },
      state: 'R',
      cpuSeconds: 3,
      cpuPercent: null,
      memory: 40_960,
      nice: 5,
      age: 5000 - 47.11,
      migrations: 3,
      locked: true,
      reasons: ['monkey', 'mem_lock'],
    });
    expect(processes[1]).toMatchObject({
      place: { kind: 'guest', id: 5, pid: 1234 },
      command: './crunch -n 5',
      cpuSeconds: 1.81,
    });
    expect(processes[0]).toMatchObject({ name: 'kswapd', command: 'kswapd', place: { kind: 'unknown' } });
    expect(processes[3]).toMatchObject({ place: { kind: 'home' }, migrations: 0, locked: false });
  });

  test.each([
    ['a command', '$(touch /tmp/mosview-was-here)', '$(touch /tmp/mosview-was-here)'],
    ['parentheses and numbers', 'a) R 1 (b', 'a) R 1 (b'],
    ['the end of the list', 'x\n1 clock 1 1\n1 file 9/where:5', 'x 1 clock 1 1 1 file 9/where:5'],
    ['4 kB of control characters', CONTROL, '?'],
  ])('show a name and a command line that are %s as text', async (_what, name, shown) => {
    tree.process(100, { name, started: 4711, command: [name, name] });
    tree.process(101);
    const processes = await list(tree.proc);
    expect(processes.map((process) => process.pid)).toEqual([100, 101]);
    expect(processes[0]).toMatchObject({ name: shown, started: 4711, place: { kind: 'home' } });
    expect(processes[0]?.command).toBe(shown === '?' ? '?' : `${shown} ${shown}`);
  });

  test('are all there however much one of them writes into its command line', async () => {
    for (let pid = 100; pid < 200; pid += 1)
      tree.process(pid, { command: [`${'\n'.repeat(60_000)}${'x'.repeat(60_000)}`] });
    expect(await list(tree.proc)).toHaveLength(100);
  });

  test('are two thousand in one list', async () => {
    for (let pid = 1; pid <= 2000; pid += 1) tree.process(pid, { command: ['burn', String(pid)] });
    const processes = await list(tree.proc);
    expect(processes).toHaveLength(2000);
    expect(processes[1999]).toMatchObject({ pid: 2000, command: 'burn 2000', place: { kind: 'home' } });
  });
});
