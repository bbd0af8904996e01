/** The course of a load over the two minutes before a past second, from an answer of the history. Pure. */
import type { Series } from '../../common/model/history.ts';
import { RING_SECONDS } from '../cluster/load-rings.ts';

/** One value per second: the first is of the second itself, every further one of the second before. */
export type Course = Float32Array;

/** Milliseconds of a course. */
export const COURSE_MS = RING_SECONDS * 1000;

/** The course that ends with a second; a value of a series stands for `resolution` seconds from its time on. */
export function courseOf(series: Series | undefined, second: number, resolution: number): Course {
  const course = new Float32Array(RING_SECONDS).fill(NaN);
  series?.times.forEach((time, index) => {
    const value = series.mean[index] ?? NaN;
    const oldest = Math.floor((second - time) / 1000);
    for (let back = oldest; back > oldest - resolution; back -= 1) {
      if (back >= 0 && back < RING_SECONDS) course[back] = value;
    }
  });
  return course;
}
