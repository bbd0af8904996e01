/** Reads a history beside its writer, or without one, for the command line: each call sees one moment of the file. */
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../common/contract/history-queries.ts';
import { type Result, success } from '../../common/model/result.ts';
import { attempt, historyFile, openForReading } from './file.ts';
import { SECONDS_END } from './format.ts';
import { answer } from './queries/index.ts';
import type { HistoryView } from './queries/view.ts';
import type { Tables } from './tables.ts';
import { Tail } from './tail.ts';
import type { HistoryReader } from './types.ts';

/**
 * Opens the history of a data folder for reading. Problems: file-unreadable (also where there is none yet),
 * history-damaged, history-newer.
 */
export function openHistoryReader(folder: string): Promise<Result<HistoryReader>> {
  const file = historyFile(folder);
  const tables = openForReading(file);
  return Promise.resolve(tables.ok ? success(new FileReader(file, tables.value)) : tables);
}

class FileReader implements HistoryReader {
  readonly #file: string;
  readonly #tables: Tables;

  constructor(file: string, tables: Tables) {
    this.#file = file;
    this.#tables = tables;
  }

  ask<Name extends HistoryQueryName>(
    name: Name,
    input: HistoryQuestion<Name>,
  ): Promise<Result<HistoryAnswer<Name>>> {
    const answered = attempt(this.#file, () =>
      this.#tables.transaction(() => {
        const view = this.#view();
        const steps = answer(name, input, () => view);
        for (;;) {
          const step = steps.next();
          if (step.done) return step.value;
        }
      }),
    );
    return Promise.resolve(answered.ok ? answered.value : answered);
  }

  close(): Promise<void> {
    this.#tables.close();
    return Promise.resolve();
  }

  #view(): HistoryView {
    const tail = new Tail();
    for (const tick of this.#tables.ticks(0, SECONDS_END)) tail.add(tick);
    // Rows are those of the tail.
    const rows = tail.nextStart(0) === Infinity ? [] : this.#tables.slotNodes();
    return { tables: this.#tables, tail, rows };
  }
}
