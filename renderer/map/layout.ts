/**
 * Where everything is on the migration map: nodes in a circle or a grid, processes as dots in a node, lines from home to
 * place, and what is under a point. Pure functions; all lengths are CSS pixels, angles radians.
 */
import type { MapProcess } from './processes.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a node's words go. `none`: there is no room for any. */
export type LabelSide = 'left' | 'right' | 'above' | 'below' | 'none';

export interface NodePlace extends Point {
  readonly id: number;
  /** Radius of the disc that holds the dots; the ring of the load lies around it. */
  readonly radius: number;
  readonly label: LabelSide;
  /** How wide its words may be, and whether there is room for a second line of them. */
  readonly labelWidth: number;
  readonly twoLines: boolean;
}

/** All nodes. `columns` is how many places up or down of a grid are apart in the list; 1 in a circle. */
export interface Places {
  readonly shape: 'circle' | 'grid';
  readonly columns: number;
  readonly centre: Point;
  readonly nodes: readonly NodePlace[];
  readonly byId: ReadonlyMap<number, NodePlace>;
}

/** More nodes than this go into a grid. */
export const MOST_IN_CIRCLE = 40;

/** Room around the circle for the words beside and above the nodes. */
const SIDE_MARGIN = 116;
const TOP_MARGIN = 50;
const LARGEST_RADIUS = 54;
/** How much wider than high the circle may become in a wide window. */
const WIDEST = 1.4;
/** A node whose angle is this near to the top or bottom has its words above or below. */
const UPRIGHT = 0.38;
/** What the ring of the load and the gap to the next node take beside the disc. */
const RING_ROOM = 7;
const LINE_HEIGHT = 15;

/** Places the nodes in the order of the ids given: clockwise from the top, or row by row. */
export function placeNodes(ids: readonly number[], size: Size): Places {
  const centre = { x: size.width / 2, y: size.height / 2 };
  const inCircle = ids.length <= MOST_IN_CIRCLE;
  const columns = inCircle ? 1 : gridColumns(ids.length, size);
  const nodes = inCircle ? placeInCircle(ids, size, centre) : placeInGrid(ids, size, columns);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return { shape: inCircle ? 'circle' : 'grid', columns, centre, nodes, byId };
}

function placeInCircle(ids: readonly number[], size: Size, centre: Point): readonly NodePlace[] {
  const margin = Math.min(SIDE_MARGIN, size.width * 0.2);
  const largest = Math.min(LARGEST_RADIUS, Math.min(size.width, size.height) * 0.09);
  const ry = Math.max(10, size.height / 2 - TOP_MARGIN - largest);
  const rx = Math.max(10, Math.min(size.width / 2 - margin - largest, WIDEST * ry));
  const angles = evenAngles(ids.length, rx, ry);
  const spacing = (2 * Math.PI * Math.sqrt((rx * rx + ry * ry) / 2)) / Math.max(2, ids.length);
  const radius = Math.max(4, Math.min(largest, spacing / 2 - RING_ROOM));
  return ids.map((id, index) => {
    const angle = angles[index] ?? 0;
    const label = circleLabel(angle);
    const beside = label === 'left' || label === 'right';
    return {
      id,
      x: centre.x + (ids.length === 1 ? 0 : rx * Math.cos(angle)),
      y: centre.y + (ids.length === 1 ? 0 : ry * Math.sin(angle)),
      radius,
      label: ids.length === 1 ? 'below' : label,
      labelWidth: beside ? margin - RING_ROOM : Math.max(spacing - 8, 60),
      twoLines: true,
    };
  });
}

function circleLabel(angle: number): LabelSide {
  if (Math.abs(Math.cos(angle)) < UPRIGHT) return Math.sin(angle) < 0 ? 'above' : 'below';
  return Math.cos(angle) < 0 ? 'left' : 'right';
}

