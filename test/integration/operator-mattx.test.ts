/** Operations on a MattX node, in every shell that nodes have, on files as MattX 1.7 prints them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { operatorInput, type Operation, type OperationReply } from '../../common/wire/operations.ts';
import { processesFrom } from '../../main/nodes/processes.ts';
import { OPERATOR_TEXT, repliesIn, SHELL_COMMANDS } from '../harness/operator-bench.ts';
import { ProcFolder } from '../harness/proc-folder.ts';

const EXCLUDES =
  'cat,watch,cron,top,bash,pvmd,sshd,sshd-session,mattx-discd,mattx-stub,systemd,systemd-journald,systemd-journal';

let tree: ProcFolder;

beforeEach(() => {
  tree = new ProcFolder(mkdtempSync(join(tmpdir(), 'mosview-mattx-')));
  tree.write('loadavg', '0.00 0.00 0.00 1/1 1\n');
  tree.write('uptime', '5000.00 4000.00\n');
  nodes();
  tree.write('mattx/admin', '');
  tree.write('mattx/remote', '');
  tree.write('mattx/guests', '');
});

afterEach(() => rmSync(tree.proc, { recursive: true }));

const admin = (): string => tree.read('mattx/admin');

/** The table of a node as MattX prints it. */
function nodes({ exclude = EXCLUDES, include = '', blank = '\n' } = {}): void {
  tree.write(
    'mattx/nodes',
    `MattX Cluster Nodes:
------------------------------------------------------------------------
Node ID\t\tIP Address\tCPU Load\tAffinity\tMem Free (MB)
------------------------------------------------------------------------
785 (Local)\t192.168.77.1\t0\t\t1000\t\t429
786\t\t192.168.77.2\t0\t\t1000\t\t428
${blank}Balancer Enabled: YES
MattXFS Enabled: NO
Debug Mode: ON
Node Affinity: 0 (0 = Auto)
Migration Excludes: ${exclude}
Migration Includes: ${include}
`,
  );
}

/** A process; fields of /proc/PID/stat that are not given are 0. */
function process(
  pid: number,
  { name = 'work', state = 'R', parent = 1, threads = 1, started = 1000, spaces = '' } = {},
): void {
  tree.writeStat(pid, { name, state, parent, threads, started });
  tree.write(
    `${pid}/status`,
    `Name:\t${name}\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t${pid}${spaces}\nThreads:\t${threads}\n`,
  );
  tree.write(`${pid}/cmdline`, `${name}\0--hard\0`);
}

