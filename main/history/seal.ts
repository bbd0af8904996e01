/** Seals the tail: turns the ticks of a segment into one compressed chunk per node and metric. */
import { decodeChunk, encodeChunk } from './codec.ts';
import { MISSING, WINDOW_SECONDS, chunkKey, windowOfSecond } from './format.ts';
import type { Tables } from './tables.ts';
import type { Segment } from './tail.ts';

/**
 * Writes the chunks of some rows of a segment; `numbers` gives each row's node. Values that a chunk of the same window
 * already has stay as they are, so sealing the same ticks twice changes nothing. To be run inside a transaction.
 */
export function sealRows(
  tables: Tables,
  segment: Segment,
  rows: readonly number[],
  numbers: readonly number[],
): void {
  const window = windowOfSecond(segment.start);
  const ticks = [...segment.ticks.values()];
  const metrics = ticks.reduce((most, tick) => Math.max(most, tick.values.length / tick.rows), 0);
  const series = new Int32Array(rows.length * metrics * WINDOW_SECONDS).fill(MISSING);
  const used = new Uint8Array(rows.length * metrics);
  for (const { second, rows: count, values } of ticks) {
    const place = second - window * WINDOW_SECONDS;
    for (let metric = 0; metric * count < values.length; metric += 1) {
      for (let index = 0; index < rows.length; index += 1) {
        const row = rows[index] as number;
        const value = row < count ? (values[metric * count + row] as number) : MISSING;
        if (value === MISSING) continue;
        const line = index * metrics + metric;
        used[line] = 1;
        series[line * WINDOW_SECONDS + place] = value;
      }
    }
  }
  for (let line = 0; line < used.length; line += 1) {
    if (used[line] === 0) continue;
    const row = rows[Math.floor(line / metrics)] as number;
    const key = chunkKey(window, numbers[row] as number, line % metrics);
    const start = line * WINDOW_SECONDS;
    if (tables.insertChunk(key, encodeChunk(series, start))) continue;
    const merged = mergedWithStored(tables, key, series.subarray(start, start + WINDOW_SECONDS));
    tables.updateChunk(key, encodeChunk(merged));
  }
}

function mergedWithStored(tables: Tables, key: number, fresh: Int32Array): Int32Array {
  const merged = new Int32Array(WINDOW_SECONDS);
  const stored = tables.chunk(key);
  if (stored === undefined) return fresh;
  decodeChunk(stored, merged);
  for (let place = 0; place < WINDOW_SECONDS; place += 1) {
    if (merged[place] === MISSING) merged[place] = fresh[place] as number;
  }
  return merged;
}
