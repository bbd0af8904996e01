/**
 * Who records in a data folder when the program that does ends: built programs in processes of their own on one cluster,
 * a window that goes on in a collector's place, a collector that waits for a window, and what the history has of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PushPayload } from '../../common/contract/contract.ts';
import type { Migration } from '../../common/model/migration.ts';
import { startDemoCluster, type DemoCluster } from '../../main/demo/index.ts';
import { mosview, Program, temporaryFolder } from '../harness/program.ts';
import { WindowClient } from '../harness/window-client.ts';

const folder = temporaryFolder('take-over');
const NODES = 4;
const HOST = hostname();
let cluster: DemoCluster;
let dataFolder: string;
let count = 0;
let ends: (() => unknown)[] = [];

beforeAll(async () => {
  cluster = await startDemoCluster({ nodes: NODES, folder: join(folder.path, 'cluster') });
});

beforeEach(() => {
  count += 1;
  dataFolder = join(folder.path, `data-${count}`);
  mkdirSync(dataFolder, { mode: 0o700 });
  writeSettings(join(dataFolder, 'settings.json'), NODES);
});

afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

afterAll(async () => {
  await cluster?.close();
  folder.remove();
});

/** Settings that name the first nodes of the cluster. */
function writeSettings(file: string, nodes: number): void {
  const settings = {
    sshConfigFile: 'none',
    knownHostsFiles: [cluster.knownHostsFile],
    nodes: cluster.nodes.slice(0, nodes).map(({ entry }) => entry),
  };
  writeFileSync(file, JSON.stringify(settings));
}

async function start(...args: readonly string[]): Promise<Program> {
  const program = await Program.start([...args, '--data', dataFolder]);
  ends.push(() => program.stop());
  return program;
}

/** A collector that records. */
async function startCollector(...args: readonly string[]): Promise<Program> {
  const collector = await start('collect', '--json', ...args);
  expect(JSON.parse(await collector.firstLine())).toMatchObject({ ready: true });
  return collector;
}

/** A program with a window that watches. */
async function openWindow(): Promise<{ readonly program: Program; readonly window: WindowClient }> {
  const program = await start('serve');
  const { url } = JSON.parse(await program.firstLine()) as { url: string };
  const window = await WindowClient.open(url);
  ends.push(() => window.close());
  const whole = window.next('block', ({ totals }) => totals.nodesUp === NODES);
  await window.call('watch', { on: true });
  await whole;
  return { program, window };
}

/** The next second that the window shows of the whole cluster, after everything it has shown. */
function nextSecond(window: WindowClient): Promise<PushPayload<'block'>> {
  const shown = window.all('block').at(-1)?.time ?? 0;
  return window.next('block', ({ time, totals }) => time > shown && totals.nodesUp === NODES);
}

/** What the window is told that contains these words. */
function told(window: WindowClient, words: string): Promise<PushPayload<'notice'>> {
  return window.next('notice', ({ problem }) => problem.message.includes(words));
}

/** Whole seconds that have a load of every node, over all that was recorded; fails where one is there twice. */
async function recordedSeconds(window: WindowClient): Promise<readonly number[]> {
  const { nodes, times, columns } = await window.call('seconds', {
    from: Date.now() - 300_000,
    to: Date.now(),
    step: 1,
  });
  const rows = nodes.flatMap(({ key }, row) => (key.startsWith('id:') ? [row] : []));
  const whole = [...times].filter((_time, at) =>
    rows.every((row) => !Number.isNaN(columns[row * times.length + at] ?? NaN)),
  );
  expect(new Set(whole).size).toBe(whole.length);
  return whole.map((time) => Math.floor(time / 1000));
}

