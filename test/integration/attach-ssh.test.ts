/**
 * Windows of a collector on another machine: the built programs, and OpenSSH's own sshd between them. What a host key,
 * a server that forbids it and a collector that does not run look like; and the past of both machines as one.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mosview, Program, temporaryFolder } from '../harness/program.ts';
import { startSshd, type Sshd } from '../harness/sshd.ts';
import { WindowClient } from '../harness/window-client.ts';

const folder = temporaryFolder('attach-ssh');
const farFolder = join(folder.path, "far's data");
const ownFolder = join(folder.path, 'own');
let sshd: Sshd;
let collector: Program;

/** Nobody records for so long between this machine and the collector, in milliseconds. */
const HOLE = 5000;

/** The times in what `mosview history --json` printed. */
function timesOf(printed: string): readonly number[] {
  return (JSON.parse(printed) as { points: { time: number }[] }).points.map(({ time }) => time);
}

beforeAll(async () => {
  sshd = await startSshd();
  // What this machine recorded before the collector began.
  const recorded = await mosview('history', '--demo', '4', '--node', '1', '--json', '--data', ownFolder);
  expect(recorded).toMatchObject({ code: 0 });
  await delay(Math.max(0, (timesOf(recorded.stdout).at(-1) ?? 0) + HOLE - Date.now()));
  collector = await Program.start(['collect', '--demo', '4', '--data', farFolder]);
  await collector.firstLine();
});

afterAll(async () => {
  await collector?.stop();
  await sshd?.close();
  folder.remove();
});

let count = 0;

/** Opens a window of the collector behind a server; the program and the window end with the test. */
async function withWindow(
  server: Sshd,
  dataFolder: string,
  work: (window: WindowClient, program: Program) => Promise<void>,
  target = `head:${farFolder}`,
): Promise<string> {
  count += 1;
  const settings = join(folder.path, `settings-${count}.json`);
  writeFileSync(settings, JSON.stringify({ sshConfigFile: server.configFile, nodes: [] }));
  const program = await Program.start([
    'serve',
    '--attach',
    target,
    '--config',
    settings,
    '--data',
    dataFolder,
  ]);
  const { url } = JSON.parse(await program.firstLine()) as { url: string };
  const window = await WindowClient.open(url);
  try {
    await work(window, program);
  } finally {
    window.close();
  }
  const { code, stderr } = await program.stop();
  expect(code).toBe(0);
  return stderr;
}

