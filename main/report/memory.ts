/** What came of scheduled reports, kept in the data folder: up to when each schedule is done with, and its last outcome. */
import { join } from 'node:path';
import { z } from 'zod';
import { jsonOf } from '../../common/model/json.ts';
import { reportOutcomeSchema, type ReportOutcome } from '../../common/model/report.ts';
import { success, type Result } from '../../common/model/result.ts';
import { readFileIfThere, writeFileWhole } from '../settings/files.ts';

const entrySchema = z.object({ done: z.number(), last: reportOutcomeSchema.nullable() });
const fileSchema = z.object({ schedules: z.record(z.string(), entrySchema) });
type Entry = z.infer<typeof entrySchema>;

export class ScheduleMemory {
  readonly #file: string;
  readonly #entries: Map<string, Entry>;

  private constructor(file: string, entries: Map<string, Entry>) {
    this.#file = file;
    this.#entries = entries;
  }

  /** Reads it; where it is not there or is none, every schedule is new. */
  static async open(dataFolder: string): Promise<ScheduleMemory> {
    const file = join(dataFolder, 'reports.json');
    const text = await readFileIfThere(file);
    const content = fileSchema.safeParse(jsonOf(text.ok ? (text.value ?? '') : ''));
    return new ScheduleMemory(file, new Map(Object.entries(content.data?.schedules ?? {})));
  }

  /** Up to when each schedule is done with, by its name. */
  get done(): ReadonlyMap<string, number> {
    return new Map([...this.#entries].map(([name, { done }]) => [name, done]));
  }

  last(name: string): ReportOutcome | null {
    return this.#entries.get(name)?.last ?? null;
  }

  /** Keeps that a schedule is done with up to a time; without an outcome the last one stays. Problems: those of a file. */
  async set(name: string, done: number, outcome?: ReportOutcome): Promise<Result<void>> {
    this.#entries.set(name, { done, last: outcome ?? this.last(name) });
    return this.#write();
  }

  /** Forgets schedules that are no more. Problems: those of a file. */
  async keepOnly(names: readonly string[]): Promise<Result<void>> {
    const gone = [...this.#entries.keys()].filter((name) => !names.includes(name));
    if (gone.length === 0) return success(undefined);
    for (const name of gone) this.#entries.delete(name);
    return this.#write();
  }

  #write(): Promise<Result<void>> {
    const schedules = Object.fromEntries(this.#entries);
    return writeFileWhole(this.#file, `${JSON.stringify({ schedules }, null, 2)}\n`);
  }
}
