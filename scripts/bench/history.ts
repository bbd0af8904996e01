/**
 * What the history costs: CPU per second of data and bytes per sample at 1,000 nodes x 12 metrics x 1 Hz with all
 * roll-ups, beside Prometheus' own store on the same series, and how long the questions of the past take. The series are
 * synthetic: jobs come and go on every node and the metrics follow them.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HistoryQueryName, HistoryQuestion } from '../../common/contract/history-queries.ts';
import { METRICS } from '../../common/model/metric.ts';
import { openForWriting } from '../../main/history/file.ts';
import { HOUR_SECONDS, WINDOW_SECONDS, metricKey } from '../../main/history/format.ts';
import { type History, openHistory, openHistoryReader } from '../../main/history/index.ts';
import { prometheusBytes } from './prometheus-blocks.ts';
import { SyntheticCluster } from './synthetic-cluster.ts';

const NODES = 1000;
/** A first window, in which nothing is sealed yet, and the hour after it, in which one window is sealed per window. */
const WARM_UP = WINDOW_SECONDS;
const MEASURED = HOUR_SECONDS;
/** Then the first hour is sealed and rolled. */
const SECONDS = WARM_UP + MEASURED + WINDOW_SECONDS;
/** Seconds at the end that are waited for one by one; two windows. */
const LATENCY_SECONDS = 600;
/** At the beginning of an hour, a week before which copies of the first hour's roll-ups are laid. */
const START = 1_800_000_000;
const WEEK_HOURS = 7 * 24;
/** The part of the cluster that is laid beside Prometheus: one of its blocks, two hours. */
const BESIDE_NODES = 100;
const BESIDE_SECONDS = 2 * HOUR_SECONDS;
const ALL_METRICS = METRICS.map(({ name }) => name);
const SAMPLES = NODES * METRICS.length * SECONDS;