describe.each(['SIGKILL', 'SIGTERM'] as const)('a window whose collector ends by %s', (signal) => {
  test('goes on in its place, and says so', async () => {
    const collector = await startCollector();
    const { program, window } = await openWindow();
    expect((await window.call('program', {})).attachedTo).toBe(`collector on ${HOST}`);
    const notice = told(window, `The collector on ${HOST} has ended`);
    const again = nextSecond(window);
    collector.process.kill(signal);
    expect((await notice).problem.message).toContain('This mosview records now in its place');
    await again;
    expect(await window.call('program', {})).toMatchObject({ attachedTo: null, nodes: NODES });
    await program.says('records now itself');
  });

  test('loses no second but those of the change, and keeps what was recorded once', async () => {
    const collector = await startCollector();
    const { window } = await openWindow();
    await window.call('addCheckpoint', { text: 'before' });
    await window.call('unlock', { minutes: 5 });
    const ended = window.next('action', ({ action }) => action.state !== 'running');
    const plan = await window.call('plan', {
      order: { kind: 'nodes', nodes: ['id:1'], changes: [{ kind: 'setting', setting: 'quiet', on: true }] },
    });
    await window.call('apply', { plan: plan.id });
    await ended;
    const moved = window.next('migrations');
    cluster.simulation.migrateAtRandom(5);
    await moved;
    await nextSecond(window);
    const last = Math.floor((window.all('block').at(-1)?.time ?? 0) / 1000);
    const again = nextSecond(window);
    collector.process.kill(signal);
    const first = Math.floor((await again).time / 1000);
    await window.call('addCheckpoint', { text: 'after' });
    await nextSecond(window);

    const seconds = new Set(await recordedSeconds(window));
    // One that comes late is recorded under the second after its predecessor's.
    const isRecorded = (second: number): boolean =>
      [second - 1, second, second + 1].some((at) => seconds.has(at));
    const shown = window.all('block').filter(({ totals }) => totals.nodesUp === NODES);
    const missing = shown.map(({ time }) => Math.floor(time / 1000)).filter((second) => !isRecorded(second));
    // The last second before the end need not have been on disk.
    expect(missing.filter((second) => second !== last)).toEqual([]);
    expect(isRecorded(first)).toBe(true);

    const range = { from: Date.now() - 300_000, to: Date.now() };
    const { checkpoints } = await window.call('marks', { ...range, pixels: 100 });
    expect(checkpoints.map(({ text }) => text)).toEqual(['before', 'after']);
    const { migrations } = await window.call('migrations', {});
    expect(migrations).not.toEqual([]);
    expect(migrations.filter(isDoubled)).toEqual([]);
    const audit = await mosview('audit', '--json', '--data', dataFolder);
    const { entries, broken } = JSON.parse(audit.stdout) as { entries: { kind: string }[]; broken: string };
    expect(broken).toBe('');
    expect(entries.filter(({ kind }) => kind === 'begun')).toHaveLength(1);
    expect(entries.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    // What was allowed in the collector is not allowed here.
    expect(await window.call('control', {})).toMatchObject({ unlockedUntil: null });
    expect(await mosview('history', 'verify', '--data', dataFolder)).toMatchObject({ code: 0 });
  });
});

describe('several windows whose collector is killed', () => {
  test('have one go on in its place, and the others attach to that one', async () => {
    const collector = await startCollector();
    const opened = [await openWindow(), await openWindow(), await openWindow()];
    const again = opened.map(({ window }) => nextSecond(window));
    collector.process.kill('SIGKILL');
    await Promise.all(again);
    const places = await Promise.all(
      opened.map(async ({ window }) => (await window.call('program', {})).attachedTo),
    );
    expect(places.filter((place) => place === null)).toHaveLength(1);
    expect(places.filter((place) => place === `mosview on ${HOST}`)).toHaveLength(2);

    const recorder = opened[places.indexOf(null)];
    const left = opened.filter((each) => each !== recorder);
    const gone = left.map(({ window }) => told(window, `The mosview on ${HOST} has ended`));
    const later = left.map(({ window }) => nextSecond(window));
    recorder?.program.process.kill('SIGKILL');
    await Promise.all([...gone, ...later]);
  });
});

describe('what a window goes on with', () => {
  test('are the settings the collector was started with, and its metrics', async () => {
    const settingsFile = join(folder.path, 'other.json');
    writeSettings(settingsFile, NODES);
    writeSettings(join(dataFolder, 'settings.json'), 0);
    const port = await freePort();
    const collector = await startCollector('--config', settingsFile, '--metrics', String(port));
    const { window } = await openWindow();
    const again = nextSecond(window);
    collector.process.kill('SIGKILL');
    await again;
    expect(await window.call('program', {})).toMatchObject({ settingsFile, attachedTo: null });
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('mosview_');
  });

  test('is no demo, which ends with the collector: that is said, and nothing else recorded in its place', async () => {
    const collector = await startCollector('--demo', String(NODES));
    const { program, window } = await openWindow();
    const notice = told(window, 'nobody records');
    collector.process.kill('SIGKILL');
    const { problem } = await notice;
    expect(problem).toMatchObject({ code: 'nobody-records' });
    expect(problem.message).toContain(`The collector on ${HOST} has ended`);
    await program.says('is started again; it is tried again');
    const again = nextSecond(window);
    await startCollector('--demo', String(NODES));
    await again;
    expect((await window.call('program', {})).attachedTo).toBe(`collector on ${HOST}`);
  });
});

describe('a collector that is started while a window records', () => {
  test('says who records, waits, and records as soon as the window is closed', async () => {
    const { program, window: before } = await openWindow();
    const collector = await start('collect', '--json');
    await collector.says(`A window of mosview on ${HOST} records into ${dataFolder}`);
    const last = Math.floor((await nextSecond(before)).time / 1000);
    await program.stop();
    expect(JSON.parse(await collector.firstLine())).toMatchObject({ ready: true });
    const { window } = await openWindow();
    expect((await window.call('program', {})).attachedTo).toBe(`collector on ${HOST}`);
    const seconds = await recordedSeconds(window);
    expect(seconds.at(-1) ?? 0).toBeGreaterThan(last);
    expect(seconds.some((second) => second === last - 1 || second === last)).toBe(true);
  });

  test('ends at once when it is told to while it waits', async () => {
    await openWindow();
    const collector = await start('collect');
    await collector.says('waits');
    collector.process.kill('SIGTERM');
    expect(await collector.finished).toMatchObject({ code: 0, stdout: '' });
  });
});

/** Whether the move of the process before it, in a list with the newest first, is the same one. */
function isDoubled(
  { home, pid, started, from, to }: Migration,
  at: number,
  all: readonly Migration[],
): boolean {
  const before = all.slice(at + 1).find((other) => other.pid === pid && other.home === home);
  return before?.started === started && before.from === from && before.to === to;
}

/** A port that nobody listens at now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
