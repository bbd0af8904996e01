/** Programs with a placement over a real OpenSSH server, in every shell that nodes have, on real files. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PlacementRule } from '../../common/model/control.ts';
import { runProgram } from '../../main/nodes/run.ts';
import type { RunningProgram } from '../../main/control/types.ts';
import type { SshSession } from '../../main/ssh/index.ts';
import { NodeTree } from '../harness/node-tree.ts';
import { SHELL_COMMANDS } from '../harness/operator-bench.ts';
import { SshBench } from '../harness/ssh-fixture.ts';

const FREE: PlacementRule = { where: 'free', job: 'unsaid', decay: 'usual' };

/** How a program ended, and all it printed. */
interface Ended {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly why: string;
  readonly output: string;
}

/** The letter in /proc/PID/stat; empty where there is no such process. */
function stateOf(pid: number): string {
  if (!existsSync(`/proc/${pid}`)) return '';
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';
}

let folder: string;
let tree: NodeTree;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mosview-run-'));
  tree = new NodeTree(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(SHELL_COMMANDS)('a program started in %s', (_name, shell) => {
  const bench = new SshBench();
  let session: SshSession;

  beforeAll(async () => {
    // As a kernel would have them, the files of the shell itself are there under its own number, which `exec` keeps.
    const login = join(bench.folder, 'login');
    writeFileSync(
      login,
      `if [ -s ${bench.folder}/proc ]; then read -r proc < ${bench.folder}/proc; mkdir $proc/$$; ` +
        `for file in lock goto; do echo 0 > $proc/$$/$file; done; fi; echo $$ > ${bench.folder}/pid; PATH=${bench.folder}/bin:$PATH; exec ${shell}\n`,
    );
    ({ session } = await bench.connect({ config: [`ForceCommand exec /bin/sh ${login}`] }));
  });
  beforeEach(() => writeFileSync(join(bench.folder, 'proc'), `${tree.proc}\n`));
  afterAll(() => bench.close());

  /** Starts a program; `ended` when it has, `printed` when its output holds a text. */
  async function start(command: string, placement: PlacementRule = FREE, root = tree.proc) {
    const ended = Promise.withResolvers<Ended>();
    let output = '';
    const result = await runProgram(
      session,
      { entry: { name: 'n1', host: 'n1', root }, name: 'n1' },
      command,
      placement,
      {
        onOutput: (text) => {
          output += text;
        },
        onEnd: (end) => ended.resolve({ ...end, output }),
      },
    );
    if (!result.ok) throw new Error(result.problem.message);
    const program: RunningProgram = result.value;
    return {
      program,
      ended: ended.promise,
      printed: (text: string) => expect.poll(() => output, { timeout: 10_000 }).toContain(text),
    };
  }

  async function run(command: string, placement: PlacementRule = FREE, root?: string): Promise<Ended> {
    return (await start(command, placement, root)).ended;
  }

  /** A file of the program's own process. */
  function own(file: string): string {
    return tree.read(`${readFileSync(join(bench.folder, 'pid'), 'utf8').trim()}/${file}`);
  }

  test('gives both its outputs and its status', async () => {
    const { output, ...end } = await run('echo out; echo err >&2; exit 7');
    expect(end).toEqual({ exitCode: 7, signal: undefined, why: '' });
    expect(output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  test.each([
    ['quotes of both kinds', `printf '%s %s' "it's" '"quoted"'`, `it's "quoted"`],
    ['several lines', 'for word in a b\ndo echo $word\ndone', 'a\nb\n'],
    ['what the first shell must not touch', `x=5; printf %s "$x \\$x $((x + 1))"`, '5 $x 6'],
    ['letters of the world', 'printf %s grüße-日本', 'grüße-日本'],
    ['an end of the text around it', 'echo a; }; echo b', ''],
    ['the word that stops it', 'printf "stop\\n"; cat', 'stop\n'],
  ])('is the command line as it was given, with %s', async (_what, command, expected) => {
    const { output, exitCode } = await run(command);
    if (expected === '') expect(exitCode).not.toBe(0);
    else expect(output).toBe(expected);
  });

  test('gives output as it comes, however it is cut', async () => {
    const { ended, printed, program } = await start(
      `printf 'gr\\303'; sleep 0.2; printf '\\274n mosview-run-'; sleep 0.2; printf 'x \\nbye'; sleep 1000`,
    );
    await printed('grün mosview-run-x \nbye');
    program.close();
    await ended;
  });

  test('is free to move where the shell that starts it was locked', async () => {
    const login = join(bench.folder, 'login');
    const text = readFileSync(login, 'utf8');
    writeFileSync(login, text.replace('echo 0 >', 'echo 1 >'));
    try {
      expect(await run('echo hello')).toMatchObject({ exitCode: 0, output: 'hello\n' });
      expect(own('lock')).toBe('0\n');
    } finally {
      writeFileSync(login, text);
    }
  });

  test.each(['nomig', 'home'] as const)('is locked in its own process with %s', async (where) => {
    expect(await run('echo $$', { ...FREE, where })).toMatchObject({
      exitCode: 0,
      output: readFileSync(join(bench.folder, 'pid'), 'utf8'),
    });
    expect(own('lock')).toBe('1\n');
    expect(own('goto')).toBe('0\n');
  });

  test('goes to a node and is locked there', async () => {
    expect(await run('echo hello', { ...FREE, where: { node: 700 } })).toMatchObject({ output: 'hello\n' });
    expect(own('goto')).toBe('700\n');
    expect(own('lock')).toBe('1\n');
  });

  test('stays where it is when that is the node it is to run on', async () => {
    await run('true', { ...FREE, where: { node: 2 } });
    expect(own('goto')).toBe('0\n');
    expect(own('lock')).toBe('1\n');
  });

  test('says what kind of job it is, and how its statistics decay', async () => {
    await run('true', { where: 'free', job: 'cpu', decay: 'slow' });
    await run('true', { where: 'free', job: 'io', decay: 'fast' });
    for (const file of ['cpujob', 'iojob', 'slow', 'fast'])
      expect(tree.read(`hpc/decay/${file}`)).toBe('1\n');
    expect(tree.read('hpc/decay/clear')).toBe('');
  });

  test('is not started when its placement is refused', async () => {
    rmSync(join(tree.hpc, 'decay/cpujob'));
    mkdirSync(join(tree.hpc, 'decay/cpujob'));
    const { why, output } = await run(`touch ${folder}/was-here; echo hello`, { ...FREE, job: 'cpu' });
    expect(why).toMatch(/^It was not started: .*decay\/cpujob did not take 1: .*directory\.$/i);
    expect(output).toBe('');
    expect(existsSync(join(folder, 'was-here'))).toBe(false);
  });

  test('is not started when the node has no file for its placement', async () => {
    tree.remove('hpc/decay/slow');
    expect((await run('echo hello', { ...FREE, decay: 'slow' })).why).toMatch(
      /^It was not started: this node has no .*decay\/slow\.$/,
    );
  });

  test("asks the node's own mosrun for no decay, and says so where there is none", async () => {
    expect((await run('echo hello', { ...FREE, decay: 'none' })).why).toContain(
      'mosrun, which this node does not have',
    );
    // Where there is one, it gets the command.
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'mosrun'), '#!/bin/sh\necho "mosrun $*"\n', { mode: 0o755 });
    const login = join(bench.folder, 'login');
    const text = readFileSync(login, 'utf8');
    writeFileSync(login, `PATH=${programs}:$PATH; export PATH; ${text}`);
    try {
      expect((await run('echo hello', { ...FREE, decay: 'none' })).output).toBe(
        'mosrun -k -n /bin/sh -c echo hello\n',
      );
    } finally {
      writeFileSync(login, text);
    }
  });

  test("is a job of mos run where the node's agent has the files", async () => {
    const programs = join(bench.folder, 'bin');
    mkdirSync(programs);
    writeFileSync(join(programs, 'mos'), '#!/bin/sh\nprintf "%s|" "$@"\nexit 3\n', { mode: 0o755 });
    tree.write('hpc/admin/version', 'mosview agent 0.1.0\n');
    try {
      for (const [placement, options] of [
        [FREE, '-l'],
        [{ ...FREE, where: 'home' }, '-h|-L'],
        [{ ...FREE, where: { node: 2 } }, '-h|-L'],
        [{ ...FREE, where: { node: 7 }, job: 'cpu' }, '-c|-7|-L'],
        [{ ...FREE, where: { each: [7] }, job: 'io' }, '-i|-7|-L'],
      ] as const) {
        const { exitCode, output } = await run(`echo "it's"`, placement as PlacementRule);
        expect({ exitCode, output }).toEqual({
          exitCode: 3,
          output: `run|${options}|/bin/sh|-c|echo "it's"|`,
        });
      }
      expect((await run('true', { ...FREE, decay: 'slow' })).why).toContain('no statistics that decay');
    } finally {
      rmSync(programs, { recursive: true });
    }
  });

  test('can only be free on a machine without openMosix', async () => {
    writeFileSync(join(bench.folder, 'proc'), '');
    expect(await run('echo hello', FREE, '/proc')).toMatchObject({ exitCode: 0, output: 'hello\n', why: '' });
    for (const placement of [
      { ...FREE, where: 'nomig' },
      { ...FREE, job: 'cpu' },
      { ...FREE, decay: 'none' },
    ] as const) {
      const { why, output } = await run('echo hello', placement, '/proc');
      expect(why).toContain('there is neither openMosix nor an agent on this node');
      expect(output).toBe('');
    }
  });

  test('runs once on every node, at the same time, and ends with the highest status', async () => {
    // The numbers of the copies are not known before; any of the next ones has its files.
    const last = Number(readFileSync('/proc/sys/kernel/ns_last_pid', 'utf8'));
    for (let pid = last + 1; pid < last + 2000; pid += 1) {
      mkdirSync(join(folder, String(pid)));
      for (const file of ['lock', 'goto']) writeFileSync(join(folder, String(pid), file), '0\n');
    }
    writeFileSync(join(bench.folder, 'proc'), '');
    const command = `read -r n < ${folder}/$$/goto; echo "at $n"; while [ ! -e ${folder}/go ]; do sleep 0.05; done; exit $((n % 10))`;
    const { ended, printed } = await start(command, { ...FREE, where: { each: [5, 703, 41] } });
    for (const node of [5, 703, 41]) await printed(`at ${node}\n`);
    writeFileSync(join(folder, 'go'), '');
    expect(await ended).toMatchObject({ exitCode: 5, why: '' });
  });

  test('ends with everything it started when it is closed', async () => {
    const { program, ended, printed } = await start('sleep 1000 & echo $!; wait');
    await printed('\n');
    program.close();
    const { output, ...end } = await ended;
    expect(end).toEqual({ exitCode: undefined, signal: 'SIGTERM', why: '' });
    // Where nobody waits for orphans, what is left of one is a Z.
    await expect.poll(() => stateOf(Number(output)), { timeout: 10_000 }).toMatch(/^Z?$/);
  });

  test('ends when it is closed before it began', async () => {
    const { program, ended } = await start('sleep 1000');
    program.close();
    expect(await ended).toMatchObject({ signal: 'SIGTERM', why: '' });
  });

  test('that does not hear SIGTERM is killed five seconds later', async () => {
    const { program, ended, printed } = await start(`trap '' TERM; echo ready; while :; do sleep 1; done`);
    await printed('ready');
    program.close();
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  });

  test('has no input', async () => {
    expect(await run('cat; echo end')).toMatchObject({ exitCode: 0, output: 'end\n' });
  });

  test('cannot be a text with a NUL', async () => {
    await expect(run('echo \0')).rejects.toThrow('NUL');
  });
});

describe('a program', () => {
  const bench = new SshBench();
  afterAll(() => bench.close());

  test('is lost with the connection, and goes on; a banner is not its output', async () => {
    const { session } = await bench.connect({ bashrc: 'echo Welcome\n' });
    const ended = Promise.withResolvers<unknown>();
    let output = '';
    await runProgram(
      session,
      { entry: { name: 'n1', host: 'n1', root: '/proc' }, name: 'n1' },
      `echo ready; while [ ! -e ${folder}/go ]; do sleep 0.05; done; touch ${folder}/done`,
      FREE,
      {
        onOutput: (text) => {
          output += text;
        },
        onEnd: ended.resolve,
      },
    );
    await expect.poll(() => output, { timeout: 10_000 }).toBe('ready\n');
    await session.close();
    expect(await ended.promise).toEqual({ exitCode: undefined, signal: undefined, why: '' });
    writeFileSync(join(folder, 'go'), '');
    await expect.poll(() => existsSync(join(folder, 'done')), { timeout: 10_000 }).toBe(true);
  });

  test('says why the login shell did not run it', async () => {
    const { session } = await bench.connect({ config: ['ForceCommand echo closed'] });
    const ended = Promise.withResolvers<unknown>();
    await runProgram(session, { entry: { name: 'n1', host: 'n1' }, name: 'n1' }, 'true', FREE, {
      onOutput: () => undefined,
      onEnd: ended.resolve,
    });
    expect(await ended.promise).toMatchObject({ why: 'n1: the login shell did not run /bin/sh. closed' });
  });
});