/** The figures of this bench. */
export async function run(): Promise<{ figures: Record<string, number>; lines: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-bench-'));
  try {
    const cluster = await recordCluster(join(folder, 'cluster'));
    const beside = await recordBeside(folder);
    layWeek(join(folder, 'cluster'));
    const reads = await readCluster(join(folder, 'cluster'));
    const { ours, prometheus } = beside;
    return {
      figures: {
        cpuMsPerSecond: cluster.cpuMs / MEASURED,
        bytesPerSample: cluster.bytes / SAMPLES,
        ...(prometheus === undefined ? {} : { ratioToPrometheusBytes: ours / prometheus }),
        ...reads,
      },
      lines: [
        `${NODES} nodes x ${METRICS.length} metrics, ${SECONDS} s of data, all resolutions`,
        `longest single second: ${cluster.longestMs.toFixed(1)} ms from append to disk; main thread ${cluster.appendMs.toFixed(3)} ms per append`,
        `by resolution, bytes per sample: ${cluster.parts}`,
        prometheus === undefined
          ? 'promtool is missing (Debian: apt install prometheus): no comparison with Prometheus'
          : `${BESIDE_NODES} nodes, ${BESIDE_SECONDS / HOUR_SECONDS} h: ${ours.toFixed(3)} bytes per sample beside ${prometheus.toFixed(3)} in a block of Prometheus`,
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Records the cluster as fast as the writer takes it, one commit per second of data. */
async function recordCluster(folder: string) {
  const history = await open(folder, NODES);
  const cluster = new SyntheticCluster(NODES, 1);
  await history.flush();
  let before = 0;
  let appendMs = 0;
  let longestMs = 0;
  let cpuMs = 0;
  for (let second = 0; second < SECONDS; second += 1) {
    if (second === WARM_UP) before = writerMs();
    if (second === WARM_UP + MEASURED) cpuMs = writerMs() - before;
    const values = cluster.step();
    const began = performance.now();
    history.append((START + second) * 1000, values, NODES);
    appendMs += performance.now() - began;
    // A minute may queue up; the last seconds are waited for one by one, to see the longest.
    const waits = second >= SECONDS - LATENCY_SECONDS;
    if (waits || (second + 1) % 60 === 0) await history.flush();
    if (waits) longestMs = Math.max(longestMs, performance.now() - began);
  }
  await history.close();
  const bytes = statSync(join(folder, 'history.sqlite')).size;
  const again = await open(folder, 0);
  const use = await again.use();
  await again.close();
  const parts = (use.ok ? use.value : []).map(
    ({ part, bytes: own }) => `${part} ${(own / SAMPLES).toFixed(3)}`,
  );
  return { cpuMs, bytes, longestMs, appendMs: appendMs / SECONDS, parts: parts.join(', ') };
}

/** Records the same series into a history and into a block of Prometheus; bytes per sample of both. */
async function recordBeside(folder: string): Promise<{ ours: number; prometheus: number | undefined }> {
  const cluster = new SyntheticCluster(BESIDE_NODES, 1);
  const seconds = Array.from({ length: BESIDE_SECONDS }, () => cluster.step().slice());
  const samples = BESIDE_NODES * METRICS.length * BESIDE_SECONDS;
  const own = join(folder, 'beside');
  const history = await open(own, BESIDE_NODES);
  for (const [second, values] of seconds.entries()) {
    history.append((START + second) * 1000, values, BESIDE_NODES);
    if (second % 60 === 0) await history.flush();
  }
  await history.close();
  const theirs = prometheusBytes(join(folder, 'prometheus'), START, seconds, BESIDE_NODES);
  return {
    ours: statSync(join(own, 'history.sqlite')).size / samples,
    prometheus: theirs === undefined ? undefined : theirs / samples,
  };
}

/** Lays copies of the first hour's minutes and hours over the week before it. */
function layWeek(folder: string): void {
  const opened = openForWriting(join(folder, 'history.sqlite'));
  if (!opened.ok) throw new Error(opened.problem.message);
  const tables = opened.value;
  const hour = START / HOUR_SECONDS;
  tables.transaction(() => {
    for (let back = 1; back <= WEEK_HOURS; back += 1) {
      for (const resolution of [60, 3600] as const) {
        for (const metric of METRICS.keys()) {
          const row = tables.values[resolution].get(metricKey(hour, metric));
          if (row === undefined) throw new Error('the first hour was not rolled');
          tables.values[resolution].put(metricKey(hour - back, metric), row);
        }
      }
    }
  });
  tables.close();
}

/** How long the questions take, in milliseconds. */
async function readCluster(folder: string): Promise<Record<string, number>> {
  const reader = await openHistoryReader(folder);
  if (!reader.ok) throw new Error(reader.problem.message);
  const end = (START + SECONDS) * 1000;
  const ask = async <Name extends HistoryQueryName>(
    name: Name,
    input: HistoryQuestion<Name>,
  ): Promise<number> =>
    median(async () => {
      const answer = await reader.value.ask(name, input);
      if (!answer.ok) throw new Error(answer.problem.message);
    });
  const hour = { from: end - HOUR_SECONDS * 1000, to: end };
  const day = { from: (START - 23 * HOUR_SECONDS) * 1000, to: (START + HOUR_SECONDS) * 1000 };
  const week = { from: (START - (WEEK_HOURS - 1) * HOUR_SECONDS) * 1000, to: (START + HOUR_SECONDS) * 1000 };
  const figures = {
    hourMs: await ask('history', { keys: ['id:500'], metrics: ALL_METRICS, ...hour, pixels: 1000 }),
    dayMs: await ask('clusterHistory', { metrics: ['load'], ...day, pixels: 500 }),
    weekTopMs: await ask('top', { metric: 'load', ...week, limit: 20 }),
    momentMs: await ask('moment', { time: (START + 1234) * 1000 }),
    dayStatisticsMs: await ask('statistics', day),
    clusterHourMs: await ask('clusterHistory', { metrics: ['load'], ...hour, pixels: 1000 }),
  };
  await reader.value.close();
  return figures;
}

/**
 * Milliseconds of CPU that the writer thread has used; where the system does not tell threads apart, all threads but
 * this one, with the engine's own helpers.
 */
function writerMs(): number {
  const tasks = '/proc/self/task';
  const ids = existsSync(tasks) ? readdirSync(tasks) : [];
  const writer = ids.find((id) => readFileSync(join(tasks, id, 'comm'), 'utf8').trim() === 'history');
  if (writer !== undefined) {
    return Number(readFileSync(join(tasks, writer, 'schedstat'), 'utf8').split(' ')[0]) / 1e6;
  }
  const all = process.cpuUsage();
  const own = process.threadCpuUsage();
  return (all.user + all.system - own.user - own.system) / 1000;
}

async function open(folder: string, nodes: number): Promise<History> {
  mkdirSync(folder, { recursive: true });
  const opened = await openHistory({
    folder,
    onProblem: ({ message }) => {
      throw new Error(message);
    },
  });
  if (!opened.ok) throw new Error(opened.problem.message);
  opened.value.setNodes(
    Array.from({ length: nodes }, (_, row) => ({
      key: `id:${row + 1}`,
      id: row + 1,
      name: `node${row + 1}`,
    })),
  );
  return opened.value;
}

/** Median time in milliseconds of 201 runs (warm), or of as many as fit into three seconds, but three at least. */
async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + 3000;
  while (times.length < 201 && (times.length < 3 || performance.now() < end)) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
}
