/** Where windows are put back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fitToDisplays, readPlacements, writePlacements } from './placement.ts';

const laptop = { x: 0, y: 30, width: 1440, height: 870 };
const monitor = { x: 1440, y: 0, width: 2560, height: 1400 };

describe('fitToDisplays', () => {
  it('leaves a window where it was', () => {
    const bounds = { x: 1500, y: 100, width: 1000, height: 700 };
    expect(fitToDisplays(bounds, [laptop, monitor])).toEqual(bounds);
  });

  it('keeps only the size of a window whose display is gone', () => {
    const bounds = { x: 1500, y: 100, width: 1000, height: 700 };
    expect(fitToDisplays(bounds, [laptop])).toEqual({ width: 1000, height: 700 });
  });

  it('shrinks a window that its display cannot hold', () => {
    const bounds = { x: 0, y: 30, width: 2500, height: 1300 };
    expect(fitToDisplays(bounds, [laptop])).toEqual({ x: 0, y: 30, width: 1440, height: 870 });
  });

  it('brings a window back that hangs over the edge', () => {
    const bounds = { x: 1200, y: 500, width: 800, height: 600 };
    expect(fitToDisplays(bounds, [laptop])).toEqual({ x: 640, y: 300, width: 800, height: 600 });
  });

  it('does not count a display that shows the window without its title bar', () => {
    const bounds = { x: 100, y: -500, width: 800, height: 600 };
    expect(fitToDisplays(bounds, [laptop])).toEqual({ width: 800, height: 600 });
  });
});

describe('the file of the places', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-placement-'));
  const file = join(folder, 'windows.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives back what was written', () => {
    const placements = { main: { bounds: { x: 1, y: 2, width: 3, height: 4 }, maximized: true } };
    writePlacements(file, placements);
    expect(readPlacements(file)).toEqual(placements);
  });

  it('counts as empty where it is missing', () => {
    expect(readPlacements(join(folder, 'none.json'))).toEqual({});
  });

  it.each(['', '{"main":', '[]', '{"main":{"bounds":{"x":"left"}}}', '{"main":{"bounds":{"x":1e9}}}'])(
    'counts as empty where it holds %j',
    (text) => {
      writeFileSync(file, text);
      expect(readPlacements(file)).toEqual({});
    },
  );
});
