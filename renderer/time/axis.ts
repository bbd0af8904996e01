/** Ticks of a time axis at round local times, from seconds to years, and how they are written. Pure. */
import { clock, clockWithSeconds, day, month } from '../words/time-forms.ts';

type Unit = 'second' | 'day' | 'month' | 'year';

/** Round steps: so many of a unit; `about` is its length in milliseconds. */
interface Step {
  readonly unit: Unit;
  readonly count: number;
  readonly about: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const seconds = (count: number): Step => ({ unit: 'second', count, about: count * SECOND });
const STEPS: readonly Step[] = [
  ...[1, 2, 5, 10, 15, 30].map(seconds),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => seconds(minutes * 60)),
  ...[1, 2, 3, 6, 12].map((hours) => seconds(hours * 3600)),
  ...[1, 2, 7, 14].map((count): Step => ({ unit: 'day', count, about: count * DAY })),
  ...[1, 3, 6].map((count): Step => ({ unit: 'month', count, about: count * 30.5 * DAY })),
  ...[1, 2, 5, 10].map((count): Step => ({ unit: 'year', count, about: count * 365 * DAY })),
];

/** A tick; where a day begins its label is the date. */
export interface Tick {
  readonly time: number;
  readonly label: string;
}

/** At most about `most` ticks within [from, to], at round times of this machine's calendar. */
export function timeTicks(from: number, to: number, most: number): readonly Tick[] {
  const step = STEPS.find((each) => (to - from) / each.about <= most) ?? STEPS.at(-1);
  if (step === undefined || !(to > from)) return [];
  const times = step.unit === 'second' ? clockTimes(from, to, step.about) : calendarTimes(from, to, step);
  return times.map((time) => ({ time, label: labelOf(time, step) }));
}

/** Times at every `step` of the local clock, counted anew from each midnight. */
function clockTimes(from: number, to: number, step: number): readonly number[] {
  const times: number[] = [];
  const date = new Date(from);
  const midnight = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  for (let day = midnight, next = 0; day <= to; day = next) {
    const start = new Date(day);
    next = new Date(start.getFullYear(), start.getMonth(), start.getDate() + 1).getTime();
    const first = day + Math.max(0, Math.ceil((from - day) / step)) * step;
    for (let time = first; time < next && time <= to; time += step) times.push(time);
  }
  return times;
}

/** Beginnings of local days, months or years that are round in their number. */
function calendarTimes(from: number, to: number, { unit, count }: Step): readonly number[] {
  const begin = new Date(from);
  const year = begin.getFullYear();
  const at = (index: number): number => {
    if (unit === 'day') return new Date(year, 0, 1 + index * count).getTime();
    if (unit === 'month') return new Date(year, index * count, 1).getTime();
    return new Date(Math.floor(year / count) * count + index * count, 0, 1).getTime();
  };
  const times: number[] = [];
  for (let index = 0, time = at(0); time <= to; index += 1, time = at(index))
    if (time >= from) times.push(time);
  return times;
}

function labelOf(time: number, step: Step): string {
  if (step.unit === 'year') return String(new Date(time).getFullYear());
  if (step.unit === 'month') return month().format(time);
  const date = new Date(time);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (step.unit === 'day' || midnight) return day().format(time);
  return (step.about < MINUTE ? clockWithSeconds : clock)().format(time);
}
