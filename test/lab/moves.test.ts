/** Jobs move between real hosts with criu, and nobody notices: not the job, not who started it, not the nodes they were on. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lab } from '../harness/lab/lab.ts';
import { leftBehind, startCluster, textOf, until } from './cluster.ts';
import { Endless, Job } from './jobs.ts';
import { PROGRAMS, READER, TICKER } from './programs.ts';
import { Chance } from './chance.ts';

let lab: Lab;
let before: ReadonlySet<string>;
const chance = new Chance();

beforeAll(async () => {
  lab = await startCluster({ nodes: [{}, {}, {}] });
  before = new Set(lab.left());
});

afterAll(async () => {
  const ended = lab.nodes.flatMap(({ agent }) => (agent?.ended === true ? [agent.stderr] : []));
  await lab.dispose();
  expect(ended).toEqual([]);
  expect(lab.left()).toEqual([]);
});

/** Says its number in the group of signals it got, until TERM. */
const LISTENER = `
import signal, sys, time
def told(number, frame): print(signal.Signals(number).name, flush=True)
for name in ('SIGUSR1', 'SIGINT'): signal.signal(getattr(signal, name), told)
print('ready', flush=True)
while True: time.sleep(0.01)
`;

describe('a job that moves', () => {
  test.concurrent('makes every tick once, with the memory it had, over ten moves by chance', async () => {
    const ticker = await Endless.start(lab, 1, TICKER);
    await ticker.job.tour(chance.tour(3, 10, 1));
    expect(await ticker.finish()).toEqual([]);
  });

  test.concurrent('reads every byte of its standard input once', async () => {
    const reader = await Job.start(lab, 1, READER.command(''));
    const hash = createHash('sha256');
    let length = 0;
    for (const to of [2, 3, 0, 3]) {
      const bytes = randomBytes(300_000);
      hash.update(bytes);
      length += bytes.length;
      reader.deputy.entry.stdin?.write(bytes);
      await reader.move(to);
    }
    reader.deputy.entry.stdin?.end();
    const { code, stdout } = await reader.deputy.finished;
    expect(stdout).toBe(`${length} ${hash.digest('hex')}\n`);
    expect(code).toBe(READER.status);
  });

  test.concurrent.for(PROGRAMS)('does what it does at home: $name', async (program) => {
    const job = await Endless.start(lab, 2, program);
    await job.job.tour([3, 0]);
    expect(await job.finish()).toEqual([]);
  });

  test.concurrent('gets the signals that its deputy gets', async () => {
    const job = await Job.start(lab, 1, ['python3', '-c', LISTENER]);
    await job.says('ready');
    await job.move(2);
    await job.deputy.kill('SIGUSR1');
    await job.says('SIGUSR1');
    await job.move(3);
    await job.deputy.kill('SIGINT');
    await job.says('SIGINT');
    await job.deputy.kill('SIGTERM');
    expect((await job.deputy.finished).code).toBe(143);
  });

  test.concurrent('that is stopped stays so where it comes, and goes on when it is told', async () => {
    const ticker = await Endless.start(lab, 1, TICKER);
    await ticker.job.move(2);
    await ticker.job.deputy.kill('SIGTSTP');
    const outer = await ticker.job.deputy.pid();
    await until('the deputy is stopped', () => /^State:\tT/m.test(textOf(`/proc/${outer}/status`)));
    await until('the job is stopped', () => ticker.job.states.includes('T'));
    await ticker.job.move(3);
    expect(ticker.job.states).not.toContain('R');
    expect(ticker.job.states).toContain('T');
    // The lab's entry to the node stops and goes on with it.
    ticker.job.deputy.entry.kill('SIGCONT');
    await ticker.job.alive();
    expect(await ticker.finish()).toEqual([]);
  });

  test.concurrent('ends for its caller as it ended: by a signal', async () => {
    const job = await Job.start(lab, 3, ['sh', '-c', 'echo begun; read line; kill -KILL $$']);
    await job.says('begun');
    await job.move(1);
    job.deputy.entry.stdin?.write('now\n');
    expect((await job.deputy.finished).code).toBe(137);
  });

  test.concurrent('ends everywhere when its deputy is killed', async () => {
    const ticker = await Endless.start(lab, 1, TICKER);
    await ticker.job.move(3);
    expect(ticker.job.running).toEqual([3]);
    await ticker.job.deputy.kill('SIGKILL');
    await until('nothing of it runs', () => ticker.job.running.length === 0);
  });

  test.concurrent('is told when nobody reads what it writes', async () => {
    const ended = await lab
      .node(2)
      .run('bash', [
        '-c',
        'mos run -3 sh -c "while echo line; do :; done" | head -n 2; exit ${PIPESTATUS[0]}',
      ]);
    expect(ended).toEqual({ code: 141, stdout: 'line\nline\n', stderr: '' });
  });

  test.concurrent('ends once and for its caller, whenever in the move that is', async () => {
    const lives = Array.from({ length: 6 }, async (_, index) => {
      const life = 0.05 + index * 0.08;
      const program = `echo begun; read word; sleep ${life}; echo over; exit 5`;
      const job = await Job.start(lab, 1, ['sh', '-c', program]);
      const moving = job.migrate(2);
      job.deputy.entry.stdin?.write('go\n');
      const { code, stdout } = await job.deputy.finished;
      await moving;
      return { code, stdout };
    });
    for (const life of await Promise.all(lives)) expect(life).toEqual({ code: 5, stdout: 'begun\nover\n' });
  });

  test.concurrent('of another user moves where root may raise limits, and runs on where it may not', async () => {
    const job = await Job.start(
      lab,
      1,
      ['sh', '-c', 'id -u; while [ ! -e /srv/user.stop ]; do sleep 0.02; done; echo done; exit 3'],
      { user: 1000 },
    );
    const moved = await job.migrate(2);
    if (mayRaiseLimits()) expect(moved).toMatchObject({ code: 0, stderr: '' });
    else expect(moved.stderr).toMatch(/Can't get rlimit/);
    writeFileSync(join(lab.shared, 'user.stop'), '');
    const { code, stdout } = await job.deputy.finished;
    expect(stdout).toBe('1000\ndone\n');
    expect(code).toBe(3);
  });
});

/** Whether we have CAP_SYS_RESOURCE. */
function mayRaiseLimits(): boolean {
  const [, capabilities = '0'] = /^CapEff:\s+(\w+)/m.exec(textOf('/proc/self/status')) ?? [];
  return (BigInt(`0x${capabilities}`) >> 24n) % 2n === 1n;
}

/** What keeps a job where it is, by the program that does it. */
const STAYERS: readonly (readonly [word: string, program: string])[] = [
  ['sockets', 'import socket; one = socket.create_connection(("10.99.0.1", 22))'],
  ['node_address', 'import socket; one = socket.create_server(("", 0))'],
  ['file_lock', 'import fcntl; one = open("/srv/locked", "w"); fcntl.flock(one, fcntl.LOCK_EX)'],
  ['device_open', 'one = open("/dev/fuse")'],
  ['mem_lock', 'import ctypes, mmap; one = mmap.mmap(-1, 4096); ctypes.CDLL(None).mlockall(1)'],
];

describe('a job that must stay', () => {
  test.concurrent.for(STAYERS)('says why, and runs on: %s', async ([word, program]) => {
    const rest = 'print("ready", flush=True); import sys; sys.stdin.readline(); print("done"); sys.exit(2)';
    const job = await Job.start(lab, 1, ['python3', '-c', `${program}; ${rest}`]);
    await job.says('ready');
    const moved = await job.migrate(2);
    expect(moved.code).toBe(1);
    expect(moved.stderr).toContain(`${word}: `);
    job.deputy.entry.stdin?.write('now\n');
    const { code, stdout } = await job.deputy.finished;
    expect(stdout).toBe('ready\ndone\n');
    expect(code).toBe(2);
  });
});

describe('a node that jobs came to', () => {
  test('has nothing left of them when they are over', async () => {
    expect(await leftBehind(lab, before)).toEqual([]);
  });
});
