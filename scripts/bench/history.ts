/**
 * What the history costs: CPU per second of data and bytes per sample at 1,000 nodes x 12 metrics x 1 Hz, and how long
 * reads take. The series are synthetic: jobs come and go on every node and the metrics follow them.
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRICS, type MetricName } from '../../common/model/metric.ts';
import { openForWriting } from '../../main/history/file.ts';
import { WINDOW_SECONDS, nodeKey, storedValues } from '../../main/history/format.ts';
import {
  type History,
  type HistoryReader,
  openHistory,
  openHistoryReader,
} from '../../main/history/index.ts';
import { encodeSeconds } from '../../main/history/rows.ts';
import { SyntheticCluster } from './synthetic-cluster.ts';

const NODES = 1000;
/** A first window, in which nothing is sealed yet, and the hour after it, in which one window is sealed per window. */
const WARM_UP = WINDOW_SECONDS;
const MEASURED = 3600;
const SECONDS = WARM_UP + MEASURED;
/** Seconds at the end that are waited for one by one; two windows. */
const LATENCY_SECONDS = 600;
const WEEK = 7 * 24 * 3600;
const START = 1_800_000_000;
/** Bytes per sample of Prometheus' store for such series, as measured beside an experiment with this layout. */
const PROMETHEUS_BYTES_PER_SAMPLE = 0.89;
const ALL_METRICS = METRICS.map(({ name }) => name);

/** The figures of this bench. */
export async function run(): Promise<{ figures: Record<string, number>; lines: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-bench-'));
  try {
    const cluster = await recordCluster(folder);
    const week = await readWeek(join(folder, 'week'));
    const samples = NODES * METRICS.length * SECONDS;
    const bytesPerSample = cluster.bytes / samples;
    return {
      figures: { cpuMsPerSecond: cluster.cpuMs / MEASURED, bytesPerSample },
      lines: [
        `${NODES} nodes x ${METRICS.length} metrics, ${SECONDS} s of data`,
        `writer thread with sealing: ${(cluster.cpuMs / MEASURED).toFixed(3)} ms of CPU per second of data (goal 1)`,
        `longest single second: ${cluster.longestMs.toFixed(1)} ms from append to disk; main thread ${cluster.appendMs.toFixed(3)} ms per append`,
        `sealed file: ${bytesPerSample.toFixed(3)} bytes per sample (goal 0.5; Prometheus ${PROMETHEUS_BYTES_PER_SAMPLE} on other synthetic series, not measured here)`,
        `last hour of one node, ${METRICS.length} metrics: ${cluster.hourMs.toFixed(2)} ms`,
        `seven days of one node, 1 metric: ${week.oneMs.toFixed(1)} ms; ${METRICS.length} metrics: ${week.allMs.toFixed(1)} ms`,
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Records the cluster as fast as the writer takes it, one commit per second of data. */
async function recordCluster(folder: string) {
  const history = await open(folder);
  const cluster = new SyntheticCluster(NODES, 1);
  history.setNodes(
    Array.from({ length: NODES }, (_, row) => ({
      key: `id:${row + 1}`,
      id: row + 1,
      name: `node${row + 1}`,
    })),
  );
  await history.flush();
  let before = 0;
  let appendMs = 0;
  let longestMs = 0;
  for (let second = 0; second < SECONDS; second += 1) {
    if (second === WARM_UP) before = writerMs();
    const values = cluster.step();
    const began = performance.now();
    history.append((START + second) * 1000, values, NODES);
    appendMs += performance.now() - began;
    // A minute may queue up; the last seconds are waited for one by one, to see the longest.
    const waits = second >= SECONDS - LATENCY_SECONDS;
    if (waits || (second + 1) % 60 === 0) await history.flush();
    if (waits) longestMs = Math.max(longestMs, performance.now() - began);
  }
  const cpuMs = writerMs() - before;
  const hourMs = await median(() =>
    read(history, 'id:500', ALL_METRICS, (START + SECONDS - 3600) * 1000, (START + SECONDS) * 1000),
  );
  await history.close();
  const bytes = statSync(join(folder, 'history.sqlite')).size;
  return { cpuMs, bytes, longestMs, hourMs, appendMs: appendMs / SECONDS };
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

async function open(folder: string): Promise<History> {
  const opened = await openHistory({
    folder,
    onProblem: ({ message }) => {
      throw new Error(message);
    },
  });
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
}

/** Reads a week of one node, out of a file with the chunks of 20. */
async function readWeek(folder: string): Promise<{ oneMs: number; allMs: number }> {
  const history = await open(folder);
  history.setNodes(
    Array.from({ length: 20 }, (_, row) => ({ key: `id:${row + 1}`, id: row + 1, name: `node${row + 1}` })),
  );
  await history.close();
  const tables = openForWriting(join(folder, 'history.sqlite'));
  if (!tables.ok) throw new Error(tables.problem.message);
  const windows = syntheticWindows(WEEK / WINDOW_SECONDS);
  tables.value.transaction(() => {
    for (const [index, window] of windows.entries()) {
      for (let node = 0; node < 20; node += 1) {
        tables.value.values[1].insert(nodeKey(START / WINDOW_SECONDS + index, node), window);
      }
    }
  });
  tables.value.close();
  const reader = await openHistoryReader(folder);
  if (!reader.ok) throw new Error(reader.problem.message);
  const [from, to] = [START * 1000, (START + WEEK) * 1000];
  const oneMs = await median(() => read(reader.value, 'id:10', ['load'], from, to));
  const allMs = await median(() => read(reader.value, 'id:10', ALL_METRICS, from, to));
  await reader.value.close();
  return { oneMs, allMs };
}

/** The rows of one synthetic node, per window. */
function syntheticWindows(count: number): readonly Uint8Array[] {
  const node = new SyntheticCluster(1, 7);
  return Array.from({ length: count }, () => {
    const series = new Int32Array(METRICS.length * WINDOW_SECONDS);
    for (let place = 0; place < WINDOW_SECONDS; place += 1) {
      const values = storedValues(node.step(), 1, () => {});
      for (const metric of METRICS.keys()) series[metric * WINDOW_SECONDS + place] = values[metric] as number;
    }
    return encodeSeconds(series, 0, METRICS.length);
  });
}

async function read(
  history: HistoryReader,
  key: string,
  metrics: readonly MetricName[],
  from: number,
  to: number,
): Promise<void> {
  const result = await history.ask('history', { keys: [key], metrics: [...metrics], from, to, pixels: 1000 });
  if (!result.ok) throw new Error(result.problem.message);
  const points = result.value.nodes[0]?.series[0]?.times.length ?? 0;
  if (points < 900) throw new Error(`only ${points} points came back`);
}

/** Median time in milliseconds of 41 runs. */
async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 41; count += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[20] as number;
}
