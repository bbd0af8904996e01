/** Lines from home to place: one per process, or one per pair of nodes where there are many. Pure. */
import type { Dot, Seating } from './dots.ts';
import { RING_ROOM, type NodePlace, type Places, type Point } from './layout.ts';
import type { MapProcess } from './processes.ts';

/** A line from a home to a place; it grows wider on its way, so that it shows its direction. */
export interface Line {
  readonly home: number;
  readonly at: number;
  readonly from: Point;
  readonly to: Point;
  /** The point that bends it. */
  readonly control: Point;
  /** Width at the place. */
  readonly width: number;
  /** How many processes it stands for. */
  readonly count: number;
  /** Whether it goes from dot to dot, over the discs. */
  readonly single: boolean;
}

/** Up to so many processes each has a line of its own, from dot to dot. */
const MOST_SINGLE_LINES = 80;
const WIDEST_LINE = 10;

/** The lines of all processes that are away: single ones while they are few and in a circle, else one per pair of nodes. */
export function drawLines(
  places: Places,
  seating: Seating,
  processes: readonly MapProcess[],
): readonly Line[] {
  const away = processes.filter((process) => process.home !== process.at);
  return places.shape === 'circle' && away.length <= MOST_SINGLE_LINES
    ? singleLines(places, seating)
    : bundledLines(places, away);
}

function singleLines(places: Places, seating: Seating): readonly Line[] {
  const deputies = new Map<string, Dot>();
  for (const dots of seating.byNode.values()) {
    for (const dot of dots) if (dot.kind === 'deputy') deputies.set(dot.process.key, dot);
  }
  const lines: Line[] = [];
  for (const dots of seating.byNode.values()) {
    for (const dot of dots) {
      const deputy = dot.kind === 'guest' ? deputies.get(dot.process.key) : undefined;
      if (deputy === undefined) continue;
      const { home, at } = dot.process;
      const bend = control(places, deputy, dot);
      lines.push({ home, at, from: deputy, to: dot, control: bend, width: 2.2, count: 1, single: true });
    }
  }
  return lines;
}

function bundledLines(places: Places, away: readonly MapProcess[]): readonly Line[] {
  const counts = new Map<number, number>();
  for (const { home, at } of away) counts.set(home * 65_536 + at, (counts.get(home * 65_536 + at) ?? 0) + 1);
  const lines: Line[] = [];
  for (const [pair, count] of counts) {
    const [home, at] = [Math.floor(pair / 65_536), pair % 65_536];
    const line = lineBetween(places, home, at);
    if (line === undefined) continue;
    const width = Math.min(WIDEST_LINE, 2 + 1.3 * Math.log2(count));
    lines.push({ home, at, ...line, width, count, single: false });
  }
  return lines;
}

/** The way from node to node; undefined where one of them is not on the map. */
export function lineBetween(
  places: Places,
  from: number,
  to: number,
): { readonly from: Point; readonly to: Point; readonly control: Point } | undefined {
  const [start, end] = [places.byId.get(from), places.byId.get(to)];
  if (start === undefined || end === undefined || start === end) return undefined;
  const bend = control(places, start, end);
  return { from: rim(start, bend), to: rim(end, bend), control: bend };
}

/** The point of a node's rim that looks to a point outside. */
function rim(place: NodePlace, towards: Point): Point {
  const length = Math.hypot(towards.x - place.x, towards.y - place.y) || 1;
  const share = (place.radius + RING_ROOM - 2) / length;
  return { x: place.x + (towards.x - place.x) * share, y: place.y + (towards.y - place.y) * share };
}

/** Bends a line to the middle of the circle, and a little to its left, so that both directions are seen. */
function control(places: Places, from: Point, to: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const inwards = { x: places.centre.x - middle.x, y: places.centre.y - middle.y };
  const depth = Math.hypot(inwards.x, inwards.y) || 1;
  const pull = places.shape === 'circle' ? Math.min(0.6, (0.5 * length) / depth) : 0;
  const aside = Math.min(places.shape === 'circle' ? 14 : 46, length * 0.16);
  return {
    x: middle.x + inwards.x * pull + (dy / length) * aside,
    y: middle.y + inwards.y * pull - (dx / length) * aside,
  };
}

/** A point of a bent line, `share` 0..1 of its way. */
export function pointOn(line: Pick<Line, 'from' | 'to' | 'control'>, share: number): Point {
  const [a, b, c] = [(1 - share) ** 2, 2 * share * (1 - share), share ** 2];
  return {
    x: a * line.from.x + b * line.control.x + c * line.to.x,
    y: a * line.from.y + b * line.control.y + c * line.to.y,
  };
}
