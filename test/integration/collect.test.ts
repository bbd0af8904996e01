/**
 * The collector as its users run it: the built program in a process of its own, windows of other processes attached to
 * it on the same folder, its end by SIGTERM and by SIGKILL.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { METRIC_INDEX } from '../../common/model/metric.ts';
import { callRunning } from '../../main/attach/index.ts';
import { mosview, Program, temporaryFolder, type Finished } from '../harness/program.ts';
import { WindowClient } from '../harness/window-client.ts';

const folder = temporaryFolder('collect');
const dataFolder = join(folder.path, 'data');
const COLLECT = ['collect', '--demo', '4', '--data', dataFolder, '--json'];
let collector: Program;
let host: Program;
let hostStarted: { readonly url: string; readonly attachedTo: string };
let first: WindowClient;
let second: WindowClient;

async function startCollector(): Promise<Program> {
  const program = await Program.start(COLLECT);
  expect(JSON.parse(await program.firstLine())).toMatchObject({ ready: true, dataFolder });
  return program;
}

/** Keys of the cluster's own ids; before a node told its id it had another. */
async function recordedKeys(): Promise<string[]> {
  const { nodes } = await first.call('recorded', {});
  return nodes.map(({ key }) => key).filter((key) => key.startsWith('id:'));
}

beforeAll(async () => {
  collector = await startCollector();
  host = await Program.start(['serve', '--data', dataFolder]);
  hostStarted = JSON.parse(await host.firstLine()) as typeof hostStarted;
  first = await WindowClient.open(hostStarted.url);
  second = await WindowClient.open(hostStarted.url);
});

afterAll(async () => {
  first?.close();
  second?.close();
  await host?.stop();
  await collector?.stop();
  folder.remove();
});

describe('windows on the folder of a collector', () => {
  test('are attached to it, and say so', async () => {
    const place = `collector on ${hostname()}`;
    expect(hostStarted.attachedTo).toBe(place);
    expect(await first.call('program', {})).toMatchObject({ demo: true, attachedTo: place });
  });

  test('see every node, second by second', async () => {
    const nodes = first.next('nodes', ({ all }) => all);
    await first.call('watch', { on: true });
    expect((await nodes).changed).toHaveLength(4);
    const block = await first.next('block', ({ totals }) => totals.nodesUp === 4);
    const later = await first.next('block', ({ time }) => time > block.time);
    expect(later.columns.length).toBe(block.columns.length);
  });

  test('see what was recorded before they came', async () => {
    const keys = await recordedKeys();
    expect(keys).toHaveLength(4);
    const to = Date.now();
    const answer = await first.call('history', {
      keys: keys.slice(0, 1),
      metrics: ['load'],
      from: to - 60_000,
      to,
      pixels: 500,
    });
    expect(answer.nodes[0]?.series[0]?.mean.length).toBeGreaterThan(0);
  });

  test('have every question about the past answered in its form', async () => {
    const to = Date.now();
    const range = { from: to - 60_000, to };
    const keys = await recordedKeys();
    const cluster = await first.call('clusterHistory', { metrics: ['load'], ...range, pixels: 100 });
    expect(cluster.nodes.at(-1)).toBe(4);
    expect((await first.call('statistics', { ...range, keys })).nodes).toHaveLength(4);
    expect((await first.call('top', { metric: 'load', ...range, limit: 2 })).nodes).toHaveLength(2);
    expect((await first.call('moment', { time: to })).nodes).toHaveLength(4);
    expect((await first.call('states', range)).recordings).toHaveLength(1);
    expect((await first.call('migrations', {})).migrations).toEqual(expect.any(Array));
    expect((await first.call('marks', { ...range, pixels: 100 })).checkpoints).toEqual([]);
    expect(await first.call('pastProcesses', { key: keys[0] ?? '', time: to })).toHaveProperty('processes');
  });

  test('order what is carried out and recorded by the collector, and hear of each other’s orders', async () => {
    const [key = ''] = await recordedKeys();
    await first.call('unlock', { minutes: 1 });
    expect(await second.call('control', {})).not.toMatchObject({ unlockedUntil: null });
    const heard = second.next('action', ({ action }) => action.state !== 'running');
    const changes = [{ kind: 'setting' as const, setting: 'block' as const, on: true }];
    const plan = await first.call('plan', {
      order: { kind: 'nodes', nodes: [key], changes },
    });
    await first.call('apply', { plan: plan.id });
    expect((await heard).action).toMatchObject({ state: 'done' });
    const audit = await mosview('audit', '--json', '--data', dataFolder);
    expect(audit).toMatchObject({ code: 0 });
    const { entries } = JSON.parse(audit.stdout) as { entries: { kind: string }[] };
    expect(entries.map(({ kind }) => kind)).toEqual(['unlocked', 'begun', 'ended']);
  });

  test('hear of a checkpoint that a command has the collector set', async () => {
    const heard = first.next('checkpoint');
    expect(await callRunning(dataFolder, 'addCheckpoint', { text: 'new kernel' })).toMatchObject({
      ok: true,
    });
    expect((await heard).checkpoint.text).toBe('new kernel');
  });

  test('read the history on the command line beside it', async () => {
    const read = await mosview('history', '--node', '1', '--since', '5m', '--json', '--data', dataFolder);
    expect(read.code).toBe(0);
    expect((JSON.parse(read.stdout) as { points: unknown[] }).points.length).toBeGreaterThan(0);
  });
});

