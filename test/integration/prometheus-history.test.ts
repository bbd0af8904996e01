/** Reading back from a real Prometheus what remote-write sent there, and from servers that are none. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BlockView } from '../../common/contract/block.ts';
import type {
  HistoryAnswer,
  HistoryQueryName,
  HistoryQuestion,
} from '../../common/contract/history-queries.ts';
import type { Problem } from '../../common/contract/problem.ts';
import { metricNamed, METRICS } from '../../common/model/metric.ts';
import { openHistory, type History, type HistoryReader } from '../../main/history/index.ts';
import { joinHistories } from '../../main/history/joined/index.ts';
import { PrometheusHistory } from '../../main/prometheus/read-back.ts';
import { RemoteWriter } from '../../main/prometheus/remote-write.ts';
import { freePort, PrometheusServer } from '../harness/prometheus.ts';
import { temporaryFolder } from '../harness/program.ts';

/** Keys with everything that a selector could trip over. */
const NODES = [
  { key: 'id:7', id: 7, name: 'alpha' },
  { key: 'host:a.b|"c\\d(', id: 2, name: 'beta' },
];
const [ALPHA, BETA] = [NODES[0]?.key ?? '', NODES[1]?.key ?? ''];
/** What does not change with the second. */
const LASTING: ReadonlySet<string> = new Set(['speed', 'cpus', 'memoryTotal']);
const START = Math.floor(Date.now() / 1000 / 300) * 300 - 1800;
const SECONDS = 900;
const RANGE = { from: START * 1000, to: (START + SECONDS) * 1000 };

const folder = temporaryFolder('prometheus-history');
let server: PrometheusServer;
let local: History;
let there: PrometheusHistory;

