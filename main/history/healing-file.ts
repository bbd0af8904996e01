/**
 * The history file as its writer has it open: a file that turns out damaged is set aside and said, a new one begun in its
 * place, and what can be read of the old one taken over.
 */
import { basename } from 'node:path';
import { problem, type Problem } from '../../common/contract/problem.ts';
import { countWords } from '../../common/model/count-words.ts';
import { success } from '../../common/model/result.ts';
import { attempt, openForWriting, setAside, troubleOf } from './file.ts';
import { salvage } from './salvage.ts';
import type { Tables } from './tables.ts';

export class HealingFile {
  readonly path: string;
  readonly #onProblem: (problem: Problem) => void;
  readonly #onNewFile: () => void;
  /** Missing while a new file cannot be opened in the place of a damaged one. */
  #tables: Tables | undefined;

  /** `onNewFile` is called when the old file is gone, before the new one is opened. */
  constructor(path: string, onProblem: (problem: Problem) => void, onNewFile: () => void) {
    this.path = path;
    this.#onProblem = onProblem;
    this.#onNewFile = onNewFile;
  }

  /** The open file; throws what `readingTrouble` understands while there is none. */
  get tables(): Tables {
    if (this.#tables === undefined) throw new Unavailable();
    return this.#tables;
  }

  /**
   * Does work on the file, which is opened where it is not; returns why it was not possible. On a file that turns out
   * damaged it is done again, on the new one.
   */
  use(work: (tables: Tables) => void): Problem | undefined {
    for (let again = true; ; again = false) {
      const done = this.#tables === undefined ? openForWriting(this.path) : success(this.#tables);
      let trouble: Problem;
      if (done.ok) {
        this.#tables = done.value;
        const worked = attempt(this.path, () => work(done.value));
        if (worked.ok) return undefined;
        trouble = worked.problem;
      } else {
        trouble = done.problem;
      }
      if (trouble.code !== 'history-damaged' || !again) return trouble;
      const said = this.#heal(trouble);
      if (said.code !== 'history-damaged') return said;
    }
  }

  /** Housekeeping: what fails for lack of room fails again, and is said, with the next second that is written. */
  maintain(work: (tables: Tables) => void): void {
    const tables = this.#tables;
    if (tables === undefined) return;
    const done = attempt(this.path, () => work(tables));
    if (!done.ok && done.problem.code === 'history-damaged') this.#heal(done.problem);
  }

  /** What a question failed with; `outage` is why nothing can be written, where that is known. Throws faults of ours. */
  readingTrouble(error: unknown, outage: Problem | undefined): Problem {
    if (error instanceof Unavailable) {
      return outage ?? problem('file-unreadable', `The history file ${this.path} is not open.`);
    }
    const trouble = troubleOf(error, this.path);
    if (trouble === undefined) throw error;
    return trouble.code === 'history-damaged' ? this.#heal(trouble) : trouble;
  }

  close(): void {
    this.#tables?.close();
  }

  /** Moves the damaged file away and says so. Returns what was said, or why the file could not be moved. */
  #heal(damage: Problem): Problem {
    this.#tables?.close();
    this.#tables = undefined;
    const moved = attempt(this.path, () => setAside(this.path, new Date()));
    if (!moved.ok) return moved.problem;
    this.#onNewFile();
    const words = `${damage.message} It was set aside as ${basename(moved.value)}, and a new one begun; ${this.#salvage(moved.value)}.`;
    const said = problem('history-damaged', words, damage.detail);
    this.#onProblem(said);
    return said;
  }

  /** Opens the new file and takes over what can be read of the damaged one; says in words what came of it. */
  #salvage(damaged: string): string {
    const opened = openForWriting(this.path);
    if (!opened.ok) return 'what can be read of the old one is still only there';
    this.#tables = opened.value;
    const saved = attempt(this.path, () => salvage(damaged, this.path));
    if (!saved.ok) return 'only part of what can be read of the old one was taken over, for lack of room';
    if (saved.value === undefined) return 'nothing of it could be read';
    const { rows, lost, rolled } = saved.value;
    const missing =
      lost === 0
        ? 'nothing is missing'
        : `${countWords(lost, 'row or place', 'rows or places')} could not be read`;
    const again = rolled === 0 ? '' : '; roll-ups that were missing were made anew from its finer values';
    const taken = countWords(rows, 'readable row was', 'readable rows were');
    return `${taken} taken over, ${missing}${again}`;
  }
}

class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
