/** Reports: what one is asked to cover, how one is under way, and those that are made by themselves. */
import { z } from 'zod';
import { problemSchema } from '../contract/problem-schema.ts';
import { REPORT_FORMATS, REPORT_TABLES, WEEKDAYS } from './report-kinds.ts';

const timeSchema = z.number().min(0).max(8.64e15);

export const reportFormatSchema = z.enum(REPORT_FORMATS);
export const reportTableSchema = z.enum(REPORT_TABLES);

/** Which part of the cluster a report is about; an empty list or text does not restrict. */
export const reportSelectionSchema = z
  .object({
    /** Nodes by id, name or key: their load, their states, migrations that touch them, actions on them. */
    nodes: z.array(z.string().min(1).max(300)).max(2000).default([]),
    /** Names of groups: migrations of their processes only. */
    groups: z.array(z.string().min(1).max(100)).max(100).default([]),
    /** Migrations of processes whose name holds this text only. */
    command: z.string().max(100).default(''),
  })
  .strict();
export type ReportSelection = z.infer<typeof reportSelectionSchema>;

/** What a report is to cover: the time [from, to) in milliseconds since 1970, and the selection. */
export const reportRequestSchema = reportSelectionSchema.extend({ from: timeSchema, to: timeSchema });
export type ReportRequest = z.infer<typeof reportRequestSchema>;

/** How far a report is. */
export const reportProgressSchema = z.object({
  /** Migrations written, and how many there are; `total` is 0 until they are counted. */
  done: z.int().min(0),
  total: z.int().min(0),
  /** 0..1 of the whole work. */
  share: z.number().min(0).max(1),
});
export type ReportProgress = z.infer<typeof reportProgressSchema>;

/** A report that is being written to a file, or was. */
export const reportJobSchema = z.object({
  /** Counts from 1 while the program runs. */
  id: z.int().min(1),
  /** Absolute, on the machine where mosview runs. */
  file: z.string(),
  started: timeSchema,
  /** When it was done, failed or was cancelled; null while it goes on. */
  ended: timeSchema.nullable(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  progress: reportProgressSchema,
  /** Of the finished file. */
  bytes: z.number(),
  problem: problemSchema.nullable(),
});
export type ReportJob = z.infer<typeof reportJobSchema>;

/** A report that is made by itself while the program runs; one whose time passed meanwhile is made once, late. */
export const reportScheduleSchema = reportSelectionSchema
  .omit({ command: true })
  .extend({
    /** Unique among the schedules; part of the files' names. */
    name: z.string().min(1).max(60),
    every: z.enum(['daily', 'weekly']),
    /** Time of day on the clock of the machine where mosview runs. */
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 06:00'),
    /** Only of weekly ones. */
    weekday: z.enum(WEEKDAYS).default('monday'),
    format: reportFormatSchema.default('html'),
    /** Absolute; made where it is missing. */
    folder: z.string().min(1).max(1000),
  })
  .strict();
export type ReportSchedule = z.infer<typeof reportScheduleSchema>;

/** What came of a schedule last. */
export const reportOutcomeSchema = z.object({
  /** When it was made. */
  time: timeSchema,
  /** Empty where it failed. */
  file: z.string(),
  problem: problemSchema.nullable(),
});
export type ReportOutcome = z.infer<typeof reportOutcomeSchema>;

/** A schedule with its next time and what came of the last. */
export const scheduledReportSchema = z.object({
  schedule: reportScheduleSchema,
  next: timeSchema,
  last: reportOutcomeSchema.nullable(),
});
export type ScheduledReport = z.infer<typeof scheduledReportSchema>;
