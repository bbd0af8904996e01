/**
 * Where windows stand: remembered in the data folder, and put back only where a display still is. The rules are pure;
 * reading and writing are two functions at the end.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** A rectangle in device-independent pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The kinds of windows whose place is remembered; node windows share one. */
export type WindowKind = 'main' | 'node';

/** A remembered place; `bounds` are those of the window when it is not maximised. */
export interface Placement {
  readonly bounds: Rectangle;
  readonly maximized: boolean;
}

export type Placements = Readonly<Partial<Record<WindowKind, Placement>>>;

const pixels = z.int().min(-100_000).max(100_000);
const placementSchema = z.object({
  bounds: z.object({ x: pixels, y: pixels, width: pixels.min(1), height: pixels.min(1) }),
  maximized: z.boolean(),
});
const fileSchema = z.object({ main: placementSchema.optional(), node: placementSchema.optional() });

/** What a window's bar needs to stay in reach of the pointer, in pixels. */
const GRIP = { width: 120, height: 40 };

/**
 * Puts a remembered rectangle back: no larger than its display, its title bar in reach. Where no display holds it any
 * more only its size is kept, and undefined stands for "in the middle".
 * @param workAreas The displays' areas without their panels.
 */
export function fitToDisplays(
  bounds: Rectangle,
  workAreas: readonly Rectangle[],
): Rectangle | Pick<Rectangle, 'width' | 'height'> {
  const home = workAreas.find((area) => holdsTitleBar(area, bounds));
  const area = home ?? workAreas[0] ?? bounds;
  const width = Math.min(bounds.width, area.width);
  const height = Math.min(bounds.height, area.height);
  if (home === undefined) return { width, height };
  return {
    x: clamp(bounds.x, home.x, home.x + home.width - width),
    y: clamp(bounds.y, home.y, home.y + home.height - height),
    width,
    height,
  };
}

/** True where enough of the window's upper edge lies on the display to take hold of it. */
function holdsTitleBar(area: Rectangle, bounds: Rectangle): boolean {
  const across = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  const reachable = bounds.y >= area.y - GRIP.height && bounds.y + GRIP.height <= area.y + area.height;
  return reachable && across >= Math.min(GRIP.width, bounds.width);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

/** Reads the remembered places; a file that is missing or not understood counts as nothing remembered. */
export function readPlacements(file: string): Placements {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? (parsed.data as Placements) : {};
  } catch {
    return {};
  }
}

/** Writes the places in one step. Throws where the disk refuses. */
export function writePlacements(file: string, placements: Placements): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(placements, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}