describe('a window of a collector on another machine', () => {
  test('sees it live, orders through it, and comes back over a cut connection', async () => {
    const stderr = await withWindow(sshd, ownFolder, async (window) => {
      expect((await window.call('program', {})).attachedTo).toMatch(/^collector on /);
      await window.call('watch', { on: true });
      await window.next('block', ({ totals }) => totals.nodesUp === 4);
      await window.call('unlock', { minutes: 1 });
      const gone = window.next('connection', ({ connected }) => !connected);
      const back = window.next('connection', ({ connected }) => connected);
      sshd.killConnections();
      await gone;
      await back;
      await window.next('block');
      expect((await window.call('control', {})).unlockedUntil).not.toBeNull();
    });
    expect(stderr).toContain('attached to the collector on');
  });

  test('comes back to a collector that is started again, says so, and shows the time between as a gap', async () => {
    await withWindow(sshd, ownFolder, async (window) => {
      await window.call('watch', { on: true });
      const shown = await window.next('block', ({ totals }) => totals.nodesUp === 4);
      const gone = window.next('connection', ({ connected }) => !connected);
      collector.process.kill('SIGKILL');
      await gone;
      await delay(Math.max(0, shown.time + HOLE - Date.now()));
      const back = window.next('connection', ({ connected }) => connected);
      const told = window.next('notice', ({ problem }) => problem.code === 'recorder-changed');
      const live = window.next('block', ({ totals }) => totals.nodesUp === 4);
      collector = await Program.start(['collect', '--demo', '4', '--data', farFolder]);
      await back;
      expect((await told).problem.message).toMatch(/^The collector on .* has ended, and another one records/);
      const { time } = await live;
      await window.next('block');
      const range = { from: shown.time - 2000, to: time + 1000 };
      const answer = await window.call('history', {
        keys: ['id:1'],
        metrics: ['load'],
        ...range,
        pixels: 500,
      });
      const { times, mean } = answer.nodes[0]?.series[0] ?? { times: [], mean: [] };
      const hole = [...times].filter((_time, at) => Number.isNaN(mean[at] ?? 0));
      // The second that was shown last need not have been on disk when the collector was killed.
      expect(hole.filter((at) => at > range.from && at < time)).toHaveLength(1);
      expect((await window.call('states', range)).recordings).toHaveLength(2);
      // It never records here by itself.
      const own = await mosview('history', '--node', '1', '--since', '1h', '--json', '--data', ownFolder);
      expect(timesOf(own.stdout).at(-1)).toBeLessThan(range.from);
    });
  });

  test('shows what this machine recorded before the collector began, in one line with what that recorded', async () => {
    await withWindow(sshd, ownFolder, async (window) => {
      const own = await mosview('history', '--node', '1', '--since', '1h', '--json', '--data', ownFolder);
      const far = await mosview('history', '--node', '1', '--since', '1h', '--json', '--data', farFolder);
      const [ownTimes, farTimes] = [timesOf(own.stdout), timesOf(far.stdout)];
      const { from } = await window.call('recorded', {});
      const to = Date.now();
      const answer = await window.call('history', {
        keys: ['id:1'],
        metrics: ['load'],
        from: to - 3_600_000,
        to,
        pixels: 3600,
      });
      const shown = answer.nodes[0]?.series[0];
      expect(from).toBeLessThanOrEqual(ownTimes[0] ?? 0);
      expect([...(shown?.times ?? [])]).toEqual(expect.arrayContaining([ownTimes[0], farTimes.at(0)]));
      // Between the two nobody recorded.
      expect([...(shown?.mean ?? [])].some(Number.isNaN)).toBe(true);
    });
  });

  test('asks about an unknown host key in the window, and goes on when it is accepted', async () => {
    const known = sshd.knownHostsFile;
    const fresh = join(folder.path, 'fresh');
    const hostKeys = sshd.hostKey();
    writeFileSync(known, '');
    try {
      await withWindow(sshd, fresh, async (window) => {
        const asked = window.next('prompts', ({ prompts }) => prompts.length > 0);
        void window.call('watch', { on: true });
        const [prompt] = (await asked).prompts;
        expect(prompt).toMatchObject({ kind: 'host-key', name: 'head' });
        const all = window.next('nodes', ({ all: isAll }) => isAll);
        await window.call('answerPrompt', { id: prompt?.id ?? '', answer: ['yes'] });
        expect((await all).changed).toHaveLength(4);
      });
    } finally {
      writeFileSync(known, `[127.0.0.1]:${sshd.port} ${hostKeys}\n`);
    }
  });

  test('says where no collector runs, and what to start there', async () => {
    await withWindow(
      sshd,
      ownFolder,
      async (window) => {
        await expect(window.call('program', {})).rejects.toThrow('there is no data folder /no/where');
      },
      'head:/no/where',
    );
  });

  test('says that the server forbids it, where it does', async () => {
    const strict = await startSshd({ config: ['AllowStreamLocalForwarding no'] });
    try {
      await withWindow(strict, ownFolder, async (window) => {
        await expect(window.call('program', {})).rejects.toThrow('AllowStreamLocalForwarding');
      });
    } finally {
      await strict.close();
    }
  });

  test('is not opened with options that only the collector itself can have', async () => {
    const refused = await mosview('serve', '--attach', 'head', '--demo');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('without --demo');
  });
});
