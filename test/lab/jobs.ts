/** Jobs of `mos run` in the lab: started, moved, watched, and compared with the same program that never moved. */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { jobId, jobIdParts, jobIdSchema } from '../../agent/job-id.ts';
import { numbersOf, startOf, statOf } from '../../agent/proc/process.ts';
import { PATHS } from '../../agent/paths.ts';
import type { StatLine } from '../../agent/proc/stat.ts';
import type { Finished, Lab, LabNode, LabProcess, RunOptions } from '../harness/lab/lab.ts';
import { PATIENCE } from '../harness/patience.ts';
import { groupOf, runsOn, textOf, until } from './cluster.ts';
import { TICKER, type Program } from './programs.ts';

const SHARED = '/srv';
let names = 0;

/** A job and its deputy. */
export class Job {
  readonly lab: Lab;
  readonly home: LabNode;
  readonly deputy: LabProcess;
  /** The deputy's number on its node, by which `mos` knows the job. */
  readonly pid: number;
  /** Its name in the cluster (agent/job-id.ts). */
  readonly id: string;

  private constructor(lab: Lab, home: LabNode, deputy: LabProcess, pid: number, id: string) {
    this.lab = lab;
    this.home = home;
    this.deputy = deputy;
    this.pid = pid;
    this.id = id;
  }

  /** Starts it at its home, where only orders move it; resolves when the agent knows it and it has begun. */
  static async start(
    lab: Lab,
    homeId: number,
    command: readonly string[],
    options: RunOptions = {},
  ): Promise<Job> {
    const home = lab.node(homeId);
    const deputy = home.spawn('mos', ['run', '-h', ...command], options);
    const outer = await deputy.pid();
    const pid = numbersOf(outer).at(-1) ?? 0;
    const id = await until(`job ${pid} of ${home.name} begins (${command.join(' ').slice(0, 60)})`, () => {
      if (deputy.ended) throw new Error(`mos run ended at once: ${deputy.stderr}`);
      const name = jobId({ home: homeId, pid, started: startOf(outer) ?? 0 });
      return textOf(join(home.root, PATHS.jobs, name, 'record.json')).includes('running') ? name : undefined;
    });
    return new Job(lab, home, deputy, pid, id);
  }

  /**
   * Starts it at a terminal with so many rows, as `script` has one, between two lines that tell the terminal's settings;
   * resolves when keys are for the job. No other job may have the same command.
   */
  static async startAtTerminal(
    lab: Lab,
    homeId: number,
    command: string,
    { rows = 24, user }: { readonly rows?: number; readonly user?: number } = {},
  ): Promise<Job> {
    const home = lab.node(homeId);
    const line = `stty rows ${rows}; stty -g; mos run -h ${command}; echo "ended $?"; stty -g`;
    const options = { env: { TERM: 'vt220' }, ...(user === undefined ? {} : { user }) };
    const deputy = home.spawn('script', ['-qfec', line, '/dev/null'], options);
    const words = `"command":${JSON.stringify(command.split(' '))}`;
    const id = await until(`${command} begins at a terminal`, () => {
      if (deputy.ended) throw new Error(`It ended at once: ${deputy.stdout}`);
      const jobs = join(home.root, PATHS.jobs);
      return readdirSync(jobs).find((name) => {
        const text = textOf(join(jobs, name, 'record.json'));
        return text.includes(words) && text.includes('running');
      });
    });
    const job = new Job(lab, home, deputy, jobIdParts(jobIdSchema.parse(id)).pid, id);
    // What is typed before that is echoed by the caller's terminal, too.
    while (!deputy.ended && !(await job.stty('-a')).includes('-icanon')) await wait(20);
    return job;
  }

  /** Asks its caller's terminal, or changes it. */
  async stty(...words: readonly string[]): Promise<string> {
    const terminal = await this.home.run('readlink', [`/proc/${this.pid}/fd/0`]);
    return (await this.home.run('stty', ['-F', terminal.stdout.trim(), ...words])).stdout;
  }

  /** Where its home knows it. */
  get place(): number {
    const text = textOf(join(this.home.root, PATHS.run, 'home', this.id, 'record.json'));
    return Number(/"place":(\d+)/.exec(text)?.[1] ?? 0);
  }

  /** Nodes where processes of it may run now. */
  get running(): readonly number[] {
    return this.lab.nodes.filter((node) => runsOn(node, this.id)).map(({ id }) => id);
  }

  /** What its processes do now, wherever they are, by the letters of /proc/PID/stat. */
  get states(): readonly string[] {
    return this.processes.map(({ state }) => state);
  }

  /** Its processes as /proc/PID/stat tells of them, wherever they are. */
  get processes(): readonly StatLine[] {
    return this.lab.nodes
      .flatMap((node) => textOf(join(groupOf(node, this.id), 'cgroup.procs')).split('\n'))
      .filter((pid) => pid !== '')
      .flatMap((pid) => statOf(Number(pid)) ?? []);
  }

  /** Orders a move as an operator does; `to` is a node, or 0 for home. */
  migrate(to: number): Promise<Finished> {
    return this.home.run('mos', ['migrate', String(this.pid), to === 0 ? 'home' : String(to)]);
  }

  /** Moves it; throws the reason when it does not move. */
  async move(to: number): Promise<void> {
    const { code, stderr } = await this.migrate(to);
    if (code !== 0) throw new Error(`It did not move to ${to}: ${stderr}`);
  }

