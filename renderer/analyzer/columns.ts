/** What a curve is on the screen: runs of points between gaps, never more than one for each pixel of it. Pure. */
import type { Curve } from '../node/chart-data.ts';
import { pixelOf, type TimeScale } from './scale.ts';

/** Points that follow each other without a gap, in CSS pixels and values. */
export interface Run {
  readonly x: number[];
  readonly min: number[];
  readonly max: number[];
  readonly mean: number[];
}

/**
 * The runs of a curve. Points on the same pixel become one at their middle: the lowest, the highest and the mean of them, so
 * that no extreme is lost. `ratio` is how many pixels of the screen a CSS pixel has.
 */
export function runsOf(
  { times, min, max, mean }: Curve,
  scale: TimeScale,
  ratio: number,
): readonly Readonly<Run>[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  let pixel = NaN;
  let points = 0;
  for (let index = 0; index < mean.length; index += 1) {
    const value = mean[index] ?? NaN;
    if (Number.isNaN(value)) {
      run = undefined;
      continue;
    }
    const x = pixelOf(scale, times[index] ?? 0);
    const here = Math.floor(x * ratio);
    const lowest = min[index] ?? value;
    const highest = max[index] ?? value;
    if (run === undefined) {
      run = { x: [x], min: [lowest], max: [highest], mean: [value] };
      runs.push(run);
      points = 1;
    } else if (here === pixel) {
      const at = run.x.length - 1;
      points += 1;
      run.x[at] = grown(run.x[at], x, points);
      run.min[at] = Math.min(run.min[at] ?? lowest, lowest);
      run.max[at] = Math.max(run.max[at] ?? highest, highest);
      run.mean[at] = grown(run.mean[at], value, points);
    } else {
      run.x.push(x);
      run.min.push(lowest);
      run.max.push(highest);
      run.mean.push(value);
      points = 1;
    }
    pixel = here;
  }
  return runs;
}

/** A mean after one more value. */
function grown(mean = 0, value: number, points: number): number {
  return mean + (value - mean) / points;
}
