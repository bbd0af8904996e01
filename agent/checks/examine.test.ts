/** Every rule by a real process in a job's namespaces. perl makes the system calls, as it is on every Debian. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { needsSchema } from './needs.ts';
import { AwayWatch, DELETED_FILE_LIMIT, examine, type Examination } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'checks-'));
let initPid = 0;

function processes(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/** The processes in the job's PID namespace. */
function inNamespace(): readonly number[] {
  const namespaceOf = (pid: number): string => attempt(() => readlinkSync(`/proc/${pid}/ns/pid`));
  const expected = namespaceOf(initPid);
  return processes().filter((pid) => pid !== initPid && namespaceOf(pid) === expected);
}

/** A job with what it has put into further namespaces: the whole of its session, which is not one of those before. */
function tree(before: readonly number[]): readonly number[] {
  const sessionOf = (pid: number): string | undefined =>
    attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
      .split(') ')
      .at(-1)
      ?.split(' ')[3];
  const sessions = new Set(
    inNamespace()
      .filter((pid) => !before.includes(pid))
      .map(sessionOf),
  );
  return processes().filter((pid) => sessions.has(sessionOf(pid)));
}

/** A line of the program's output, which it prints when it has done what it is there for. */
async function lineOf(child: ChildProcess, match: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error('The program has no output.');
  for await (const line of createInterface({ input: child.stdout })) if (match.test(line)) return line;
  throw new Error(`The program ended before it printed ${String(match)}.`);
}

