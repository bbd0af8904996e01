/**
 * The caller's terminal while its job has one of its own: raw, as every key is for the job, and at the end as it was before.
 * stty does both; Node's own raw mode would still change what the job writes.
 */
import { spawnSync } from 'node:child_process';
import { statOf } from '../proc/process.ts';
import type { WindowSize } from '../keeper/protocol.ts';

export class CallerTerminal {
  /** As `stty -g` tells them. */
  readonly modes: string;
  #isRaw = false;

  private constructor(modes: string) {
    this.modes = modes;
  }

  /**
   * The terminal, when standard input and output are one and this process has its keys: in the background it would be stopped
   * at once.
   */
  static find(): CallerTerminal | undefined {
    if (!process.stdin.isTTY || !process.stdout.isTTY || !hasKeys()) return undefined;
    const modes = stty(['-g']);
    return modes === undefined ? undefined : new CallerTerminal(modes);
  }

  get size(): WindowSize {
    const { rows, columns } = process.stdout;
    return { rows, columns };
  }

  /** `told` is called whenever the window has another size. */
  onResize(told: () => void): void {
    process.stdout.on('resize', told);
  }

  enter(): void {
    this.#isRaw = stty(['raw', '-echo', '-iexten']) !== undefined;
  }

  leave(): void {
    if (this.#isRaw) stty([this.modes]);
    this.#isRaw = false;
  }
}

/** Whether this process is in the foreground of its terminal. */
export function hasKeys(): boolean {
  const stat = statOf(process.pid);
  return stat !== undefined && stat.group === stat.foreground;
}

/** What it says of standard input; undefined when that does not work. */
function stty(words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('stty', words, {
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}
