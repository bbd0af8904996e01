/** Reads a history beside its writer, or without one, for the command line: each call sees one moment of the file. */
import type { Series } from '../../common/contract/contract.ts';
import type { MigrationQuery } from '../../common/contract/control-calls.ts';
import type { Migration } from '../../common/model/migration.ts';
import { type Result, failure, success } from '../../common/model/result.ts';
import { attempt, historyFile, openForReading } from './file.ts';
import { neverRecorded, readSeries } from './query.ts';
import type { Tables } from './tables.ts';
import { Tail } from './tail.ts';
import type { HistoryReader, ReadRequest, StoredNode } from './types.ts';

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

  nodes(): Promise<Result<readonly StoredNode[]>> {
    return Promise.resolve(attempt(this.#file, () => this.#tables.nodes()));
  }

  read(request: ReadRequest): Promise<Result<readonly Series[]>> {
    const series = attempt(this.#file, () => this.#tables.transaction(() => this.#read(request)));
    if (!series.ok) return Promise.resolve(series);
    return Promise.resolve(
      series.value === undefined ? failure(neverRecorded(request.key)) : success(series.value),
    );
  }

  migrations(query: MigrationQuery): Promise<Result<readonly Migration[]>> {
    return Promise.resolve(attempt(this.#file, () => this.#tables.migrations.read(query)));
  }

  close(): Promise<void> {
    this.#tables.close();
    return Promise.resolve();
  }

  #read(request: ReadRequest): readonly Series[] | undefined {
    const tables = this.#tables;
    const node = tables.nodeNumber(request.key);
    if (node === undefined) return undefined;
    const slots = tables.slots();
    const rows = [...slots.keys()].filter((row) => slots[row] === node);
    const tail = new Tail();
    for (const tick of tables.ticks(Math.floor(request.from / 1000), Math.ceil(request.to / 1000))) {
      tail.add(tick);
    }
    const steps = readSeries(() => ({ tables, tail, rows, node }), request);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }
}
