/** The chart in which nodes are compared: each line has a colour, a pattern of dashes and a letter of its own. */
import type { Plugin } from 'chart.js';
import { TimePlot } from '../chart/time-plot.ts';

/** The places for compared nodes: their letters and their dashes in pixels, drawn and left out. */
export const PLACES = [
  { letter: 'A', dash: [] },
  { letter: 'B', dash: [7, 3] },
  { letter: 'C', dash: [2, 2] },
  { letter: 'D', dash: [9, 3, 2, 3] },
  { letter: 'E', dash: [] },
  { letter: 'F', dash: [4, 2] },
  { letter: 'G', dash: [1, 3] },
  { letter: 'H', dash: [12, 3, 2, 2, 2, 3] },
] as const satisfies readonly { readonly letter: string; readonly dash: readonly number[] }[];

/** Pixels between two letters on a line. */
const LETTER_PIXELS = 190;

/** The letter is written on its line every so often, each line shifted so that letters of lines that lie on each other do not. */
const letters: Plugin<'line'> = {
  id: 'letters',
  afterDatasetsDraw(chart) {
    const { ctx: context, chartArea, canvas } = chart;
    const style = getComputedStyle(canvas);
    context.save();
    context.font = `600 11px ${style.fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineWidth = 4;
    context.strokeStyle = style.getPropertyValue('--paper');
    for (const [index, { letter }] of PLACES.entries()) {
      let next = chartArea.left + 16 + (index * LETTER_PIXELS) / PLACES.length;
      for (const point of chart.getDatasetMeta(index).data) {
        if (point.x < next || Number.isNaN(point.y) || point.x > chartArea.right - 6) continue;
        next = point.x + LETTER_PIXELS;
        context.strokeText(letter, point.x, point.y);
        context.fillStyle = style.getPropertyValue(`--series-${index + 1}`);
        context.fillText(letter, point.x, point.y);
      }
    }
    context.restore();
  },
};

/** Makes the plot on a canvas; whoever makes it disposes it. */
export function createComparePlot(canvas: HTMLCanvasElement): TimePlot {
  return new TimePlot(canvas, {
    lines: PLACES.map(({ dash }) => ({ borderWidth: 1.75, borderJoinStyle: 'round', borderDash: [...dash] })),
    right: 0,
    plugins: [letters],
    colour: (lines, style) => {
      for (const [index, line] of lines.entries())
        line.borderColor = style.getPropertyValue(`--series-${index + 1}`);
    },
  });
}
