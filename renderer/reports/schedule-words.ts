/** Schedules in words. */
import { WEEKDAYS, type Weekday } from '../../common/model/report-kinds.ts';
import type { Schedule } from './schedule-dialog.tsx';

/** `Every day at 06:00`, `Every Monday at 06:00`. */
export function whenWords({ every, at, weekday = 'monday' }: Schedule): string {
  return `Every ${every === 'daily' ? 'day' : weekdayName(weekday)} at ${at}`;
}

export function weekdayName(weekday: Weekday): string {
  return weekday.slice(0, 1).toUpperCase() + weekday.slice(1);
}

/** The days of a week as they are chosen, Monday first. */
export const WEEK: readonly Weekday[] = [...WEEKDAYS.slice(1), ...WEEKDAYS.slice(0, 1)];
