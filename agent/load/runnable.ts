/** How many threads run or wait for a CPU at this moment, without the agent itself. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parseStat } from '../proc/stat.ts';

/**
 * `machine` asks the scheduler, through /proc/loadavg. `own` counts in this proc file system, for a node that is a container
 * among others on its machine: there the scheduler's number is of all of them.
 */
export type LoadSource = 'machine' | 'own';

/** A file that is read again and again, its descriptor kept open: a third of the cost of opening it each time. */
export class OftenRead {
  readonly #file: number;
  readonly #bytes: Buffer;

  /** Reads at most `most` bytes. Throws the file system's errors. */
  constructor(path: string, most: number) {
    this.#file = openSync(path, 'r');
    this.#bytes = Buffer.alloc(most);
  }

  text(): string {
    return this.#bytes.toString('latin1', 0, readSync(this.#file, this.#bytes, 0, this.#bytes.length, 0));
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** A folder's names that are numbers; none when it has gone. */
function numbersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name >= '1' && name < ':');
  } catch {
    return [];
  }
}

/** A process or thread that is looked at again and again, with its threads where it has several. */
interface Known {
  readonly stat: OftenRead;
  threads: Threads | undefined;
}

/** More than /proc/PID/stat ever has: 52 fields, most of them short. */
const STAT_BYTES = 1024;

/** New processes are seen at each count, new threads of one at every tenth. */
const COUNTS_BETWEEN_LOOKS = 10;

/** Counts the threads in state R of a proc file system, or of one process in it. */
export class Threads {
  readonly #folder: string;
  readonly #isOfOne: boolean;
  readonly #except: string;
  readonly #known = new Map<string, Known>();
  #counts = 0;

  /** `folder` is the proc file system's or a process' task folder; the process `except` does not count. */
  constructor(folder: string, except = 0, isOfOne = false) {
    this.#folder = folder;
    this.#isOfOne = isOfOne;
    this.#except = `${except}`;
  }

  runnable(): number {
    if (!this.#isOfOne || this.#counts % COUNTS_BETWEEN_LOOKS === 0) this.#look();
    this.#counts += 1;
    let count = 0;
    for (const [name, known] of this.#known) count += this.#runnableOf(name, known);
    return count;
  }

  close(): void {
    for (const [name, known] of this.#known) this.#forget(name, known);
  }

  /** Finds who came and who went. */
  #look(): void {
    const names = new Set(numbersIn(this.#folder));
    names.delete(this.#except);
    for (const [name, known] of this.#known) if (!names.has(name)) this.#forget(name, known);
    for (const name of names) {
      if (this.#known.has(name)) continue;
      try {
        const stat = new OftenRead(join(this.#folder, name, 'stat'), STAT_BYTES);
        this.#known.set(name, { stat, threads: undefined });
      } catch {
        // It has just ended, or there are no descriptors left; then it does not count.
      }
    }
  }

  #runnableOf(name: string, known: Known): number {
    try {
      const stat = parseStat(known.stat.text());
      if (stat === undefined) return 0;
      if (this.#isOfOne || stat.threads <= 1) return Number(stat.state === 'R');
      known.threads ??= new Threads(join(this.#folder, name, 'task'), 0, true);
      return known.threads.runnable();
    } catch {
      // It has just ended; its number may already be another's.
      this.#forget(name, known);
      return 0;
    }
  }

  #forget(name: string, known: Known): void {
    this.#known.delete(name);
    known.stat.close();
    known.threads?.close();
  }
}