describe.each(SHELL_COMMANDS)('the operator on MattX in %s', (_name, command) => {
  function replies(...operations: readonly Operation[]): readonly OperationReply[] {
    return repliesIn(command, tree.proc, operations);
  }

  const send = (to: number, pid = 100): Operation => ({ kind: 'send', pid, started: 1000, to });

  test('reads what the node says of itself', () => {
    nodes({ include: 'fft' });
    expect(replies({ kind: 'settings' })).toEqual([
      {
        kind: 'text',
        texts: ['785', '1000', 'YES', 'NO', 'ON', '0', `${EXCLUDES.length} ${EXCLUDES}`, '3 fft'],
      },
    ]);
  });

  test('reads it where the blank line is missing', () => {
    nodes({ blank: '' });
    expect(replies({ kind: 'settings' })).toMatchObject([{ texts: { 2: 'YES', 7: '0' } }]);
  });

  test('shows hostile lists with their true length, and runs nothing of them', () => {
    const mark = join(tree.proc, 'was-here');
    const hostile = `a,$(touch ${mark})\`touch ${mark}\`;\u001b[2J\\n*`;
    nodes({ exclude: `${hostile}\n1 done`, include: "x'y" });
    const [reply] = replies({ kind: 'settings' });
    expect(reply).toMatchObject({
      texts: { 6: expect.stringMatching(`^${hostile.length + 7} a,\\$\\(touch`) as string, 7: "3 x'y" },
    });
    expect(existsSync(mark)).toBe(false);
  });

  test.each([
    [{ kind: 'admin', command: 'balancer', value: 0 }, 'balancer 0\n'],
    [{ kind: 'admin', command: 'affinity', value: 1 }, 'affinity 1\n'],
    [{ kind: 'admin', command: 'debug', value: 1 }, 'debug 1\n'],
    [{ kind: 'admin', command: 'mattxfs', value: 1 }, 'mattxfs 1\n'],
    [{ kind: 'pins', list: 'exclude', before: `=${EXCLUDES}`, after: '=sh,dash' }, 'exclude sh,dash\n'],
    [{ kind: 'pins', list: 'exclude', before: `=${EXCLUDES}`, after: '=' }, 'exclude \n'],
    [{ kind: 'pins', list: 'include', before: '=', after: '=fft' }, 'include fft\n'],
  ] satisfies [Operation, string][])('%o is one command', (operation, words) => {
    expect(replies(operation)).toEqual([{ kind: 'done' }]);
    expect(admin()).toBe(words);
  });

  test('does not write a list that somebody else has changed', () => {
    const pins: Operation = { kind: 'pins', list: 'exclude', before: '=cat', after: '=cat,sh' };
    nodes({ exclude: 'cat,fft' });
    expect(replies(pins)).toMatchObject([{ kind: 'refused' }]);
    nodes({ exclude: 'c*t' });
    expect(replies({ ...pins, before: '?4' })).toMatchObject([{ kind: 'refused' }]);
    expect(admin()).toBe('');
    expect(replies({ ...pins, before: '?3' })).toEqual([{ kind: 'done' }]);
  });

  test('sends a process that is at home, and brings home one that is away', () => {
    process(100);
    process(101, { state: 'T' });
    tree.write('mattx/remote', '101:786\n');
    expect(replies(send(786))).toEqual([{ kind: 'done' }]);
    expect(admin()).toBe('migrate 100 786\n');
    expect(replies(send(0, 101))).toEqual([{ kind: 'done' }]);
    expect(admin()).toBe('migrate 101 home\n');
  });

  test.each<[string, Parameters<typeof process>[1], string, string]>([
    ['it is away', { state: 'T' }, '100:786\n', ''],
    ['it is a guest', { parent: 2 }, '', '100:786\n'],
    ['it is a process of the kernel', { parent: 2 }, '', ''],
    ['it has ended', { state: 'Z' }, '', ''],
    ['it is stopped', { state: 'T' }, '', ''],
    ['it has several threads', { threads: 2 }, '', ''],
    ['it is in a PID namespace of its own', { spaces: '\t7' }, '', ''],
  ])('does not send where at the last look %s', (words, given, remote, guests) => {
    process(100, given);
    tree.write('mattx/remote', remote);
    tree.write('mattx/guests', guests);
    expect(replies(send(787))).toEqual([
      { kind: 'refused', words: expect.stringMatching(`^${words}`) as string },
    ]);
    expect(admin()).toBe('');
  });

  test('does not send init, nor another process that has got the number', () => {
    process(1);
    process(100, { started: 7 });
    expect(replies(send(786, 1), send(786))).toEqual([
      { kind: 'refused', words: 'it is a process of the kernel, or init' },
      { kind: 'other', started: 7 },
    ]);
    expect(admin()).toBe('');
  });

  test('brings nobody home who is not away', () => {
    process(100);
    expect(replies(send(0))).toEqual([{ kind: 'refused', words: 'it is not away' }]);
  });

  test('says where a process is and counts, from the tables', () => {
    process(100);
    process(101, { state: 'T' });
    tree.write('mattx/remote', '101:786');
    tree.write('mattx/guests', '500:787\n501:786\n');
    expect(
      replies(
        { kind: 'place', pid: 100, started: 1000 },
        { kind: 'place', pid: 101, started: 1000 },
        { kind: 'count', what: 'guests' },
        { kind: 'count', what: 'away' },
      ),
    ).toEqual([
      { kind: 'text', texts: ['0', '', '', ''] },
      { kind: 'text', texts: ['786', '', '', ''] },
      { kind: 'done', value: 2 },
      { kind: 'done', value: 1 },
    ]);
  });

  test('lists every process with its place, and why it must not move', () => {
    process(1, { name: 'init', parent: 0 });
    process(2, { name: 'kthreadd', parent: 0 });
    process(30, { name: 'kworker', parent: 2 });
    process(100);
    process(101, { state: 'T' });
    process(102);
    process(103, { state: 'Z' });
    process(104, { threads: 4 });
    process(105, { spaces: '\t9' });
    process(500, { parent: 2, name: 'guest' });
    process(501, { name: 'other' });
    tree.write('mattx/remote', '101:786\n102:786\n');
    tree.write('mattx/guests', '500:787\n501:787\n600:787\n');
    const [list] = replies({ kind: 'list' });
    if (list?.kind !== 'list') throw new Error('There is no list');
    const found = processesFrom(list, undefined, 785).map(({ pid, name, place, reasons }) => ({
      pid,
      name,
      place,
      reasons,
    }));
    expect(found).toEqual([
      { pid: 1, name: 'init', place: { kind: 'home' }, reasons: ['init_proc'] },
      { pid: 2, name: 'kthreadd', place: { kind: 'home' }, reasons: ['kernel_thread'] },
      { pid: 30, name: 'kworker', place: { kind: 'home' }, reasons: ['kernel_thread'] },
      { pid: 100, name: 'work', place: { kind: 'home' }, reasons: [] },
      { pid: 101, name: 'work', place: { kind: 'away', id: 786 }, reasons: [] },
      { pid: 102, name: 'work', place: { kind: 'home' }, reasons: ['left_over'] },
      { pid: 103, name: 'work', place: { kind: 'home' }, reasons: ['zombie'] },
      { pid: 104, name: 'work', place: { kind: 'home' }, reasons: ['clone_vm'] },
      { pid: 105, name: 'work', place: { kind: 'home' }, reasons: ['pid_namespace'] },
      { pid: 500, name: 'guest', place: { kind: 'guest', id: 787, pid: 0 }, reasons: [] },
      { pid: 501, name: 'other', place: { kind: 'home' }, reasons: ['left_over'] },
    ]);
  });

  test('says that everything is missing where there is no MattX', () => {
    tree.remove('mattx');
    process(100);
    expect(replies({ kind: 'settings' }, { kind: 'admin', command: 'debug', value: 1 }, send(786))).toEqual([
      { kind: 'missing' },
      { kind: 'missing' },
      { kind: 'missing' },
    ]);
  });
});

test.each<Operation>([
  { kind: 'pins', list: 'exclude', before: '=a', after: "=a';reboot" },
  { kind: 'pins', list: 'exclude', before: '=$(a)', after: '=a' },
  { kind: 'pins', list: 'exclude', before: '=a', after: 'a' },
  { kind: 'pins', list: 'exclude', before: '=a', after: `=${'a,'.repeat(124)}a` },
  { kind: 'pins', list: 'exclude', before: '=a b', after: '=a' },
  { kind: 'pins', list: 'exclude ;' as 'exclude', before: '=a', after: '=a' },
  { kind: 'admin', command: 'affinity', value: 4_294_967_296 },
  { kind: 'admin', command: 'affinity', value: -1 },
  { kind: 'admin', command: 'debug', value: 2 },
  { kind: 'send', pid: 1.5, started: 1, to: 0 },
])('%o reaches no shell', (operation) => {
  expect(() => operatorInput('abc', '/proc', OPERATOR_TEXT, [operation])).toThrow('no operation');
});