describe('one collector at a time', () => {
  test('a second one is refused, and told how to look at the first', async () => {
    const refused = await mosview('collect', '--data', dataFolder);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`mosview app --data ${dataFolder}`);
  });

  test('a window is not attached where that would ignore what was asked for', async () => {
    const refused = await mosview('serve', '--demo', '3', '--data', dataFolder);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('without --demo');
  });
});

describe('a collector that is killed and started again', () => {
  test('is said to be gone, comes back to every window by itself, and has lost no second', async () => {
    const shown = await first.next('block');
    const gone = [first, second].map((each) => each.next('connection', ({ connected }) => !connected));
    collector.process.kill('SIGKILL');
    await Promise.all(gone);
    await expect(first.call('control', {})).rejects.toThrow('connection-lost');
    const back = [first, second].map((each) => each.next('connection', ({ connected }) => connected));
    const block = first.next('block', ({ time }) => time > shown.time);
    collector = await startCollector();
    await Promise.all(back);
    await block;

    const from = first.all('block').find(({ totals }) => totals.nodesUp === 4)?.time ?? 0;
    const { nodes, times, columns } = await first.call('seconds', { from, to: shown.time, step: 1 });
    // At most the last second was not on disk yet.
    expect(times.length).toBeGreaterThanOrEqual(Math.round((shown.time - from) / 1000) - 1);
    for (const [row, { key }] of nodes.entries()) {
      if (!key.startsWith('id:')) continue;
      const start = (METRIC_INDEX.load * nodes.length + row) * times.length;
      const loads = [...columns.subarray(start, start + times.length - 1)];
      expect(loads.filter((load) => Number.isNaN(load))).toEqual([]);
    }
  });

  test('allows no changes any more', async () => {
    expect(await first.call('control', {})).toMatchObject({ unlockedUntil: null });
  });
});

describe('the end of a collector', () => {
  test('does not come by SIGHUP', async () => {
    collector.process.kill('SIGHUP');
    await first.next('block');
    await first.next('block');
    expect(collector.process.exitCode).toBeNull();
  });

  test('comes by SIGTERM, with everything sealed and every event on a line of its own', async () => {
    collector.process.kill('SIGTERM');
    const { code, stderr } = await collector.finished;
    expect(code).toBe(0);
    expect(existsSync(join(dataFolder, 'mosview.sock'))).toBe(false);
    expect(existsSync(join(dataFolder, 'history.sqlite-wal'))).toBe(false);
    const history = new Database(join(dataFolder, 'history.sqlite'), { readonly: true });
    expect(history.prepare('SELECT count(*) FROM tick').pluck().get()).toBe(0);
    history.close();
    for (const line of stderr.trim().split('\n'))
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (info|notice|warning): \S/);
    expect(stderr).toContain('SIGHUP');
    expect(stderr.trim()).toMatch(/ended; everything is written$/);
  });
});

describe('a collector in a folder that others may enter', () => {
  test('does not say that windows attach there', async () => {
    const open = join(folder.path, 'open');
    mkdirSync(open, { mode: 0o755 });
    const program = await Program.start(['collect', '--demo', '1', '--data', open]);
    await program.firstLine();
    const { stdout, stderr } = await program.stop();
    expect(stdout).toContain(`mosview records into ${open}.`);
    expect(stdout).not.toContain('windows attach');
    expect(stdout + stderr).toContain(`others may enter ${open}`);
  });
});

describe('the collector as a service', () => {
  const config = join(folder.path, 'config');
  const unit = join(config, 'systemd/user/mosview-collect.service');
  const programs = join(folder.path, 'programs');
  const asked = join(folder.path, 'asked');

  async function run(...args: readonly string[]): Promise<Finished> {
    const env = { XDG_CONFIG_HOME: config, PATH: `${programs}:${process.env['PATH'] ?? ''}` };
    return (await Program.start(['collect', ...args], env)).finished;
  }

  function systemctl(exitCode: number): void {
    mkdirSync(programs, { recursive: true });
    const script = `#!/bin/sh\necho "$*" >> '${asked}'\necho 'no bus' >&2\nexit ${exitCode}\n`;
    writeFileSync(join(programs, 'systemctl'), script, { mode: 0o755 });
  }

  test('is installed with its own paths, after it was said', async () => {
    systemctl(0);
    const { code, stdout } = await run('--install', '--data', dataFolder);
    expect(code).toBe(0);
    expect(stdout).toContain(`Writing ${unit}`);
    expect(stdout).toContain('loginctl enable-linger');
    expect(readFileSync(unit, 'utf8')).toContain(`"collect" "--data" "${dataFolder}"`);
    expect(readFileSync(asked, 'utf8')).toBe(
      '--user daemon-reload\n--user enable mosview-collect.service\n--user restart mosview-collect.service\n',
    );
  });

  test.runIf(existsSync('/usr/bin/systemd-analyze'))('is a unit that systemd finds no fault with', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('is removed again, and what it recorded stays', async () => {
    const { code, stdout } = await run('--uninstall');
    expect({ code, there: existsSync(unit) }).toEqual({ code: 0, there: false });
    expect(stdout).toContain('what was recorded stays');
    expect(existsSync(join(dataFolder, 'history.sqlite'))).toBe(true);
  });

  test('says what failed where there is no systemd to ask', async () => {
    systemctl(1);
    const { code, stderr } = await run('--install');
    expect(code).toBe(1);
    expect(stderr).toContain('"systemctl --user daemon-reload" failed\nno bus');
  });
});
