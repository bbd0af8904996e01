/** What strips show. */
import { describe, expect, it } from 'vitest';
import type { Series } from '../../common/model/history.ts';
import type { MetricName } from '../../common/model/metric.ts';
import { clusterCurve, highest, indexAt, percentCurve, readingAt, shareAbove } from './strip-data.ts';

function series(metric: MetricName, mean: number[], spread = 0): Series {
  return {
    metric,
    times: Float64Array.from(mean, (_unused, index) => index * 10),
    min: Float64Array.from(mean, (value) => value - spread),
    max: Float64Array.from(mean, (value) => value + spread),
    mean: Float64Array.from(mean),
  };
}

describe('a strip in percent', () => {
  it('takes load 100 as 100 percent, and cuts nothing above', () => {
    expect([...percentCurve('load', [series('load', [50, NaN, 312])]).mean]).toEqual([50, NaN, 312]);
  });

  it('makes used memory of what is free, with the extremes changing places', () => {
    const curve = percentCurve('memory', [series('memoryFree', [40], 10), series('memoryTotal', [200])]);
    expect([curve.min[0], curve.mean[0], curve.max[0]]).toEqual([75, 80, 85]);
  });

  it('is empty where a metric is missing', () => {
    expect(percentCurve('memory', [series('memoryFree', [40])]).times).toHaveLength(0);
  });

  it('of the cluster has no band of memory, which nobody could tell', () => {
    const curve = clusterCurve('memory', [series('memoryFree', [40], 10), series('memoryTotal', [200], 50)]);
    expect([curve.min[0], curve.mean[0], curve.max[0]]).toEqual([80, 80, 80]);
  });
});

describe('the value at a time', () => {
  const curve = percentCurve('load', [series('load', [1, NaN, 3], 1)]);

  it.each([
    [-1, -1],
    [0, 0],
    [9, 0],
    [10, 1],
    [99, 2],
  ])('at %d is that of point %d', (time, index) => {
    expect(indexAt(curve.times, time)).toBe(index);
  });

  it('is there until the next point', () => {
    expect(readingAt(curve, 9, 10)).toEqual({ min: 0, mean: 1, max: 2 });
  });

  it('is unknown in a gap, before the first and long after the last point', () => {
    expect(readingAt(curve, 12, 10)).toBeUndefined();
    expect(readingAt(curve, -1, 10)).toBeUndefined();
    expect(readingAt(curve, 31, 10)).toBeUndefined();
  });
});

describe('the share above a threshold', () => {
  it('counts time, and no gaps', () => {
    expect(shareAbove(percentCurve('load', [series('load', [80, 20, NaN, 90, 90])]), 75)).toBeCloseTo(
      66.7,
      1,
    );
  });

  it('does not count what is just at it', () => {
    expect(shareAbove(percentCurve('load', [series('load', [75, 75])]), 75)).toBe(0);
  });

  it('is unknown without values', () => {
    expect(shareAbove(percentCurve('load', []), 75)).toBeNaN();
  });
});

it('the highest value leaves gaps out', () => {
  expect(highest(percentCurve('load', [series('load', [NaN, 5, 3], 1)]))).toBe(6);
});
