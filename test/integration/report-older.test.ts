/** A report over times that only a real Prometheus still has: the same from the command line and from a window. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHistory } from '../../main/history/index.ts';
import { RemoteWriter } from '../../main/prometheus/remote-write.ts';
import { recordHour } from '../../main/report/fixture.ts';
import { mosview, Program, temporaryFolder } from '../harness/program.ts';
import { PrometheusServer } from '../harness/prometheus.ts';
import { WindowClient } from '../harness/window-client.ts';

/** Ten minutes that only the server has, ten of nobody, then ten of this machine. */
const MINUTES = 60_000;
const START = Math.floor(Date.now() / 300_000) * 300_000 - 50 * MINUTES;
const RANGE = { from: START, to: START + 30 * MINUTES };
const LINE = ['--since', new Date(RANGE.from).toISOString(), '--until', new Date(RANGE.to).toISOString()];

const older = temporaryFolder('older');
const folder = temporaryFolder('report-older');
let server: PrometheusServer;

interface Report {
  readonly notes: readonly string[];
  readonly nodes: readonly { readonly node: { readonly id: number }; readonly load_mean: number }[];
  readonly [part: string]: unknown;
}

beforeAll(async () => {
  server = await PrometheusServer.start();
  recordHour(older.path, [], START);
  recordHour(folder.path, undefined, START + 20 * MINUTES);
  await send();
  const read = { url: server.url, intervalSeconds: 1 };
  writeFileSync(
    join(folder.path, 'settings.json'),
    JSON.stringify({ nodes: [], prometheus: { labels: { cluster: 'lab' }, read } }),
  );
});

afterAll(async () => {
  await server?.close();
  older.remove();
  folder.remove();
});

/** Sends what the other machine recorded. */
async function send(): Promise<void> {
  const opened = await openHistory({ folder: older.path, onProblem: () => undefined });
  if (!opened.ok) throw new Error(opened.problem.message);
  const writer = await RemoteWriter.start({
    settings: { url: `${server.url}/api/v1/write`, intervalSeconds: 1, headers: {} },
    labels: { cluster: 'lab' },
    version: '1',
    dataFolder: older.path,
    history: opened.value,
    onNotice: () => undefined,
  });
  writer.second(START - 1000);
  writer.second(START + 10 * MINUTES + 1000);
  while (writer.status.behindSeconds > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await writer.close();
  await opened.value.close();
}

/** Without what says when and where a report was made. */
function content(text: string): Report {
  const { report, ...rest } = JSON.parse(text) as Report & { readonly report: object };
  return { ...rest, report: { ...report, made: '' } };
}

async function byCommand() {
  const { code, stdout, stderr } = await mosview(
    'report',
    '--data',
    folder.path,
    ...LINE,
    '--format',
    'json',
  );
  return { code, stderr, report: code === 0 ? content(stdout) : undefined };
}

async function byWindow(): Promise<Report> {
  const program = await Program.start(['serve', '--data', folder.path]);
  try {
    const { url } = JSON.parse(await program.firstLine()) as { url: string };
    const window = await WindowClient.open(url);
    const request = { ...RANGE, nodes: [], groups: [], command: '' };
    const ended = window.next('report', ({ job }) => job.state !== 'running');
    await window.call('makeReport', { request, format: 'json', folder: join(folder.path, 'reports') });
    const { job } = await ended;
    window.close();
    expect(job.problem).toBeNull();
    return content(readFileSync(job.file, 'utf8'));
  } finally {
    await program.stop();
  }
}

describe('a report over times that only the server has', () => {
  test('holds them, and says which they are and what they lack', async () => {
    const { code, stderr, report } = await byCommand();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(report?.nodes.map(({ node, load_mean: mean }) => [node.id, mean])).toEqual([
      [3, 300],
      [2, 200],
      [1, 100],
    ]);
    expect(report?.notes).toEqual([
      expect.stringMatching(/^Nothing was recorded from .* \((9 min 59 s|10 min)\): mosview did not run\./),
      expect.stringMatching(
        /^The values from .* \(10 min( 1 s)?\) come from http:.*\. It has no migrations, states of nodes or/,
      ),
    ]);
  });

  test('is the same from a window', async () => {
    const { report } = await byCommand();
    expect(await byWindow()).toEqual(report);
  });
});

describe('while the server does not answer', () => {
  beforeAll(() => server.stop());

  test('that older times are missing is said in the report and beside it, and it is made', async () => {
    const { code, stderr, report } = await byCommand();
    expect(code).toBe(0);
    expect(stderr).toMatch(/^mosview: http:.* could not be reached/);
    expect(report?.notes).toEqual([
      expect.stringMatching(
        /^Nothing was recorded here from .* \(20 min\): mosview did not run\. Older times are missing\. http:.* could not be reached/,
      ),
    ]);
    expect(await byWindow()).toEqual(report);
  });

  test('a report of these alone cannot be made, and it is said why', async () => {
    const until = new Date(START + 5 * MINUTES).toISOString();
    const { code, stderr } = await mosview(
      'report',
      '--data',
      folder.path,
      '--since',
      '2h',
      '--until',
      until,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Nothing was recorded from .*; the history reaches from .*\. Older times are missing\. http:/,
    );
  });
});
