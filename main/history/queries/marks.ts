/** What stands on a time line: checkpoints, and the number of migrations in each pixel, counted in an index. */
import type { HistoryAnswer } from '../../../common/contract/history-queries.ts';
import { success, type Result } from '../../../common/model/result.ts';
import type { Query } from './view.ts';

/** Pixels counted between two times in which others may work. */
const PIXELS_AT_A_TIME = 100;

/** Answers `marks`. */
export function* checkpointsAndCounts(
  ...[view, { from, to, pixels }]: Parameters<Query<'marks'>>
): Generator<void, Result<HistoryAnswer<'marks'>>, void> {
  const width = Math.max(1, Math.ceil((to - from) / pixels));
  const times: number[] = [];
  const counts: number[] = [];
  for (let pixel = 0; from + pixel * width < to; pixel += PIXELS_AT_A_TIME) {
    const start = from + pixel * width;
    const end = Math.min(to, start + PIXELS_AT_A_TIME * width);
    for (const [part, count] of view().tables.records.migrations.counts(start, end, width)) {
      times.push(start + part * width);
      counts.push(count);
    }
    yield;
  }
  return success({
    checkpoints: [...view().tables.records.checkpoints.within({ from, to })],
    migrationTimes: Float64Array.from(times),
    migrationCounts: Float64Array.from(counts),
  });
}
