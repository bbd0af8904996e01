/** The part of the contract about reports: looking at one, saving it on the machine where mosview runs, schedules. */
import { z } from 'zod';
import {
  reportFormatSchema,
  reportJobSchema,
  reportRequestSchema,
  reportScheduleSchema,
  reportTableSchema,
  scheduledReportSchema,
} from '../model/report.ts';

const nothing = z.object({}).strict();
const nameSchema = z.string().min(1).max(60);

export const reportCalls = {
  /**
   * A report as a page to look at, with the first hundred migrations; a newer one from the same window ends it. Problems:
   * bad-input and not-found (range, nodes, groups, nothing recorded), cancelled, those of the history.
   */
  previewReport: {
    input: z.object({ request: reportRequestSchema }).strict(),
    output: z.object({ html: z.string() }),
  },
  /**
   * Begins to write a report into a folder, which is made where it is missing; the file's name says the range. It goes on
   * by itself, told by `report` pushes. Problems: bad-input (folder).
   */
  makeReport: {
    input: z
      .object({
        request: reportRequestSchema,
        format: reportFormatSchema,
        table: reportTableSchema.default('migrations'),
        folder: z.string().min(1).max(1000),
      })
      .strict(),
    output: reportJobSchema,
  },
  /** Ends a report that is being written; nothing of it is kept. Problems: not-found. */
  cancelReport: { input: z.object({ id: z.int().min(1) }).strict(), output: nothing },
  /** Reports written since the program began, those begun last first, and the folder that is proposed for the next. */
  reports: {
    input: nothing,
    output: z.object({
      jobs: z.array(reportJobSchema),
      folder: z.string(),
      /** The machine the files are on, and the zone of its clock. */
      machine: z.string(),
      zone: z.string(),
    }),
  },
  /** A piece of a report that is done, for a browser on another machine; `next` is null at the end. Problems: not-found. */
  reportPiece: {
    input: z.object({ id: z.int().min(1), offset: z.int().min(0) }).strict(),
    output: z.object({
      /** Base64. */
      data: z.string(),
      next: z.int().nullable(),
    }),
  },
  /** Every schedule with what came of it last. */
  reportSchedules: { input: nothing, output: z.object({ schedules: z.array(scheduledReportSchema) }) },
  /**
   * Adds a schedule, or changes the one called `replaces`. Problems: bad-input (its name is taken, the folder is no
   * absolute path), not-found, and those of writing the settings.
   */
  saveReportSchedule: {
    input: z.object({ schedule: reportScheduleSchema, replaces: nameSchema.nullable() }).strict(),
    output: nothing,
  },
  /** Problems: not-found, and those of writing the settings. */
  removeReportSchedule: { input: z.object({ name: nameSchema }).strict(), output: nothing },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export const reportPushes = {
  /** A report that goes on or has ended. */
  report: z.object({ job: reportJobSchema }),
  /** The schedules, when one changed or was made. */
  reportSchedules: z.object({ schedules: z.array(scheduledReportSchema) }),
} as const satisfies Record<string, z.ZodType>;
