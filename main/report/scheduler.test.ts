/** Scheduled reports from real files: made once, late, and said when they fail. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../../common/contract/problem.ts';
import type { ReportSchedule } from '../../common/model/report.ts';
import { success } from '../../common/model/result.ts';
import { temporaryFolder } from '../history/fixture.ts';
import { FROM, orderOf, recordHour, sourceOf, TO, value } from './fixture.ts';
import type { FolderSource } from './folder-source.ts';
import { Scheduler } from './scheduler.ts';

/** The hour of the history lies within the day before this time of day. */
const AT = new Date(TO).toTimeString().slice(0, 5);
const DAY = 86_400_000;

let folder: ReturnType<typeof temporaryFolder>;
let source: FolderSource;
let scheduler: Scheduler | undefined;
let now: number;
let reports: readonly ReportSchedule[];
let problems: Problem[];

beforeEach(async () => {
  folder = temporaryFolder();
  recordHour(folder.path);
  source = await sourceOf(folder.path);
  now = FROM;
  reports = [];
  problems = [];
});

afterEach(async () => {
  await scheduler?.close();
  await source.close();
  folder.dispose();
});

function schedule(change: Partial<ReportSchedule> = {}): ReportSchedule {
  return {
    name: 'every night',
    every: 'daily',
    at: AT,
    weekday: 'monday',
    format: 'md',
    folder: join(folder.path, 'out'),
    nodes: [],
    groups: [],
    ...change,
  };
}

/** Starts the program anew. */
async function start(): Promise<Scheduler> {
  await scheduler?.close();
  scheduler = await Scheduler.open({
    dataFolder: folder.path,
    store: {
      get reports() {
        return reports;
      },
      save: (changed) => {
        reports = changed;
        return Promise.resolve(success(undefined));
      },
    },
    order: (request, hold) => ({ ...orderOf(source), ...hold, request }),
    onChange: () => undefined,
    onProblem: (problem) => problems.push(problem),
    now: () => now,
  });
  await scheduler.look();
  return scheduler;
}

function made(): readonly string[] {
  try {
    return readdirSync(join(folder.path, 'out'));
  } catch {
    return [];
  }
}

test('a report is made when it is due, once, and its file says the range', async () => {
  const running = await start();
  value(await running.save(schedule(), null));
  await running.look();
  expect(made()).toEqual([]);
  now = TO + 1000;
  await running.look();
  await running.look();
  expect(made()).toHaveLength(1);
  expect(made()[0]).toMatch(/^every-night-2026-11-\d\d-\d{4}-to-2026-11-\d\d-\d{4}\.md$/);
  expect(readFileSync(join(folder.path, 'out', made()[0] ?? ''), 'utf8')).toContain('# Cluster report');
  expect(running.list()).toMatchObject([{ last: { time: now, problem: null }, next: TO + DAY }]);
});

test('one that was missed while the program was closed is made late, and not again', async () => {
  value(await (await start()).save(schedule(), null));
  now = TO + 5 * 3_600_000;
  await start();
  expect(made()).toHaveLength(1);
  await start();
  expect(made()).toHaveLength(1);
  expect(problems).toEqual([]);
});

test('one that fails is said, and tried again only at its next time', async () => {
  const place = join(folder.path, 'out');
  writeFileSync(place, 'no folder');
  const running = await start();
  value(await running.save(schedule(), null));
  now = TO + 1000;
  await running.look();
  await running.look();
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(
      /^The scheduled report "every night" could not be made: .*[^.]\. It is tried again at its next time/,
    ),
  ]);
  expect(running.list()[0]?.last).toMatchObject({ file: '', problem: { code: 'file-unreadable' } });
});

test('a changed time of day is not made up for', async () => {
  const running = await start();
  now = TO + 3_600_000;
  value(await running.save(schedule({ at: '23:59' }), null));
  value(await running.save(schedule(), 'every night'));
  await running.look();
  expect(made()).toEqual([]);
});

test('names are unique, folders absolute, and what is gone is not found', async () => {
  const running = await start();
  value(await running.save(schedule(), null));
  expect(await running.save(schedule(), null)).toMatchObject({ problem: { code: 'bad-input' } });
  expect(await running.save(schedule({ name: 'b', folder: 'out' }), null)).toMatchObject({
    problem: { message: 'The folder "out" is no absolute path, such as /srv/reports.' },
  });
  expect(await running.remove('b')).toMatchObject({ problem: { code: 'not-found' } });
  value(await running.remove('every night'));
  expect(running.list()).toEqual([]);
});

test('a memory that is no file of ours makes every schedule new', async () => {
  reports = [schedule()];
  mkdirSync(join(folder.path, 'reports.json'));
  now = TO + 1000;
  await start();
  expect(made()).toEqual([]);
});
