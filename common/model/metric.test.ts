import { expect, test } from 'vitest';
import { isMetricName, METRIC_INDEX, metricNamed, METRICS } from './metric.ts';

/** The history's files hold these numbers. A metric may be added at the end; none may move. */
const NUMBERS_IN_FILES = [
  'load',
  'speed',
  'cpus',
  'util',
  'memoryTotal',
  'memoryFree',
  'memoryAvailable',
  'status',
  'cpuBusy',
  'loadAverage',
  'running',
  'processes',
];

test('every metric keeps the number that it has in the history', () => {
  expect(METRICS.map((metric) => metric.name).slice(0, NUMBERS_IN_FILES.length)).toEqual(NUMBERS_IN_FILES);
});

test('a name leads to its column and its entry', () => {
  for (const [index, metric] of METRICS.entries()) {
    expect(METRIC_INDEX[metric.name]).toBe(index);
    expect(metricNamed(metric.name)).toBe(metric);
  }
});

test.each(['toString', '__proto__', 'Load', ''])('"%s" is no metric', (name) => {
  expect(isMetricName(name)).toBe(false);
});
