/** Jobs that are started at a terminal have one of their own, wherever they are. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lab } from '../harness/lab/lab.ts';
import { leftBehind, startCluster, until } from './cluster.ts';
import { Job } from './jobs.ts';

let lab: Lab;
let before: ReadonlySet<string>;

beforeAll(async () => {
  lab = await startCluster({ nodes: [{}, {}, {}] });
  before = new Set(lab.left());
});

afterAll(async () => {
  const left = await leftBehind(lab, before);
  await lab.dispose();
  expect(left).toEqual([]);
});

/** Tells of its terminal and of every new size, counts, and reads lines when it may. */
const WATCHER = `
import os, signal, sys, threading, time
def size(*_): os.write(1, b'rows %d\\n' % os.get_terminal_size().lines)
print(all(os.isatty(end) for end in range(3)), os.ttyname(0), os.environ['TERM'], flush=True)
size()
signal.signal(signal.SIGWINCH, size)
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
number, more = 0, True
def count():
    global number
    while more:
        os.write(1, b'number %d\\n' % number)
        number += 1
        time.sleep(0.005)
counting = threading.Thread(target=count)
counting.start()
for line in sys.stdin: os.write(1, b'read ' + line.encode())
more = False
counting.join()
print('numbers', number)
sys.exit(7)
`;

const [ERASE, END, INTERRUPT, SUSPEND] = ['\u007f', '\u0004', '\u0003', '\u001a'];

function type(job: Job, keys: string): void {
  job.deputy.entry.stdin?.write(keys);
}

/** Types a command to a shell; resolves when its program runs. */
async function command(job: Job, name: string, words = ''): Promise<void> {
  type(job, `${name} ${words}\n`);
  await until(`${name} runs`, () => runs(job, name));
}

function runs(job: Job, program: string): boolean {
  return job.processes.some(({ name, state }) => name === program && state !== 'T');
}

/** What the terminal was set to before the job and is after it. */
function settings(output: string): readonly string[] {
  return output.match(/^[0-9a-f]+(:[0-9a-f]+){10,}/gm) ?? [];
}

describe('a job at a terminal', () => {
  test.concurrent('sees one like its caller’s, and reads and writes everything once over three nodes', async () => {
    writeFileSync(join(lab.shared, 'watcher.py'), WATCHER);
    const job = await Job.startAtTerminal(lab, 1, 'python3 /srv/watcher.py /srv/go', { rows: 33 });
    await job.says('rows 33');
    expect(job.deputy.stdout).toContain('True /dev/pts/0 vt220\r\n');
    type(job, 'one\nwrong');
    await job.says('one\r\nwrong');
    await job.move(2);
    type(job, ERASE.repeat(5));
    await job.move(3);
    type(job, 'two\n');
    writeFileSync(join(lab.shared, 'go'), '');
    await job.says('read two');
    await job.tour([2, 3, 0, 2]);
    type(job, END);
    const { stdout } = await job.deputy.finished;
    expect(stdout.match(/read \w+/g)).toEqual(['read one', 'read two']);
    const count = Number(/numbers (\d+)\r\n/.exec(stdout)?.[1]);
    const numbers = Array.from({ length: count }, (_, number) => `number ${number}\r\n`);
    expect(stdout.match(/number \d+\r\n/g)).toEqual(numbers);
    expect(stdout).toContain('ended 7\r\n');
  });

  test.concurrent('that is a shell has its keys, settings and groups where it comes', async () => {
    const job = await Job.startAtTerminal(lab, 2, 'bash --norc -i');
    type(job, 'stty -ixon\n');
    await command(job, 'sleep', '1000');
    await job.move(3);
    type(job, `${INTERRUPT}echo ended as $?.\n`);
    await job.says('ended as 130.');
    await command(job, 'dash', '-i');
    expect((await job.migrate(1)).stderr).toContain('device_open: Process');
    // This one is not the first process of its session, as a shell of sudo would not be.
    type(job, 'exit\nbash --norc -i\n');
    await command(job, 'sleep', '1000');
    await job.move(1);
    type(job, SUSPEND);
    await job.says('Stopped');
    type(job, `fg\n`);
    await until('sleep goes on', () => runs(job, 'sleep'));
    await job.move(0);
    type(job, `${INTERRUPT}stty -a; stty size; exit\n`);
    await job.says('24 ');
    expect(job.deputy.stdout).toContain(' -ixon -ixoff\r\n');
    type(job, 'exit 5\n');
    const { stdout } = await job.deputy.finished;
    expect(stdout).toContain('ended 5\r\n');
    const [first, last] = settings(stdout);
    expect(last).toBe(first);
  });

  test.concurrent('hears of a new size, and of signals of its deputy, which leaves the terminal as it was', async () => {
    const job = await Job.startAtTerminal(lab, 1, `python3 /srv/watcher.py /srv/never`);
    await job.says('rows 24');
    await job.move(3);
    await job.stty('rows', '44');
    await job.says('rows 44');
    await lab.node(1).run('kill', [String(job.pid)]);
    const { stdout } = await job.deputy.finished;
    expect(stdout).toContain('ended 143\r\n');
    const [first, last] = settings(stdout);
    expect(last).toBe(first);
  });

  test.concurrent('in the background runs on, with pipes, and reads when it is in front', async () => {
    writeFileSync(join(lab.shared, 'reader.sh'), 'echo begun at $(tty); read line; echo got $line');
    const shell = lab.node(3).spawn('script', ['-qfec', 'bash --norc -i', '/dev/null']);
    const says = (text: string): Promise<unknown> => until(text, () => shell.stdout.includes(text));
    shell.entry.stdin?.write('mos run -h sh /srv/reader.sh &\n');
    await says('begun at not a tty');
    shell.entry.stdin?.write('echo typed $((1 + 1))\n');
    await says('typed 2');
    shell.entry.stdin?.write('fg; exit\nword\n');
    const { stdout } = await shell.finished;
    expect(stdout).toContain('got word');
    expect(stdout).not.toContain('Stopped');
  });

  test.concurrent('of another user reads what was typed while it was tried to move it', async () => {
    const job = await Job.startAtTerminal(lab, 2, 'dd bs=100 count=2 status=none', { user: 1000 });
    type(job, 'one\n');
    await job.says('one\r\none\r\n');
    type(job, 'tw');
    await job.says('tw');
    const moved = await job.migrate(3);
    // Root of this machine may lack what it takes to move it.
    if (moved.code !== 0) expect(moved.stderr).toMatch(/Can't get rlimit/);
    type(job, 'o\n');
    expect((await job.deputy.finished).stdout).toContain('two\r\ntwo\r\nended 0\r\n');
  });

  test.concurrent('ends with its caller’s terminal', async () => {
    const job = await Job.startAtTerminal(lab, 1, 'sleep 1234');
    await job.move(2);
    await job.deputy.kill('SIGKILL');
    await until('nothing of it runs', () => job.running.length === 0);
  });
});
