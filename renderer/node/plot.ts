/** The drawing of one chart of the node window: a line and its band. */
import { TimePlot, type Frame } from '../chart/time-plot.ts';
import { hasBand, points, type Curve } from './chart-data.ts';

/** What a plot shows. */
export interface Drawing extends Frame {
  readonly curve: Curve;
}

/** Makes the plot on a canvas; whoever makes it disposes it. The band is filled between the first two lines. */
export function createPlot(canvas: HTMLCanvasElement): TimePlot {
  return new TimePlot(canvas, {
    lines: [{}, { fill: '-1' }, { borderWidth: 1.5, borderJoinStyle: 'round' }],
    right: 10,
    colour: ([_low, high, mean], style) => {
      if (high !== undefined) high.backgroundColor = style.getPropertyValue('--band');
      if (mean !== undefined) mean.borderColor = style.getPropertyValue('--accent');
    },
  });
}

/** Draws a curve: its band where it has one, and its mean. */
export function showCurve(plot: TimePlot, { curve, ...frame }: Drawing): void {
  const banded = hasBand(curve);
  plot.show(frame, [
    banded ? points(curve, 'min') : [],
    banded ? points(curve, 'max') : [],
    points(curve, 'mean'),
  ]);
}