/** Angles, from the top clockwise, at which neighbours on an ellipse are equally far apart along it. */
function evenAngles(count: number, rx: number, ry: number): readonly number[] {
  const steps = 1440;
  const lengths = new Float64Array(steps + 1);
  const angleOf = (step: number): number => (step / steps) * 2 * Math.PI - Math.PI / 2;
  for (let step = 1; step <= steps; step += 1) {
    const [before, now] = [angleOf(step - 1), angleOf(step)];
    const piece = Math.hypot(
      rx * (Math.cos(now) - Math.cos(before)),
      ry * (Math.sin(now) - Math.sin(before)),
    );
    lengths[step] = (lengths[step - 1] ?? 0) + piece;
  }
  const whole = lengths[steps] ?? 0;
  let step = 0;
  return Array.from({ length: count }, (_unused, index) => {
    while (step < steps && (lengths[step] ?? 0) < (whole * index) / count) step += 1;
    return angleOf(step);
  });
}

/** How many columns give the cells of a grid the shape nearest to a node with its name below. */
function gridColumns(count: number, size: Size): number {
  return Math.max(1, Math.min(count, Math.round(Math.sqrt((count * size.width) / Math.max(1, size.height)))));
}

function placeInGrid(ids: readonly number[], size: Size, columns: number): readonly NodePlace[] {
  const rows = Math.ceil(ids.length / columns);
  const width = size.width / columns;
  const height = size.height / rows;
  const lines = width < 46 || height < 44 ? 0 : height < 96 || width < 76 ? 1 : 2;
  const words = lines * LINE_HEIGHT;
  const radius = Math.max(
    2.5,
    Math.min(LARGEST_RADIUS, width / 2 - RING_ROOM, (height - words) / 2 - RING_ROOM),
  );
  return ids.map((id, index) => ({
    id,
    x: ((index % columns) + 0.5) * width,
    y: (Math.floor(index / columns) + 0.5) * height - words / 2,
    radius,
    label: lines === 0 ? 'none' : 'below',
    labelWidth: width - 6,
    twoLines: lines === 2,
  }));
}

/** How a process stands in a node: `deputy` at its home while it runs elsewhere, `guest` where it runs, `home` in both. */
export type DotKind = 'guest' | 'deputy' | 'home';

export interface Dot extends Point {
  readonly process: MapProcess;
  readonly kind: DotKind;
  /** Id of the node it is drawn in. */
  readonly node: number;
}

export interface Seating {
  /** Radius of every dot. */
  readonly radius: number;
  readonly byNode: ReadonlyMap<number, readonly Dot[]>;
  /** How many dots had no room, for the nodes where that is so. */
  readonly without: ReadonlyMap<number, number>;
}

/** Sizes a dot may have, largest first. */
const DOT_RADII = [6, 5, 4.5, 4, 3.5, 3, 2.6, 2.2] as const;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const KIND_ORDER: Readonly<Record<DotKind, number>> = { guest: 0, deputy: 1, home: 2 };

/** Distance of a spiral's seats in units of the root of their number. */
function seatStep(radius: number): number {
  return (2 * radius + 1.6) / 1.72;
}

/** How many dots of a radius a disc holds; at least one. */
export function seatsIn(disc: number, radius: number): number {
  return Math.max(1, Math.floor(((disc - radius - 0.5) / seatStep(radius)) ** 2));
}

/** The seat of a number from 0: a sunflower's spiral from the middle of the disc. */
function seat(place: NodePlace, index: number, radius: number): Point {
  const distance = seatStep(radius) * Math.sqrt(index + 0.5);
  const angle = index * GOLDEN_ANGLE;
  return { x: place.x + distance * Math.cos(angle), y: place.y + distance * Math.sin(angle) };
}

/**
 * Seats every process in its nodes: guests in the middle, deputies around them, processes at home outside. All dots are
 * as large as the fullest node allows, where those at home do not count: they come and go with the choice of a node, and
 * no dot may move by that. Below the smallest size a node says how many more it has.
 */
