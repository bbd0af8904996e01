/** Operations on a node over a real OpenSSH server, in every shell that nodes have, on real files. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NodeEntry } from '../../common/contract/contract.ts';
import { operatorInput, type Operation, type OperationReply } from '../../common/wire/operations.ts';
import type { SshSession } from '../../main/ssh/index.ts';
import { AT_HOME, NodeTree } from '../harness/node-tree.ts';
import { OPERATOR_TEXT, operateAt, repliesOver, SHELL_COMMANDS } from '../harness/operator-bench.ts';
import { SshBench } from '../harness/ssh-fixture.ts';

let folder: string;
let tree: NodeTree;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-operator-'));
  tree = new NodeTree(folder);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A real process that sleeps, with its start. */
async function sleeper(): Promise<{ child: ChildProcess; pid: number; started: number }> {
  const child = spawn('sleep', ['1000']);
  children.push(child);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  return { child, pid, started: Number(statField(pid, 22)) };
}

function statField(pid: number, field: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[field - 3] ?? '';
}

describe.each(SHELL_COMMANDS)('the operator in %s', (_name, command) => {
  const bench = new SshBench();
  let session: SshSession;

  beforeAll(async () => {
    ({ session } = await bench.connect({ config: [`ForceCommand exec ${command}`] }));
  });
  afterAll(() => bench.close());

  function replies(operations: readonly Operation[], root = tree.proc): Promise<readonly OperationReply[]> {
    return repliesOver(session, root, operations);
  }

  async function reply(operation: Operation, root?: string): Promise<OperationReply | undefined> {
    return (await replies([operation], root))[0];
  }

  test.each([
    ['the folder for /proc', () => tree.proc],
    ["the cluster's own folder", () => tree.hpc],
  ])('reads and writes the files below %s, in their order', async (_which, root) => {
    tree.write('hpc/admin/block', '0\n');
    const results = await replies(
      [
        { kind: 'read', file: 'admin/block' },
        { kind: 'write', file: 'admin/block', value: 1 },
        { kind: 'read', file: 'admin/block' },
        { kind: 'read', file: 'nodes/2/load' as 'nodes/2/status' },
      ],
      root(),
    );
    expect(results).toEqual([
      { kind: 'text', texts: ['0'] },
      { kind: 'done' },
      { kind: 'text', texts: ['1'] },
      { kind: 'text', texts: ['0'] },
    ]);
    expect(tree.read('hpc/admin/block')).toBe('1\n');
  });

  test('finds the tree of older kernels', async () => {
    tree.write('mosix/admin/mospe', '2\n');
    mkdirSync(join(folder, 'mosix/nodes'));
    tree.write('mosix/admin/stay', '1\n');
    tree.remove('hpc');
    expect(await reply({ kind: 'read', file: 'admin/stay' })).toEqual({ kind: 'text', texts: ['1'] });
  });

  test('says that a file is missing, and makes none', async () => {
    expect(await reply({ kind: 'read', file: 'admin/quiet' })).toEqual({ kind: 'missing' });
    expect(await reply({ kind: 'write', file: 'admin/quiet', value: 1 })).toEqual({ kind: 'missing' });
    expect(existsSync(join(tree.hpc, 'admin/quiet'))).toBe(false);
  });

  test('says that every file is missing where there is no openMosix', async () => {
    tree.remove('hpc');
    expect(
      await replies([
        { kind: 'read', file: 'admin/block' },
        { kind: 'write', file: 'admin/block', value: 1 },
        { kind: 'count', what: 'guests' },
      ]),
    ).toEqual([{ kind: 'missing' }, { kind: 'missing' }, { kind: 'missing' }]);
  });

  test("gives the kernel's words for a write that it refuses when it is opened", async () => {
    mkdirSync(join(tree.hpc, 'admin/block'));
    const answer = await reply({ kind: 'write', file: 'admin/block', value: 1 });
    expect(answer).toMatchObject({ kind: 'refused', words: expect.stringMatching(/directory/i) as string });
    expect(answer).not.toMatchObject({ words: expect.stringMatching(/^\S*sh: /) as string });
  });

  test('knows a write that it refuses when it is written', async () => {
    // The kernel's own file that refuses every write, as a full disk does.
    symlinkSync('/dev/full', join(tree.hpc, 'admin/speed'));
    const answer = await reply({ kind: 'write', file: 'admin/speed', value: 7609 });
    expect(answer).toMatchObject({
      kind: 'refused',
      words: expect.stringMatching(/^the kernel refused it|space/) as string,
    });
  });

  test('does what comes after something that is refused', async () => {
    mkdirSync(join(tree.hpc, 'admin/block'));
    tree.write('hpc/admin/stay', '0\n');
    const results = await replies([
      { kind: 'write', file: 'admin/block', value: 1 },
      { kind: 'write', file: 'admin/stay', value: 1 },
    ]);
    expect(results.map((one) => one.kind)).toEqual(['refused', 'done']);
  });

  test.each([
    ['empty', '', ''],
    ['several lines', '3\n4\n', '3'],
    ['a command', '$(touch /tmp/mosview-was-here)\n', '$(touch /tmp/mosview-was-here)'],
    ['an answer of the protocol', '1 done\\n1 gone\n', '1 done\\n1 gone'],
    ['control characters', '\u0001\u001b[2J7\u0000\n', expect.stringMatching(/^\[2J7$/)],
    ['a million digits', '1'.repeat(1_000_000), expect.stringMatching(/^1{100,200}…?$/)],
  ])('reads a file that holds %s as text', async (_what, text, expected) => {
    rmSync('/tmp/mosview-was-here', { force: true });
    tree.write('hpc/admin/speed', text);
    expect(await reply({ kind: 'read', file: 'admin/speed' })).toEqual({ kind: 'text', texts: [expected] });
    expect(existsSync('/tmp/mosview-was-here')).toBe(false);
  });

  test.each([
    ['move', 'goto'],
    ['migrate', 'migrate'],
    ['lock', 'lock'],
  ] as const)('a %s is written into %s of the process that is meant', async (kind, file) => {
    tree.process(100, { started: 4711 });
    expect(await reply({ kind, pid: 100, started: 4711, value: 1 })).toEqual({ kind: 'done' });
    expect(tree.read(`100/${file}`)).toBe('1\n');
  });

  test('sends a process to the best node with -1', async () => {
    tree.process(100);
    await reply({ kind: 'move', pid: 100, started: 1000, value: -1 });
    expect(tree.read('100/goto')).toBe('-1\n');
  });

  test('does not touch another process that has got the number, and says when that began', async () => {
    tree.process(100, { started: 9000 });
    const results = await replies([
      { kind: 'move', pid: 100, started: 4711, value: 5 },
      { kind: 'lock', pid: 100, started: 4711, value: 1 },
      { kind: 'place', pid: 100, started: 4711 },
      { kind: 'signal', pid: 100, started: 4711, signal: 'KILL' },
      { kind: 'renice', pid: 100, started: 4711, nice: 5 },
    ]);
    expect(results).toEqual(results.map(() => ({ kind: 'other', started: 9000 })));
    expect(tree.read('100/goto')).toBe('0\n');
    expect(tree.read('100/lock')).toBe('0\n');
  });

  test('says that a process is gone', async () => {
    tree.write('101/stat', '');
    expect(await reply({ kind: 'move', pid: 100, started: 1, value: 5 })).toEqual({ kind: 'gone' });
    expect(await reply({ kind: 'move', pid: 101, started: 1, value: 5 })).toEqual({ kind: 'gone' });
  });

  test('says that a process has no such file', async () => {
    tree.process(3, { name: 'kswapd', files: {} });
    expect(await reply({ kind: 'move', pid: 3, started: 1000, value: 5 })).toEqual({ kind: 'missing' });
  });

  test.each([
    ['a command', '$(touch /tmp/mosview-was-here)'],
    ['parentheses and numbers', 'a) R 1 2 3 (b) S 1'],
    ['lines of the protocol', 'x\n1 done\n1 gone'],
    [
      '4 kB of control characters',
      Array.from({ length: 4096 }, (_, at) => String.fromCharCode(1 + (at % 31))).join(''),
    ],
  ])('moves a process whose name is %s', async (_what, name) => {
    rmSync('/tmp/mosview-was-here', { force: true });
    tree.process(100, { name, started: 4711 });
    expect(await reply({ kind: 'move', pid: 100, started: 4711, value: 5 })).toEqual({ kind: 'done' });
    expect(tree.read('100/goto')).toBe('5\n');
    expect(existsSync('/tmp/mosview-was-here')).toBe(false);
  });

  test('tells where a process is, how often it moved, whether it is locked, and every reason why it cannot', async () => {
    tree.process(100, {
      files: { ...AT_HOME, where: '5\n', nmigs: '3\n', lock: '1\n', cantmove: 'monkey\nmem_lock\n' },
    });
    tree.guest(77, 5, 1234);
    const results = await replies([
      { kind: 'place', pid: 100, started: 1000 },
      { kind: 'place', pid: 77, started: 1000 },
    ]);
    expect(results).toEqual([
      { kind: 'text', texts: ['5', '3', '1', 'monkey, mem_lock'] },
      { kind: 'text', texts: ['', '', '', ''] },
    ]);
  });

  test('counts guests, and own processes that are away', async () => {
    tree.process(100, { files: { ...AT_HOME, where: '5\n' } });
    tree.process(101);
    tree.process(102, { files: {} });
    tree.guest(77, 5, 1, { files: { ...AT_HOME, where: '7\n' } });
    tree.guest(78, 7, 2);
    expect(
      await replies([
        { kind: 'count', what: 'guests' },
        { kind: 'count', what: 'away' },
      ]),
    ).toEqual([
      { kind: 'done', value: 2 },
      { kind: 'done', value: 1 },
    ]);
  });

  test('stops, continues and ends a real process', async () => {
    const { child, pid, started } = await sleeper();
    expect(await reply({ kind: 'signal', pid, started, signal: 'STOP' }, '/proc')).toEqual({ kind: 'done' });
    await expect.poll(() => statField(pid, 3)).toBe('T');
    await reply({ kind: 'signal', pid, started, signal: 'CONT' }, '/proc');
    await expect.poll(() => statField(pid, 3)).toBe('S');
    const ended = once(child, 'exit');
    await reply({ kind: 'signal', pid, started, signal: 'TERM' }, '/proc');
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(await reply({ kind: 'signal', pid, started, signal: 'KILL' }, '/proc')).toEqual({ kind: 'gone' });
  });

  test('gives a real process another priority', async () => {
    const { pid, started } = await sleeper();
    expect(await reply({ kind: 'renice', pid, started, nice: 7 }, '/proc')).toEqual({ kind: 'done' });
    expect(statField(pid, 19)).toBe('7');
  });

  test('sends no signal to a real process in the name of an emulated one', async () => {
    const { pid } = await sleeper();
    tree.process(pid);
    const words = expect.stringContaining('emulated') as string;
    expect(await reply({ kind: 'signal', pid, started: 1000, signal: 'KILL' })).toEqual({
      kind: 'refused',
      words,
    });
    expect(await reply({ kind: 'renice', pid, started: 1000, nice: 5 })).toEqual({ kind: 'refused', words });
    expect(statField(pid, 3)).toBe('S');
  });

  test('does two thousand operations as one command', async () => {
    tree.process(100);
    const operations = Array.from({ length: 2000 }, (_, index) => ({
      ...({ kind: 'lock', pid: 100, started: 1000 } as const),
      value: index % 2,
    }));
    const results = await replies(operations);
    expect(results).toHaveLength(2000);
    expect(results.every((one) => one.kind === 'done')).toBe(true);
  });

  test('does nothing when only a part of it comes', () => {
    tree.write('hpc/admin/speed', '10000\n');
    const input = operatorInput('abc', tree.proc, OPERATOR_TEXT, [
      { kind: 'write', file: 'admin/speed', value: 7609 },
    ]);
    const [program = '', ...words] = command.split(' ');
    // Every cut from the operations on, and some within the program.
    const from = input.indexOf("operations='");
    const cuts = [
      100,
      2000,
      from - 10,
      ...Array.from({ length: input.length - 1 - from }, (_, at) => from + at),
    ];
    for (const cut of cuts) {
      try {
        execFileSync(program, words, { input: input.slice(0, cut), stdio: ['pipe', 'ignore', 'ignore'] });
      } catch {
        // A shell may call an unfinished text an error.
      }
      if (cut < input.length - 1) expect(tree.read('hpc/admin/speed')).toBe('10000\n');
    }
  });
});

describe('operations over a connection', () => {
  let bench: SshBench;
  beforeEach(() => {
    bench = new SshBench();
  });
  afterEach(() => bench.close());

  const write: Operation = { kind: 'write', file: 'admin/speed', value: 7609 };
  const read: Operation = { kind: 'read', file: 'admin/speed' };

  function run(session: SshSession, operations: readonly Operation[], more: Partial<NodeEntry> = {}) {
    return operateAt(session, tree.proc, operations, more);
  }

  test('are done behind whatever the login shell prints', async () => {
    tree.write('hpc/admin/speed', '10000\n');
    const { session } = await bench.connect({
      bashrc: 'echo "Welcome to n1"; printf "1 done\\nno line feed: "; echo oops >&2\n',
    });
    expect(await run(session, [read])).toEqual({ ok: true, value: [{ kind: 'text', texts: ['10000'] }] });
  });

  test('that change something go through the prefix of the settings, and those that only look do not', async () => {
    tree.write('hpc/admin/speed', '10000\n');
    const { session } = await bench.connect();
    const log = join(folder, 'log');
    const prefix = join(folder, 'prefix');
    writeFileSync(prefix, `#!/bin/sh\necho "$*" >> ${log}\nexec "$@"\n`);
    chmodSync(prefix, 0o755);
    await run(session, [read, { kind: 'list' }, { kind: 'count', what: 'away' }], { writePrefix: prefix });
    expect(existsSync(log)).toBe(false);
    const results = await run(session, [read, write], { writePrefix: prefix });
    expect(results).toMatchObject({ ok: true, value: [{ kind: 'text' }, { kind: 'done' }] });
    expect(readFileSync(log, 'utf8')).toBe('/bin/sh -s\n');
  });

  test.runIf(process.getuid?.() === 0)('go through sudo where it allows them', async () => {
    tree.write('hpc/admin/speed', '10000\n');
    const { session } = await bench.connect();
    expect(await run(session, [write], { writePrefix: 'sudo -n' })).toEqual({
      ok: true,
      value: [{ kind: 'done' }],
    });
  });

  test("are not begun where sudo refuses, and sudo's own words say why", async () => {
    tree.write('hpc/admin/speed', '10000\n');
    const { session } = await bench.connect();
    const result = await run(session, [write], { writePrefix: 'sudo -n -u mosview-nobody-at-all' });
    expect(result).toMatchObject({ ok: false, problem: { code: 'permission-denied' } });
    expect(!result.ok && result.problem.message).toMatch(
      /sudo: .*(unknown user|password is required).*Allow this login/,
    );
    expect(tree.read('hpc/admin/speed')).toBe('10000\n');
  });

  test.each([
    ['/bin/false', 'it said nothing'],
    ['/usr/bin/no-such-sudo -n', 'not found|No such file'],
  ])('are not begun where the prefix is %s', async (writePrefix, words) => {
    const { session } = await bench.connect();
    const result = await run(session, [write], { writePrefix });
    expect(result).toMatchObject({ ok: false, problem: { code: 'permission-denied' } });
    expect(!result.ok && result.problem.message).toMatch(new RegExp(words));
  });

  test('say what a login shell said that runs nothing', async () => {
    const { session } = await bench.connect({ config: ['ForceCommand echo "This account is closed."'] });
    const result = await run(session, [write]);
    expect(result).toMatchObject({
      ok: false,
      problem: { code: 'no-shell', detail: 'This account is closed.' },
    });
  });

  test('are known as far as they were answered when the connection is cut in the middle', async () => {
    tree.write('hpc/admin/block', '0\n');
    execFileSync('mkfifo', [join(tree.hpc, 'admin/speed')]);
    tree.write('hpc/admin/stay', '0\n');
    const { session, sshd } = await bench.connect();
    const answered = Promise.withResolvers<void>();
    const open = session.openChannel.bind(session);
    vi.spyOn(session, 'openChannel').mockImplementation((command, handlers) =>
      open(command, {
        ...handlers,
        onData: (chunk) => {
          handlers.onData(chunk);
          if (chunk.includes('1 done\n')) answered.resolve();
        },
      }),
    );
    const running = run(session, [
      { kind: 'write', file: 'admin/block', value: 1 },
      write,
      { kind: 'write', file: 'admin/stay', value: 1 },
    ]);
    // The second write waits at the pipe, which nobody reads.
    await answered.promise;
    sshd.killConnections();
    expect(await running).toEqual({
      ok: true,
      value: [{ kind: 'done' }, { kind: 'unanswered' }, { kind: 'unanswered' }],
    });
  });

  test('that only look are a lost connection when nothing was answered', async () => {
    execFileSync('mkfifo', [join(tree.hpc, 'admin/speed')]);
    const { session, sshd } = await bench.connect();
    const running = run(session, [read]);
    await expect
      .poll(() => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }))
      .toContain('/bin/sh -s');
    sshd.killConnections();
    expect(await running).toMatchObject({ ok: false, problem: { code: 'connection-lost' } });
  });

  test('are not begun on a session that is not connected', async () => {
    const { session } = await bench.connect();
    await session.close();
    expect(await run(session, [write])).toMatchObject({ ok: false });
  });
});
