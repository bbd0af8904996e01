/** `mosview history export`: every recorded value as CSV or JSON, streamed, so that its size does not matter. */
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { problem } from '../../common/contract/problem.ts';
import { csvLine } from '../../common/model/csv.ts';
import type { MetricName } from '../../common/model/metric.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import { knownNodes, nodeCalled } from '../../common/model/known-node.ts';
import { failure, success, type Result } from '../../common/model/result.ts';
import { HistoryFile, type ExportedRow } from '../history/index.ts';
import { writeOutputFile } from '../output-file.ts';
import { fileProblem } from '../settings/files.ts';
import type { PastCommand } from './history-arguments.ts';

/** Characters written at a time. */
const PORTION = 65_536;

type Question = Extract<PastCommand, { name: 'history export' }>;

/** What came of it. */
export interface Exported {
  readonly rows: number;
  /** What could not be read, in words. */
  readonly damage: readonly string[];
}

/**
 * Writes what is asked for into its file, which is there whole or not at all, or to `standard`. Problems: not-found
 * (node), bad-input (it may be several), file-unreadable, history-damaged, history-newer, disk-full, permission-denied,
 * cancelled.
 */
export async function exportHistory(
  file: string,
  question: Question,
  standard: Writable,
  signal: AbortSignal,
): Promise<Result<Exported>> {
  const history = HistoryFile.open(file);
  if (!history.ok) return history;
  try {
    const nodes = history.value.nodes();
    if (!nodes.ok) return nodes;
    const keys = wantedKeys(nodes.value, question.nodes);
    if (!keys.ok) return keys;
    const { format, metrics, output, every } = question;
    const to = Date.now() + 1000;
    const from = Math.max(0, to - 1000 - question.since);
    const damage: string[] = [];
    let rows = 0;
    const counted = function* (): Generator<ExportedRow> {
      const request = { from, to, every, keys: keys.value, metrics };
      for (const row of history.value.rows(request, (words) => damage.push(words))) {
        rows += 1;
        yield row;
      }
    };
    const text = format === 'csv' ? csvText(counted(), metrics) : jsonText(counted(), metrics);
    const written = await write(portions(text, signal), output, standard, signal);
    return written.ok ? success({ rows, damage }) : written;
  } finally {
    history.value.close();
  }
}

function wantedKeys(nodes: readonly RecordedNode[], names: readonly string[]): Result<readonly string[]> {
  if (names.length === 0) return success(nodes.map(({ key }) => key));
  const known = knownNodes(nodes);
  const keys: string[] = [];
  for (const name of names) {
    const found = nodeCalled(known, name);
    if (!found.ok) return found;
    keys.push(...found.value.keys);
  }
  return success([...new Set(keys)]);
}

function* csvText(rows: Iterable<ExportedRow>, metrics: readonly MetricName[]): Generator<string> {
  yield csvLine(['time', 'seconds', 'id', 'name', 'key', ...metrics]);
  for (const { time, seconds, node, values } of rows) {
    yield csvLine([new Date(time).toISOString(), seconds, node.id, node.name, node.key, ...values]);
  }
}

function* jsonText(rows: Iterable<ExportedRow>, metrics: readonly MetricName[]): Generator<string> {
  let before = '[\n';
  for (const { time, seconds, node, values } of rows) {
    // JSON has no NaN; it becomes null by itself.
    const figures = Object.fromEntries(metrics.map((metric, index) => [metric, values[index]]));
    const { id, name, key } = node;
    yield before + JSON.stringify({ time: new Date(time).toISOString(), seconds, id, name, key, ...figures });
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

async function* portions(texts: Iterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  let portion = '';
  for (const text of texts) {
    portion += text;
    if (portion.length < PORTION) continue;
    yield portion;
    portion = '';
    // Files take all at once; who wants to end it must be heard all the same.
    await setImmediate();
    signal.throwIfAborted();
  }
  yield portion;
}

/** Writes into a file, or to the standard output. */
async function write(
  text: AsyncIterable<string>,
  output: string | undefined,
  standard: Writable,
  signal: AbortSignal,
): Promise<Result<void>> {
  try {
    if (output === undefined) await pipeline(text, standard, { end: false, signal });
    else await writeOutputFile(output, text, signal);
    return success(undefined);
  } catch (error) {
    if (signal.aborted) {
      return failure(problem('cancelled', 'The export was cancelled; no file of it was kept.'));
    }
    // Whoever reads has enough.
    if (output === undefined && error instanceof Error && 'code' in error && error.code === 'EPIPE') {
      return success(undefined);
    }
    if (!(error instanceof Error && 'code' in error)) throw error;
    return failure(fileProblem(error, `${output ?? 'The standard output'} could not be written`));
  }
}
