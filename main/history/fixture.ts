/** What the tests of the history share: throw-away folders, ticks with known values, and reading them back. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRICS, type MetricName } from '../../common/model/metric.ts';
import type { RecordedNode } from '../../common/model/history.ts';
import type { Result } from '../../common/model/result.ts';
import type { HistoryAnswer, HistoryQuestion } from '../../common/contract/history-queries.ts';

/** The first second of every test: in the middle of a window. */
export const START = 1_800_000_100;

/** Makes a folder of its own; `dispose` removes it. */
export function temporaryFolder(): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), 'mosview-history-'));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

/** Nodes `id:1` to `id:N`. */
export function nodes(count: number): readonly RecordedNode[] {
  return Array.from({ length: count }, (_, row) => ({
    key: `id:${row + 1}`,
    id: row + 1,
    name: `node${row + 1}`,
  }));
}

/** The value every test stores for a metric's column, a row and a second. */
export function valueAt(second: number, row: number, column: number): number {
  return column * 1000 + row * 10 + (second % 7);
}

/** One second of the cluster with the values of `valueAt`, in model units. */
export function tick(second: number, rows: number): Float64Array {
  const values = new Float64Array(METRICS.length * rows);
  for (const [column, { quantum }] of METRICS.entries()) {
    for (let row = 0; row < rows; row += 1) {
      values[column * rows + row] = valueAt(second, row, column) * Math.max(1, quantum);
    }
  }
  return values;
}

/** A request for every second of [from, to), in seconds. */
export function everySecond(
  key: string,
  from: number,
  to: number,
  metric: MetricName = 'load',
): HistoryQuestion<'history'> {
  return { keys: [key], metrics: [metric], from: from * 1000, to: to * 1000, pixels: Math.max(1, to - from) };
}

/** The first series of an answer as pairs of second and value; throws the problem's words. */
export function pairs(result: Result<HistoryAnswer<'history'>>): readonly (readonly [number, number])[] {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  const series = result.value.nodes[0]?.series[0];
  return [...(series?.times ?? [])].map((time, index) => [time / 1000, series?.mean[index] ?? NaN]);
}

/** What `pairs` must give for the load of a row over [from, to). */
export function expectedLoad(row: number, from: number, to: number): readonly (readonly [number, number])[] {
  return Array.from({ length: to - from }, (_, index) => [from + index, valueAt(from + index, row, 0)]);
}

/** A folder on a disk that can be filled and emptied. */
export interface SmallDisk {
  readonly path: string;
  fill(): void;
  free(): void;
  dispose(): void;
}

/**
 * A disk of 12 MB in memory; where mounting is not allowed, the limit on the size of this process's files takes the
 * part of the full disk.
 */
export function smallDisk(): SmallDisk {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder.path], { stdio: 'ignore' });
  } catch {
    return limitedFiles(folder);
  }
  const filler = join(folder.path, 'filler');
  return {
    path: folder.path,
    fill: () => {
      try {
        writeFileSync(filler, Buffer.alloc(13 * 1024 * 1024));
      } catch (error) {
        if (!existsSync(filler)) throw error;
      }
    },
    free: () => rmSync(filler, { force: true }),
    dispose: () => {
      execFileSync('umount', ['--lazy', folder.path]);
      folder.dispose();
    },
  };
}

function limitedFiles(folder: { readonly path: string; dispose(): void }): SmallDisk {
  const limit = (bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
  };
  const ignore = (): void => {};
  process.on('SIGXFSZ', ignore);
  return {
    path: folder.path,
    fill: () => limit('8192'),
    free: () => limit('unlimited'),
    dispose: () => {
      limit('unlimited');
      process.off('SIGXFSZ', ignore);
      folder.dispose();
    },
  };
}
