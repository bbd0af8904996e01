import { describe, expect, test } from 'vitest';
import { chartShapes, roundTop, timeLines, type Shape } from './chart.ts';
import type { ChartBlock } from './model.ts';

const FROM = new Date(2026, 10, 24, 6).getTime();
const HOUR = 3_600_000;

function chart(change: Partial<ChartBlock>): ChartBlock {
  const times = Float64Array.from([0, 1, 2, 3, 4].map((hour) => FROM + hour * HOUR));
  return {
    kind: 'chart',
    name: 'load',
    title: 'Load',
    form: 'line',
    from: FROM,
    to: FROM + 4 * HOUR,
    times,
    step: HOUR,
    lines: [{ name: 'mean', title: 'mean', values: Float64Array.of(1, 2, NaN, 4, 4) }],
    top: 0,
    unit: '',
    marks: [],
    recordings: [{ from: FROM, to: FROM + 4 * HOUR }],
    ...change,
  };
}

function paths(shapes: readonly Shape[], colour: string): readonly string[] {
  return shapes.flatMap((shape) =>
    shape.kind === 'path' && (shape.stroke === colour || shape.fill === colour) ? [shape.path] : [],
  );
}

function texts(shapes: readonly Shape[]): readonly string[] {
  return shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));
}

describe('a chart', () => {
  test('breaks its line at a gap', () => {
    const [line] = paths(chartShapes(chart({})), '#1d5fbf');
    expect(line?.match(/M/g)).toHaveLength(2);
    expect(line).not.toContain('NaN');
  });

  test('shows times without a recording as such', () => {
    const shapes = chartShapes(chart({ recordings: [{ from: FROM, to: FROM + HOUR }] }));
    expect(paths(shapes, '#eceef0')).toHaveLength(1);
    expect(texts(shapes)).toContain('not recorded');
    expect(texts(chartShapes(chart({})))).not.toContain('not recorded');
  });

  test('marks the actions, and leaves out words that would lie over each other', () => {
    const marks = [0, 1, 2 * HOUR].map((offset, index) => ({ time: FROM + offset, text: `${index + 7}` }));
    const shapes = chartShapes(chart({ marks }));
    expect(paths(shapes, '#8a5800')).toHaveLength(3);
    expect(texts(shapes)).toEqual(expect.arrayContaining(['7', '9']));
    expect(texts(shapes)).not.toContain('8');
  });

  test('has a bar for every count that is not none', () => {
    const lines = [{ name: 'moves', title: 'moves', values: Float64Array.of(1, 0, 1000, 0, 2) }];
    const [bars] = paths(chartShapes(chart({ form: 'bars', lines })), '#1d5fbf');
    expect(bars?.match(/M/g)).toHaveLength(3);
  });

  test('is empty, not broken, where there are no values', () => {
    const lines = [{ name: 'mean', title: 'mean', values: new Float64Array(0) }];
    const shapes = chartShapes(chart({ lines, times: new Float64Array(0) }));
    expect(JSON.stringify(shapes)).not.toMatch(/NaN|Infinity/);
  });
});

test('the top of a scale is round, and so are its quarters', () => {
  expect([0, 1, 3, 5, 11, 100, 101, 237, 305, 999].map(roundTop)).toEqual([
    1, 1, 4, 6, 12, 120, 120, 240, 320, 1200,
  ]);
});

test.each([
  [10 * 60_000, 'minutes'],
  [HOUR, 'minutes'],
  [24 * HOUR, 'hours'],
  [7 * 24 * HOUR, 'days'],
  [90 * 24 * HOUR, 'days'],
  [3 * 365 * 24 * HOUR, 'days'],
])('a range of %d ms has three to nine lines of time', (range) => {
  const lines = timeLines(FROM, FROM + range);
  expect(lines.length).toBeGreaterThanOrEqual(3);
  expect(lines.length).toBeLessThanOrEqual(9 + 1);
});

test('hours are said by the clock, midnight by the day', () => {
  const lines = timeLines(FROM, FROM + 24 * HOUR).map(({ text }) => text);
  expect(lines).toContain('12:00');
  expect(lines).toContain('25 Nov');
});
