/** When scheduled reports are due, on the clock of this machine. Pure. */
import type { ReportSchedule } from '../../common/model/report.ts';
import { WEEKDAYS } from '../../common/model/report-kinds.ts';

const DAYS = { daily: 1, weekly: 7 } as const;

/** When a schedule was due last, at or before a time. */
export function lastDue(schedule: ReportSchedule, now: number): number {
  const date = new Date(now);
  const back = schedule.every === 'daily' ? 0 : (date.getDay() - WEEKDAYS.indexOf(schedule.weekday) + 7) % 7;
  const due = onClock(date, -back, schedule);
  return due <= now ? due : onClock(date, -back - DAYS[schedule.every], schedule);
}

/** When a schedule is due next, after a time. */
export function nextDue(schedule: ReportSchedule, now: number): number {
  return onClock(new Date(lastDue(schedule, now)), DAYS[schedule.every], schedule);
}

/** What a report due at a time covers: the day or week up to then, without a gap to the one before. */
export function rangeOf(
  schedule: ReportSchedule,
  due: number,
): { readonly from: number; readonly to: number } {
  return { from: onClock(new Date(due), -DAYS[schedule.every], schedule), to: due };
}

/** A report to make. */
export interface DueReport {
  readonly schedule: ReportSchedule;
  readonly due: number;
}

/**
 * The reports to make now. `seen` has the time up to which each schedule, by its name, is done with; one that is not in it
 * is new and first due at its next time. However many times were missed, the last is made, once.
 */
export function dueReports(
  schedules: readonly ReportSchedule[],
  seen: ReadonlyMap<string, number>,
  now: number,
): readonly DueReport[] {
  return schedules.flatMap((schedule) => {
    const due = lastDue(schedule, now);
    const done = seen.get(schedule.name);
    return done === undefined || done >= due ? [] : [{ schedule, due }];
  });
}

/** So many days from a date, at the schedule's time of day. */
function onClock(date: Date, days: number, { at }: ReportSchedule): number {
  const [hour = 0, minute = 0] = at.split(':').map(Number);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hour, minute).getTime();
}
