/** resources/sampler.sh in a real shell over pipes, read through the program's own reader. */
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../../common/contract/problem.ts';
import { tickLine, type TickMode } from '../../common/wire/protocol.ts';
import { WireReader } from '../../common/wire/reader.ts';

/** The sampler's text. */
export const SAMPLER_TEXT = readFileSync(
  fileURLToPath(new URL('../../resources/sampler.sh', import.meta.url)),
  'latin1',
);

/** A shell that nodes have: the program and its arguments for reading commands from standard input. */
export interface Shell {
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  /** Name the program is told it was called by, where that matters. */
  readonly calledAs?: string;
}

/** The shells the sampler must run in. */
export const SHELLS: readonly Shell[] = [
  { name: 'dash', program: 'dash', arguments: ['-s'] },
  { name: 'bash as sh', program: 'bash', arguments: ['-s'], calledAs: 'sh' },
  { name: 'busybox ash', program: 'busybox', arguments: ['ash', '-s'] },
];

const NONCE = 'f00d';
const DEADLINE_MILLISECONDS = 10_000;

/** A sampler in a shell. */
export class ShellSampler {
  readonly reader: WireReader;
  readonly process: ChildProcessWithoutNullStreams;
  /** Everything the shell printed on standard error. */
  errors = '';
  /** Everything that came since the last tick was sent. */
  text = '';
  readonly #ready = Promise.withResolvers<void>();
  readonly #problem = Promise.withResolvers<Problem>();
  readonly #exit = Promise.withResolvers<number | null>();
  readonly #frames = new Map<number, () => void>();
  #sequence = 0;

  constructor(shell: Shell) {
    this.process = spawn(shell.program, shell.arguments, { argv0: shell.calledAs ?? shell.program });
    this.reader = new WireReader(NONCE, shell.name, {
      onReady: this.#ready.resolve,
      onFrame: (sequence) => this.#frames.get(sequence)?.(),
      onProblem: this.#problem.resolve,
    });
    this.process.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      this.text += chunk;
      this.reader.feed(chunk, performance.now());
    });
    this.process.stderr.setEncoding('latin1').on('data', (chunk: string) => {
      this.errors += chunk;
    });
    // A shell that has ended does not take its input; the exit says so.
    this.process.stdin.on('error', () => undefined);
    this.process.on('exit', (code) => this.#exit.resolve(code));
  }

  /** Sends the assignments and the text, and waits until everything is declared. */
  async start(root: string): Promise<this> {
    this.process.stdin.write(`nonce=${NONCE} root=${root}\n${SAMPLER_TEXT}`);
    await this.ready();
    return this;
  }

  ready(): Promise<void> {
    return this.#within(this.#ready.promise, 'the sampler is ready');
  }

  /** Sends a tick and waits for its frame; its text is in `text` then. */
  async tick(mode: TickMode = 'own', places = false): Promise<void> {
    this.#sequence += 1;
    this.text = '';
    const answered = Promise.withResolvers<void>();
    this.#frames.set(this.#sequence, answered.resolve);
    this.process.stdin.write(tickLine(mode, this.#sequence, places));
    await this.#within(answered.promise, `tick ${this.#sequence} is answered`);
  }

  /** The present row of a table by column name; undefined where there is none. */
  row(table: string, key = 0): Readonly<Record<string, number>> | undefined {
    const found = this.reader.tables.get(table);
    const values = found?.rows.get(key);
    if (found === undefined || values === undefined) return undefined;
    return Object.fromEntries(found.columns.map((column, index) => [column.name, values[index] ?? NaN]));
  }

  /** Keys of a table's rows in order. */
  keys(table: string): readonly number[] {
    return [...(this.reader.tables.get(table)?.rows.keys() ?? [])].sort((one, other) => one - other);
  }

  /** The shell's status when it has ended, null where a signal ended it. */
  exit(): Promise<number | null> {
    return this.#exit.promise;
  }

  /** Ends standard input, which ends the shell. */
  async close(): Promise<void> {
    this.process.stdin.end();
    await this.exit();
  }

  #within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
    const timer = Promise.withResolvers<never>();
    const timeout = setTimeout(() => {
      timer.reject(new Error(`It did not happen in time that ${what}. Errors: ${this.errors}`));
    }, DEADLINE_MILLISECONDS);
    const trouble = this.#problem.promise.then((problem) => {
      throw new Error(`${problem.message}: ${problem.detail}`);
    });
    return Promise.race([promise, timer.promise, trouble]).finally(() => clearTimeout(timeout));
  }
}

/** The samplers that a test starts, ended in one call. */
export class SamplerBench {
  readonly #samplers: ShellSampler[] = [];

  /** A sampler that waits for its text. */
  open(shell: Shell): ShellSampler {
    const sampler = new ShellSampler(shell);
    this.#samplers.push(sampler);
    return sampler;
  }

  /** A sampler of these files that has declared everything. */
  start(shell: Shell, root: string): Promise<ShellSampler> {
    return this.open(shell).start(root);
  }

  async close(): Promise<void> {
    for (const sampler of this.#samplers.splice(0)) {
      sampler.process.kill('SIGKILL');
      await sampler.exit();
    }
  }
}

/** A process namespace of its own; without root rights it needs a user namespace, too. */
const NAMESPACE = [
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  '--pid',
  '--fork',
  '--mount-proc',
];

/**
 * What the sampler prints at these ticks in a process namespace of its own, and then `last` and the number that was given
 * last there. The shell is process 1, and that number grows with every fork.
 */
export function runAlone(shell: Shell, root: string, ticks: readonly string[]): string {
  const script = `nonce=${NONCE} root=${root}\n${SAMPLER_TEXT}\nread -r last < /proc/sys/kernel/ns_last_pid; echo "last $last"`;
  return execFileSync(
    'unshare',
    [...NAMESPACE, shell.program, ...shell.arguments.slice(0, -1), '-c', script],
    {
      input: ticks.join(''),
      encoding: 'latin1',
      // A first bash whose input is a socket takes itself for a remote login and runs ~/.bashrc, which may fork.
      env: { ...process.env, SHLVL: '1' },
    },
  );
}