export function seatDots(places: Places, processes: readonly MapProcess[]): Seating {
  const wanted = new Map<number, { readonly process: MapProcess; readonly kind: DotKind }[]>();
  function want(node: number, process: MapProcess, kind: DotKind): void {
    if (!places.byId.has(node)) return;
    const all = wanted.get(node) ?? [];
    if (all.length === 0) wanted.set(node, all);
    all.push({ process, kind });
  }
  let most = 0;
  for (const process of processes) {
    if (process.home === process.at) want(process.home, process, 'home');
    else {
      want(process.home, process, 'deputy');
      want(process.at, process, 'guest');
    }
  }
  for (const all of wanted.values()) {
    most = Math.max(most, all.filter((each) => each.kind !== 'home').length);
  }
  const disc = places.nodes[0]?.radius ?? 0;
  const largest = Math.max(2.2, disc / 3);
  const radius =
    DOT_RADII.find((each) => each <= largest && seatsIn(disc, each) >= most) ?? DOT_RADII.at(-1) ?? 2;

  const byNode = new Map<number, readonly Dot[]>();
  const without = new Map<number, number>();
  for (const [node, all] of wanted) {
    const place = places.byId.get(node);
    if (place === undefined) continue;
    const room = Math.min(all.length, seatsIn(place.radius, radius));
    all.sort((a, b) => KIND_ORDER[a.kind] - KIND_ORDER[b.kind]);
    const seated = all.slice(0, room);
    byNode.set(
      node,
      seated.map((each, index) => ({ ...each, node, ...pointOf(seat(place, index, radius)) })),
    );
    if (all.length > room) without.set(node, all.length - room);
  }
  return { radius, byNode, without };
}

function pointOf({ x, y }: Point): Point {
  return { x, y };
}

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
      lines.push({ home, at, from: deputy, to: dot, control: bend, width: 2, count: 1 });
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
    lines.push({ home, at, ...line, width, count });
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

/** Bends a line to the middle of the circle, or in a grid a little to its left, so that both directions are seen. */
function control(places: Places, from: Point, to: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const length = Math.hypot(dx, dy) || 1;
  const aside = places.shape === 'circle' ? 14 : Math.min(46, length * 0.16);
  const pull = places.shape === 'circle' ? 0.55 : 0;
  return {
    x: middle.x + (places.centre.x - middle.x) * pull + (dy / length) * aside,
    y: middle.y + (places.centre.y - middle.y) * pull - (dx / length) * aside,
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

/** How far beside a dot or a disc a pointer still means it. */
const REACH = 4;

/** The node at a point, if there is one. */
export function nodeAt(places: Places, point: Point): NodePlace | undefined {
  let nearest: NodePlace | undefined;
  let best = Infinity;
  for (const place of places.nodes) {
    const distance = Math.hypot(point.x - place.x, point.y - place.y) - place.radius;
    if (distance < best) [nearest, best] = [place, distance];
  }
  return best <= RING_ROOM + REACH ? nearest : undefined;
}

/** The dot at a point, if there is one. */
export function dotAt(places: Places, seating: Seating, point: Point): Dot | undefined {
  const place = nodeAt(places, point);
  let nearest: Dot | undefined;
  let best = seating.radius + REACH;
  for (const dot of place === undefined ? [] : (seating.byNode.get(place.id) ?? [])) {
    const distance = Math.hypot(point.x - dot.x, point.y - dot.y);
    if (distance < best) [nearest, best] = [dot, distance];
  }
  return nearest;
}

/** The place in the list an arrow key, Home or End moves to, or undefined for other keys. */
export function stepNode(places: Places, current: number | undefined, key: string): number | undefined {
  const last = places.nodes.length - 1;
  if (last < 0) return undefined;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: places.columns,
    ArrowUp: -places.columns,
  };
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  const step = steps[key];
  if (step === undefined) return undefined;
  if (current === undefined) return step > 0 ? 0 : last;
  const next = current + step;
  if (places.shape === 'circle') return (next + last + 1) % (last + 1);
  return next < 0 || next > last ? current : next;
}
