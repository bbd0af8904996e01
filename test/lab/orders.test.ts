/** A cluster of agents under orders: by its users, by root, by the flat files, by its own balancing, and by mosview over SSH. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Lab, LabNode, LabProcess } from '../harness/lab/lab.ts';
import { PATIENCE } from '../harness/patience.ts';
import { startCluster } from './cluster.ts';

const BUSY = 'while :; do :; done';
/** What is told by datagrams and looked at once a second. */
const SOON = { timeout: 20_000 * PATIENCE, interval: 100 };

let lab: Lab;
let jobs: LabProcess[] = [];
const node = (id: number): LabNode => lab.node(id);

beforeAll(async () => {
  lab = await startCluster({
    nodes: [{ speed: 10_000 }, { speed: 10_000 }, { speed: 5000 }],
    reachable: true,
  });
  await vi.waitFor(async () => {
    const { stdout } = await node(1).run('mos', ['status']);
    expect(stdout.match(/ up /g)).toHaveLength(3);
  }, SOON);
});

afterEach(async () => {
  await Promise.all(jobs.filter(({ ended }) => !ended).map((job) => job.kill('SIGKILL')));
  await Promise.all(jobs.map((job) => job.finished));
  jobs = [];
  for (const { id } of lab.nodes)
    for (const word of ['nostay', 'nolstay', 'noblock']) await mos(id, 'ctl', word);
  await vi.waitFor(async () => expect(await listed(1)).toEqual([]), SOON);
});

afterAll(async () => {
  await lab.dispose();
  expect(lab.left()).toEqual([]);
});

