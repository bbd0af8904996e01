/** Seals the tail: turns the ticks of a segment into one compressed chunk per node and metric. */
import { decodeChunk, encodeChunk } from './codec.ts';
import { MISSING, SECONDS_END, WINDOW_SECONDS, chunkKey, windowOfSecond } from './format.ts';
import type { Tables } from './tables.ts';
import { type Segment, Tail } from './tail.ts';

/** The series of the rows being sealed; kept, because fresh memory of this size is dearer than the work on it. */
let scratch = new Int32Array(0);

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
  const size = rows.length * metrics * WINDOW_SECONDS;
  if (scratch.length < size) scratch = new Int32Array(size);
  const series = scratch.fill(MISSING, 0, size);
  for (const { second, rows: count, values } of ticks) {
    const place = second - window * WINDOW_SECONDS;
    for (let metric = 0; metric * count < values.length; metric += 1) {
      for (let index = 0; index < rows.length; index += 1) {
        const row = rows[index] as number;
        if (row < count) {
          series[(index * metrics + metric) * WINDOW_SECONDS + place] = values[
            metric * count + row
          ] as number;
        }
      }
    }
  }
  for (let line = 0; line < rows.length * metrics; line += 1) {
    const start = line * WINDOW_SECONDS;
    if (isEmpty(series, start, start + WINDOW_SECONDS)) continue;
    const row = rows[Math.floor(line / metrics)] as number;
    const key = chunkKey(window, numbers[row] as number, line % metrics);
    if (tables.insertChunk(key, encodeChunk(series, start))) continue;
    const merged = mergedWithStored(tables, key, series.subarray(start, start + WINDOW_SECONDS));
    tables.updateChunk(key, encodeChunk(merged));
  }
}

/** Seals the ticks a crash left, in one transaction. */
export function sealLeftovers(tables: Tables): void {
  tables.transaction(() => {
    const numbers = tables.slots();
    const tail = new Tail();
    for (const tick of tables.ticks(0, SECONDS_END)) tail.add(tick);
    const order = byNumber(numbers);
    for (const segment of tail.segments()) sealRows(tables, segment, order, numbers);
    tables.deleteTicks(0, SECONDS_END);
  });
}

/** Rows in the order of their nodes' numbers, which is that of the chunks. */
export function byNumber(numbers: readonly number[]): readonly number[] {
  return [...numbers.keys()].sort((a, b) => (numbers[a] as number) - (numbers[b] as number));
}

function isEmpty(series: Int32Array, from: number, to: number): boolean {
  for (let place = from; place < to; place += 1) if (series[place] !== MISSING) return false;
  return true;
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
