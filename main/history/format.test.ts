import { describe, expect, test } from 'vitest';
import { METRICS, METRIC_INDEX, metricNamed } from '../../common/model/metric.ts';
import {
  MISSING,
  NODE_SPAN,
  SECONDS_END,
  WINDOW_SECONDS,
  metricKey,
  modelValue,
  nodeKey,
  nodeOfKey,
  periodOfKey,
  secondOf,
  storedValues,
  windowOfKey,
} from './format.ts';

/** The seconds under which a run of moments is stored. */
function seconds(times: readonly number[]): readonly number[] {
  let previous: { time: number; second: number } | undefined;
  return times.map((time) => {
    const second = secondOf(time, previous);
    previous = { time, second };
    return second;
  });
}

describe('the second of a moment', () => {
  test('is the one it lies in', () => {
    expect(secondOf(1_700_000_000_999)).toBe(1_700_000_000);
  });

  test('follows the one before when a timer fires just before and just after full seconds', () => {
    expect(seconds([10_001, 10_999, 12_002, 12_998, 14_001])).toEqual([10, 11, 12, 13, 14]);
  });

  test('stays within a second of the clock when ticks drift', () => {
    const times = Array.from({ length: 5000 }, (_, index) => 1_000_000 + index * 1001);
    for (const [index, second] of seconds(times).entries()) {
      expect(Math.abs((times[index] as number) - second * 1000)).toBeLessThanOrEqual(1000);
    }
  });

  test('goes back with the clock', () => {
    expect(seconds([9_000_000, 9_001_000, 5_401_500, 5_402_500])).toEqual([9000, 9001, 5401, 5402]);
  });
});

describe('a key', () => {
  test('is exact and taken apart again at the far ends of its range', () => {
    const window = SECONDS_END / WINDOW_SECONDS - 1;
    const key = nodeKey(window, NODE_SPAN - 1);
    expect(Number.isSafeInteger(key)).toBe(true);
    expect([windowOfKey(key), nodeOfKey(key)]).toEqual([window, NODE_SPAN - 1]);
    expect(periodOfKey(metricKey(window, 255))).toBe(window);
  });

  test('orders by period, then node or metric', () => {
    const keys = [nodeKey(1, 9), nodeKey(2, 0), nodeKey(2, NODE_SPAN - 1), nodeKey(3, 0)];
    expect([...keys].sort((a, b) => a - b)).toEqual(keys);
    const across = [metricKey(1, 255), metricKey(2, 0), metricKey(2, 255)];
    expect([...across].sort((a, b) => a - b)).toEqual(across);
  });
});

describe('a stored value', () => {
  test.each([
    ['load', 137, 137],
    ['memoryFree', 4096 * 1_000_000, 4096 * 1_000_000],
    ['cpuBusy', 12.34, 12.3],
    ['loadAverage', 0.07, 0.07],
    ['load', -101, -101],
  ] as const)('of %s %d comes back as %d', (name, value, back) => {
    const values = new Float64Array(METRICS.length).fill(NaN);
    values[METRIC_INDEX[name]] = value;
    const stored = storedValues(values, 1, () => expect.unreachable());
    expect(modelValue(stored[METRIC_INDEX[name]] as number, metricNamed(name))).toBe(back);
  });

  test('is missing where there was none, and where it is out of range, which is told', () => {
    const values = new Float64Array(METRICS.length * 2).fill(NaN);
    values[METRIC_INDEX.load * 2 + 1] = 1e12;
    values[METRIC_INDEX.speed * 2] = -Infinity;
    const outside: unknown[] = [];
    const stored = storedValues(values, 2, (metric, row, value) => outside.push([metric.name, row, value]));
    expect(outside).toEqual([
      ['load', 1, 1e12],
      ['speed', 0, -Infinity],
    ]);
    expect(stored.every((value) => value === MISSING)).toBe(true);
  });
});