/** Runs `mos` as root; fails the test when it fails. */
async function mos(id: number, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await node(id).run('mos', words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Numbers of the jobs in a node's `mos ps`. */
async function listed(id: number): Promise<readonly number[]> {
  const { stdout } = await node(id).run('mos', ['ps']);
  return stdout
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map((line) => Number(/^\d+/.exec(line)?.[0]));
}

/** Starts a job at node 1 and gives its number. */
async function start(words: readonly string[], user?: number): Promise<number> {
  const before = await listed(1);
  jobs.push(node(1).spawn('mos', ['run', ...words], user === undefined ? {} : { user }));
  return vi.waitFor(async () => {
    const fresh = (await listed(1)).find((pid) => !before.includes(pid));
    expect(fresh).toBeDefined();
    return fresh ?? 0;
  }, SOON);
}

async function sh(id: number, script: string): Promise<string> {
  return (await node(id).run('sh', ['-c', `cd /run/mosview/hpc && ${script}`])).stdout;
}

const placeOf = async (pid: number): Promise<string> =>
  (await sh(1, `cat ${pid}/where ${pid}/nmigs`)).replaceAll('\n', ' ').trim();

describe('a user', () => {
  test('runs jobs as itself, with its folder, mask, limits and environment', async () => {
    const script =
      'id -u; id -g; pwd; umask; nice; cat /proc/self/oom_score_adj; ulimit -Sn; env | grep -c MOSVIEW; echo "$COLOUR"';
    const done = await node(1).run(
      'sh',
      [
        '-c',
        `umask 027; ulimit -Sn 200; echo 300 > /proc/self/oom_score_adj; exec nice -n 5 mos run sh -c '${script}'`,
      ],
      {
        user: 65_534,
        cwd: '/tmp',
        env: { COLOUR: 'deep\nblue' },
      },
    );
    expect(done).toMatchObject({ code: 0, stdout: '65534\n65534\n/tmp\n0027\n5\n300\n200\n0\ndeep\nblue\n' });
  });

  test("moves and locks its own jobs only, and changes no node's settings", async () => {
    const pid = await start(['-h', 'sleep', '1000']);
    const as = async (user: number, ...words: readonly string[]) =>
      (await node(1).run('mos', words, { user })).stderr;
    expect(await as(65_533, 'migrate', `${pid}`, '2')).toBe(`mos: Process ${pid} is another user's.\n`);
    expect(await as(65_533, 'ctl', 'block')).toBe('mos: Only root changes a node.\n');
    expect(await as(65_533, 'ctl', 'expel')).toBe('mos: Only root changes a node.\n');
    expect(await placeOf(pid)).toBe('0 0');
  });
});

describe('the flat files', () => {
  test('send a process away, tell where it is and show it as a guest there, and bring it home', async () => {
    const pid = await start(['-h', 'sh', '-c', BUSY]);
    await sh(1, `echo 2 > ${pid}/goto`);
    await vi.waitFor(async () => expect(await placeOf(pid)).toBe('2 1'), SOON);
    await vi.waitFor(
      async () =>
        expect(await sh(2, 'cat remote/*/from remote/*/identity')).toBe(
          `1 10.99.0.1\nremote(${pid}) sh -c ${BUSY}\n`,
        ),
      SOON,
    );
    await sh(1, `echo 0 > ${pid}/goto`);
    await vi.waitFor(async () => expect(await placeOf(pid)).toBe('0 2'), SOON);
    await vi.waitFor(async () => expect(await sh(2, 'ls remote')).toBe(''), SOON);
  });

  test('tell why a process at home could not move, before anybody tries, and that it could again', async () => {
    const flag = '/srv/locked';
    const pid = await start([
      '-h',
      'perl',
      '-MFcntl=:flock',
      '-e',
      `open F, ">", "/srv/file"; flock F, LOCK_EX; select undef, undef, undef, 0.1 until -e "${flag}"; close F; sleep 1 while 1`,
    ]);
    await vi.waitFor(
      async () => expect(await sh(1, `cat ${pid}/cantmove`)).toMatch(/^file_lock: \S.*\.\n$/),
      SOON,
    );
    await node(1).run('touch', [flag]);
    await vi.waitFor(async () => expect(await sh(1, `cat ${pid}/cantmove`)).toBe(''), SOON);
  });

  test('bring home what is away, and tell so while it comes', async () => {
    const pid = await start(['-h', 'sleep', '1000']);
    await mos(1, 'migrate', `${pid}`, '2');
    await sh(1, 'echo 1 > admin/bring');
    await vi.waitFor(async () => expect(await placeOf(pid)).toBe('0 2'), SOON);
    await vi.waitFor(async () => expect(await sh(1, 'cat admin/bring admin/lstay')).toBe('0\n1\n'), SOON);
  });

  test('answer what they refuse with the file and the reason', async () => {
    const pid = await start(['-h', 'sleep', '1000']);
    await sh(1, `echo 77 > ${pid}/goto`);
    await vi.waitFor(async () => {
      const said = await sh(1, 'cat admin/last_error');
      expect(said).toContain(`${pid}/goto`);
      expect(said).toContain('No node 77 is in this cluster.');
    }, SOON);
  });

  test('a switch that is set on one node is known on the others, and to its agent after a restart', async () => {
    await sh(3, 'echo 1 > admin/block');
    const status = '19';
    await vi.waitFor(async () => expect((await sh(1, 'cat nodes/3/status')).trim()).toBe(status), SOON);
    await node(3).killAgent('SIGKILL');
    await node(3).startAgent();
    await vi.waitFor(async () => expect(await sh(3, 'cat admin/block')).toBe('1\n'), SOON);
    const pid = await start(['-h', 'sleep', '1000']);
    const refused = await node(1).run('mos', ['migrate', `${pid}`, '3']);
    expect(refused.stderr).toBe('mos: Node 3 takes no guests (block).\n');
  });
});

describe('jobs of one group', () => {
  const LOCKER =
    'use Fcntl ":flock"; open F, ">", "/srv/group"; flock F, LOCK_EX; select undef, undef, undef, 0.1 until -e "/srv/free"; close F; sleep 1 while 1';

  test('go together where one of them is sent, or stay together, with the reason of the one that cannot go', async () => {
    const pids = [
      await start(['-h', 'sleep', '1000']),
      await start(['-h', 'sleep', '1000']),
      await start(['-h', 'perl', '-e', LOCKER]),
    ];
    const [first = 0, , locker = 0] = pids;
    for (const pid of pids) await sh(1, `echo 7 > ${pid}/miggroup`);
    await vi.waitFor(async () => expect(await sh(1, `cat ${locker}/miggroup`)).toBe('7\n'), SOON);
    const refused = await node(1).run('mos', ['migrate', `${first}`, '2']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `mos: Process ${locker} of its group 7 cannot go, so none does: file_lock`,
    );
    for (const pid of pids) expect(await placeOf(pid)).toMatch(/^0 /);
    await node(1).run('touch', ['/srv/free']);
    await vi.waitFor(async () => mos(1, 'migrate', `${first}`, '2'), SOON);
    for (const pid of pids) expect(await placeOf(pid)).toMatch(/^2 /);
    await mos(2, 'ctl', 'expel');
    for (const pid of pids) expect(await placeOf(pid)).not.toMatch(/^2 /);
  });
});

describe('an agent that is stopped', () => {
  test('takes nothing along that its jobs need, though all of its group of processes ends with it', async () => {
    await start(['-h', 'sleep', '1000']);
    jobs.push(node(1).spawn('script', ['-qfec', 'mos run -h sleep 1000', '/dev/null']));
    await vi.waitFor(async () => expect(await listed(1)).toHaveLength(2), SOON);
    const groups = await vi.waitFor(async () => {
      const script = `for init in $(sed -n 's/.*"init":\\([0-9]*\\).*/\\1/p' /run/mosview/jobs/*/record.json); do
        for process in /proc/[0-9]*; do
          [ "$(readlink $process/ns/pid)" = "$(readlink /proc/$init/ns/pid)" ] && cat $process/cgroup
        done
      done | sed -n s/^0:://p`;
      const found = (await sh(1, script)).trim().split('\n');
      // For each job what holds its namespaces, its shell and its command; and the leader of a terminal's session.
      expect(found).toHaveLength(7);
      return found;
    }, SOON);
    expect(groups.filter((group) => !group.startsWith('/mosview'))).toEqual([]);
  });

  test('leaves its jobs alone and no files that would tell old figures', async () => {
    const pid = await start(['-h', 'sh', '-c', BUSY]);
    // Its deputy takes its name when it has begun, which is after it is told of.
    await vi.waitFor(async () => expect(await sh(1, `cat /proc/${pid}/cmdline`)).toMatch(/^sh -c/), SOON);
    await node(1).killAgent('SIGTERM');
    expect((await node(1).run('ls', ['/run/mosview/hpc'])).stdout).toBe('');
    await node(1).startAgent();
    await vi.waitFor(async () => expect(await placeOf(pid)).toBe('0 0'), SOON);
    await mos(1, 'migrate', `${pid}`, '2');
  });
});

describe('root', () => {
  test('brings all home with bring, and sends guests away with expel', async () => {
    const pids = [await start(['-h', 'sleep', '1000']), await start(['-h', 'sleep', '1000'])];
    for (const pid of pids) await mos(1, 'migrate', `${pid}`, '2');
    await mos(2, 'ctl', 'expel');
    for (const pid of pids) expect(await placeOf(pid)).not.toMatch(/^2 /);
    await mos(1, 'ctl', 'bring');
    await vi.waitFor(async () => {
      for (const pid of pids) expect(await placeOf(pid)).toMatch(/^0 /);
    }, SOON);
    expect((await mos(1, 'ctl', 'status')).trim()).toBe('up lstay');
  });
});

describe('by itself', () => {
  test(
    'the load of six jobs that begin on one node is spread over three unequal ones',
    async () => {
      for (let count = 0; count < 6; count += 1) jobs.push(node(1).spawn('mos', ['run', 'sh', '-c', BUSY]));
      const spread = async (): Promise<readonly number[]> => {
        const { stdout } = await node(1).run('mos', ['ps']);
        const places = stdout
          .split('\n')
          .slice(1)
          .filter(Boolean)
          .map((line) => Number(line.split(/\s+/)[1]));
        return [0, 2, 3].map((place) => places.filter((one) => one === place).length);
      };
      await vi.waitFor(
        async () => {
          const [one = 0, two = 0, three = 0] = await spread();
          expect(one + two + three).toBe(6);
          // The third is half as fast as the others.
          expect(Math.max(one, two, three)).toBeLessThanOrEqual(3);
          expect(Math.min(one, two, three)).toBeGreaterThanOrEqual(1);
        },
        { timeout: 100_000 * PATIENCE, interval: 500 },
      );
      process.stdout.write(
        `Six jobs on nodes of speed 10000, 10000 and 5000: ${(await spread()).join(', ')}\n`,
      );
    },
    120_000 * PATIENCE,
  );
});

describe('mosview over SSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-orders-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function mosview(...words: readonly string[]): Promise<string> {
    const settings = join(folder, 'settings.json');
    const nodes = lab.nodes.map(({ id, name }) => ({ id, name, host: name }));
    writeFileSync(
      settings,
      JSON.stringify({ nodes, sshConfigFile: lab.sshConfigFile, knownHostsFiles: [lab.knownHostsFile] }),
    );
    const program = resolve(import.meta.dirname, '../../out/main/headless.js');
    const all = [program, ...words, '--config', settings, '--data', join(folder, 'data')];
    const { stdout } = await promisify(execFile)(process.execPath, all);
    return stdout;
  }

  test('sees all nodes with their loads, and finds the cluster from one of them', async () => {
    const seen: unknown = JSON.parse(await mosview('nodes', '--json'));
    expect(seen).toMatchObject({ nodes: [{ state: 'up' }, { state: 'up' }, { state: 'up' }] });
    expect(await mosview('discover', 'node1')).toMatch(/node3 .*from the agent's map/);
  });

  test('moves a process and reads back that it went', async () => {
    const pid = await start(['-h', 'sleep', '1000']);
    await mosview('migrate', 'node1', `${pid}`, '2');
    expect(await placeOf(pid)).toBe('2 1');
  });

  test('sets a switch and a speed', async () => {
    await mosview('set', 'node2', 'stay', 'on');
    await mosview('set', 'node2', 'speed', '7000');
    expect(await sh(2, 'cat admin/stay admin/speed')).toBe('1\n7000\n');
    await mosview('set', 'node2', 'speed', '10000');
  });
});

describe('a keeper that is started again', () => {
  test('has lost the streams of the jobs there, which end for their callers with that sentence', async () => {
    const pid = await start(['-h', 'sleep', '1000']);
    await mos(1, 'migrate', `${pid}`, '2');
    await node(2).killAgent('SIGKILL');
    await node(2).killKeeper('SIGKILL');
    await node(2).startAgent();
    const ended = await jobs[0]?.finished;
    expect(ended).toMatchObject({
      code: 137,
      stderr: 'mos: The keeper of pipes of node 2 was started again; the job was lost with its streams.\n',
    });
  });
});
