import { describe, expect, it } from 'vitest';
import type { Series } from '../../common/model/history.ts';
import { courseOf } from './courses.ts';

function series(points: readonly (readonly [number, number])[]): Series {
  const values = Float64Array.from(points, ([, value]) => value);
  return {
    metric: 'load',
    times: Float64Array.from(points, ([time]) => time),
    min: values,
    max: values,
    mean: values,
  };
}

const SECOND = 1_000_000;

describe('the course before a second', () => {
  it('has every value in its second, counted back from the one shown', () => {
    const course = courseOf(
      series([
        [SECOND - 2000, 7],
        [SECOND, 9],
      ]),
      SECOND,
      1,
    );
    expect(Array.from(course.slice(0, 4))).toEqual([9, NaN, 7, NaN]);
  });

  it('holds a value for as long as it stands for', () => {
    const course = courseOf(
      series([
        [SECOND - 15_000, 7],
        [SECOND - 5000, 9],
      ]),
      SECOND,
      10,
    );
    expect(Array.from(course.slice(0, 6))).toEqual([9, 9, 9, 9, 9, 9]);
    expect(Array.from(course.slice(6, 17))).toEqual([...Array.from({ length: 10 }, () => 7), NaN]);
  });

  it('leaves gaps and what is older open', () => {
    const course = courseOf(
      series([
        [SECOND - 500_000, 1],
        [SECOND - 1000, NaN],
      ]),
      SECOND,
      1,
    );
    expect(course.every(Number.isNaN)).toBe(true);
    expect(courseOf(undefined, SECOND, 1).every(Number.isNaN)).toBe(true);
  });
});
