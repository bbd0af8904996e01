/**
 * Operations on a node of openMosix' port to 2.6, in every shell that nodes have. The kernel's errors come from files whose
 * writes fail really (EINVAL, EACCES) and, where no such file can be had (EAGAIN, EFAULT, ENODEV), from a program that
 * stands in for dd and fails with dd's words.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { operatorInput, type Operation, type OperationReply } from '../../common/wire/operations.ts';
import { processesFrom } from '../../main/nodes/processes.ts';
import { OPERATOR_TEXT, repliesIn, SHELL_COMMANDS } from '../harness/operator-bench.ts';
import { ProcFolder } from '../harness/proc-folder.ts';

let folder: string;
let tree: ProcFolder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-om26-'));
  tree = new ProcFolder(join(folder, 'proc'));
  tree.write('loadavg', '0.00 0.00 0.00 1/1 1\n');
  tree.write('uptime', '5000.00 4000.00\n');
  tree.write('self/om/where', 'home\n');
});

afterEach(() => rmSync(folder, { recursive: true }));

const where = (pid = 100, port = 'om'): string => tree.read(`${pid}/${port}/where`);

/** A process with all its files. */
function process(
  pid: number,
  of: {
    where?: string;
    stay?: string;
    flags?: string;
    name?: string;
    state?: string;
    started?: number;
    pages?: number;
    cmdline?: string;
    port?: string;
  } = {},
): void {
  const { name = 'work', state = 'R', started = 1000, pages = 10, cmdline = `${name}\0--hard\0` } = of;
  const { port = 'om', stay = '', flags = '00000000' } = of;
  tree.writeStat(pid, { name, state, parent: 1, started, pages });
  tree.write(`${pid}/status`, `Name:\t${name}\nUid:\t1000\t1000\t1000\t1000\n`);
  tree.write(`${pid}/cmdline`, cmdline);
  tree.write(`${pid}/${port}/where`, of.where ?? 'home\n');
  tree.write(`${pid}/${port}/stay`, stay);
  tree.write(`${pid}/${port}/debug`, `debug: dflags: 0x${flags}\n`);
}

/** Puts a program in the place of dd that says these words and fails so many times, and then is dd. */
function failing(words: string, times = 1000): void {
  const dd = spawnSync('sh', ['-c', 'command -v dd'], { encoding: 'utf8' }).stdout.trim();
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/times'), '');
  writeFileSync(
    join(folder, 'bin/dd'),
    `#!/bin/sh
printf x >> ${folder}/bin/times
if [ $(wc -c < ${folder}/bin/times) -gt ${times} ]; then exec ${dd} "$@"; fi
echo "dd: error writing '\${1#of=}': ${words}" >&2
echo '0+1 records in' >&2
exit 1
`,
    { mode: 0o755 },
  );
}