  /** Moves it over these nodes in turn, and waits for a sign of life at each. */
  async tour(nodes: readonly number[]): Promise<void> {
    for (const to of nodes) {
      await this.move(to);
      await this.alive();
    }
  }

  /** Resolves when it has written something new. */
  async alive(): Promise<void> {
    const before = this.deputy.stdout.length + this.deputy.stderr.length;
    await until('the job writes on', () => {
      if (this.deputy.ended) throw new Error(`The job has ended (${this.deputy.stderr.slice(-300)}).`);
      return this.deputy.stdout.length + this.deputy.stderr.length > before;
    });
  }

  /** Resolves when it has written this to standard output. */
  async says(text: string): Promise<void> {
    await until(`the job says ${text}`, () => this.deputy.stdout.includes(text));
  }
}

/** What became of a program: empty when it did what it does without moving. */
export type Fault = string;

/** A program that goes on until it is told to stop, so that it lasts as long as the moves that it is put through. */
export class Endless {
  readonly job: Job;
  readonly #program: Program;
  readonly #stop: string;

  private constructor(job: Job, program: Program, stop: string) {
    this.job = job;
    this.#program = program;
    this.#stop = stop;
  }

  static async start(lab: Lab, homeId: number, program: Program, options: RunOptions = {}): Promise<Endless> {
    names += 1;
    const stop = `${SHARED}/${program.name}-${names}`;
    const job = await Job.start(lab, homeId, program.command(stop), options);
    await job.alive();
    return new Endless(job, program, join(lab.shared, basename(stop)));
  }

  /** What is wrong with a ticker's ticks until now. */
  ticksSoFar(): readonly Fault[] {
    const ticks = readFileSync(`${this.#stop}.ticks`, 'latin1').split('\n').length - 1;
    return ticksOf(`${this.#stop}.ticks`, ticks);
  }

  /** Tells it to stop, and compares what it did with what it does where nothing moves. */
  async finish(): Promise<readonly Fault[]> {
    writeFileSync(`${this.#stop}.stop`, '');
    this.job.deputy.entry.stdin?.end();
    const timer = AbortSignal.timeout(60_000 * PATIENCE);
    const ended = await Promise.race([
      this.job.deputy.finished,
      new Promise<undefined>((resolve) => timer.addEventListener('abort', () => resolve(undefined))),
    ]);
    if (ended === undefined)
      return [`it did not end; it runs on ${this.job.running.join(', ') || 'no node'}`];
    const { code, stdout, stderr } = ended;
    const rounds = Number(/rounds (\d+)\n$/.exec(stderr)?.[1] ?? -1);
    const faults: Fault[] = [];
    if (rounds < 0) faults.push(`lost: it ended with ${code} and said ${JSON.stringify(stderr.slice(-200))}`);
    else if (code !== this.#program.status)
      faults.push(`it ended with ${code} in place of ${this.#program.status}`);
    if (this.#program === TICKER) faults.push(...ticksOf(`${this.#stop}.ticks`, rounds));
    if (rounds < 0) return faults;
    const expected = await this.#expected(rounds);
    if (stdout !== expected) faults.push(`wrong bytes: ${difference(stdout, expected)}`);
    return faults;
  }

  async #expected(rounds: number): Promise<string> {
    if (this.#program === TICKER) return ticker(rounds);
    const [command = '', ...args] = this.#program.command(`rounds:${rounds}`);
    const running = promisify(execFile)(command, args, {
      maxBuffer: 1e9,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' },
    }).catch((error: { readonly stdout: string }) => error);
    return (await running).stdout;
  }
}

/** Every tick must be in the file once and in order. */
function ticksOf(file: string, rounds: number): readonly Fault[] {
  const ticks = readFileSync(file, 'latin1').split('\n').slice(0, -1).map(Number);
  const seen = new Set<number>();
  const doubled = ticks.filter((tick) => seen.size === seen.add(tick).size);
  const missing = Array.from({ length: rounds }, (_, tick) => tick).filter((tick) => !seen.has(tick));
  const isInOrder = ticks.every((tick, index) => index === 0 || (ticks[index - 1] ?? 0) <= tick);
  return [
    ...(doubled.length === 0
      ? []
      : [`doubled: ticks ${doubled.slice(0, 5).join(', ')} were made more than once`]),
    ...(missing.length === 0 ? [] : [`lost: ticks ${missing.slice(0, 5).join(', ')} are missing`]),
    ...(isInOrder ? [] : ['doubled: ticks are out of order']),
  ];
}

const TICKER_BYTES = 8 * 1024 * 1024;
const TICKER_PIECE = 4096;

/** What the ticker writes in so many rounds, computed apart from it. */
export function ticker(rounds: number): string {
  const memory = Buffer.alloc(TICKER_BYTES);
  const lines: string[] = [];
  let sum = 0;
  for (let round = 0; round < rounds; round += 1) {
    const at = (round * 7919 * TICKER_PIECE) % TICKER_BYTES;
    memory.fill(Buffer.from(`${round} ${sum} `), at, at + TICKER_PIECE);
    sum = crc32(memory.subarray(at, at + TICKER_PIECE), sum);
    lines.push(`${round} ${sum}\n`);
  }
  return `${lines.join('')}memory ${crc32(memory)}\n`;
}

function difference(seen: string, expected: string): string {
  let at = 0;
  while (at < expected.length && seen[at] === expected[at]) at += 1;
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 20), at + 40));
  return `at byte ${at} of ${expected.length} (${seen.length}) ${around(seen)} in place of ${around(expected)}`;
}