/** The job's namespaces as the agent makes them: one sleeping process, which is no part of any job. */
beforeAll(async () => {
  if (process.getuid?.() !== 0)
    throw new Error('These tests start processes in namespaces: run them as root.');
  const script = 'trap "" CHLD; echo ready; exec sleep infinity >/dev/null';
  const child = spawn(
    'unshare',
    [
      '--ipc',
      '--uts',
      '--mount',
      '--propagation',
      'slave',
      '--pid',
      '--fork',
      '--mount-proc',
      'sh',
      '-c',
      script,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await lineOf(child, /ready/);
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  initPid = Number(children.trim());
  // As the agent does: nobody waits for the namespace's first process.
  child.kill('SIGKILL');
});

afterAll(async () => {
  if (initPid > 0) process.kill(initPid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts a job in the namespaces, with pipes as the agent gives it, and waits until it says `ready`. */
async function job(...command: readonly string[]): Promise<readonly number[]> {
  const before = inNamespace();
  const inside = 'exec </dev/null 2>/dev/null; exec setsid "$@"';
  const enter = ['-t', String(initPid), '-m', '-p', '-i', '-u', `--wdns=${folder}`, 'sh', '-c', inside, 'sh'];
  // The shell's pipe is a real one; that of Node would be a socket.
  const child = spawn('bash', ['-c', 'nsenter "$@" | cat', 'job', ...enter, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = once(child, 'exit');
  onTestFinished(async () => {
    for (const pid of tree(before)) attempt(() => String(process.kill(pid, 'SIGKILL')));
    await end;
  });
  await lineOf(child, /^ready$/);
  return tree(before);
}

/** A program in perl that does something, says so, and waits. */
function perl(code: string): readonly string[] {
  return [
    'perl',
    '-e',
    `use Socket; use POSIX; use Fcntl ':flock'; $| = 1; ${code}; print "ready\\n"; sleep 100 while 1;`,
  ];
}

async function look(pids: readonly number[], minimumAgeSeconds = 0): Promise<Examination> {
  return examine(pids, { now: Date.now(), minimumAgeSeconds, initPid });
}

/** The reasons for a program in perl. */
async function reasonsFor(code: string): Promise<Examination['reasons']> {
  return (await look(await job(...perl(code)))).reasons;
}

async function wordsFor(...command: readonly string[]): Promise<readonly string[]> {
  return (await look(await job(...command))).reasons.map(({ word }) => word);
}

/** A process that is not of the job, in the namespaces of the node. */
async function outsider(code: string): Promise<number> {
  const [program = '', ...args] = perl(code);
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const end = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
  });
  await lineOf(child, /^ready$/);
  return child.pid ?? 0;
}

test('a job that computes and writes to its pipes may move', async () => {
  const { reasons, needs, threads, insidePids, residentBytes } = await look(await job(...perl('')));
  expect(reasons).toEqual([]);
  expect(threads).toBe(1);
  expect(insidePids).toHaveLength(1);
  expect(residentBytes).toBeGreaterThan(100_000);
  const paths = needs.files.map(({ path }) => path);
  expect(paths).toContain('/usr/bin/perl');
  expect(paths).toContain(folder);
  expect(paths).toContain('/dev/null');
  expect(needsSchema.parse(structuredClone(needs))).toEqual(needs);
});

test('a file is needed with its strongest use, and tells its place', async () => {
  const { needs } = await look(
    await job(...perl('open A, "<", "../etc/passwd"; open B, "<", "f"; open C, ">>", "f"; open D, ">", "g"')),
  );
  const uses = new Map(needs.files.map(({ path, use }) => [path.replace(folder, ''), use]));
  expect([uses.get('/f'), uses.get('/g'), uses.get('/usr/bin/perl')]).toEqual(['append', 'write', 'read']);
  expect(needs.files.find(({ path }) => path.endsWith('/g'))?.fileSystem).not.toBe('');
});

test('memory, pipes, files, unix sockets and kernel objects that are all in the tree move along', async () => {
  const code = [
    'syscall(9, 0, 65536, 3, 0x21, -1, 0)', // shared anonymous memory
    'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0)',
    'pipe(R, W)',
    'open F, "+>", "mapped"; truncate(F, 4096); syscall(9, 0, 4096, 3, 1, fileno(F), 0)',
    'syscall(319, my $name = "memory", 0)', // memfd_create
    'syscall(290, 0, 0); syscall(291, 0); syscall(283, 1, 0)', // eventfd, epoll, timerfd
    'open U, "</dev/urandom"',
    'fork()',
  ].join(';');
  const { reasons, insidePids } = await look(await job(...perl(code)));
  expect(reasons).toEqual([]);
  expect(insidePids).toHaveLength(2);
});

test('too young: until the oldest process is old enough', async () => {
  const pids = await job(...perl(''));
  const { reasons } = await look(pids, 5);
  expect(reasons.map(({ word }) => word)).toEqual(['too_young']);
  const later = await examine(pids, { now: Date.now() + 5000, minimumAgeSeconds: 5, initPid });
  expect(later.reasons).toEqual([]);
});

test('real-time scheduling, also of one thread only; at home it is right', async () => {
  const [only] = (await look(await job('chrt', '--fifo', '1', ...perl('')))).reasons;
  expect(only).toMatchObject({ word: 'rt_sched', homeHelps: true });
  expect(only?.text).toMatch(/^Process \d+ \(perl\) has .*SCHED_FIFO/);
  const script =
    'const { execFileSync } = require("node:child_process"); const threads = require("node:fs").readdirSync("/proc/self/task");' +
    'execFileSync("chrt", ["--rr", "-p", "1", threads.at(-1)]); console.log("ready"); setInterval(() => {}, 1e6)';
  expect(await wordsFor(process.execPath, '-e', script)).toContain('rt_sched');
});

test('locked memory', async () => {
  const [only] = await reasonsFor('syscall(149, my $page = "x" x 8192, 8192)');
  expect(only).toMatchObject({ word: 'mem_lock', homeHelps: true });
});

test('traced', async () => {
  const traced = 'if (!fork()) { syscall(101, 0, 0, 0, 0); print "ready\\n"; sleep 100 } wait';
  expect(await wordsFor('perl', '-e', `$| = 1; ${traced}`)).toEqual(['traced']);
});

test.for([['--net'], ['--mount'], ['--user'], ['--pid', '--fork'], ['--uts'], ['--ipc']])(
  'a namespace of its own inside the job: %s',
  async (options) => {
    const words = await wordsFor('sh', '-c', '"$@"; true', 'sh', 'unshare', ...options, ...perl(''));
    expect(new Set(words)).toEqual(new Set(['namespace']));
  },
);

test('a device other than the harmless ones', async () => {
  const [only] = await reasonsFor('open D, "</dev/kmsg"');
  expect(only?.word).toBe('device_open');
  expect(only?.text).toMatch(/\/dev\/kmsg \(1:11\): it has it open as \d/);
});

test.for([
  ['io_uring', 'syscall(425, 1, my $parameters = "\\0" x 120)'],
  ['userfaultfd', 'syscall(323, 1)'],
  ['perf_event', 'syscall(298, my $event = pack("LLQx48", 1, 64, 0), 0, -1, -1, 0)'],
  ['bpf', 'syscall(321, 0, my $map = pack("LLLLx56", 2, 4, 4, 1), 72)'],
  ['message_queue', 'syscall(240, my $name = "checks", 0102, 0600, 0)'],
] as const)('%s', async ([word, code]) => {
  const reasons = await reasonsFor(`(${code}) >= 0 or die`);
  expect(reasons.map((one) => one.word)).toEqual([word]);
});

test('a pidfd of a process outside', async () => {
  const [only] = await reasonsFor('syscall(434, $$, 0); syscall(434, 1, 0)');
  expect(only?.word).toBe('pidfd');
  expect(only?.text).toContain(`of process ${initPid}, which is not of its job`);
});

test('a lock on a file', async () => {
  const [only] = await reasonsFor('open F, ">", "locked"; flock(F, LOCK_EX)');
  expect(only?.word).toBe('file_lock');
  expect(only?.text).toMatch(/\(FLOCK\) on .*\/locked/);
});

test('a connection; at home it would break just so', async () => {
  const code =
    'socket(L, PF_INET, SOCK_STREAM, 0); bind(L, sockaddr_in(0, INADDR_LOOPBACK)); listen(L, 1);' +
    'socket(C, PF_INET, SOCK_STREAM, 0); connect(C, getsockname(L)); accept(A, L); close L; close A';
  const [only] = await reasonsFor(code);
  expect(only).toMatchObject({ word: 'sockets', homeHelps: false });
  expect(only?.text).toMatch(/TCP connection from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+/);
});

test('sockets that stand for this node belong at home', async () => {
  const listen = 'socket(L, PF_INET, SOCK_STREAM, 0); bind(L, sockaddr_in(0, INADDR_LOOPBACK)); listen(L, 1)';
  const [listening] = await reasonsFor(listen);
  expect(listening).toMatchObject({ word: 'node_address', homeHelps: true });
  expect(listening?.text).toMatch(/listens at 127\.0\.0\.1:\d+/);
  const [datagrams] = await reasonsFor(
    'socket(U, PF_INET6, SOCK_DGRAM, 0); bind(U, Socket::pack_sockaddr_in6(0, Socket::IN6ADDR_ANY))',
  );
  expect(datagrams?.word).toBe('node_address');
});

test('a socket that no table lists is refused', async () => {
  const [only] = await reasonsFor('socket(T, PF_INET, SOCK_STREAM, 0)');
  expect(only?.word).toBe('sockets');
  expect(only?.text).toMatch(/no table of the kernel/);
});

test('a unix connection to a process outside, or to nobody', async () => {
  await outsider('socket(L, PF_UNIX, SOCK_DGRAM, 0); bind(L, sockaddr_un("outside"))');
  const [outside] = await reasonsFor('socket(C, PF_UNIX, SOCK_DGRAM, 0); connect(C, sockaddr_un("outside"))');
  expect(outside?.text).toMatch(/unix connection open as \d+ to a process outside the job/);
  const [closed] = await reasonsFor('socketpair(A, B, AF_UNIX, SOCK_STREAM, 0); close B');
  expect(closed?.text).toMatch(/the other end of which is closed/);
});

test('without ss a unix connection is refused, and why is said', async () => {
  const pids = await job(...perl('socketpair(A, B, AF_UNIX, SOCK_STREAM, 0)'));
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const [only] = (await look(pids)).reasons;
  expect(only?.word).toBe('sockets');
  expect(only?.text).toMatch(/ss, .* is not installed \(package iproute2\)/);
});

test('the folder of a bound unix socket is needed', async () => {
  const code =
    'mkdir "sockets"; socket(L, PF_UNIX, SOCK_STREAM, 0); bind(L, sockaddr_un("$ENV{PWD}/sockets/s")); listen(L, 1)';
  const { reasons, needs } = await look(await job('env', `PWD=${folder}`, ...perl(code)));
  expect(reasons).toEqual([]);
  expect(needs.files.find(({ path }) => path === join(folder, 'sockets'))?.kind).toBe('folder');
});

const MAP = 'open F, "+>>", "shared"; truncate(F, 4096); syscall(9, 0, 4096, 3, 1, fileno(F), 0)';

test('memory shared with a process outside, which criu moves without a word', async () => {
  const pid = await outsider(MAP);
  const [only] = await reasonsFor(MAP);
  expect(only).toMatchObject({ word: 'monkey', homeHelps: false });
  expect(only?.text).toContain(`with process ${pid}`);
});

const FIFO = 'mkfifo("fifo", 0600); open F, "+<", "fifo"';

test('a FIFO that only the job has open moves along', async () => {
  expect(await reasonsFor(FIFO)).toEqual([]);
});

test('a FIFO shared with a process outside', async () => {
  const pid = await outsider(FIFO);
  const [only] = await reasonsFor(FIFO);
  expect(only?.word).toBe('fifo_outside');
  expect(only?.text).toContain(`with process ${pid}`);
});

/** A deleted file that takes so many bytes on its disk, and as many again in holes. */
function deletedFile(bytes: number): string {
  return `open F, "+>", "gone"; syscall(285, fileno(F), 0, 0, ${bytes}) == 0 or die; truncate(F, ${2 * bytes}); unlink "gone"`;
}

test('a deleted file travels if it takes up to 64 MB and has no other name', async () => {
  const small = await look(await job(...perl(deletedFile(63 << 20))));
  expect(small.reasons).toEqual([]);
  expect(small.needs.files.some(({ path }) => path.includes('gone'))).toBe(false);
  const [large] = await reasonsFor(deletedFile(65 << 20));
  expect(large?.text).toMatch(/gone, which is deleted .* takes 65 MB; up to 64 MB/);
  const [linked] = await reasonsFor('open F, ">", "one"; link "one", "two"; unlink "one"');
  expect(linked).toMatchObject({ word: 'file_deleted' });
});

test('a file that is only called so is not deleted', async () => {
  const { reasons, needs } = await look(await job(...perl('open F, ">", "odd (deleted)"')));
  expect(reasons).toEqual([]);
  expect(needs.files.map(({ path }) => path)).toContain(join(folder, 'odd (deleted)'));
});

test('many of one kind are one reason', async () => {
  const [only, ...others] = await reasonsFor('socket($s[$_], PF_INET, SOCK_STREAM, 0) for 1 .. 5');
  expect(only?.text).toMatch(/ And 4 more of this kind\.$/);
  expect(others).toEqual([]);
});

test('a process that has ended is no error', async () => {
  const { reasons, insidePids } = await look([2 ** 22 + 1]);
  expect({ reasons, insidePids }).toEqual({ reasons: [], insidePids: [] });
});

describe('a job that is away', () => {
  test('is found out when it starts to do what cannot move', async () => {
    const pids = await job(...perl('$SIG{USR1} = sub { open D, "</dev/kmsg" }'));
    const watch = new AwayWatch({ initPid });
    expect(await watch.look(pids, Date.now())).toEqual([]);
    for (const pid of pids) process.kill(pid, 'SIGUSR1');
    await vi.waitFor(async () => {
      expect((await watch.look(pids, Date.now())).map(({ word }) => word)).toEqual(['device_open']);
    });
  });

  test('is told of a lock that it takes on a file that it has open already', async () => {
    const pids = await job(...perl('open F, ">", "later"; $SIG{USR1} = sub { flock(F, LOCK_EX) }'));
    const watch = new AwayWatch({ initPid });
    expect(await watch.look(pids, Date.now())).toEqual([]);
    for (const pid of pids) process.kill(pid, 'SIGUSR1');
    await vi.waitFor(async () => {
      expect((await watch.look(pids, Date.now())).map(({ word }) => word)).toEqual(['file_lock']);
    });
  });

  test('is looked at wholly every 10 s, as others may have come to share', async () => {
    const pids = await job(...perl(MAP));
    const watch = new AwayWatch({ initPid });
    expect(await watch.look(pids, 0)).toEqual([]);
    await outsider(MAP);
    expect(await watch.look(pids, 9999)).toEqual([]);
    expect((await watch.look(pids, 10_000)).map(({ word }) => word)).toEqual(['monkey']);
  });
});

describe('criu agrees', () => {
  let criu = '';

  beforeAll(async () => {
    const script = join(import.meta.dirname, '../../scripts/criu.mjs');
    criu = ((await import(script)) as { ensureCriu(): string }).ensureCriu();
  }, 60_000);

  /** What the examination says of a job, and whether criu can dump it as the agent has it do. */
  async function both(
    ...command: readonly string[]
  ): Promise<{ readonly words: readonly string[]; readonly dumped: boolean }> {
    const { reasons, insidePids } = await look(await job(...command));
    const images = mkdtempSync(join(folder, 'images-'));
    const enter = [
      '-t',
      String(initPid),
      '-m',
      '-p',
      '--wdns=/',
      criu,
      'dump',
      '-t',
      String(Math.min(...insidePids)),
    ];
    const options = [
      '-D',
      images,
      '--leave-running',
      '--manage-cgroups=ignore',
      '--ghost-limit',
      `${DELETED_FILE_LIMIT}`,
      '-o',
      'log',
    ];
    const { status } = spawnSync('nsenter', [...enter, ...options]);
    return { words: reasons.map(({ word }) => word), dumped: status === 0 };
  }

  test.for([
    ['computes', ''],
    [
      'has shared memory, a socket pair and a deleted file',
      'syscall(9, 0, 65536, 3, 0x21, -1, 0); socketpair(A, B, AF_UNIX, SOCK_STREAM, 0); open F, "+>", "x"; unlink "x"',
    ],
    [
      'listens at a unix socket and works in a deleted folder',
      'mkdir "d"; socket(L, PF_UNIX, SOCK_STREAM, 0); bind(L, sockaddr_un("own")); listen(L, 1); chdir "d"; rmdir "../d"',
    ],
  ] as const)('that a job may move that %s', async ([, code]) => {
    expect(await both(...perl(code))).toEqual({ words: [], dumped: true });
  });

  test.for([
    ['io_uring', 'syscall(425, 1, my $parameters = "\\0" x 120)'],
    ['file_lock', 'open F, ">", "locked"; flock(F, LOCK_EX)'],
    ['file_deleted', 'open F, ">", "first"; link "first", "second"; unlink "first"'],
    ['file_deleted', deletedFile(65 << 20)],
    ['message_queue', 'syscall(240, my $name = "queue", 0102, 0600, 0)'],
    ['pidfd', 'syscall(434, 1, 0)'],
  ] as const)('on %s', async ([word, code]) => {
    expect(await both(...perl(code))).toEqual({ words: [word], dumped: false });
  });

  test('on all but memory shared with a process outside, which it takes without a word', async () => {
    await outsider(MAP);
    expect(await both(...perl(MAP))).toEqual({ words: ['monkey'], dumped: true });
  });
});
