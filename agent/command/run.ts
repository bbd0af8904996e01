/**
 * `mos run`: starts a job and stays as its deputy, the process that the caller sees. It holds standard input, output and
 * error, passes signals on, and ends as the job ends. A job that is started at a terminal has one of its own.
 */
import { fstatSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { success } from '../../common/model/result.ts';
import type { JobId } from '../job-id.ts';
import type { StreamName } from '../keeper/protocol.ts';
import { signalSchema, type JobSignal } from '../link/protocol.ts';
import { LOST_STATUS, type DEPUTY_NOTICES } from '../local/protocol.ts';
import type { Handlers } from '../wire/peer.ts';
import { connectLocal, type Local } from './local.ts';
import type { RunArguments } from './run-arguments.ts';
import { CallerTerminal, hasKeys } from './terminal.ts';

const AGAIN_MILLISECONDS = 200;
/** In the background it is looked so often whether the terminal's keys are ours. */
const KEYS_MILLISECONDS = 300;
/** Standard input is read on while less than this waits to be taken. */
const MOST_INPUT = 256 * 1024;
/** Passed on. SIGTSTP and SIGCONT stop and continue both; the others are for the job alone. */
const PASSED = signalSchema.options.filter((name) => name !== 'SIGKILL' && name !== 'SIGSTOP');

/** Runs the command; answers the exit status for the shell. */
export async function run({ command, locked, wanted, verbose }: RunArguments): Promise<number> {
  const terminal = CallerTerminal.find();
  const deputy = new Deputy();
  const local = await connectLocal(deputy.handlers);
  if (!local.ok) return complain(local.problem.message);
  const started = await local.value.call(
    'start',
    {
      command: [...command],
      merged: isOneFile(1, 2),
      ...(terminal === undefined ? {} : { terminal: { size: terminal.size, modes: terminal.modes } }),
      locked,
      ...(wanted === undefined ? {} : { wanted }),
    },
    { milliseconds: 60_000 },
  );
  if (!started.ok) return complain(started.problem.message);
  if (started.value.why !== '') process.stderr.write(`mos: ${started.value.why}\n`);
  if (verbose) process.stderr.write(`mos: job ${started.value.job} runs on node ${started.value.place}\n`);
  process.title = command.join(' ').slice(0, 60);
  return deputy.serve(local.value, started.value.job, started.value.terminal ? terminal : undefined);
}

function complain(sentence: string): number {
  process.stderr.write(`mos: ${sentence}\n`);
  return 1;
}

function isOneFile(first: number, second: number): boolean {
  const [one, two] = [fstatSync(first), fstatSync(second)];
  return one.dev === two.dev && one.ino === two.ino && one.ino !== 0;
}

/** The streams of the caller and the job's. */
class Deputy {
  readonly #written: Record<StreamName, number> = { out: 0, err: 0 };
  readonly #confirmed: Record<StreamName, number> = { out: 0, err: 0 };
  readonly #gone = new Set<StreamName>();
  readonly #streams = { out: process.stdout, err: process.stderr } as const;
  #terminal: CallerTerminal | undefined;
  readonly #exit = Promise.withResolvers<number>();
  /** Input that nobody has taken yet, and the place of its first byte. */
  #input: Buffer[] = [];
  #inputPlace = 0;
  #inputEnded = false;
  #keysTimer: NodeJS.Timeout | undefined;
  #end: { readonly status: number | null; readonly out: number; readonly err: number } | undefined;
  #local: Local | undefined;
  #job: JobId | undefined;

  readonly handlers: Handlers<typeof DEPUTY_NOTICES> = {
    output: ({ stream, place }, body) => {
      this.#output(stream, place, body);
      return success({});
    },
    inputTaken: ({ place }) => {
      this.#taken(place);
      return success({});
    },
    inputAgain: () => {
      this.#sendInput(this.#inputPlace, Buffer.concat(this.#input));
      // These may have been told while the job was on its way.
      this.#tellSize();
      for (const stream of this.#gone) this.#tellClosed(stream);
      return success({});
    },
    inputClosed: () => {
      this.#inputEnded = true;
      this.#input = [];
      process.stdin.destroy();
      return success({});
    },
    finished: (end) => {
      this.#end = end;
      this.#finish();
      return success({});
    },
    lost: ({ why }) => {
      this.#lost(why);
      return success({});
    },
  };

  constructor() {
    // A job that is quick writes before its start is answered.
    for (const name of ['out', 'err'] as const) this.#streams[name].on('error', () => this.#closed(name));
  }

  /** Serves until the job has ended and everything of it is told; `terminal` is the caller's when the job has one too. */
  async serve(local: Local, job: JobId, terminal: CallerTerminal | undefined): Promise<number> {
    this.#terminal = terminal;
    this.#local = local;
    this.#job = job;
    this.#readInput();
    for (const name of PASSED) {
      // The job's own terminal tells it of its window, which the deputy is told of when Node knows its size.
      if (this.#terminal === undefined || name !== 'SIGWINCH') process.on(name, () => this.#signal(name));
    }
    this.#holdTerminal();
    for (const stream of this.#gone) this.#tellClosed(stream);
    void this.#stayConnected(local);
    const { out, err } = this.#written;
    const attached = await local.call('attach', { job, out, err });
    if (!attached.ok) this.#lost(attached.problem.message, 1);
    const status = await this.#exit.promise;
    await this.#local?.call('done', { job });
    return status;
  }

  /** The agent may be started again while its jobs run. */
  async #stayConnected(first: Local): Promise<void> {
    let local = first;
    for (;;) {
      await local.end;
      const again = await this.#again();
      local = again;
      this.#local = again;
      const { out, err } = this.#written;
      if (this.#job === undefined) continue;
      const attached = await again.call('attach', { job: this.#job, out, err });
      if (attached.ok || attached.problem.code !== 'not-found') continue;
      return this.#lost(attached.problem.message);
    }
  }

  #lost(why: string, status = LOST_STATUS): void {
    this.#terminal?.leave();
    process.stderr.write(`mos: ${why}\n`);
    this.#exit.resolve(status);
  }

  #holdTerminal(): void {
    const terminal = this.#terminal;
    if (terminal === undefined) return;
    process.once('exit', () => terminal.leave());
    terminal.onResize(() => this.#tellSize());
    terminal.enter();
  }

  #tellSize(): void {
    if (this.#terminal === undefined || this.#job === undefined) return;
    this.#local?.notify('resize', { job: this.#job, size: this.#terminal.size });
  }

  async #again(): Promise<Local> {
    for (;;) {
      const local = await connectLocal(this.handlers);
      if (local.ok) return local.value;
      await wait(AGAIN_MILLISECONDS);
    }
  }

  #output(stream: StreamName, place: number, body: Buffer): void {
    // Pieces come again after a connection was lost; what is behind a gap comes again too.
    if (place > this.#written[stream]) return;
    const fresh = body.subarray(this.#written[stream] - place);
    if (fresh.length === 0) return;
    this.#written[stream] += fresh.length;
    const end = this.#written[stream];
    if (this.#gone.has(stream)) this.#confirm(stream, end);
    else
      this.#streams[stream].write(fresh, (error) => {
        if (error === null || error === undefined) this.#confirm(stream, end);
      });
  }

  #confirm(stream: StreamName, place: number): void {
    this.#confirmed[stream] = place;
    if (this.#job !== undefined) this.#local?.notify('confirm', { job: this.#job, stream, place });
    this.#finish();
  }

  /** Our reader is gone: the job gets what a closed pipe gives, too. */
  #closed(stream: StreamName): void {
    if (this.#gone.has(stream)) return;
    this.#gone.add(stream);
    this.#tellClosed(stream);
    this.#confirm(stream, this.#written[stream]);
  }

  #tellClosed(stream: StreamName): void {
    if (this.#job !== undefined) this.#local?.notify('closeOutput', { job: this.#job, stream });
  }

  #finish(): void {
    if (this.#end === undefined) return;
    const { status, out, err } = this.#end;
    const has = (stream: StreamName, end: number): boolean =>
      this.#gone.has(stream) || this.#confirmed[stream] >= end;
    if (has('out', out) && has('err', err)) this.#exit.resolve(status ?? LOST_STATUS);
  }

  #readInput(): void {
    const { stdin } = process;
    stdin.on('end', () => {
      // A terminal ends when it hangs up, which is a signal.
      if (this.#terminal !== undefined) return;
      this.#inputEnded = true;
      this.#sendInput(this.#inputPlace + this.#waiting(), Buffer.alloc(0));
    });
    stdin.on('error', () => undefined);
    this.#readOn();
  }

  /** Whoever reads from a terminal in the background is stopped, so that it is read only while its keys are ours. */
  #readOn(): void {
    clearTimeout(this.#keysTimer);
    if (this.#inputEnded || this.#waiting() >= MOST_INPUT) return;
    const { stdin } = process;
    if (stdin.isTTY && !hasKeys()) {
      stdin.pause();
      this.#keysTimer = setTimeout(() => this.#readOn(), KEYS_MILLISECONDS);
      return;
    }
    if (stdin.listenerCount('data') === 0) stdin.on('data', (chunk: Buffer) => this.#typed(chunk));
    stdin.resume();
  }

  #typed(chunk: Buffer): void {
    const place = this.#inputPlace + this.#waiting();
    this.#input.push(chunk);
    this.#sendInput(place, chunk);
    if (this.#waiting() >= MOST_INPUT) process.stdin.pause();
  }

  #waiting(): number {
    return this.#input.reduce((sum, { length }) => sum + length, 0);
  }

  #sendInput(place: number, bytes: Buffer): void {
    if (this.#job === undefined) return;
    this.#local?.notify('input', { job: this.#job, place, end: this.#inputEnded }, bytes);
  }

  #taken(place: number): void {
    let drop = place - this.#inputPlace;
    while (drop > 0) {
      const [first] = this.#input;
      if (first === undefined) break;
      const part = Math.min(drop, first.length);
      if (part === first.length) this.#input.shift();
      else this.#input[0] = first.subarray(part);
      this.#inputPlace += part;
      drop -= part;
    }
    this.#readOn();
  }

  #signal(signal: JobSignal): void {
    if (this.#job === undefined) return;
    // Whoever is the child of none in its session, as a job is, is not stopped by SIGTSTP.
    const passed = signal === 'SIGTSTP' ? 'SIGSTOP' : signal;
    this.#local?.notify('signal', { job: this.#job, signal: passed });
    if (signal === 'SIGCONT') {
      this.#terminal?.enter();
      this.#readOn();
    }
    if (passed !== 'SIGSTOP') return;
    this.#terminal?.leave();
    process.stdin.pause();
    process.kill(process.pid, passed);
  }
}
