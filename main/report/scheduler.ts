/** Makes the scheduled reports while the program runs, one after the other, each when it is due. */
import { isAbsolute, join } from 'node:path';
import { problem, type Problem } from '../../common/contract/problem.ts';
import type { ReportSchedule, ScheduledReport } from '../../common/model/report.ts';
import { failure, type Result } from '../../common/model/result.ts';
import { dueReports, lastDue, nextDue, rangeOf, type DueReport } from './due.ts';
import { reportFileName } from './file-name.ts';
import { writeReport } from './index.ts';
import type { OrderMaker } from './jobs.ts';
import { ScheduleMemory } from './memory.ts';
import { dateAndMinute } from './words.ts';

/** How often is looked whether a report is due, in milliseconds. */
const LOOKING = 20_000;

/** Where the schedules are kept: the settings. */
export interface ScheduleStore {
  readonly reports: readonly ReportSchedule[];
  /** Problems: those of writing the settings. */
  save(reports: readonly ReportSchedule[]): Promise<Result<void>>;
}

export interface SchedulerOptions {
  readonly dataFolder: string;
  readonly store: ScheduleStore;
  readonly order: OrderMaker;
  readonly onChange: (schedules: readonly ScheduledReport[]) => void;
  /** A scheduled report failed, or what came of one could not be kept. */
  readonly onProblem: (problem: Problem) => void;
  /** Milliseconds since 1970; only tests have another clock. */
  readonly now?: () => number;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #memory: ScheduleMemory;
  readonly #closing = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;

  private constructor(options: SchedulerOptions, memory: ScheduleMemory) {
    this.#options = options;
    this.#memory = memory;
    this.#timer = setInterval(() => void this.look(), LOOKING);
    this.#timer.unref();
  }

  static async open(options: SchedulerOptions): Promise<Scheduler> {
    const scheduler = new Scheduler(options, await ScheduleMemory.open(options.dataFolder));
    void scheduler.look();
    return scheduler;
  }

  list(): ScheduledReport[] {
    const now = this.#now();
    return this.#options.store.reports.map((schedule) => ({
      schedule,
      next: nextDue(schedule, now),
      last: this.#memory.last(schedule.name),
    }));
  }

  /** Adds a schedule, or changes the one called `replaces`. Problems: bad-input, not-found, those of the settings. */
  async save(schedule: ReportSchedule, replaces: string | null): Promise<Result<void>> {
    const { reports } = this.#options.store;
    if (!isAbsolute(schedule.folder)) return failure(noFolder(schedule.folder));
    if (replaces !== null && !reports.some(({ name }) => name === replaces))
      return failure(noSchedule(replaces));
    if (schedule.name !== replaces && reports.some(({ name }) => name === schedule.name)) {
      return failure(problem('bad-input', `There is a scheduled report called "${schedule.name}" already.`));
    }
    const changed =
      replaces === null
        ? [...reports, schedule]
        : reports.map((other) => (other.name === replaces ? schedule : other));
    const saved = await this.#store(changed);
    // What was due at another time of day before is not made up for.
    if (saved.ok) this.#say(await this.#memory.set(schedule.name, lastDue(schedule, this.#now())));
    this.#options.onChange(this.list());
    return saved;
  }

  /** Problems: not-found, those of the settings. */
  async remove(name: string): Promise<Result<void>> {
    const { reports } = this.#options.store;
    if (!reports.some((schedule) => schedule.name === name)) return failure(noSchedule(name));
    const saved = await this.#store(reports.filter((schedule) => schedule.name !== name));
    this.#options.onChange(this.list());
    return saved;
  }

  /** Makes what is due; resolves when it is made. */
  look(): Promise<void> {
    this.#looking ??= this.#makeDue().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /** Ends a report that is being made; it is made at the next start. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closing.abort();
    await this.#looking;
  }

  async #makeDue(): Promise<void> {
    const now = this.#now();
    const { reports } = this.#options.store;
    const { done } = this.#memory;
    for (const schedule of reports) {
      if (!done.has(schedule.name)) this.#say(await this.#memory.set(schedule.name, lastDue(schedule, now)));
    }
    for (const due of dueReports(reports, done, now)) {
      if (!this.#closing.signal.aborted) await this.#make(due);
    }
  }

  async #make({ schedule, due }: DueReport): Promise<void> {
    const { name, nodes, groups, format, folder } = schedule;
    const range = rangeOf(schedule, due);
    const form = { format, table: 'migrations' } as const;
    const file = join(folder, reportFileName(range, form, name));
    const order = this.#options.order(
      { ...range, nodes, groups, command: '' },
      { signal: this.#closing.signal, onProgress: () => undefined },
    );
    const written = await writeReport(order, form, file);
    if (this.#closing.signal.aborted) return;
    const time = this.#now();
    this.#say(
      await this.#memory.set(name, due, {
        time,
        file: written.ok ? file : '',
        problem: written.ok ? null : written.problem,
      }),
    );
    if (!written.ok) {
      const { code, message, detail } = written.problem;
      const again = dateAndMinute(nextDue(schedule, time));
      const words = `The scheduled report "${name}" could not be made: ${message.replace(/\.$/, '')}. It is tried again at its next time, ${again}.`;
      this.#options.onProblem(problem(code, words, detail));
    }
    this.#options.onChange(this.list());
  }

  async #store(reports: readonly ReportSchedule[]): Promise<Result<void>> {
    const saved = await this.#options.store.save(reports);
    if (saved.ok) this.#say(await this.#memory.keepOnly(reports.map(({ name }) => name)));
    return saved;
  }

  #say(kept: Result<void>): void {
    if (!kept.ok) this.#options.onProblem(kept.problem);
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }
}

function noSchedule(name: string): Problem {
  return problem('not-found', `There is no scheduled report "${name}" any more.`);
}

/** The problem of a folder that depends on where the program was started. */
export function noFolder(folder: string): Problem {
  return problem('bad-input', `The folder "${folder}" is no absolute path, such as /srv/reports.`);
}
