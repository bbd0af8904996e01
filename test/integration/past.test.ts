/** What the history tells of processes and of where they were, against what a window was shown live at that time. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallInput, CallName, CallOutput, PushPayload } from '../../common/contract/contract.ts';
import type { Placement } from '../../common/model/migration.ts';
import type { ProcessInfo } from '../../common/model/process.ts';
import { createApp, type App } from '../../main/app.ts';
import type { AttachedWindow } from '../../main/desk.ts';
import { Records } from '../../main/history/records/index.ts';
import { placementsAt } from '../../main/history/records/placements.ts';

const KEYS = ['id:1', 'id:2', 'id:3'];
/** Seconds between two lists, and what is watched live. */
const PERIOD = 10;
const WATCHED_MILLISECONDS = 18_000;

let folder: string;
let app: App;
let window: AttachedWindow;
const live: {
  readonly processes: PushPayload<'processes'>[];
  readonly placements: PushPayload<'placements'>[];
  readonly checkpoints: PushPayload<'checkpoint'>[];
} = { processes: [], placements: [], checkpoints: [] };

async function call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> {
  const envelope = await window.call(name, input);
  if ('problem' in envelope) throw new Error(envelope.problem.message);
  // The answer to the call of that name.
  return envelope.value as CallOutput<Name>;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosview-past-'));
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ snapshotSeconds: PERIOD }));
  const resourcesFolder = join(import.meta.dirname, '../../resources');
  const created = await createApp({
    dataFolder: folder,
    demoNodes: KEYS.length,
    version: 'test',
    host: 'headless',
    resourcesFolder,
  });
  if (!created.ok) throw new Error(created.problem.message);
  app = created.value;
  window = app.desk.attach({
    push: (name, payload) => {
      // Each is the payload of the push of that name.
      if (name === 'processes') live.processes.push(payload as PushPayload<'processes'>);
      if (name === 'placements') live.placements.push(payload as PushPayload<'placements'>);
      if (name === 'checkpoint') live.checkpoints.push(payload as PushPayload<'checkpoint'>);
    },
    openWindow: () => undefined,
  });
  await call('watchPlacements', { on: true });
  for (const end = Date.now() + 20_000; ; await pause(200)) {
    const watched = await Promise.all(KEYS.map((key) => window.call('watchProcesses', { key, on: true })));
    if (watched.every((envelope) => 'value' in envelope)) break;
    if (Date.now() > end) throw new Error('the demo did not begin');
  }
  await pause(WATCHED_MILLISECONDS);
});

afterAll(async () => {
  await app.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** What of a process does not change by itself from one moment to the next. */
function lasting({
  pid,
  started,
  user,
  name,
  command,
  place,
  nice,
  migrations,
  locked,
  reasons,
}: ProcessInfo) {
  return JSON.stringify({ pid, started, user, name, command, place, nice, migrations, locked, reasons });
}

/** Strings that every one of the lists holds. */
function inAll(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = lists.map((list) => new Set(list));
  return [...first].filter((text) => others.every((list) => list.has(text)));
}

/** The live pushes of the seconds around a time. */
function around<Push extends { readonly time: number }>(
  pushes: readonly Push[],
  time: number,
  by: number,
): readonly Push[] {
  return pushes.filter((push) => Math.abs(push.time - time) <= by);
}

describe.each(KEYS)('the processes of %s', (key) => {
  test('are in a past list as they were live', async () => {
    const { time, processes } = await call('pastProcesses', { key, time: Date.now() - 5000 });
    if (time === null) throw new Error('there is no list');
    const own = live.processes.filter((push) => push.key === key && push.problem === null);
    // The list is of any moment of its second, and asking takes its time.
    const near = around(own, time + 500, 3500).map((push) => push.processes.map(lasting));
    expect(near.length).toBeGreaterThan(1);
    const past = processes.map(lasting);
    const steady = inAll(near);
    expect(steady.length).toBeGreaterThan(5);
    expect(steady.filter((text) => !past.includes(text))).toEqual([]);
    const seen = new Set(
      own.flatMap((push) => push.processes.map(({ pid, started }) => `${pid} ${started}`)),
    );
    const unseen = processes.filter(({ pid, started }) => !seen.has(`${pid} ${started}`));
    // Only what lived for less than the two seconds between two looks.
    expect(unseen.filter(({ age }) => age > 3)).toEqual([]);
    for (const process of processes) {
      const same = around(own, time, 2500)
        .flatMap((push) => push.processes)
        .filter(({ pid, started }) => pid === process.pid && started === process.started);
      const cpu = same.map(({ cpuSeconds }) => cpuSeconds);
      if (cpu.length < 2) continue;
      expect(process.cpuSeconds).toBeGreaterThanOrEqual(Math.min(...cpu) - 3);
      expect(process.cpuSeconds).toBeLessThanOrEqual(Math.max(...cpu) + 3);
    }
  });

  test('have the list before under an earlier time, with its true time', async () => {
    const { time: latest } = await call('pastProcesses', { key, time: Date.now() });
    const { time: before } = await call('pastProcesses', { key, time: (latest ?? 0) - 1 });
    expect(before).toBeLessThan(latest ?? 0);
    expect((latest ?? 0) - (before ?? 0)).toBeGreaterThanOrEqual((PERIOD - 2) * 1000);
  });
});

test('where processes were is what the map showed, second by second', () => {
  const places = (placements: readonly Placement[]) =>
    placements.map((placement) => JSON.stringify(placement)).sort();
  const database = new Database(join(folder, 'history.sqlite'), { readonly: true });
  const records = new Records(database);
  // The last one may still be on its way to the disk.
  const shown = live.placements.slice(0, -2);
  for (const { time, placements } of shown) {
    expect([time, places(placementsAt(records, time))]).toEqual([time, places(placements)]);
  }
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.some(({ placements }) => placements.length > 0)).toBe(true);
  database.close();
});

test('every node was up, since the program began', async () => {
  const to = Date.now();
  const { spans, recordings } = await call('states', { from: to - 60_000, to });
  expect(recordings).toHaveLength(1);
  for (const key of KEYS) {
    expect(
      spans
        .filter((span) => span.key === key)
        .map(({ state }) => state)
        .at(-1),
    ).toBe('up');
  }
});

test('a checkpoint is pushed to the windows and stands among the marks', async () => {
  const { checkpoint } = await call('addCheckpoint', { text: 'before the test' });
  const { checkpoints } = await call('marks', { from: checkpoint.time, to: checkpoint.time + 1, pixels: 10 });
  expect(checkpoints).toEqual([checkpoint]);
  expect(live.checkpoints.map((push) => push.checkpoint)).toEqual([checkpoint]);
});
