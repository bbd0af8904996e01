/** Rows of seconds: one second alone is what it is among all. */
import { describe, expect, test } from 'vitest';
import { METRICS, METRIC_INDEX } from '../../common/model/metric.ts';
import { MISSING, WINDOW_SECONDS } from './format.ts';
import { PartsReader } from './parts.ts';
import { decodeSeconds, encodeSeconds, secondsValueAt } from './rows.ts';

const FREE = METRIC_INDEX.memoryFree;
const AVAILABLE = METRIC_INDEX.memoryAvailable;

/** A row of free memory and of available memory so much above it, with nothing in every seventh second. */
function memoryRow(above: (place: number) => number): PartsReader {
  const series = new Int32Array(METRICS.length * WINDOW_SECONDS).fill(MISSING);
  for (let place = 0; place < WINDOW_SECONDS; place += 1) {
    if (place % 7 === 0) continue;
    const free = (place * 7919) % 50_000;
    series[FREE * WINDOW_SECONDS + place] = free;
    series[AVAILABLE * WINDOW_SECONDS + place] = free + above(place);
  }
  return new PartsReader(encodeSeconds(series, 0, METRICS.length));
}

describe('a second of a row', () => {
  test.each([
    ['stands for itself', (place: number) => -((place * 7919) % 50_000) + 3],
    ['is kept as its distance from another metric', () => 1000],
  ])('where a series %s is the same alone as among all', (_, above) => {
    const row = memoryRow(above);
    const series = new Int32Array(WINDOW_SECONDS);
    for (const metric of [FREE, AVAILABLE, METRIC_INDEX.load]) {
      decodeSeconds(row, metric, series);
      expect(series.map((_value, place) => secondsValueAt(row, metric, place))).toEqual(series);
    }
  });
});