describe.each(SHELL_COMMANDS)('the operator on openMosix for 2.6 in %s', (_name, command) => {
  function replies(...operations: readonly Operation[]): readonly OperationReply[] {
    const PATH = `${folder}/bin:${globalThis.process.env['PATH'] ?? ''}`;
    return repliesIn(command, tree.proc, operations, { PATH });
  }

  const send = (target: string, pid = 100): Operation => ({ kind: 'where', pid, started: 1000, target });

  test.each(['10.77.0.2', 'home'])('writes %s with a line feed, whatever stood there', (target) => {
    process(100, { where: '192.168.100.200\n' });
    expect(replies(send(target))).toEqual([{ kind: 'done' }]);
    expect(where()).toBe(`${target}\n`);
  });

  test('of LinuxPMI the file is in pms', () => {
    tree.remove('self');
    tree.write('self/pms/where', 'home\n');
    process(100, { port: 'pms' });
    expect(replies(send('10.77.0.2'))).toEqual([{ kind: 'done' }]);
    expect(where(100, 'pms')).toBe('10.77.0.2\n');
  });

  test('tries again what the kernel answers with EAGAIN', () => {
    process(100);
    failing('Resource temporarily unavailable', 2);
    expect(replies(send('10.77.0.2'))).toEqual([{ kind: 'done' }]);
    expect(where()).toBe('10.77.0.2\n');
  });

  test('gives up after five times', () => {
    process(100);
    failing('Resource temporarily unavailable');
    expect(replies(send('10.77.0.2'))).toEqual([
      { kind: 'refused', words: 'it was on its way all the time (EAGAIN); look where it arrives' },
    ]);
    expect(readFileSync(join(folder, 'bin/times'), 'utf8')).toBe('xxxxx');
  });

  test.each(['queued', 'migrating'])('writes nothing over %s', (state) => {
    process(100, { where: `${state}\n` });
    expect(replies(send('10.77.0.2'))).toMatchObject([{ kind: 'refused' }]);
    expect(where()).toBe(`${state}\n`);
  });

  test.each([
    ['Bad address', 'the kernel does not take this address, or does not know the process yet (EFAULT)'],
    ['No such device', 'the kernel has no record of this process any more (ENODEV)'],
  ])('says in words what "%s" means', (error, words) => {
    process(100);
    failing(error);
    expect(replies(send('10.77.0.2'))).toEqual([{ kind: 'refused', words }]);
    expect(readFileSync(join(folder, 'bin/times'), 'utf8')).toBe('x');
  });

  test('says in words what a kernel really refuses', () => {
    process(100);
    tree.remove('100/om/where');
    symlinkSync('/proc/self/oom_score_adj', join(tree.proc, '100/om/where'));
    expect(replies(send('10.77.0.2'))).toEqual([
      { kind: 'refused', words: 'the kernel does not take this address (EINVAL)' },
    ]);
  });

  test('leaves other errors as they are, in one line', () => {
    process(100);
    tree.remove('100/om/where');
    mkdirSync(join(tree.proc, '100/om/where'));
    expect(replies(send('10.77.0.2'))).toEqual([
      { kind: 'refused', words: expect.stringMatching(/^dd: .*Is a directory$/) as string },
    ]);
  });

  test.each([
    ['it is a guest', { flags: '00000002' }],
    ['it is a guest', { flags: '0000040e' }],
  ])('does not send where at the last look %s', (words, given) => {
    process(100, given);
    expect(replies(send('10.77.0.2'))).toMatchObject([
      { kind: 'refused', words: expect.stringMatching(`^${words}`) as string },
    ]);
    expect(where()).toBe('home\n');
  });

  test('does not send init, nor a process that is gone, is another one, or has no such file', () => {
    process(1);
    process(100, { started: 7 });
    process(102);
    tree.remove('102/om');
    const [init, other, gone, missing] = replies(
      send('10.77.0.2', 1),
      send('10.77.0.2'),
      send('10.77.0.2', 101),
      send('10.77.0.2', 102),
    );
    expect(init).toEqual({ kind: 'refused', words: 'it is init' });
    expect(other).toEqual({ kind: 'other', started: 7 });
    expect([gone, missing]).toEqual([{ kind: 'gone' }, { kind: 'missing' }]);
  });

  test('says where a process is and why it stays', () => {
    process(100, { where: '10.77.0.2\n', stay: 'mem_lock\n(null)\n' });
    process(101, { where: 'queued' });
    const ref = { kind: 'place', started: 1000 } as const;
    expect(replies({ ...ref, pid: 100 }, { ...ref, pid: 101 })).toEqual([
      { kind: 'text', texts: ['10.77.0.2', '', '', 'mem_lock, (null)'] },
      { kind: 'text', texts: ['queued', '', '', ''] },
    ]);
  });

  test('has no files of a node', () => {
    expect(
      replies(
        { kind: 'read', file: 'admin/block' },
        { kind: 'write', file: 'admin/bring', value: 1 },
        { kind: 'count', what: 'guests' },
        { kind: 'settings' },
      ),
    ).toEqual(Array.from({ length: 4 }, () => ({ kind: 'missing' })));
  });

  test('lists every process with its place, and why it must not move', () => {
    const mark = join(folder, 'was-here');
    const hostile = `$(touch ${mark})\`touch ${mark}\``;
    process(1, { name: 'init', stay: 'init_proc\n' });
    process(30, { name: 'kmigd', pages: 0, cmdline: '' });
    process(31, { name: 'kold', pages: 0, cmdline: '', stay: 'daemon\n' });
    process(100);
    process(101, { where: '10.77.0.2\n', flags: '00000001' });
    process(102, { where: '10.77.0.9\n', flags: '00000001' });
    process(103, { state: 'Z', pages: 0, cmdline: '' });
    process(104, { stay: 'clone_vm\nrt_sched\n(null)' });
    process(105, { where: 'migrating\n' });
    process(106, { where: `${hostile}\n`, stay: `${hostile}\n`, name: hostile });
    process(107, { where: '10.77.0.2\n', flags: `${hostile}1` });
    process(500, { where: '10.77.0.2\n', flags: '00000402' });
    process(501, { where: '10.77.0.9\n', flags: '00000002' });
    const [list] = replies({ kind: 'list' });
    if (list?.kind !== 'list') throw new Error('There is no list');
    const idOf = (address: string): number | undefined => (address === '10.77.0.2' ? 2 : undefined);
    const found = processesFrom(list, undefined, 1, idOf);
    expect(found.map(({ pid, place, reasons }) => [pid, place, reasons])).toEqual([
      [1, { kind: 'home' }, ['init_proc']],
      [30, { kind: 'home' }, ['kernel_thread']],
      [31, { kind: 'home' }, ['daemon']],
      [100, { kind: 'home' }, []],
      [101, { kind: 'away', id: 2 }, []],
      [102, { kind: 'elsewhere', address: '10.77.0.9', guest: false }, []],
      [103, { kind: 'home' }, ['zombie']],
      [104, { kind: 'home' }, ['clone_vm', 'rt_sched', '(null)']],
      [105, { kind: 'moving' }, []],
      [106, { kind: 'unknown' }, [hostile]],
      [107, { kind: 'unknown' }, []],
      [500, { kind: 'guest', id: 2, pid: 0 }, []],
      [501, { kind: 'elsewhere', address: '10.77.0.9', guest: true }, []],
    ]);
    expect(found[3]).toMatchObject({ name: 'work', command: 'work --hard', locked: null, migrations: null });
    expect(existsSync(mark)).toBe(false);
  });

  test('says that there is nothing to send where there is no openMosix', () => {
    process(100);
    tree.remove('self');
    expect(replies(send('10.77.0.2'))).toEqual([{ kind: 'missing' }]);
  });
});

test.each(['10.77.0', '10.77.0.2;reboot', '$(reboot)', 'Home', '10.77.0.2\nhome', '::1', ''])(
  'the target %j reaches no shell',
  (target) => {
    const operation: Operation = { kind: 'where', pid: 100, started: 1, target };
    expect(() => operatorInput('abc', '/proc', OPERATOR_TEXT, [operation])).toThrow('no operation');
  },
);
