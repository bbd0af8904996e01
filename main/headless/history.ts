/** `mosview history`: the recorded values of one node and metric, beside a running program or from a demo of its own. */
import type { Series } from '../../common/model/history.ts';
import { knownNodes, nodeCalled } from '../../common/model/known-node.ts';
import { metricNamed, type MetricName } from '../../common/model/metric.ts';
import { success, type Result } from '../../common/model/result.ts';
import { createApp, type AppOptions } from '../app.ts';
import { openHistoryReader, type HistoryReader } from '../history/index.ts';

/** How long a demo of its own records before it is read. */
const DEMO_MILLISECONDS = 6000;

/** What is asked for. */
export interface HistoryQuestion {
  readonly node: string;
  readonly metric: MetricName;
  /** Milliseconds back from now. */
  readonly since: number;
  readonly points: number;
}

/** The answer: points in time order; a gap between two points is one with null values. */
export interface PrintedHistory {
  readonly node: { readonly id: number; readonly name: string; readonly key: string };
  readonly metric: MetricName;
  readonly unit: string;
  readonly points: readonly {
    readonly time: number;
    readonly min: number | null;
    readonly max: number | null;
    readonly mean: number | null;
  }[];
}

/** Lets a demo cluster run and record for some seconds in the given data folder. */
export async function recordDemo(options: AppOptions): Promise<Result<void>> {
  const app = await createApp(options);
  if (!app.ok) return app;
  await new Promise((resolve) => setTimeout(resolve, DEMO_MILLISECONDS));
  await app.value.dispose();
  return success(undefined);
}

/** Reads what was asked for. Problems: not-found, history-damaged, history-newer, file-unreadable. */
export async function readHistory(
  dataFolder: string,
  question: HistoryQuestion,
): Promise<Result<PrintedHistory>> {
  const reader = await openHistoryReader(dataFolder);
  if (!reader.ok) return reader;
  try {
    return await answer(reader.value, question);
  } finally {
    await reader.value.close();
  }
}

async function answer(
  reader: HistoryReader,
  { node, metric, since, points }: HistoryQuestion,
): Promise<Result<PrintedHistory>> {
  const recorded = await reader.ask('recorded', {});
  if (!recorded.ok) return recorded;
  const found = nodeCalled(knownNodes(recorded.value.nodes), node);
  if (!found.ok) return found;
  const { id, name, key, keys } = found.value;
  const to = Date.now() + 1000;
  const answered = await reader.ask('history', {
    keys: [...keys],
    metrics: [metric],
    from: Math.max(0, to - 1000 - since),
    to,
    pixels: Math.max(1, Math.floor(points / 2)),
  });
  if (!answered.ok) return answered;
  return success({
    node: { id, name, key },
    metric,
    unit: metricNamed(metric).unit,
    points: answered.value.nodes
      .flatMap(({ series }) => series.flatMap((one) => pointsOf(one)))
      .sort((one, other) => one.time - other.time),
  });
}

function pointsOf({ times, min, max, mean }: Series): PrintedHistory['points'] {
  const at = (values: Float64Array, index: number): number | null => {
    const value = values[index] ?? NaN;
    return Number.isNaN(value) ? null : value;
  };
  return Array.from(times, (time, index) => ({
    time,
    min: at(min, index),
    max: at(max, index),
    mean: at(mean, index),
  }));
}

/** The history as lines for a terminal: local time, mean, and the range where a point stands for several samples. */
export function historyLines({ node, metric, unit, points }: PrintedHistory): string {
  const lines = points.map(({ time, min, max, mean }) => {
    const when = new Date(time).toISOString();
    if (mean === null) return `${when}  gap`;
    return min === max
      ? `${when}  ${rounded(mean)}`
      : `${when}  ${rounded(mean)}  (${rounded(min)} to ${rounded(max)})`;
  });
  const rows = lines.length === 0 ? ['Nothing was recorded of it in this time.'] : lines;
  return [`${metric} of ${node.name} (${node.id}), in ${unit}`, ...rows].join('\n');
}

function rounded(value: number | null): string {
  return value === null ? '-' : String(Math.round(value * 100) / 100);
}
