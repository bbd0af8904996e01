import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportSchedule } from '../../common/model/report.ts';
import { dueReports, lastDue, nextDue, rangeOf } from './due.ts';

const zone = process.env['TZ'];

beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin';
});

afterAll(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

function schedule(change: Partial<ReportSchedule> = {}): ReportSchedule {
  return {
    name: 'night',
    every: 'daily',
    at: '06:00',
    weekday: 'monday',
    format: 'html',
    folder: '/reports',
    nodes: [],
    groups: [],
    ...change,
  };
}

/** A time on the clock in Berlin. */
const at = (text: string): number => new Date(text).getTime();
const words = (time: number): string => new Date(time).toString().slice(0, 21);

describe('a daily schedule', () => {
  test('was due today after its time, yesterday before it', () => {
    expect(words(lastDue(schedule(), at('2026-11-24T06:00')))).toBe('Tue Nov 24 2026 06:00');
    expect(words(lastDue(schedule(), at('2026-11-24T05:59')))).toBe('Mon Nov 23 2026 06:00');
    expect(words(nextDue(schedule(), at('2026-11-24T06:00')))).toBe('Wed Nov 25 2026 06:00');
  });

  test('covers the day up to then', () => {
    const { from, to } = rangeOf(schedule(), at('2026-11-24T06:00'));
    expect([words(from), words(to)]).toEqual(['Mon Nov 23 2026 06:00', 'Tue Nov 24 2026 06:00']);
  });

  test('keeps its time of day when the clocks change, and leaves no hour out', () => {
    const due = lastDue(schedule(), at('2026-10-25T12:00'));
    const { from, to } = rangeOf(schedule(), due);
    expect(words(due)).toBe('Sun Oct 25 2026 06:00');
    expect(to - from).toBe(25 * 3_600_000);
    expect(words(nextDue(schedule(), from))).toBe(words(to));
  });
});

describe('a weekly schedule', () => {
  const weekly = schedule({ every: 'weekly', weekday: 'friday', at: '18:30' });

  test('is due on its day', () => {
    expect(words(lastDue(weekly, at('2026-11-24T06:00')))).toBe('Fri Nov 20 2026 18:30');
    expect(words(lastDue(weekly, at('2026-11-20T18:29')))).toBe('Fri Nov 13 2026 18:30');
    expect(words(lastDue(weekly, at('2026-11-20T18:30')))).toBe('Fri Nov 20 2026 18:30');
    expect(words(nextDue(weekly, at('2026-11-24T06:00')))).toBe('Fri Nov 27 2026 18:30');
  });
});

describe('what is due', () => {
  const now = at('2026-11-24T09:00');
  const due = (seen: readonly (readonly [string, number])[]) =>
    dueReports([schedule()], new Map(seen), now).map((report) => words(report.due));

  test('is nothing of a new schedule: it begins at its next time', () => {
    expect(due([])).toEqual([]);
  });

  test('is made once', () => {
    expect(due([['night', at('2026-11-23T06:00')]])).toEqual(['Tue Nov 24 2026 06:00']);
    expect(due([['night', at('2026-11-24T06:00')]])).toEqual([]);
  });

  test('is the last one of all that were missed while the program was closed', () => {
    expect(due([['night', at('2026-11-01T06:00')]])).toEqual(['Tue Nov 24 2026 06:00']);
  });

  test('is not made again when the clock goes back', () => {
    expect(due([['night', at('2026-11-25T06:00')]])).toEqual([]);
  });
});
