/** The place of the one program that works on a data folder: who has it, and who takes it when that one ends. */
import { setTimeout as pause } from 'node:timers/promises';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { troubleOfFolder } from './door.ts';
import { dialFolder, openLink, type Dial, type Link, type LinkEvents } from './link.ts';
import type { Hello, Succession } from './protocol.ts';
import { programOn } from './remote-window.ts';

/** A program that has just taken the lock opens its door, and one that has shut it frees the lock, within so many milliseconds. */
const CHANGE_MILLISECONDS = 5000;
const LOOK_MILLISECONDS = 100;

/** For whoever connects for one question. */
export const NO_EVENTS: LinkEvents = {
  push: () => undefined,
  openWindow: () => undefined,
  ended: () => undefined,
};

/** Starts a program on a data folder, whose lock decides whether it may: data-folder-in-use where another one has it. */
type Start<Program> = () => Promise<Result<Program>>;

/**
 * Starts a program on a data folder, or finds the one that has it and connects to it. Problems: those of the start;
 * data-folder-in-use with the reason where one has it to which nobody can connect.
 */
export async function startOrFind<Program>(
  dataFolder: string,
  start: Start<Program>,
  events: LinkEvents = NO_EVENTS,
): Promise<Result<{ readonly own: Program } | { readonly other: Link }>> {
  const deadline = performance.now() + CHANGE_MILLISECONDS;
  for (;;) {
    const own = await start();
    if (own.ok) return success({ own: own.value });
    if (own.problem.code !== 'data-folder-in-use') return own;
    const other = await openLink(dialFolder(dataFolder), events);
    if (other.ok) return success({ other: other.value });
    // It is about to open its door, or has shut it and is about to free the folder.
    if (other.problem.code === 'not-found' && performance.now() < deadline) {
      await pause(LOOK_MILLISECONDS);
      continue;
    }
    const { message, detail } = troubleOfFolder(dataFolder) ?? other.problem;
    const words = `Another mosview works on the data folder ${dataFolder}, and windows cannot attach to it: ${message}`;
    return failure(problem('data-folder-in-use', words, detail));
  }
}

/** A program that has gone on in the place of another. */
interface Successor {
  dispose(): Promise<void>;
}

export interface PlaceOptions {
  readonly dataFolder: string;
  /** Starts a program that goes on as the one before worked. Problems: as `Start`. */
  readonly goOn: (succession: Succession) => Promise<Result<Successor>>;
}

/** The way to the program that works on a data folder; where none does any more, one is started that goes on in its place. */
export class Place {
  readonly #options: PlaceOptions;
  readonly #dialThere: Dial;
  #before: Hello;
  #successor: Successor | undefined;
  /** Under way once, whoever dials meanwhile. */
  #change: Promise<Problem | undefined> | undefined;
  #isOver = false;

  constructor(options: PlaceOptions, now: Hello) {
    this.#options = options;
    this.#dialThere = dialFolder(options.dataFolder);
    this.#before = now;
  }

  readonly dial: Dial = async () => {
    const there = await this.#dialThere();
    if (there.ok || there.problem.code !== 'not-found' || this.#isOver) return there;
    if (this.#successor === undefined) {
      this.#change ??= this.#goOn().finally(() => (this.#change = undefined));
    }
    const trouble = await this.#change;
    return trouble === undefined ? this.#dialThere() : failure(trouble);
  };

  /** Who has the place now, so that it is known when that one ends. */
  has(now: Hello): void {
    this.#before = now;
  }

  /** Ends the program that was started here, if any; none is started any more. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#change;
    await this.#successor?.dispose();
  }

  async #goOn(): Promise<Problem | undefined> {
    const { dataFolder, goOn } = this.#options;
    const { succession, run } = this.#before;
    if (succession === undefined) {
      const why = run === undefined ? 'its version does not say which nodes it had' : 'its nodes were a demo';
      const words = `The ${programOn(this.#before)} has ended, and nobody records into ${dataFolder} now, as ${why}. This window goes on when that is started again.`;
      return problem('nobody-records', words);
    }
    const closed = failure(problem('cancelled', 'The window was closed'));
    const found = await startOrFind(dataFolder, () =>
      this.#isOver ? Promise.resolve(closed) : goOn(succession),
    );
    if (!found.ok) return found.problem;
    if ('own' in found.value) this.#successor = found.value.own;
    else found.value.other.end();
    return undefined;
  }
}
