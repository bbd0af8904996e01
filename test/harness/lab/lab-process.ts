/** Processes that the lab starts in its hosts, with what they write and how they end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from '../patience.ts';

/** What a finished command left. A signal's end is told as shells do: 128 + its number. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const DEADLINE_MILLISECONDS = 10_000 * PATIENCE;

/** A process of a node that runs on. */
export class LabProcess {
  /** The process outside that entered the node for it; its streams are the process' own. */
  readonly entry: ChildProcess;
  /** Resolves when it has ended and its output is closed. */
  readonly finished: Promise<Finished>;
  #stdout = '';
  #stderr = '';

  constructor(entry: ChildProcess) {
    this.entry = entry;
    entry.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    entry.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.finished = once(entry, 'close').then(([code]) => ({
      // nsenter ends by the signal that ended its child.
      code: typeof code === 'number' ? code : 128 + constants.signals[entry.signalCode ?? 'SIGKILL'],
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** What it has written so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get ended(): boolean {
    return this.entry.exitCode !== null || this.entry.signalCode !== null;
  }

  /** Numbers as seen outside: of the entry, and of the process itself once it has begun. */
  get pids(): readonly number[] {
    const { pid } = this.entry;
    if (pid === undefined || this.ended) return [];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return [
      pid,
      ...children
        .split(' ')
        .map(Number)
        .filter((child) => child > 0),
    ];
  }

  /** Its number as seen outside. */
  async pid(): Promise<number> {
    const deadline = Date.now() + DEADLINE_MILLISECONDS;
    while (!this.ended && Date.now() < deadline) {
      const child = this.pids[1];
      if (child !== undefined) return child;
      await sleep(2);
    }
    throw new Error(`The process did not start: ${this.#stderr}`);
  }

  /** Sends the process itself a signal. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.pid(), signal);
  }
}

/** Runs a command of this machine in the network of a process, with this machine's files and processes. */
export function inNetwork(pid: number, command: string, args: readonly string[]): Promise<Finished> {
  const entry = spawn('nsenter', ['--target', String(pid), '--net', '--', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new LabProcess(entry).finished;
}
