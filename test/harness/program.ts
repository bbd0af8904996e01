/** The program as its users start it: the built command, in a process of its own, with its output and its exit code. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureBuilt } from './build.ts';

const COMMAND = resolve(import.meta.dirname, '../../scripts/mosview.mjs');
const DEADLINE_MILLISECONDS = 30_000;

/** What a finished command left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export class Program {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  #stdout = '';
  #stderr = '';

  private constructor(args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    this.process = spawn(process.execPath, [COMMAND, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.process.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.finished = once(this.process, 'close').then(([code]: (number | null)[]) => ({
      code: code ?? null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** Starts a command of the up-to-date build. */
  static async start(
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Program> {
    await ensureBuilt();
    return new Program(args, env);
  }

  /** The first line on standard output; fails with the program's own words when it ends without one. */
  async firstLine(): Promise<string> {
    const deadline = AbortSignal.timeout(DEADLINE_MILLISECONDS);
    while (!this.#stdout.includes('\n')) {
      if (this.process.exitCode !== null || this.process.stdout === null) {
        throw new Error(`mosview ended with ${this.process.exitCode}: ${this.#stderr}`);
      }
      await Promise.race([once(this.process.stdout, 'data', { signal: deadline }), this.finished]);
    }
    return this.#stdout.slice(0, this.#stdout.indexOf('\n'));
  }

  /** Waits until it has said these words on standard error. */
  async says(words: string): Promise<void> {
    const end = performance.now() + DEADLINE_MILLISECONDS;
    for (; !this.#stderr.includes(words); await pause(20)) {
      if (performance.now() > end || this.process.exitCode !== null) {
        throw new Error(`mosview did not say "${words}": ${this.#stderr}`);
      }
    }
  }

  /** Ends it as Ctrl-C does. */
  stop(): Promise<Finished> {
    this.process.kill('SIGINT');
    return this.finished;
  }
}

/** Runs a command to its end. */
export async function mosview(...args: readonly string[]): Promise<Finished> {
  return (await Program.start(args)).finished;
}

/** A folder for one test with its removal. */
export function temporaryFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `mosview-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
