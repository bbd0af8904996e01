import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLUMN_COUNT, STATE_COLUMN, BlockView } from '../../common/contract/block.ts';
import type { NodeInfo } from '../../common/model/node.ts';
import { contrast, countLevels, highestFirst, levelOf, LEVELS, levelWords, parseMeasure } from './scale.ts';

describe('the levels', () => {
  it.each([
    ['load', 0, 0],
    ['load', 4.9, 0],
    ['load', 5, 1],
    ['load', 99, 4],
    ['load', 100, 5],
    ['load', 399, 6],
    ['load', 400, 7],
    ['load', 1e9, 7],
    ['memory', 97, 7],
    ['cpu', 39.9, 2],
    ['load', NaN, -1],
  ] as const)('%s %d is level %i', (measure, value, level) => {
    expect(levelOf(measure, value)).toBe(level);
  });

  it('are said in words with the unit of what is shown', () => {
    expect(levelWords('load', 0)).toBe('below 5');
    expect(levelWords('load', 1)).toBe('5 to 25');
    expect(levelWords('load', 7)).toBe('400 and more');
    expect(levelWords('memory', 3)).toBe('40 to 60 %');
  });

  it('are counted, with the cells that show none', () => {
    expect(countLevels([0, 0, 7, -1, 3])).toEqual({ levels: [2, 0, 0, 1, 0, 0, 0, 1], none: 1 });
  });
});

/** The colours as style/heat-map.css has them: for light and for dark. */
function colours(): readonly (readonly number[][])[] {
  const css = readFileSync(new URL('../style/heat-map.css', import.meta.url), 'utf8');
  const found = [...css.matchAll(/--heat-\d: light-dark\(#(\w{6}), #(\w{6})\)/g)];
  return [1, 2].map((side) =>
    found.map((match) => [0, 2, 4].map((at) => Number.parseInt((match[side] ?? '').slice(at, at + 2), 16))),
  );
}

describe.each([
  ['light', 0, [255, 255, 255]],
  ['dark', 1, [0x17, 0x19, 0x1c]],
] as const)('the colours in %s', (_name, side, paper) => {
  const levels = colours()[side] ?? [];

  it('are as many as there are levels', () => {
    expect(levels.length).toBe(LEVELS);
  });

  it('go away from the paper step by step, so that lightness alone tells them apart', () => {
    const away = levels.map((level) => contrast(level, paper));
    away.slice(1).forEach((next, index) => expect(next).toBeGreaterThan((away[index] ?? 0) * 1.15));
  });

  it('let an id be read on every one', () => {
    const inks = [
      [0x1a, 0x1d, 0x21],
      [0xe4, 0xe7, 0xea],
      [255, 255, 255],
      [0x17, 0x19, 0x1c],
    ];
    for (const level of levels)
      expect(Math.max(...inks.map((ink) => contrast(level, ink)))).toBeGreaterThan(4.5);
  });
});

describe('the highest first', () => {
  const nodes = [0, 1, 2, 3].map((slot): NodeInfo => ({
    slot,
    key: `id:${slot}`,
    id: slot + 1,
    name: '',
    target: '',
    dialect: null,
    connection: { kind: 'none' },
    reason: '',
    observer: false,
    disagreement: '',
  }));
  const columns = new Float64Array(4 * COLUMN_COUNT).fill(NaN);
  columns.set([20, 300, NaN, 900], 0);
  columns.set([0, 0, 0, 1], STATE_COLUMN * 4);

  it('puts nodes without a value and those that are not up behind all others', () => {
    const ids = highestFirst(nodes, new BlockView(columns), 'load').map(({ id }) => id);
    expect(ids).toEqual([2, 1, 3, 4]);
  });
});

it('remembers only measures there are', () => {
  expect(parseMeasure('memory')).toBe('memory');
  expect(parseMeasure('toString')).toBe('load');
  expect(parseMeasure(null)).toBe('load');
});