beforeAll(async () => {
  server = await PrometheusServer.start();
  const opened = await openHistory({ folder: join(folder.path), onProblem: () => undefined });
  if (!opened.ok) throw new Error(opened.problem.message);
  local = opened.value;
  local.setNodes(NODES);
  const labels = { cluster: 'lab' };
  const writer = await RemoteWriter.start({
    settings: { url: `${server.url}/api/v1/write`, intervalSeconds: 1, headers: {} },
    labels,
    version: '1',
    dataFolder: folder.path,
    history: local,
    onNotice: () => undefined,
  });
  writer.second((START - 1) * 1000);
  for (let second = START; second < START + SECONDS; second += 1) {
    // Beta is away for the second third.
    const isAway = second >= START + 300 && second < START + 600;
    const values = METRICS.flatMap(({ name, quantum, unit }, metric) =>
      NODES.map((_, row) => {
        if (LASTING.has(name)) return row === 1 && isAway ? NaN : 100_000 * Math.max(1, quantum);
        const steps = unit === 'percent' ? (second * 7) % 90 : 1 + ((second + row * 13 + metric) % 50);
        return row === 1 && isAway ? NaN : steps * Math.max(1, quantum);
      }),
    );
    local.append(second * 1000, Float64Array.from(values), NODES.length);
    if (second % 300 === 0) await local.flush();
  }
  await local.flush();
  writer.second((START + SECONDS + 1) * 1000);
  while (writer.status.behindSeconds > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await writer.close();
  const settings = { url: server.url, headers: {}, intervalSeconds: 1 };
  there = new PrometheusHistory({ settings, labels });
  await there.refresh();
});

afterAll(async () => {
  await there?.close();
  await local?.close();
  await server?.close();
  folder.remove();
});

async function ask<Name extends HistoryQueryName>(
  reader: HistoryReader,
  name: Name,
  question: HistoryQuestion<Name>,
): Promise<HistoryAnswer<Name>> {
  const answer = await reader.ask(name, question);
  if (!answer.ok) throw new Error(`${answer.problem.code}: ${answer.problem.message}`);
  return answer.value;
}

/** Numbers to ten digits, so that the order of sums does not matter. */
function rounded(values: Iterable<number>): readonly number[] {
  return Array.from(values, (value) => Number(value.toPrecision(10)));
}

describe('a real Prometheus answers as the local history does', () => {
  test('which nodes there are, and since when', async () => {
    const { nodes, from, to } = await ask(there, 'recorded', {});
    expect(new Set(nodes)).toEqual(new Set(NODES));
    expect(Math.abs((from ?? 0) - RANGE.from)).toBeLessThan(60_000);
    expect(Math.abs((to ?? 0) - RANGE.to)).toBeLessThan(60_000);
  });

  test('the same whenever it is looked', async () => {
    const before = await ask(there, 'recorded', {});
    for (let look = 0; look < 3; look += 1) {
      await there.refresh();
      expect(await ask(there, 'recorded', {})).toEqual(before);
    }
  });

  test.each([SECONDS, 90])('the series of nodes at %i pixels, with their gaps', async (pixels) => {
    const question = {
      keys: [BETA, ALPHA],
      metrics: METRICS.filter(({ unit }) => unit !== 'bits').map(({ name }) => name),
      ...RANGE,
      pixels,
    };
    const [ours, theirs] = [await ask(local, 'history', question), await ask(there, 'history', question)];
    expect(theirs.nodes.map(({ key }) => key)).toEqual([BETA, ALPHA]);
    for (const [place, { series }] of ours.nodes.entries()) {
      for (const [index, one] of series.entries()) {
        const other = theirs.nodes[place]?.series[index];
        expect(other?.metric).toBe(one.metric);
        expect([...(other?.times ?? [])]).toEqual([...one.times]);
        expect([...(other?.min ?? [])]).toEqual([...one.min]);
        expect([...(other?.max ?? [])]).toEqual([...one.max]);
        // The history keeps the means of its roll-ups in whole steps.
        const { quantum } = metricNamed(one.metric);
        const differences = Array.from(one.mean, (mean, point) =>
          Math.abs(mean - (other?.mean[point] ?? Infinity)),
        );
        expect(differences.filter((difference) => difference > quantum / 2 + 1e-9)).toEqual([]);
      }
    }
  });

  test('the cluster over time, with its efficiency', async () => {
    const question = { metrics: ['load' as const, 'memoryFree' as const], ...RANGE, pixels: 15 };
    const [ours, theirs] = [
      await ask(local, 'clusterHistory', question),
      await ask(there, 'clusterHistory', question),
    ];
    expect([...theirs.times]).toEqual([...ours.times]);
    expect([...theirs.nodes]).toEqual([...ours.nodes]);
    for (const [index, { min, max }] of ours.series.entries()) {
      expect(rounded(theirs.series[index]?.min ?? [])).toEqual(rounded(min));
      expect(rounded(theirs.series[index]?.max ?? [])).toEqual(rounded(max));
    }
    for (const efficiency of theirs.efficiency) {
      expect(efficiency).toBeGreaterThan(0);
      expect(efficiency).toBeLessThanOrEqual(100);
    }
  });

  test('statistics and the nodes with the highest load', async () => {
    const [ours, theirs] = [await ask(local, 'statistics', RANGE), await ask(there, 'statistics', RANGE)];
    for (const one of ours.nodes) {
      const other = theirs.nodes.find(({ key }) => key === one.key);
      expect(other).toMatchObject({ speed: one.speed, cpus: one.cpus, memoryTotal: one.memoryTotal });
      expect(other?.secondsUp).toBe(one.key === ALPHA ? SECONDS : SECONDS - 300);
      expect([other?.load.min, other?.load.max]).toEqual([one.load.min, one.load.max]);
      expect(other?.load.mean).toBeCloseTo(one.load.mean, 6);
      expect(other?.load.p95).toBeGreaterThan(one.load.mean);
      expect(other?.memoryUsed.mean).toBeCloseTo(one.memoryUsed.mean, 0);
    }
    const question = { metric: 'load' as const, ...RANGE, limit: 1 };
    const [top, theirTop] = [await ask(local, 'top', question), await ask(there, 'top', question)];
    expect(theirTop.nodes.map(({ key }) => key)).toEqual(top.nodes.map(({ key }) => key));
  });

  test('a past second, without the node that was away', async () => {
    const time = (START + 450) * 1000;
    const [ours, theirs] = [await ask(local, 'moment', { time }), await ask(there, 'moment', { time })];
    expect([theirs.time, theirs.resolution]).toEqual([time, 1]);
    expect(theirs.nodes.map(({ key }) => key)).toEqual([ALPHA]);
    const slot = ours.nodes.find(({ key }) => key === ALPHA)?.slot ?? 0;
    for (const { name } of METRICS) {
      expect(new BlockView(theirs.columns).value(name, 0)).toBe(
        new BlockView(ours.columns).value(name, slot),
      );
    }
    expect(theirs.totals).toEqual(ours.totals);
    expect((await ask(there, 'moment', { time: RANGE.from - 600_000 })).time).toBeNull();
  });

  test('when anything was recorded at all', async () => {
    const { recordings } = await ask(there, 'states', { from: RANGE.from - 600_000, to: RANGE.to });
    expect(recordings).toHaveLength(1);
    expect(Math.abs((recordings[0]?.from ?? 0) - RANGE.from)).toBeLessThanOrEqual(2000);
    expect(recordings[0]?.to).toBe(RANGE.to);
    const before = { from: RANGE.from - 600_000, to: RANGE.from - 300_000 };
    expect((await ask(there, 'states', before)).recordings).toEqual([]);
  });

  test('and empty where it knows nothing', async () => {
    expect((await ask(there, 'migrations', {})).migrations).toEqual([]);
    expect((await ask(there, 'states', RANGE)).spans).toEqual([]);
    expect((await ask(there, 'pastProcesses', { key: ALPHA, time: RANGE.from })).time).toBeNull();
  });
});

test('what the local history does not reach is read from there, joined without a seam', async () => {
  const opened = await openHistory({ folder: join(folder.path, 'young'), onProblem: () => undefined });
  if (!opened.ok) throw new Error(opened.problem.message);
  const joined = joinHistories([opened.value, there]);
  opened.value.setNodes(NODES.slice(0, 1));
  const values = new Float64Array(METRICS.length).fill(5);
  for (let second = START + SECONDS; second < START + SECONDS + 60; second += 1) {
    opened.value.append(second * 1000, values, 1);
  }
  await opened.value.flush();
  const { nodes } = await ask(joined, 'history', {
    keys: [ALPHA],
    metrics: ['load'],
    from: RANGE.from,
    to: RANGE.to + 60_000,
    pixels: SECONDS + 60,
  });
  const series = nodes[0]?.series[0];
  expect(series?.times).toHaveLength(SECONDS + 60);
  expect([...(series?.mean ?? [])].slice(-60)).toEqual(Array.from({ length: 60 }, () => 5));
  expect(series?.mean.some(Number.isNaN)).toBe(false);
  const { recordings } = await ask(joined, 'states', { from: RANGE.from, to: RANGE.to + 60_000 });
  expect(recordings).toHaveLength(1);
  expect(Math.abs((recordings[0]?.from ?? 0) - RANGE.from)).toBeLessThanOrEqual(2000);
  await opened.value.close();
});

describe('a server that', () => {
  async function problemOf(url: string): Promise<Problem | undefined> {
    const history = new PrometheusHistory({
      settings: { url, headers: {}, intervalSeconds: 15 },
      labels: {},
    });
    await history.refresh();
    const joined = joinHistories([local, history]);
    // The windows have their answer all the same.
    expect((await joined.ask('history', { keys: [ALPHA], metrics: ['load'], ...RANGE, pixels: 10 })).ok).toBe(
      true,
    );
    const { problem } = history;
    await history.close();
    return problem;
  }

  async function answers(status: number, text: string, contentType: string): Promise<string> {
    const other = createServer((_, response) => {
      response.writeHead(status, { 'Content-Type': contentType }).end(text);
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const problem = await problemOf(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    other.closeAllConnections();
    other.close();
    return problem?.message ?? '';
  }

  test('does not answer costs the windows nothing, and it is said', async () => {
    const problem = await problemOf(`http://127.0.0.1:${await freePort()}`);
    expect(problem).toMatchObject({ code: 'host-unreachable' });
    expect(problem?.message).toContain('could not be reached');
  });

  test.each([
    [200, '<html>hello</html>', 'text/html', 'is a web page, no Prometheus'],
    [200, 'garbage', 'text/plain', 'answered with something that is not Prometheus\' API: "garbage"'],
    [200, '{"status":"success","data":{"result":[{}]}}', 'application/json', 'is not Prometheus'],
    [422, '{"status":"error","error":"too many samples"}', 'application/json', '(422): "too many samples"'],
    [401, 'who are you?', 'text/plain', 'refused a request without account (401): "who are you?"'],
    [404, '', 'text/plain', 'There is no Prometheus at'],
  ])('answers %i with %j is called so', async (status, text, contentType, words) => {
    expect(await answers(status, text, contentType)).toContain(words);
  });
});
