/** The calls about reports: previews, files, schedules. */
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { reportCalls } from '../common/contract/report-calls.ts';
import type { Problem } from '../common/contract/problem.ts';
import type { ReportJob, ScheduledReport } from '../common/model/report.ts';
import { failure, success, type Result } from '../common/model/result.ts';
import type { Handlers } from './calls.ts';
import type { Control } from './control/types.ts';
import { operatorName } from './control/who.ts';
import type { WindowPort } from './desk.ts';
import type { Past } from './prometheus/past.ts';
import { previewReport } from './report/index.ts';
import { ReportJobs, type OrderMaker } from './report/jobs.ts';
import { noFolder, Scheduler, type ScheduleStore } from './report/scheduler.ts';
import { zoneWords } from './report/words.ts';

/** Migrations of a preview. */
const PREVIEW_ROWS = 100;

export interface ReportServicesOptions {
  readonly dataFolder: string;
  readonly version: string;
  readonly history: Past;
  readonly control: Control;
  readonly store: ScheduleStore;
  readonly onJob: (job: ReportJob) => void;
  readonly onSchedules: (schedules: readonly ScheduledReport[]) => void;
  readonly onProblem: (problem: Problem) => void;
}

/** What the calls are handed to. */
export interface ReportServices {
  readonly dataFolder: string;
  readonly order: OrderMaker;
  readonly jobs: ReportJobs;
  readonly scheduler: Scheduler;
  /** Ends what is under way; nothing half-written is left. */
  close(): Promise<void>;
}

/** Starts the schedules of a program. */
export async function openReports(options: ReportServicesOptions): Promise<ReportServices> {
  const { dataFolder, version, history, control, store, onJob, onSchedules, onProblem } = options;
  const order: OrderMaker = (request, hold) => ({
    source: { history, groups: control.groups(), actions: (query) => control.actions(query) },
    request,
    who: operatorName(),
    now: Date.now(),
    version,
    ...hold,
  });
  const jobs = new ReportJobs(order, onJob);
  const scheduler = await Scheduler.open({ dataFolder, store, order, onChange: onSchedules, onProblem });
  const close = async (): Promise<void> => {
    await Promise.all([jobs.close(), scheduler.close()]);
  };
  return { dataFolder, order, jobs, scheduler, close };
}

/** Handlers of `reportCalls`. `services` is asked at each call: they begin later than the handlers. */
export function reportHandlers(services: () => ReportServices): Pick<Handlers, keyof typeof reportCalls> {
  const done = (result: Result<unknown>): Result<Record<string, never>> => (result.ok ? success({}) : result);
  /** The preview each window waits for; a newer one ends it. */
  const previews = new WeakMap<WindowPort, AbortController>();
  return {
    previewReport: async ({ request }, { port }) => {
      previews.get(port)?.abort();
      const ending = new AbortController();
      previews.set(port, ending);
      const order = services().order(request, { signal: ending.signal, onProgress: () => undefined });
      const html = await previewReport(order, PREVIEW_ROWS);
      return html.ok ? success({ html: html.value }) : html;
    },
    makeReport: ({ request, format, table, folder }) =>
      isAbsolute(folder)
        ? success(services().jobs.start(request, { format, table }, folder))
        : failure(noFolder(folder)),
    cancelReport: ({ id }) => done(services().jobs.cancel(id)),
    reports: () => {
      const { jobs, dataFolder } = services();
      const now = Date.now();
      return success({
        jobs: [...jobs.list()],
        folder: join(dataFolder, 'reports'),
        machine: hostname(),
        zone: zoneWords(now, now),
      });
    },
    reportPiece: ({ id, offset }) => services().jobs.piece(id, offset),
    reportSchedules: () => success({ schedules: services().scheduler.list() }),
    saveReportSchedule: async ({ schedule, replaces }) =>
      done(await services().scheduler.save(schedule, replaces)),
    removeReportSchedule: async ({ name }) => done(await services().scheduler.remove(name)),
  };
}
